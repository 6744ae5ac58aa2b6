"""Keyed hashes instead of identifiers."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import run
from pension.errors import InputError
from pension.histories import write_parquet
from pension.inputs import identifiers
from pension.inputs.identifiers import IdentifierHash
from pension.parameters import Parameters

KEY = b"0123456789abcdef"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    (tmp_path / "key").write_bytes(KEY)
    return tmp_path / "key"


def by_hand(identifier: str) -> str:
    """RFC 2104 written out: H(key xor opad, H(key xor ipad, text)) with blocks of 64 bytes; 128 bits are kept."""
    block = KEY.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + identifier.encode()).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).hexdigest()[:32]


def test_the_hash_is_hmac_sha_256_cut_to_128_bits() -> None:
    hashed = IdentifierHash(KEY)
    assert hashed("440301196603071234") == by_hand("440301196603071234")
    assert hashed(17) == hashed("17") == by_hand("17")
    assert IdentifierHash(KEY + b"x")("17") != hashed("17")
    # RFC 4231, test case 6: a key of 131 bytes 0xaa.
    text = "Test Using Larger Than Block-Size Key - Hash Key First"
    assert IdentifierHash(b"\xaa" * 131)(text) == "60e431591ee0b67f0d8a26aacbf5b77f"
    assert hmac.compare_digest(hashed("x"), by_hand("x"))
    assert KEY.decode() not in repr(hashed)


def test_results_hold_hashes_only(parameters: Parameters, tmp_path: Path, key: Path) -> None:
    write_parquet(tmp_path / "people.parquet", people(30), rows=7)
    run(tmp_path / "people.parquet", tmp_path / "plain.parquet", parameters=parameters)
    run(tmp_path / "people.parquet", tmp_path / "r.parquet", parameters=parameters, hash_ids=key, rows=4)
    plain, hashed = (pq.read_table(tmp_path / name) for name in ("plain.parquet", "r.parquet"))
    assert hashed["person"].to_pylist() == [by_hand(name) for name in plain["person"].to_pylist()]
    assert hashed.drop_columns("person").equals(plain.drop_columns("person"))
    assert hashed.schema.metadata[b"pension_identifiers"] == b"HMAC-SHA-256, 128 bits"
    content = (tmp_path / "r.parquet").read_bytes()
    assert b"P0000" not in content and KEY not in content


def table(**changes: Any) -> pd.DataFrame:
    rows = {
        "person": ["440301196603071234", "330301196603075678", "110101196603079012"],
        "sex": "male",
        "birth": "1966-03",
        "hukou": "41",
        "hukou_type": "rural",
        "scheme": "employee",
        "place": "44",
        "start": "1998-01",
        "end": "2015-12",
        "base": "3000",
    }
    return pd.DataFrame(rows | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"base": ["x", "3000", "3000"]},  # a rule of the reader
        {"start": ["1985-01", "1998-01", "1998-01"]},  # a rule of the range check
        {"sex": ["440301196603071234", "male", "male"]},  # an identifier in another column
    ],
)
def test_lists_and_messages_hold_hashes_only(
    parameters: Parameters, tmp_path: Path, key: Path, changes: dict[str, Any]
) -> None:
    options: dict[str, Any] = {"parameters": parameters, "hash_ids": key}
    summary = run(table(**changes), tmp_path / "r.parquet", errors="report", **options)
    assert summary.rejected == 1 and summary.rejected_file is not None
    with pytest.raises(InputError) as caught:
        run(table(**changes), None, **options)
    for text in (summary.rejected_file.read_text(encoding="utf-8"), str(caught.value)):
        assert "1234" not in text and KEY.decode() not in text
        assert by_hand("440301196603071234") in text or "start" not in changes


def test_identifiers_that_are_rejected_are_hashed(parameters: Parameters, tmp_path: Path, key: Path) -> None:
    write_parquet(tmp_path / "people.parquet", [people(3), people(2)])
    summary = run(tmp_path / "people.parquet", None, parameters=parameters, hash_ids=key, errors="report")
    assert [problem.value for problem in summary.problems] == [by_hand("P00000"), by_hand("P00001")]
    persons = table()[["person", "sex", "birth", "hukou", "hukou_type"]].iloc[:2]
    summary = run((persons, table()), None, parameters=parameters, hash_ids=key, errors="report")
    assert [problem.value for problem in summary.problems] == [by_hand("110101196603079012")]


def test_short_and_absent_keys_are_refused(parameters: Parameters, tmp_path: Path, key: Path) -> None:
    key.write_bytes(KEY[:15])
    with pytest.raises(InputError, match="at least 16 bytes, this one 15") as caught:
        run(people(3), None, parameters=parameters, hash_ids=key)
    assert KEY[:15].decode() not in str(caught.value)
    with pytest.raises(InputError, match="the key file does not exist"):
        run(people(3), None, parameters=parameters, hash_ids=tmp_path / "absent")
    with pytest.raises(InputError, match="the key file cannot be read"):
        run(people(3), None, parameters=parameters, hash_ids=tmp_path)
    with pytest.raises(InputError, match="at least 16 bytes"):
        IdentifierHash(b"short")


def test_a_collision_is_an_error_and_writes_nothing(
    parameters: Parameters, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two hexadecimal digits are 256 values: 300 people cannot all differ.
    monkeypatch.setattr(identifiers, "HEX_DIGITS", 2)
    with pytest.raises(InputError, match="two people have the same hash"):
        run(people(300), tmp_path / "r.parquet", parameters=parameters, hash_ids=key, rows=50)
    assert list(tmp_path.iterdir()) == [key]


def test_no_people() -> None:
    hashed = IdentifierHash(KEY)
    hashed.require_distinct()
    assert hashed.column(pa.array([], pa.string())).to_pylist() == []
    hashed.require_distinct()
