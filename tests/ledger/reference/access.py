"""Those without a labour relation (access.md): severity stars, and months paid where a scheme was closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .law import DEEMED_FLAG, INDIVIDUAL_FORMS
from .months import hukou_at, serials

LAW_OF_2011 = 12 * 2011 + 6
"""2011-07: whoever works for himself may join the employee scheme (Social Insurance Law art. 10)."""
OPENED = {44: 12 * 2021 + 4, 34: 12 * 2021 + 9, 33: 12 * 2021 + 11, 31: 12 * 2023 + 4}
"""Months in which provinces opened the scheme to individuals of other provinces."""
BEIJING, CLOSED_UNTIL = 11, 12 * 2025 + 1
OTHERS_OPENED = 12 * 2022
"""Assumed for provinces without a date; before it nothing is known."""
GUANGDONG, LONG_INSURED_FROM = 44, 12 * 2016 + 6
"""From 2016-07 Guangdong took men of 55 and women of 45 with ten years there, on conditions nobody records."""


def stars(person: Mapping[str, Any], records: Sequence[Mapping[str, Any]], award: int) -> int:
    """Table 2: the class with most months among those without a labour relation; ties to more stars.

    A resident year ends with the award (decision 15). Work at a place that nobody states is in no class.
    """
    months: dict[bool, set[int]] = {True: set(), False: set()}
    for r in records:
        scheme = int(r["scheme"])
        if scheme == 1 and (int(r["form"]) not in INDIVIDUAL_FORMS or int(r["flags"]) & DEEMED_FLAG):
            continue
        where = int(r["work_place"]) if int(r["work_place"]) >= 0 else int(r["place"])
        for month in serials(r) if where >= 0 else ():
            if scheme != 2 or month <= award:
                months[where == hukou_at(person, month)].add(month)
    local, away = len(months[True]), len(months[False])
    if not local and not away:
        return 0
    rural = int(person["hukou_type"]) == 2
    return (2 if rural else 1) if local > away else (4 if rural else 3)


def state(person: Mapping[str, Any], records: Sequence[Mapping[str, Any]], place: int, month: int) -> str:
    """``open``, ``closed`` or ``unknown`` to an individual at a place in a month."""
    if month < LAW_OF_2011:
        return "unknown"
    if place == hukou_at(person, month):
        return "open"
    if place == BEIJING:
        return "closed" if month <= CLOSED_UNTIL else "unknown"
    opened = OPENED.get(place)
    if opened is None:
        return "open" if month >= OTHERS_OPENED else "unknown"
    if month >= opened:
        return "open"
    if place == GUANGDONG and month >= LONG_INSURED_FROM:
        age = month - int(person["birth"])
        long_enough = _months_there(records, place, month) >= 120
        if long_enough and age >= 12 * (55 if int(person["sex"]) == 1 else 45):
            return "unknown"
    return "closed"


def _months_there(records: Sequence[Mapping[str, Any]], place: int, month: int) -> int:
    """Employee months insured at a place before a month."""
    return len(
        {m for r in records if int(r["scheme"]) == 1 and int(r["place"]) == place for m in serials(r) if m < month}
    )


def individual_months(person: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Calendar months paid by an individual where the scheme was closed; those where nobody knows, and none was."""
    found: dict[str, set[int]] = {"closed": set(), "unknown": set()}
    for r in records:
        if int(r["scheme"]) != 1 or int(r["form"]) not in INDIVIDUAL_FORMS or int(r["flags"]) & DEEMED_FLAG:
            continue
        for month in serials(r):
            what = state(person, records, int(r["place"]), month)
            if what != "open":
                found[what].add(month)
    return {"closed": len(found["closed"]), "unknown": len(found["unknown"] - found["closed"])}
