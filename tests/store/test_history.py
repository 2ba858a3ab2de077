import io
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.errors import FormatError
from gitrack.store.history import (
    HistoryBuilder,
    column_values,
    table_from_bytes,
    table_to_bytes,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT
    | st.lists(st.integers() | st.floats(allow_nan=False) | TEXT, max_size=3)
)  # fmt: skip
NAMES = TEXT.filter(lambda name: name not in ("_step", "_runtime", "_timestamp"))


def equal(one, other):
    """Compare values: NaN is NaN, -0.0 is not 0.0, True is not 1, but 1 may be 1.0."""
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def built(rows):
    history = HistoryBuilder()
    for number, values in enumerate(rows):
        history.add(number, number / 8, 1e9 + number, values)
    return history.table()


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=8))
def test_every_value_reads_back_exactly(rows):
    table = table_from_bytes(table_to_bytes(built(rows)))
    assert column_values(table, "_step") == list(range(len(rows)))
    names = dict.fromkeys(name for row in rows for name in row if row[name] is not None)
    assert table.column_names[3:] == list(names)
    for name in names:
        for found, row in zip(column_values(table, name), rows, strict=True):
            assert equal(found, row.get(name))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.0, None, math.nan], "double"),
        ([1, None, -(2**63)], "int64"),
        ([2**63, 0], "uint64"),
        ([1, 2.5], "double"),
        ([True, False], "bool"),
        (["a", "b"], "string"),
        ([2**53 + 1, 0.5], "string"),
        ([True, 1], "string"),
        ([2**64], "string"),
        ([-1, 2**63], "string"),
    ],
)
def test_a_column_has_the_narrowest_kind_that_keeps_its_values(values, kind):
    table = built([{"m": value} for value in values])
    assert str(table.schema.field("m").type) == kind
    assert all(map(equal, column_values(table, "m"), values))


def test_steps_and_times_are_never_missing():
    table = table_from_bytes(table_to_bytes(built([{"a": 1}, {}])))
    assert [field.nullable for field in table.schema][:3] == [False, False, False]
    assert [str(field.type) for field in table.schema][:3] == ["int64", "double", "double"]


def test_a_history_without_rows_is_a_table():
    table = table_from_bytes(table_to_bytes(HistoryBuilder().table()))
    assert (table.num_rows, table.column_names) == (0, ["_step", "_runtime", "_timestamp"])


def test_five_thousand_metrics_in_one_row():
    row = {f"m.{n}/x": float(n) for n in range(5_000)}
    table = table_from_bytes(table_to_bytes(built([row])))
    assert table.num_columns == 5_003
    assert column_values(table, "m.4999/x") == [4999.0]


def parquet(table):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


STEPS = {"_step": pa.array([0]), "_runtime": pa.array([0.0]), "_timestamp": pa.array([0.0])}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        b"PAR1" * 20,
        b"text",
        table_to_bytes(HistoryBuilder().table())[:-9],
        parquet(pa.table({"x": [1]})),
        parquet(pa.table({"_runtime": [0.0], "_step": [0], "_timestamp": [0.0]})),
        parquet(pa.table(STEPS | {"_step": pa.array(["a"])})),
        parquet(pa.table(STEPS | {"_runtime": pa.array([None], pa.float64())})),
        parquet(pa.Table.from_arrays([*STEPS.values(), pa.array([1]), pa.array([2])],
                                     names=[*STEPS, "m", "m"])),
        parquet(pa.table(STEPS | {"m": pa.array([[1]])})),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_damaged_history_is_named(content):
    with pytest.raises(FormatError, match=r"p/history\.parquet"):
        table_from_bytes(content, "p/history.parquet")


def test_json_texts_that_are_none_are_named():
    field = pa.field("m", pa.string(), metadata={b"gitrack": b"json"})
    table = pa.table(STEPS).append_column(field, pa.array(["{"]))
    with pytest.raises(FormatError, match="m"):
        column_values(table, "m")


def test_damage_anywhere_is_named_or_harmless():
    whole = table_to_bytes(built([{"a": n / 7, "b": "x" * n, "c": n > 3} for n in range(8)]))
    for place in range(0, len(whole), 7):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            table = table_from_bytes(damaged)
            for name in table.column_names:
                column_values(table, name)
        except FormatError:
            pass
