"""The compiled path equals the month-by-month reference ledger: monthly, PW, components, route, on random histories.

200,000 histories by hand: ``python -m tests.ledger.agreement``.
"""

from tests.ledger.agreement import compare_all

HISTORIES = 20_000


def test_compiled_path_agrees_with_the_ledger_on_random_histories() -> None:
    wrong = compare_all(0, HISTORIES)
    assert not wrong, "\n".join([f"{len(wrong)} differences", *wrong[:20]])
