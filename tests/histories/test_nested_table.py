"""The nested Arrow table: what is taken without copying, what is refused and how."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from histories.conftest import EMPLOYED, PERSON, RESIDENT, STATUTORY, build, month

from pension import histories
from pension._checksum import _add_column, _digest
from pension.checks import range_check as checks
from pension.histories import Histories, InputError, arrow_schema


def problems(table: Any, **options: Any) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InputError) as caught:
        Histories.from_arrow(table, file="in.arrow", **options)
    assert all(problem.file == "in.arrow" for problem in caught.value.problems)
    return [(problem.row, problem.column, problem.rule) for problem in caught.value.problems]


def replaced(table: pa.Table, name: str, values: Any) -> pa.Table:
    """The table with another column of this name."""
    return table.set_column(table.column_names.index(name), name, values)


def with_records(table: pa.Table, change: Any) -> pa.Table:
    """The table with another ``records`` column, built from Python rows."""
    rows = table["records"].to_pylist()
    kind = table.schema.field("records").type
    nullable = pa.list_(pa.struct([pa.field(f.name, f.type) for f in kind.value_type]))
    return replaced(table, "records", pa.array(change(rows), nullable))


def test_schema_carries_version_and_enumerations() -> None:
    schema = arrow_schema()
    assert schema.names[0] == "person" and schema.names[-1] == "records"
    assert schema.metadata[b"pension_schema"] == b"1"
    assert b'"employee":1' in schema.metadata[b"pension_enumerations"]
    assert schema.field("birth").type == pa.int32() and schema.field("hukou").type == pa.int16()
    assert schema.field("records").type.value_type.field("months").type == pa.int16()


def test_round_trip(three: Histories, same: Any) -> None:
    table = three.to_arrow()
    again = Histories.from_arrow(table)
    assert same(again, three)
    assert table["claim"].to_pylist() == [None, 24312, None]  # 12 * 2026
    assert table["records"].to_pylist()[1] == []
    assert again.checksum() == three.checksum()


def test_numbers_are_not_copied(three: Histories) -> None:
    table = three.to_arrow().combine_chunks()
    arrays = Histories.from_arrow(table).arrays
    chunk = table["records"].chunk(0)
    addresses = {chunk.values.field(name).buffers()[1].address for name in ("year", "base", "flags")}
    assert {arrays.year.ctypes.data, arrays.base.ctypes.data, arrays.flags.ctypes.data} == addresses
    assert arrays.birth.ctypes.data == table["birth"].chunk(0).buffers()[1].address


def test_everything_is_read_only_contiguous_and_of_its_type(three: Histories) -> None:
    for built in (three, Histories.from_arrow(three.to_arrow()), three.slice(1, 3), three.slice(0, 0)):
        for name, values in built.arrays._asdict().items():
            assert values.dtype == histories.DTYPES[name], name
            assert values.flags.c_contiguous and values.flags.aligned and not values.flags.writeable, name


def test_one_specialisation_for_every_way_in(three: Histories) -> None:
    for built in (three, Histories.from_arrow(three.to_arrow()), three.slice(2, 3), three.slice(0, 0)):
        bounds = np.full(len(built), STATUTORY, dtype=np.int32)
        built.problems(bounds, bounds.astype(np.int64))
    assert len(checks._problems.signatures) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("start, stop", [(0, 3), (0, 1), (1, 3), (2, 3), (1, 1), (0, 0)])
def test_slices_of_table_and_of_histories_agree(three: Histories, same: Any, start: int, stop: int) -> None:
    part = three.slice(start, stop)
    from_table = Histories.from_arrow(three.to_arrow().slice(start, stop - start))
    assert same(part, from_table)
    counts = [2, 0, 3][start:stop]
    assert np.diff(part.arrays.offsets).tolist() == counts and part.n_records == sum(counts)
    assert len(part) == stop - start


def test_several_and_no_chunks(three: Histories, same: Any) -> None:
    table = three.to_arrow()
    cut = pa.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1, 2)])
    assert same(Histories.from_arrow(cut), three)
    empty = Histories.from_arrow(table.schema.empty_table())
    assert (len(empty), empty.n_records, empty.arrays.offsets.tolist()) == (0, 0, [0])
    none = pa.table([pa.chunked_array([], f.type) for f in table.schema], schema=table.schema)
    assert len(Histories.from_arrow(none)) == 0
    assert same(Histories.from_arrow(table.combine_chunks().to_batches()[0]), three)


def test_large_lists_and_dictionaries_are_read(three: Histories, same: Any) -> None:
    table = three.to_arrow()
    large = pa.large_list(table.schema.field("records").type.value_type)
    assert same(Histories.from_arrow(replaced(table, "records", table["records"].cast(large))), three)
    assert same(Histories.from_arrow(replaced(table, "person", table["person"].dictionary_encode())), three)


def test_optional_columns_may_be_absent() -> None:
    table = build([(PERSON, [EMPLOYED])]).to_arrow().drop_columns(["claim", "resident_start", "weight"])
    arrays = Histories.from_arrow(table).arrays
    assert (arrays.claim[0], arrays.resident_start[0], arrays.weight[0]) == (-1, -1, 1.0)


def test_missing_column_unknown_column_and_wrong_type(three: Histories) -> None:
    table = three.to_arrow()
    assert problems(table.drop_columns(["birth"])) == [(None, "birth", "the column is missing")]
    assert problems(table.append_column("Birth", table["birth"]))[0][1:] == (
        "Birth",
        "unknown column; the analyst's own columns begin with x_",
    )
    wide = replaced(table, "birth", table["birth"].cast(pa.int64()))
    assert problems(wide) == [(None, "birth", "wrong type: int32 is needed")]
    floats = replaced(table, "person", pa.array([1.0, 2.0, 3.0]))
    assert problems(floats) == [(None, "person", "wrong type: int64 or string is needed")]
    assert problems(table.append_column("sex", table["sex"])) == [(None, "sex", "the column is there twice")]
    both = table.drop_columns(["sex", "hukou"])
    assert [column for _, column, _ in problems(both)] == ["sex", "hukou"]


def test_records_of_other_fields(three: Histories) -> None:
    table = three.to_arrow()
    kind = table.schema.field("records").type.value_type

    def of(fields: list[pa.Field]) -> pa.Table:
        rows = [[{f.name: None for f in fields}]] * 3
        return replaced(table, "records", pa.array(rows, pa.list_(pa.struct(fields))))

    fields = list(kind)
    assert (None, "records.flags", "the field is missing") in problems(of(fields[:-1]))
    assert (None, "records.index", "unknown field") in problems(of([*fields, pa.field("index", pa.float64())]))
    unsigned = [pa.field("months", pa.uint16()) if f.name == "months" else f for f in fields]
    assert problems(of(unsigned)) == [(None, "records.months", "wrong type: int16 is needed")]
    assert problems(replaced(table, "records", pa.array([1, 2, 3])))[0][1] == "records"


def test_fields_of_records_are_found_by_name(three: Histories, same: Any) -> None:
    table = three.to_arrow()
    fields = list(table.schema.field("records").type.value_type)[::-1]
    mixed = pa.array(table["records"].to_pylist(), pa.list_(pa.struct(fields)))
    assert same(Histories.from_arrow(replaced(table, "records", mixed)), three)


def test_nulls_are_refused_with_their_row(three: Histories) -> None:
    table = three.to_arrow()
    for name, kind in (("person", pa.string()), ("birth", pa.int32()), ("weight", pa.float64())):
        values = table[name].to_pylist()
        values[2] = None
        assert problems(replaced(table, name, pa.array(values, kind))) == [(3, name, "no value (null)")]
    assert problems(with_records(table, lambda rows: [rows[0], None, rows[2]])) == [(2, "records", "no value (null)")]
    # A null record reads as zeros unless the struct's own nulls are looked at.
    assert problems(with_records(table, lambda rows: [rows[0], [], [rows[2][0], None, rows[2][2]]])) == [
        (3, "records[2]", "a record is null")
    ]
    hole = with_records(table, lambda rows: [rows[0], [], [rows[2][0], rows[2][1] | {"income": None}]])
    assert problems(hole) == [(3, "records[2].income", "no value (null)")]
    assert problems(hole.slice(1, 2), first_row=1) == [(3, "records[2].income", "no value (null)")]


def test_null_category_of_a_woman_is_a_woman_without_category(three: Histories) -> None:
    table = three.to_arrow()
    again = Histories.from_arrow(replaced(table, "retirement_category", pa.array([1, None, 1], pa.int8())))
    bounds = np.full(3, STATUTORY)
    (problem,) = again.problems(bounds, bounds)
    assert problem.row == 2 and problem.rule.startswith("a woman without retirement category")


def test_duplicate_person_is_refused_and_masked(three: Histories) -> None:
    table = three.to_arrow()
    twice = replaced(table, "person", pa.array(["110101199001011234", "b", "110101199001011234"]))
    with pytest.raises(InputError) as caught:
        Histories.from_arrow(twice)
    assert caught.value.problems[0] == ("", 3, "person", "…1234", "the identifier is there twice")
    assert problems(replaced(table, "person", pa.array([7, 5, 5], pa.int64())))[0][:2] == (3, "person")
    assert problems(replaced(table, "person", pa.array(["a", " ", "c"]))) == [(2, "person", "the identifier is empty")]


def test_dated_registrations_are_read(three: Histories) -> None:
    arrays = three.arrays
    assert arrays.registration_offsets.tolist() == [0, 2, 2, 3]
    assert arrays.registration_month.tolist() == [23594, 24136, 23594]  # 1966-03, 2011-05: 12 * 2011 + 4
    assert arrays.registration_place.tolist() == [44, 41, 41]
    column = three.to_arrow()["hukou_since"]
    assert column.to_pylist()[0] == [{"month": 23594, "place": 44}, {"month": 24136, "place": 41}]
    assert column.to_pylist()[1] == []


def test_nobody_needs_a_column_of_registrations(three: Histories) -> None:
    table = three.to_arrow()
    for without in (
        table.drop_columns(["hukou_since"]),
        replaced(table, "hukou_since", pa.nulls(3)),
        replaced(table, "hukou_since", pa.array([[], None, []], table.schema.field("hukou_since").type)),
    ):
        arrays = Histories.from_arrow(without).arrays
        assert (arrays.registration_offsets.tolist(), arrays.registration_month.size) == ([0, 0, 0, 0], 0)


def test_below_a_null_list_anything_may_stand(three: Histories) -> None:
    """Arrow lets values stand below a null list; they are nobody's registrations."""
    table = three.to_arrow().combine_chunks()
    whole = table["hukou_since"].chunk(0)
    masked = pa.ListArray.from_arrays(whole.offsets, whole.values, type=whole.type, mask=pa.array([True, False, False]))
    arrays = Histories.from_arrow(replaced(table, "hukou_since", masked)).arrays
    assert arrays.registration_offsets.tolist() == [0, 0, 0, 1] and arrays.registration_place.tolist() == [41]


def test_nulls_in_registrations_and_annuities_are_refused(three: Histories) -> None:
    table = three.to_arrow()

    def of(name: str, rows: list[Any]) -> pa.Table:
        kind = table.schema.field(name).type.value_type
        return replaced(table, name, pa.array(rows, pa.list_(pa.struct([pa.field(f.name, f.type) for f in kind]))))

    since = table["hukou_since"].to_pylist()
    assert problems(of("hukou_since", [since[0], [], [None]])) == [(3, "hukou_since[1]", "a registration is null")]
    hole = [since[0][0], {"month": None, "place": 41}]
    assert problems(of("hukou_since", [hole, [], []])) == [(1, "hukou_since[2].month", "no value (null)")]
    plans = table["annuities"].to_pylist()
    hole = [plans[0][0], plans[0][1] | {"base": None}]
    assert problems(of("annuities", [hole, [], []])) == [(1, "annuities[2].base", "no value (null)")]


def test_questions_are_read(three: Histories) -> None:
    assert three.questions.column_names == ["resident_claim", "death", "disposable_income", "annuities"]
    assert [row["end"] for row in three.questions["annuities"].to_pylist()[0]] == [None, None]
    table = three.to_arrow().drop_columns(["death"]).append_column("disability", pa.nulls(3))
    again = Histories.from_arrow(table)
    assert again.questions.column_names == ["resident_claim", "disposable_income", "annuities"]
    given = replaced(three.to_arrow(), "death", pa.array([None, -1, None], pa.int32()))
    assert problems(given) == [(2, "death", "a month serial is not negative; write null for none")]


def test_version(three: Histories) -> None:
    table = three.to_arrow()
    metadata = dict(table.schema.metadata)
    none = table.replace_schema_metadata(None)
    assert len(Histories.from_arrow(none)) == 3
    assert "no schema version" in problems(none, require_version=True)[0][2]
    other = table.replace_schema_metadata(metadata | {b"pension_schema": b"2"})
    assert problems(other)[0][2] == "schema version 2: this program reads 1"
    swapped = metadata[b"pension_enumerations"].replace(b'"male":1', b'"male":2')
    renumbered = table.replace_schema_metadata(metadata | {b"pension_enumerations": swapped})
    assert "enumerations" in problems(renumbered)[0][2]


def test_a_stated_minus_one_is_no_missing_claim(three: Histories) -> None:
    table = three.to_arrow()
    given = replaced(table, "claim", pa.array([None, -1, None], pa.int32()))
    assert problems(given) == [(2, "claim", "a month serial is not negative; write null for none")]


def test_corrupt_offsets_are_refused(three: Histories) -> None:
    """``validate()`` without ``full`` misses offsets inside the list; they would read other memory."""
    table = three.to_arrow().combine_chunks()
    inner = table["records"].chunk(0).values
    for offsets in ([0, 5, 2, 5], [0, -3, 2, 5], [0, 2**30, 2, 5]):
        buffer = pa.py_buffer(np.array(offsets, np.int32).tobytes())
        kind = table.schema.field("records").type
        bad = pa.Array.from_buffers(kind, 3, [None, buffer], children=[inner])
        assert "invalid Arrow data" in problems(replaced(table, "records", bad))[0][2]


def test_build_checks_shapes_offsets_and_fit() -> None:
    good = build([(PERSON, [EMPLOYED])])
    columns = good.arrays._asdict()
    for change, column in (
        ({"birth": [1, 2]}, "birth"),
        ({"offsets": [0, 2]}, "offsets"),
        ({"offsets": [1, 1]}, "offsets"),
        ({"sex": [300]}, "sex"),
        ({"year": [2000.5]}, "year"),
        ({"base": [1.0, 2.0]}, "base"),
    ):
        with pytest.raises(InputError) as caught:
            Histories.build([1], columns | change)
        assert caught.value.problems[0].column == column


def test_checksum_sees_every_field(three: Histories) -> None:
    seen = {three.checksum()}

    def add(**changes: Any) -> None:
        seen.add(replace(three, **changes).checksum())

    for name, values in three.arrays._asdict().items():
        if not name.endswith("offsets"):
            changed = values.copy()
            changed[-1] = 1 if changed[-1] != 1 else 2
            add(arrays=three.arrays._replace(**{name: changed}))
    add(arrays=three.arrays._replace(offsets=np.array([0, 1, 2, 5])))
    add(arrays=three.arrays._replace(registration_offsets=np.array([0, 1, 2, 3])))
    add(person=pa.array(["p1", "p2", "p4"]))
    for extra in (
        pa.table({"x_group": ["a", "", "c"], "x_score": [1.5, 2.5, None]}),
        pa.table({"x_group": ["a", None, "c"], "x_score": [1.5, 2.5, 0.0]}),
        pa.table({"x_group": ["ac", None, ""], "x_score": [1.5, 2.5, None]}),
    ):
        add(extra=extra)
    asked = three.questions
    add(questions=asked.drop_columns(["death"]))
    add(questions=replaced(asked, "death", pa.array([month("2030-03"), None, None], pa.int32())))
    assert len(seen) == 1 + (len(three.arrays) - 2) + 3 + 3 + 2


def test_checksum_of_people_without_dates_and_questions_is_that_of_files_of_before() -> None:
    """Files written when there were no such columns stay valid: nothing of them is hashed."""
    plain = build([(PERSON, [EMPLOYED])])
    total = hashlib.blake2b(digest_size=16)
    _add_column(total, "person", plain.person)
    for name in [n for n in histories.DTYPES if not n.startswith("registration_")]:
        values = getattr(plain.arrays, name)
        total.update(f"{name}:{values.dtype.str}:{values.size};".encode())
        total.update(_digest(values))
    assert plain.checksum() == total.hexdigest()


def test_checksum_does_not_depend_on_layout(three: Histories) -> None:
    whole = build([(PERSON, [EMPLOYED]), (PERSON, [EMPLOYED, RESIDENT])])
    part = whole.slice(1, 2)
    alone = build([(PERSON, [EMPLOYED, RESIDENT])], [2])
    assert part.checksum() == alone.checksum()
    table = three.to_arrow()
    cut = pa.concat_tables([table.slice(0, 2), table.slice(2, 1)])
    assert Histories.from_arrow(cut).checksum() == three.checksum()
