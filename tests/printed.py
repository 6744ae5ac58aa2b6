"""The numbers of a printed statement, and whether its data holds them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from pension.statement.words import PHRASES, RULES_ZH

_CITED = r"〔\d+〕\d*号?|第\d+号|\b66号|\b17号|第\d+(?:至\d+)?条(?:第\d+项)?|arts?\. [\d-]+(?: \(\d+\))?"
_MONTH = r"\d{4}-\d{2}(?!\d)"
_NUMBER = r"\d[\d,]*(?:\.\d+)?%?"
_FORMULAS = ("2", "12", "1%", "139", "1", "0")
"""Constants of the formulas as they are printed: (P + P·i)/2 x months/12 x 1%, balance / 139."""


def numbers(text: str) -> Counter[str]:
    """Every number and month of a text, acts and articles left out, whatever the language."""
    text = re.sub(r"(\d{4})年(\d{1,2})月", lambda m: f"{m[1]}-{int(m[2]):02d}", text)
    text = re.sub(_CITED, " ", text)
    return Counter(token.replace(",", "").rstrip(".") for token in re.findall(f"{_MONTH}|{_NUMBER}", text))


def unknown(text: str, data: Any) -> set[str]:
    """The numbers of the text that stand neither in the data nor in a phrase."""
    values: set[float] = set()
    words: list[str] = [*_FORMULAS, *RULES_ZH.values(), *(p for phrase in PHRASES.values() for p in phrase)]
    months: set[int] = set()

    def collect(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for k, v in value.items():
                collect(v, k)
        elif isinstance(value, list):
            for v in value:
                collect(v, key)
        elif isinstance(value, str):
            words.append(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            values.add(abs(float(value)))
            if "age_months" in key:
                months.add(int(value))

    collect(data)
    values |= {float(part) for m in months for part in divmod(m, 12)}
    known = set(numbers(" ".join(words)))
    shown = {d: {f"{x:.{d}f}" for x in values} for d in range(9)}
    shares = {d: {f"{x * 100:.{d}f}%" for x in values if x < 1e3} for d in range(3)}
    out = set()
    for token in numbers(text):
        digits = len(token.rstrip("%").partition(".")[2])
        found = shares[digits] if token.endswith("%") else shown[digits]
        if token not in known and token not in found:
            out.add(token)
    return out
