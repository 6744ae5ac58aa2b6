"""Contributions, net wealth, rates of return and forfeited money: the package against the reference ledger.

Histories as in ``agreement``: of contributions alone, or with ``work`` beside them under regimes that change records.

``python -m tests.ledger.agreement_wealth [NUMBER] [FIRST] [work]`` compares that many (default 1,000) in one process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.ledger.agreement import (
    MAIN,
    OF_RECORDS,
    _far,
    _in_provinces,
    columns_of,
    ledger_regime,
    library_regime,
)
from tests.ledger.lookup import Lookup
from tests.ledger.random_histories import history
from tests.ledger.random_work import working_history
from tests.ledger.reference import Ledger
from tests.ledger.reference.wealth import (
    all_contributions,
    contributed,
    flows,
    forfeited,
    internal_rate,
    net_wealth,
    own_contributions,
    worth,
)

COLUMNS = "own_contributions all_contributions npw moneys_worth irr forfeited contributed".split()
PLAIN = (*MAIN, "current+vesting=never+pooled_on_exit=paid_with_interest", "current+design=ndc+vesting=immediate")
LOWEST, HIGHEST = Decimal("-0.9"), Decimal(2) ** 12 - 1
"""Rates of return looked for: from -90 % a year to 100 % a month."""


def exact_of(result: dict[str, Any]) -> dict[str, Decimal | None]:
    """The columns by the ledger; None where there is no rate or no ratio."""
    ledger = result["settled"].ledger
    own = worth(ledger, own_contributions(ledger))
    return {
        "own_contributions": own,
        "all_contributions": worth(ledger, all_contributions(ledger)),
        "npw": net_wealth(result),
        "moneys_worth": result["present_value"] / own if own else None,
        "irr": internal_rate(flows(result), LOWEST, HIGHEST),
        "forfeited": forfeited(result),
        "contributed": contributed(ledger),
    }


def compare(numbers: range, regimes: Sequence[str], work: bool = False) -> list[str]:
    """Differences among the histories of these numbers; empty when both agree."""
    from pension.engine import Engine
    from pension.histories import Histories
    from pension.parameters import load

    parameters = load()
    lookup = Lookup(parameters.tables)
    engine = Engine(parameters, [library_regime(name) for name in regimes])
    people = [(working_history if work else history)(number) for number in numbers]
    found = engine.run(Histories.build(list(numbers), columns_of(people)).arrays, ["status", *COLUMNS]).values
    wrong: list[str] = []
    for i, (person, records) in enumerate(people):
        ledger = Ledger(*_in_provinces(person, records), lookup)
        for r, name in enumerate(regimes):
            result = ledger.settle(*ledger_regime(name))
            if result["status"]:
                continue
            ours = dict(zip(COLUMNS, found[i, r, 1:], strict=True))
            for column, value in exact_of(result).items():
                if _far(ours[column], value):
                    wrong.append(f"history {numbers[i]}, {name}: {column} {ours[column]!r} for {value}")
    return wrong


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:] if text != "work"]
    number, begin = (*given, *(1000, 0)[len(given) :])
    beside = "work" in sys.argv[1:]
    differences = compare(range(begin, begin + number), (*MAIN, *OF_RECORDS) if beside else PLAIN, beside)
    for line in differences[:100]:
        print(line)
    print(f"{number} histories, {len(differences)} differences")
    sys.exit(1 if differences else 0)
