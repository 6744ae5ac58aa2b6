"""The compiled path equals the month-by-month reference ledger: monthly, PW, components, route, on random histories.

All regimes on 200,000 histories by hand: ``python -m tests.ledger.agreement``.
"""

import pytest

from tests.ledger.agreement import MAIN, REGIMES, compare_all


@pytest.mark.parametrize(
    ("first", "histories", "regimes"), [(0, 20_000, MAIN), (20_000, 3_000, REGIMES)], ids=["main", "all"]
)
def test_compiled_path_agrees_with_the_ledger_on_random_histories(
    first: int, histories: int, regimes: tuple[str, ...]
) -> None:
    wrong = compare_all(first, histories, regimes)
    assert not wrong, "\n".join([f"{len(wrong)} differences", *wrong[:20]])
