"""Who may insure where: form of work, registered residence, date. Social Insurance Law arts. 10, 58; 国发〔2014〕8号.

Tables 1 and 2 of the source paper (赵青 2021) with the dated law around them. States: 0 closed, 1 open, 2 unknown.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

INSURED_BY_EMPLOYER: Final = 101
LOCALITY: Final = 102
INDIVIDUAL_ACCESS: Final = 103
LONG_INSURED: Final = 104
RESIDENT_ACCESS: Final = 105

CLOSED: Final = 0
OPEN: Final = 1
UNKNOWN: Final = 2
STATES: Final = ("closed", "open", "unknown")
"""Names of the states, by number."""

RESIDENCE: Final = 0
SAME_PROVINCE: Final = 1
OTHER_PROVINCE: Final = 2
"""Localities: the registered residence, elsewhere in its province, another province."""

_LAW = "Social Insurance Law"


@article(
    step=INSURED_BY_EMPLOYER,
    zh="劳动关系参保",
    act=_LAW,
    article="art. 10",
    formula="form is employed or dispatched",
    unit="1 by the employer, 0 as an individual if at all",
    since="2011-07",
    note="part-timers (劳社部发〔2003〕12号, recalled): the employer owes injury insurance, no pension",
)
def insured_by_employer(form: int) -> int:
    """1 when a form of work (``schema.FORM``) brings employee insurance by the employer: employed 全日制 and dispatched
    劳务派遣 (the agency is the employer); 0 for part_time, flexible and platform, who may join as individuals.

    Source: Social Insurance Law art. 10; table 1 of the source paper.
    """
    return 1 if form <= 1 else 0


@article(
    step=LOCALITY,
    zh="本地与外地",
    act="ours",
    article="reading of place codes",
    formula="0 at the registered residence, 1 elsewhere in its province, 2 in another province",
    unit="locality",
    since="",
    status="ours",
    note="a place or residence known by its province only counts as the same place inside that province",
)
def locality(place: int, hukou: int) -> int:
    """Where a place lies, seen from the registered residence (户籍地): GB/T 2260 codes of two digits (province) or four
    (city); 0 the residence, 1 elsewhere in its province, 2 another province."""
    province = place // 100 if place >= 100 else place
    home = hukou // 100 if hukou >= 100 else hukou
    if province != home:
        return 2
    if place >= 100 and hukou >= 100 and place != hukou:
        return 1
    return 0


@article(
    step=INDIVIDUAL_ACCESS,
    zh="灵活就业人员参保户籍限制",
    act=_LAW,
    article="art. 10; 国办发〔2020〕6号 inside a province; each province for other provinces",
    formula="1 with an employer; else 2 before law_opening, 1 from place_opening, 0 to closed_through, 2 after",
    unit="0 closed, 1 open, 2 unknown",
    since="2011-07",
    status="secondary",
)
def individual_access(by_employer: int, month: int, law_opening: int, place_opening: int, closed_through: int) -> int:
    """State of the employee scheme for a month paid at a place: 0 closed, 1 open, 2 unknown.

    Month serials: ``law_opening`` since when the law lets individuals join at all, ``place_opening`` since when the
    place takes those of this locality (-1: no date), ``closed_through`` the last month known to be closed (-1: none).
    With an employer (``by_employer`` 1) the scheme is open, whatever the registered residence. At the residence
    itself ``place_opening`` is ``law_opening``.
    """
    if by_employer == 1:
        return 1
    if month < law_opening:
        return 2
    if place_opening >= 0 and month >= place_opening:
        return 1
    if month <= closed_through:
        return 0
    return 2


@article(
    step=LONG_INSURED,
    zh="外省户籍大龄灵活就业人员续保",
    act="Guangdong rules of 2016",
    article="individuals of other provinces",
    formula="age ≥ age_limit and months paid in the province ≥ months_needed",
    unit="1 met, 0 not met",
    since="2016-07",
    until="2021-04",
    status="secondary",
    note="five years in the last city were needed too, which is not tested: who meets the rest is unknown, not open",
)
def long_insured(age_months: int, months_there: int, age_limit_months: int, months_needed: int) -> int:
    """1 when somebody of another province was old and long enough insured to go on as an individual where others were
    refused (Guangdong: men 55, women 45, ten years in the province), else 0. All arguments in months."""
    return 1 if age_months >= age_limit_months and months_there >= months_needed else 0


@article(
    step=RESIDENT_ACCESS,
    zh="城乡居民养老保险参保地",
    act="国发〔2014〕8号",
    article="art. 3",
    formula="1 at the registered residence from the start of the scheme, else 2",
    unit="1 open, 2 unknown",
    since="2009-09",
)
def resident_access(locality: int, month: int, scheme_start: int) -> int:
    """State of the resident scheme for a year paid at a place: 1 open at the registered residence (``locality`` 0) once
    the scheme has started, 2 unknown elsewhere: the registration may have been there then, and some cities take
    holders of a residence permit. Month serials; ``month`` is the December in which the year's payment is booked."""
    return 1 if locality == 0 and month >= scheme_start else 2
