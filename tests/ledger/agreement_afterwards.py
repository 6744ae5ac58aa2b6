"""What follows an award, and access: the package against the reference ledger on random histories.

``python -m tests.ledger.agreement_afterwards [NUMBER] [FIRST]`` compares that many (default 2,000) in one process.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

from tests.ledger.agreement import _both, _far, _in_provinces, columns_of
from tests.ledger.lookup import Lookup
from tests.ledger.random_work import working_history
from tests.ledger.reference import Ledger, access, afterwards, annuities

INCOME = 33822.0
"""Urban disposable income a head, yuan a year."""
Person = dict[str, Any]


def questions(number: int, person: Person, award: int, statutory: int, resident: bool) -> dict[str, Any]:
    """Months asked about, and annuities; deaths in the award month are asked nowhere (the law says neither)."""
    rng = random.Random(f"questions {number}")
    birth = person["birth"]
    asked: dict[str, Any] = {"disposable_income": INCOME if rng.random() < 0.9 else None}
    death = rng.choice([rng.randrange(birth + 12 * 30, award), award + rng.randrange(1, 12 * 30)])
    asked["death"] = death
    earliest = max(12 * 2025, birth + 12 * 20)
    if earliest < min(statutory, award) and rng.random() < 0.8:
        asked["disability"] = rng.randrange(earliest, min(statutory, award))
    if resident and rng.random() < 0.7:
        asked["resident_claim"] = birth + 720 + rng.randrange(1, 40)
    plans = []
    for _ in range(rng.choice([0, 1, 1, 2])):
        start = rng.randrange(12 * 2018 + 1, 12 * 2022)
        end = start + rng.randrange(0, 130)
        if end <= award:
            plans.append((start, end, 8000.0, 0.08, 0.04, rng.choice([0, 3, 8]), rng.choice([0.0, 0.025, 0.04])))
    asked["plans"] = plans
    return asked


def compare(numbers: range, seen: Counter[str] | None = None) -> list[str]:
    """Differences among the answers about histories; ``seen`` counts what was compared."""
    from pension.afterwards.one_person import afterwards as package_afterwards
    from pension.checks import access as package_access
    from pension.histories import Histories
    from pension.inputs.riders import Annuity, Riders
    from pension.parameters import load

    parameters = load()
    _, lookup = _both("whole", ("current",))
    wrong: list[str] = []
    seen = Counter() if seen is None else seen
    for number in numbers:
        person, records = working_history(number)
        provincial, moved = _in_provinces(person, records)
        histories = Histories.build([number], columns_of([(person, records)]))
        ledger = Ledger(provincial, moved, lookup)
        result = ledger.settle({})
        where = f"history {number}: "
        found = package_access.access_report(histories, 0, parameters)
        ours = access.individual_months(provincial, moved)
        _compare_access(where, found, ours, wrong, seen)
        if result["status"]:
            continue
        asked = questions(number, person, ledger.award, ledger.statutory, ledger.has_resident)
        plans = asked.pop("plans")
        riders = Riders(
            **asked,
            annuities=tuple(Annuity("enterprise", *plan[:6], plan[6], False, None) for plan in plans),
        )
        answers = package_afterwards(histories, riders, parameters=parameters, years=60)
        income = asked["disposable_income"]
        left = afterwards.estate(provincial, moved, lookup, asked["death"], None if income is None else Decimal(income))
        _compare_estate(where, answers["heirs"], left, wrong, seen)
        if "disability" in asked:
            _compare_allowance(
                where,
                answers["disability"],
                afterwards.allowance(provincial, moved, lookup, asked["disability"]),
                wrong,
                seen,
            )
        if "resident_claim" in asked:
            _compare_reckoning(
                where, answers["double_benefit"], provincial, moved, lookup, asked["resident_claim"], wrong, seen
            )
        for told, plan in zip(answers["annuities"], plans, strict=True):
            ours_plan = annuities.Plan(plan[0], plan[1], *(Decimal(x) for x in plan[2:5]), plan[5], Decimal(plan[6]))
            held = annuities.holding(ours_plan, ledger.award)
            for name in ("own", "employer", "forfeited", "balance"):
                seen["annuity"] += 1
                if _far(told["at_award"][name], getattr(held, name)):
                    wrong.append(where + f"annuity {name} {told['at_award'][name]!r} for {getattr(held, name)}")
    return wrong


def _compare_access(where: str, found: Any, ours: Any, wrong: list[str], seen: Counter[str]) -> None:
    """Closed and unknown months of individuals."""
    told = {"closed": set(), "unknown": set()}
    for row in found["months"]:
        if row["scheme"] == "employee":
            first, last = (12 * int(text[:4]) + int(text[5:]) - 1 for text in (row["from"], row["to"]))
            told[row["state"]].update(range(first, last + 1))
    theirs = {"closed": len(told["closed"]), "unknown": len(told["unknown"] - told["closed"])}
    seen["access"] += 1
    if theirs != ours:
        wrong.append(where + f"access {theirs} for {ours}")


def _same(where: str, name: str, told: Any, exact: Decimal | None, wrong: list[str], seen: Counter[str]) -> None:
    seen[name] += 1
    if (told is None) != (exact is None) or (exact is not None and _far(float(told), exact)):
        wrong.append(where + f"{name} {told!r} for {exact}")


def _compare_estate(where: str, heirs: Any, left: afterwards.Estate, wrong: list[str], seen: Counter[str]) -> None:
    where += "before the award, " if heirs["before_award"] else "after the award, "
    for name, exact in (("employee", left.employee_account), ("resident", left.resident_account)):
        told = heirs["accounts"].get(name)
        if told is None:
            if exact:
                wrong.append(where + f"no account {name} for {exact}")
            continue
        _same(where, f"account {name}", told["amount"], exact, wrong, seen)
    grants = heirs["grants"]
    if left.together is not None or "funeral_and_bereavement" in grants:
        told = grants.get("funeral_and_bereavement", {}).get("amount")
        _same(where, "grants together", told, left.together, wrong, seen)
        return
    if "funeral" in grants or left.funeral is not None:
        _same(where, "funeral", grants.get("funeral", {}).get("amount"), left.funeral, wrong, seen)
    if "bereavement" in grants:
        _same(where, "bereavement", grants["bereavement"]["amount"], left.bereavement, wrong, seen)


def _compare_allowance(
    where: str, told: Any, exact: afterwards.Allowance | None, wrong: list[str], seen: Counter[str]
) -> None:
    if exact is None or told["amount"] is None:
        if (exact is None) != (told["amount"] is None):
            wrong.append(where + f"disability {told} for {exact}")
        return
    if told["case"] != exact.case:
        wrong.append(where + f"disability case {told['case']} for {exact.case}")
    _same(where, f"disability {exact.case}", told["amount"], exact.amount, wrong, seen)
    if exact.months is not None and told.get("months") != exact.months:
        wrong.append(where + f"disability months {told.get('months')} for {exact.months}")


def _compare_reckoning(
    where: str,
    told: Any,
    person: Person,
    records: Any,
    lookup: Lookup,
    claim: int,
    wrong: list[str],
    seen: Counter[str],
) -> None:
    if "by_december" not in told:
        return
    for row in told["by_december"][:12]:
        found = 12 * int(row["found"][:4]) + 11
        exact = afterwards.reckoning(person, records, lookup, claim, found)
        for name, value in (
            ("repayment", exact.repayment),
            ("balance", exact.balance),
            ("balance_without_subsidy", exact.balance_without_subsidy),
            ("balance_paid_out", exact.paid_out),
            ("set_off_against_pension", exact.from_pension),
        ):
            _same(where + row["found"] + " ", name, row[name], value, wrong, seen)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    begin = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    counted: Counter[str] = Counter()
    differences = compare(range(begin, begin + count), counted)
    for line in differences[:200]:
        print(line)
    print(dict(counted))
    print(f"{count} histories, {len(differences)} differences")
    sys.exit(1 if differences else 0)
