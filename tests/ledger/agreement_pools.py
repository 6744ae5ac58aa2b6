"""Flows between the pools of provinces: the package against the reference ledger on random histories.

Liabilities are compared where no transitional pension is earned: no deemed months, nothing paid before 2000.

``python -m tests.ledger.agreement_pools [NUMBER] [FIRST]`` compares that many (default 1,000) in one process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.ledger.agreement import _far, _in_provinces, columns_of, ledger_regime, library_regime
from tests.ledger.lookup import Lookup
from tests.ledger.random_histories import history
from tests.ledger.reference import Ledger
from tests.ledger.reference.pools import moves

REGIMES = ("current", "segmented_indexed", "fair")
JANUARY_2000 = 12 * 2000


def compare(numbers: range, regimes: Sequence[str] = REGIMES) -> list[str]:
    """Differences among the moves of the histories of these numbers under regimes that are defined for all of them."""
    import pension
    from pension.histories import Histories
    from pension.parameters import load

    parameters = load()
    lookup = Lookup(parameters.tables)
    people = [history(number) for number in numbers]
    histories = Histories.build(list(numbers), columns_of(people))
    named = [library_regime(name) for name in regimes]
    found = pension.flows(histories, named, parameters=parameters, people=True).moves()
    rows = {
        (row.person, row.regime, int(origin), int(to)): row
        for row, origin, to in zip(found.itertuples(), found["from"], found["to"], strict=True)
        if row.kind == "66号"
    }
    wrong: list[str] = []
    for number, (person, records) in zip(numbers, people, strict=True):
        ledger = Ledger(*_in_provinces(person, records), lookup)
        results = [ledger.settle(*ledger_regime(name)) for name in regimes]
        if any(result["status"] for result in results):
            continue
        plain = not ledger.deemed and all(c.month >= JANUARY_2000 for c in ledger.kept)
        for name, regime, result in zip(regimes, named, results, strict=True):
            for move in moves(result):
                where = f"history {number}, {name}, {move.origin} to {move.destination}: "
                row = rows.pop((number, regime.name, move.origin, move.destination), None)
                if row is None:
                    wrong.append(where + "no such move")
                    continue
                figures = {"account": move.account, "bases": move.bases, "pooled": move.transfer}
                if plain:
                    figures |= {"liability_origin": move.at_origin, "liability_destination": move.at_destination}
                    figures |= {"origin_gain": move.origin_gain, "destination_burden": move.destination_burden}
                for figure, exact in figures.items():
                    if _far(getattr(row, figure), exact):
                        wrong.append(where + f"{figure} {getattr(row, figure)!r} for {exact}")
    wrong += [f"history {key[0]}: a move {key[1:]} that the ledger does not know" for key in rows]
    return wrong


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    number, begin = (*given, *(1000, 0)[len(given) :])
    differences = compare(range(begin, begin + number))
    for line in differences[:100]:
        print(line)
    print(f"{number} histories, {len(differences)} differences")
    sys.exit(1 if differences else 0)
