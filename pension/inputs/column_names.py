"""The column names of the long tables as analysts write them: English, Chinese, and field codes of the agencies.

Field codes (AAC001, ...) are those of the national indicator system of human resources and social security as they
are used in public code of agencies' systems (status: secondary, the standard's own list was not at hand). Names are
compared after unifying full-width characters and dropping blanks; codes may be written in small letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

PEOPLE_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "person": ("人员编号", "个人编号", "AAC001"),
    "sex": ("性别", "AAC004"),
    "birth": ("出生年月", "出生日期", "出生年月日", "AAC006"),
    "hukou": ("户籍地", "户籍所在地", "户口所在地", "户籍省份"),
    "hukou_type": ("户口性质", "户籍性质", "户口类型", "户籍类型", "AAC009"),
    "retirement_category": ("退休类别", "退休类型"),
    "claim": ("申领年月", "待遇申领年月", "退休年月"),
    "resident_start": ("居保启动年月", "城乡居保启动年月"),
    "weight": ("权重",),
    "death": ("死亡年月", "死亡日期"),
    "disability": ("病残津贴申领年月", "病残年月"),
    "resident_claim": ("居保待遇领取年月", "城乡居保待遇领取年月"),
    "disposable_income": ("城镇居民人均可支配收入", "城镇人均可支配收入"),
    "hukou_since": (),
    "annuities": (),
}
"""Column of the people: its other names."""

RECORD_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "person": PEOPLE_NAMES["person"],
    "scheme": ("险种", "险种类型", "参保险种", "参保类型", "AAE140"),
    "form": ("就业形式", "用工形式", "就业类型"),
    "place": ("参保地", "参保地区", "参保省份", "缴费地", "AAB301"),
    "work_place": ("工作地", "工作地点", "就业地"),
    "start": ("开始年月", "起始年月", "缴费开始年月", "缴费起始年月", "开始日期", "AAE041"),
    "end": ("结束年月", "终止年月", "截止年月", "缴费结束年月", "缴费终止年月", "结束日期", "AAE042", "_end"),
    "period": ("缴费年月", "缴费期间", "所属期", "费款所属期", "对应费款所属期", "AAE003"),
    "base": ("缴费基数", "月缴费基数", "缴费工资", "缴费工资基数", "AIC020"),
    "index": ("缴费指数", "缴费工资指数"),
    "contribution": ("缴费金额", "缴费档次", "年缴费金额", "年缴费额", "缴费额"),
    "income": ("收入", "月收入", "实际收入"),
    "payer_share": ("单位负担比例",),
    "collective": ("集体补助",),
    "transferable": ("可转移", "是否可转移"),
    "temporary": ("临时账户", "临时缴费账户", "是否临时账户"),
    "deemed": ("视同缴费", "是否视同缴费"),
    "public": ("机关事业单位",),
    "backpaid": ("居民补缴",),
    "proxy": ("代缴", "政府代缴"),
}
"""Column of the records: its other names (``_end`` is what pandas calls ``end`` in a Stata file)."""

_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "base": ("元", "元/月"),
    "income": ("元", "元/月"),
    "contribution": ("元", "元/年"),
    "collective": ("元", "元/年"),
    "disposable_income": ("元", "元/年"),
}
"""Units that may stand in brackets after a name."""


class UnitError(ValueError):
    """A known name with a unit in brackets that is not the unit of the column."""


def normal(header: str) -> str:
    """A header for comparison: full-width characters as ASCII, no blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", header))


def column_of(header: str, names: Mapping[str, tuple[str, ...]]) -> str | None:
    """The column a header means, None when it is no known name; ``UnitError`` where its unit is another one."""
    if header in names:
        return header
    word = normal(header)
    known = {alias: column for column, aliases in names.items() for alias in aliases}
    found = known.get(word.upper() if re.fullmatch("[A-Za-z]{3}[0-9]{3}", word) else word)
    if found is not None:
        return found
    bracket = re.fullmatch(r"(.+?)\(([^()]*)\)", word)
    if bracket is None:
        return None
    found = known.get(bracket.group(1))
    if found is not None and bracket.group(2) not in _UNITS.get(found, ()):
        units = ", ".join(_UNITS.get(found, ())) or "none"
        raise UnitError(f"unknown unit in the name of column {found}; known: {units}")
    return found


def also(column: str, names: Mapping[str, tuple[str, ...]]) -> str:
    """The other names of a column, for a message."""
    return f" (or {', '.join(names[column])})" if names.get(column) else ""
