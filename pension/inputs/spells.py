"""What the long tables and the case file share: words, places, months, and spells cut into yearly records."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.checks import range_check as checks

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


_PENSION: Final = ("", "养老", "养老保险", "基本养老保险", "社会养老保险")


def _schemes(number: int, *stems: str) -> dict[str, int]:
    return {stem + ending: number for stem in stems for ending in _PENSION}


PUBLIC_EMPLOYEE: Final = 100 + EMPLOYEE
"""The employee scheme in a public-sector post (机关事业单位); only while a table is read."""

SEX_WORDS: Final = {**schema.SEX, "男": 1, "男性": 1, "1": 1, "女": 2, "女性": 2, "2": 2}
"""Words and codes of the tables (AAC004: 1 male, 2 female)."""
CATEGORY_WORDS: Final = {
    **schema.RETIREMENT_CATEGORY,
    **dict.fromkeys(("男60", "男60岁", "男职工"), 1),
    **dict.fromkeys(("女55", "女55岁", "女干部"), 2),
    **dict.fromkeys(("女50", "女50岁", "女工人"), 3),
    **dict.fromkeys(("男55", "男55岁", "男特殊工种"), 4),
    **dict.fromkeys(("女45", "女45岁", "女特殊工种"), 5),
}
HUKOU_TYPE_WORDS: Final = {
    **schema.HUKOU_TYPE,
    **dict.fromkeys(("城镇", "非农业", "非农", "10", "11", "12"), schema.HUKOU_TYPE["urban"]),
    **dict.fromkeys(("农村", "农业", "20", "21", "22"), schema.HUKOU_TYPE["rural"]),
}
"""AAC009: 10 to 12 urban, 20 to 22 rural (secondary: public code of two agencies' systems)."""
SCHEME_WORDS: Final = {
    **schema.SCHEME,
    **dict.fromkeys(("无", "未参保"), NONE),
    **_schemes(EMPLOYEE, "职工", "城镇职工", "城镇企业职工", "企业职工", "企业", "城职"),
    **_schemes(RESIDENT, "居民", "城乡居民", "城乡", "城居", "城镇居民", "新型农村"),
    **dict.fromkeys(("职保", "城职保", "110"), EMPLOYEE),
    **dict.fromkeys(("居保", "城乡居保", "新农保", "城居保"), RESIDENT),
    **_schemes(PUBLIC_EMPLOYEE, "机关事业单位", "机关事业", "机关"),
    "120": PUBLIC_EMPLOYEE,
}
"""AAE140: 110 enterprise employees, 120 public bodies (secondary: public code of several agencies' systems)."""
REFUSED_SCHEMES: Final = {
    **dict.fromkeys(
        ("150", "160", "170"),
        "this code of AAE140 was found in no public list, so it is not read; if it is the resident scheme, write 居民",
    ),
    **dict.fromkeys(
        ("210", "310", "330", "410", "510"),
        "no pension insurance (AAE140: 210 unemployment, 310 and 330 health, 410 work injury, 510 maternity): leave"
        " these rows out",
    ),
}
FORM_WORDS: Final = {
    **schema.FORM,
    **dict.fromkeys(("全日制", "全日制用工", "单位就业"), schema.FORM["employed"]),
    **dict.fromkeys(("劳务派遣", "派遣"), schema.FORM["dispatched"]),
    **dict.fromkeys(("非全日制", "非全日制用工"), schema.FORM["part_time"]),
    **dict.fromkeys(("灵活就业", "灵活就业人员", "个体"), schema.FORM["flexible"]),
    **dict.fromkeys(("平台", "平台就业", "平台用工", "新就业形态", "新业态"), schema.FORM["platform"]),
}
TRUTH_WORDS: Final = {"true": 1, "yes": 1, "1": 1, "是": 1, "false": 0, "no": 0, "0": 0, "否": 0}

_LOOSE_MONTH: Final = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?P<m1>[0-9]{1,2})(?:-(?P<d1>[0-9]{1,2}))?"
    r"|/(?P<m2>[0-9]{1,2})(?:/(?P<d2>[0-9]{1,2}))?"
    r"|年(?P<m3>[0-9]{1,2})月(?:(?P<d3>[0-9]{1,2})日)?"
    r"|(?P<m4>[0-9]{2})(?P<d4>[0-9]{2})?)"
)


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


def parse_table_word(text: str, words: Mapping[str, int], what: str, english: Mapping[str, int]) -> int:
    """As ``parse_word`` for a cell of a table, in English or Chinese; the message lists both."""
    word = text.strip().lower()
    number = words.get(word)
    if number is None:
        chinese = [w for w in words if not w.isascii() and words[w] < PUBLIC_EMPLOYEE]
        first = {words[w]: w for w in reversed(chinese)}
        rule = f"unknown {what}: one of {', '.join(english)}{did_you_mean(word, english)}"
        raise ValueError(f"{rule} (in Chinese {', '.join(first[n] for n in sorted(first))})")
    return number


def parse_scheme(text: str) -> int:
    """A scheme of ``SCHEME_WORDS``; codes that are no pension scheme, or not confirmed, are refused by name."""
    word = text.strip()
    if word in REFUSED_SCHEMES:
        raise ValueError(REFUSED_SCHEMES[word])
    return parse_table_word(word, SCHEME_WORDS, "scheme", schema.SCHEME)


def parse_hukou_type(text: str) -> int:
    """Urban or rural; 本地 and 外地, 户口 and what stands in brackets are left aside (本地非农业户口(本地城镇))."""
    word = re.sub(r"\([^()]*\)", "", unicodedata.normalize("NFKC", text.strip()))
    word = re.sub(r"^(本地|外地)|(家庭)?(户口|户籍)$", "", word)
    return parse_table_word(word or text, HUKOU_TYPE_WORDS, "hukou type", schema.HUKOU_TYPE)


def parse_table_month(text: str) -> int:
    """A month serial of a cell: 1998-01, 1998-1, 1998/1, 199801, 1998年1月, or a date 1998-01-15, 1998/1/15, 19980115,
    1998年1月15日, whose day must exist and is not used. ValueError says what is wrong."""
    found = _LOOSE_MONTH.fullmatch(text.strip())
    if found is None:
        raise ValueError("is not a month: months are written YYYY-MM (or YYYYMM, YYYY/M, YYYY年M月, YYYYMMDD)")
    parts = found.groupdict()
    year = int(parts["year"])
    month = next(int(parts[name]) for name in ("m1", "m2", "m3", "m4") if parts[name])
    day = next((int(parts[name]) for name in ("d1", "d2", "d3", "d4") if parts[name]), 1)
    if not 1 <= month <= 12:
        raise ValueError("has no month 01 to 12: months are written YYYY-MM")
    try:
        datetime.date(year, month, day)
    except ValueError:
        raise ValueError("there is no such day") from None
    return 12 * year + month - 1


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
