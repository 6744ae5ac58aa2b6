"""The enumerations, flags, places and version of the input schema: one module, no law.

Numbers here are written into every file this library makes; changing one is a new ``SCHEMA_VERSION``.
"""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = "1"

SEX: Final = {"male": 1, "female": 2}
RETIREMENT_CATEGORY: Final = {
    "male_60": 1,
    "female_55": 2,
    "female_50": 3,
    "male_hazardous_55": 4,
    "female_hazardous_45": 5,
}
HUKOU_TYPE: Final = {"urban": 1, "rural": 2}
SCHEME: Final = {"none": 0, "employee": 1, "resident": 2}
FORM: Final = {"employed": 0, "dispatched": 1, "part_time": 2, "flexible": 3, "platform": 4}

FLAG_LATE: Final = 1
"""Late back-payment that is not accepted for transfer (5号, 94号)."""
FLAG_TEMPORARY: Final = 2
"""Temporary account by decision of the agency, whatever the derived status."""
FLAG_ORDINARY: Final = 4
"""Ordinary account by decision of the agency (official transfer)."""
FLAG_DEEMED: Final = 8
"""Deemed months (视同缴费): ``base`` holds the index."""
FLAG_BACKPAID: Final = 16
"""Resident year paid back later."""
FLAG_PROXY: Final = 32
"""Resident year paid by the government for a hardship household (代缴)."""
FLAG_PUBLIC: Final = 64
"""Public-sector post."""
FLAG_ALL: Final = 127

FULL_YEAR: Final = 4095
"""Mask of all twelve months of a record."""

MAX_RECORDS_A_YEAR: Final = 64
"""Most records of one person in one calendar year: kernels keep that much working memory; more is an input error."""

MISSING: Final = -1
"""An absent month or place in integer columns inside the program."""

NATION: Final = 0
"""Place code of the nation."""

PLACES: Final[tuple[tuple[int, str, str], ...]] = (
    (11, "北京", "Beijing"),
    (12, "天津", "Tianjin"),
    (13, "河北", "Hebei"),
    (14, "山西", "Shanxi"),
    (15, "内蒙古", "Inner Mongolia"),
    (21, "辽宁", "Liaoning"),
    (22, "吉林", "Jilin"),
    (23, "黑龙江", "Heilongjiang"),
    (31, "上海", "Shanghai"),
    (32, "江苏", "Jiangsu"),
    (33, "浙江", "Zhejiang"),
    (34, "安徽", "Anhui"),
    (35, "福建", "Fujian"),
    (36, "江西", "Jiangxi"),
    (37, "山东", "Shandong"),
    (41, "河南", "Henan"),
    (42, "湖北", "Hubei"),
    (43, "湖南", "Hunan"),
    (44, "广东", "Guangdong"),
    (45, "广西", "Guangxi"),
    (46, "海南", "Hainan"),
    (50, "重庆", "Chongqing"),
    (51, "四川", "Sichuan"),
    (52, "贵州", "Guizhou"),
    (53, "云南", "Yunnan"),
    (54, "西藏", "Tibet"),
    (61, "陕西", "Shaanxi"),
    (62, "甘肃", "Gansu"),
    (63, "青海", "Qinghai"),
    (64, "宁夏", "Ningxia"),
    (65, "新疆", "Xinjiang"),
    (66, "新疆兵团", "Xinjiang Corps"),
    (0, "全国", "Nation"),
)
"""(code, Chinese, English). GB/T 2260 provinces, the Xinjiang Corps, the nation last; the position is the index
of every dense table."""

N_PLACES: Final = len(PLACES)
PLACE_INDEX: Final = {code: i for i, (code, _, _) in enumerate(PLACES)}
NATION_INDEX: Final = PLACE_INDEX[NATION]

FIRST_EMPLOYEE_MONTH: Final = 12 * 1986 + 9
"""1986-10: first contributions of labour-contract workers (国发〔1986〕77号)."""
FIRST_RESIDENT_YEAR: Final = 2009
"""New rural scheme from 2009-09 (国发〔2009〕32号)."""
FIRST_AWARD_MONTH: Final = 12 * 2014 + 6
"""2014-07: earlier awards fall under rules this library does not hold (decision: refused with that reason)."""


def province_of(place: int) -> int:
    """The province code of a GB/T 2260 place code of two, four or six digits (4403 -> 44)."""
    while place >= 100:
        place //= 100
    return place


def month_serial(text: str) -> int:
    """``"YYYY-MM"`` as a month serial ``12*year + month - 1``; ValueError when it is no such month."""
    year, dash, month = text.partition("-")
    if dash != "-" or len(year) != 4 or len(month) != 2 or not (year.isascii() and year.isdigit()):
        raise ValueError(f"{text!r} is not a month written YYYY-MM")
    if not (month.isascii() and month.isdigit()) or not 1 <= int(month) <= 12:
        raise ValueError(f"{text!r} has no month 01..12")
    return 12 * int(year) + int(month) - 1


def month_text(serial: int) -> str:
    """A month serial as ``"YYYY-MM"``."""
    return f"{serial // 12:04d}-{serial % 12 + 1:02d}"
