"""Places, words and months as analysts write them."""

from __future__ import annotations

import pytest

from pension import schema
from pension.inputs import spells


@pytest.mark.parametrize(
    "text, code",
    [
        ("44", 44),
        (" 44 ", 44),
        ("4403", 4403),
        ("440305", 4403),
        ("440000", 44),
        ("4400", 44),
        ("广东", 44),
        ("广东省", 44),
        ("北京市", 11),
        ("内蒙古自治区", 15),
        ("广西壮族自治区", 45),
        ("新疆维吾尔自治区", 65),
        ("宁夏回族自治区", 64),
        ("新疆生产建设兵团", 66),
        ("guangdong", 44),
        ("Guangdong Province", 44),
        ("Inner Mongolia", 15),
        ("inner-mongolia", 15),
        ("Shaanxi", 61),
        ("Shanxi", 14),
        ("Xizang", 54),
        ("Guangxi Zhuang Autonomous Region", 45),
        ("Xinjiang Corps", 66),
    ],
)
def test_places(text: str, code: int) -> None:
    assert spells.parse_place(text) == code


@pytest.mark.parametrize(
    "text", ["", "0", "00", "全国", "Nation", "4", "440", "44030", "990000", "-1", "44.0", "４４", "Canton"]
)
def test_unknown_places(text: str) -> None:
    with pytest.raises(ValueError, match="unknown place"):
        spells.parse_place(text)


def test_every_name_of_the_schema() -> None:
    for code, chinese, english in schema.PLACES:
        if code != schema.NATION:
            assert spells.parse_place(chinese) == spells.parse_place(english) == spells.parse_place(str(code)) == code


@pytest.mark.parametrize(
    "text", ["2000-00", "2000-13", "00-01", "2000/01", "2000-1", "20000-01", "2000-01-01", "", "２０００-01"]
)
def test_months_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        spells.parse_month(text)
