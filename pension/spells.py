"""What the long tables and the case file share: words, places, months, and spells cut into yearly records."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import checks, schema

EMPLOYEE: Final = schema.SCHEME["employee"]
RESIDENT: Final = schema.SCHEME["resident"]
NONE: Final = schema.SCHEME["none"]

DEFAULT_FORM: Final = {
    NONE: schema.FORM["platform"],
    EMPLOYEE: schema.FORM["employed"],
    RESIDENT: schema.FORM["flexible"],
}
"""Form of work where none is stated."""

BASE_RULE: Final = f"a base is greater than 0 and at most {checks.MAX_BASE:,.0f} yuan/month"
INDEX_RULE: Final = f"an index is greater than 0 and at most {checks.MAX_INDEX:g}"
CONTRIBUTION_RULE: Final = f"a contribution lies between 0 and {checks.MAX_CONTRIBUTION:,.0f} yuan/year"
INCOME_RULE: Final = f"an income lies between 0 and {checks.MAX_INCOME:,.0f} yuan/month"
SHARE_RULE: Final = "a share lies between 0 and 1"
YEAR_RULE: Final = f"a year lies between {checks.FIRST_RECORD_YEAR} and {checks.LAST_RECORD_YEAR}"
END_RULE: Final = "the end lies before the start"

_SUFFIXES: Final = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
_ENGLISH_SUFFIXES: Final = (
    "zhuangautonomousregion",
    "huiautonomousregion",
    "uygurautonomousregion",
    "uyghurautonomousregion",
    "autonomousregion",
    "province",
    "municipality",
    "city",
)
_OTHER_NAMES: Final = {
    "neimenggu": 15,
    "neimongol": 15,
    "xizang": 54,
    "新疆生产建设兵团": 66,
    "兵团": 66,
    "xinjiangproductionandconstructioncorps": 66,
    "xpcc": 66,
}
_NAMES: Final[dict[str, int]] = {
    **{zh: code for code, zh, _ in schema.PLACES if code != schema.NATION},
    **{en.lower().replace(" ", ""): code for code, _, en in schema.PLACES if code != schema.NATION},
    **_OTHER_NAMES,
}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean ...?"`` for a near miss, else nothing."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def did_you_mean_column(column: str, absent: Iterable[str]) -> str:
    """The missing column that ``column`` almost spells; empty when it is some other column."""
    near = difflib.get_close_matches(column.strip().lower(), list(absent), n=1, cutoff=0.8)
    return near[0] if near else ""


def parse_place(text: str) -> int:
    """The GB/T 2260 code (two or four digits) of a code of two, four or six digits or of a province's name.

    Counties are reduced to their city (440305 -> 4403), codes of a whole province to two digits. ValueError says what
    is wrong.
    """
    word = text.strip()
    if word.isascii() and word.isdigit():
        if len(word) in (2, 4, 6):
            code = int(word[:4])
            while code >= 100 and code % 100 == 0:
                code //= 100
            if checks.PLACE_LOOKUP[code] >= 0:
                return code
        raise ValueError("unknown place: a GB/T 2260 code has 2, 4 or 6 digits and begins with its province (44, 4403)")
    name = re.sub(r"[\s'_-]", "", word.lower())
    for suffix in (*_SUFFIXES, *_ENGLISH_SUFFIXES):
        if name.endswith(suffix) and name not in _NAMES:
            name = name.removesuffix(suffix)
            break
    if name in _NAMES:
        return _NAMES[name]
    raise ValueError(f"unknown place: a code or the name of a province is needed{did_you_mean(name, _NAMES)}")


def parse_word(text: str, words: Mapping[str, int], what: str) -> int:
    """The number of a word of an enumeration; ValueError lists the words."""
    number = words.get(text.strip().lower())
    if number is None:
        raise ValueError(f"unknown {what}: one of {', '.join(words)}{did_you_mean(text.strip(), words)}")
    return number


def parse_month(text: str) -> int:
    """A month serial of ``YYYY-MM``; ValueError says what is wrong."""
    try:
        return schema.month_serial(text.strip())
    except ValueError as error:
        problem = "has no month 01 to 12" if "no month" in str(error) else "is not a month"
        raise ValueError(f"{problem}: months are written YYYY-MM") from None


def parse_year(text: str) -> int:
    """A year of four digits; ValueError says what is wrong."""
    word = text.strip()
    if len(word) == 4 and word.isascii() and word.isdigit():
        return int(word)
    raise ValueError("is not a year: years are written YYYY")


def year_known(serial: int) -> bool:
    """True where the year of a month serial lies inside the range of records."""
    return checks.FIRST_RECORD_YEAR <= serial // 12 <= checks.LAST_RECORD_YEAR


Columns = dict[str, npt.NDArray[Any]]


def cut_into_years(spells: Columns) -> Columns:
    """One row a calendar year of each spell: ``first`` and ``last`` (month serials) become ``year`` and ``months``.

    All other columns are repeated.
    """
    first, last = spells["first"].astype(np.int64), spells["last"].astype(np.int64)
    counts = last // 12 - first // 12 + 1
    which = np.repeat(np.arange(first.size), counts)
    year = np.arange(which.size) - np.repeat(np.cumsum(counts) - counts, counts) + (first // 12)[which]
    low = np.where(year == (first // 12)[which], (first % 12)[which], 0)
    high = np.where(year == (last // 12)[which], (last % 12)[which], 11)
    records: Columns = {name: values[which] for name, values in spells.items() if name not in ("first", "last")}
    records["year"] = year
    records["months"] = (np.int64(1) << (high + 1)) - (np.int64(1) << low)
    return records


_KEYS: Final = ("person", "year", "scheme", "place", "form", "flags", "work_place", "base", "income", "payer_share")


def sort_and_join(records: Columns, people: int) -> Columns:
    """Records in the order of the nested table, with ``offsets`` instead of ``person``.

    Records that differ in nothing but their months are joined when no month is in two of them, so that monthly rows
    and yearly spells give the same records. The order is complete: it does not depend on the order of the rows.
    """
    order = np.lexsort((records["row"], records["months"], *(records[name] for name in reversed(_KEYS))))
    records = {name: values[order] for name, values in records.items()}
    n = order.size
    if n:
        new = np.zeros(n, dtype=np.bool_)
        new[0] = True
        for name in _KEYS:
            now, before = records[name][1:], records[name][:-1]
            differs = now != before
            if now.dtype.kind == "f":
                differs &= ~(np.isnan(now) & np.isnan(before))
            new[1:] |= differs
        starts = np.flatnonzero(new)
        together = np.bitwise_or.reduceat(records["months"], starts)
        disjoint = together == np.add.reduceat(records["months"], starts)
        group = np.cumsum(new) - 1
        records["months"] = np.where(disjoint[group], together[group], records["months"])
        records["row"] = np.where(disjoint[group], np.minimum.reduceat(records["row"], starts)[group], records["row"])
        keep = new | ~disjoint[group]
        records = {name: values[keep] for name, values in records.items()}
    records["offsets"] = np.searchsorted(records.pop("person"), np.arange(people + 1))
    return records
