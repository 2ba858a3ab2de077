import base64
import io
import json
import math
import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

MEDIA = {b"gitrack": b"media"}
JSON = {b"gitrack": b"json"}


def unpacked(values):
    """Read a packed column as a browser does."""
    if isinstance(values, list):
        return values
    raw = base64.b64decode(values["at"] if "at" in values else values["f8"])
    if "at" in values:
        return [values["of"][place] for place in struct.unpack(f"<{len(raw) // 4}I", raw)]
    numbers = list(struct.unpack(f"<{len(raw) // 8}d", raw))
    gone = base64.b64decode(values["none"]) if "none" in values else bytes(len(numbers))
    return [None if missing else one for one, missing in zip(numbers, gone, strict=True)]


@pytest.fixture
def made(media_run):
    """Record a run of tables; give the section, its script, and the tables' scripts."""

    def make(tables, *, extra=None, damaged=0):
        files, lines = {}, []
        for number, (table, facts) in enumerate(tables):
            path = f"tables/{number:02}/t.parquet"
            lines.append({"type": "table", "path": path, "facts": facts})
            if isinstance(table, pa.Table):
                sink = io.BytesIO()
                pq.write_table(table, sink)
                files[path] = sink.getvalue()
            elif table is not None:
                files[path] = table
        section, data = media_run(lines, files | (extra or {}), damaged=damaged)["tables"]
        items = [item for table in data["tables"] for item in table["items"]]
        scripts = [media_run.script(item["script"]) if "script" in item else None for item in items]
        return section, data, scripts

    return make


def columns_of(script):
    return {one["name"]: (one["kind"], unpacked(one["values"])) for one in script["columns"]}


def test_each_kind_of_cell_arrives_as_it_was_logged(made):
    cells = {
        "f": pa.array([0.5, None, float("inf"), -0.0] * 3),
        "whole": pa.array([1, None, -3, 2**53] * 3),
        "large": pa.array([1, None, -3, 2**53 + 1] * 3),
        "truth": pa.array([True, None, False, True] * 3),
        "text": pa.array(["<b>", None, "", "__proto__"] * 3),
        "when": pa.array([0, None, 1_500_000, -1] * 3, pa.timestamp("us")),
    }
    _, _, (script,) = made([(pa.table(cells), {})])
    columns = columns_of(script)
    assert columns["f"] == ("number", [0.5, None, float("inf"), -0.0] * 3)
    assert columns["whole"] == ("number", [1, None, -3, 2**53] * 3)
    assert columns["large"] == ("json", ["1", None, "-3", "9007199254740993"] * 3)
    assert columns["truth"] == ("bool", [True, None, False, True] * 3)
    assert columns["text"] == ("text", ["<b>", None, "", "__proto__"] * 3)
    assert columns["when"] == ("time", [0, None, 1.5, -1e-6] * 3)


def test_nan_is_no_missing_number(made):
    table = pa.table({"x": pa.array([float("nan"), None, 1.0], from_pandas=False)})
    _, _, (script,) = made([(table, {})])
    ((kind, (first, second, third)),) = columns_of(script).values()
    assert kind == "number"
    assert math.isnan(first)
    assert (second, third) == (None, 1.0)


def test_cells_of_several_kinds_are_json_unless_all_are_numbers(made):
    schema = pa.schema(
        [pa.field("n", pa.string(), metadata=JSON), pa.field("m", pa.string(), metadata=JSON)]
    )
    table = pa.table([["1", "2.5", None], ["1", '"1"', '{"a": [1, 2]}']], schema=schema)
    _, _, (script,) = made([(table, {})])
    columns = columns_of(script)
    assert columns["n"] == ("number", [1, 2.5, None])
    assert columns["m"] == ("json", ["1", '"1"', '{"a":[1,2]}'])


def test_pictures_in_cells_are_copied_and_pages_travel_in_the_script(made, lab):
    cells = [
        {"type": "image", "path": "media/a.png", "caption": "<i>"},
        {"type": "html", "path": "media/b.html"},
        {"type": "image", "path": "../../../run.json"},
        {"type": "value", "value": {"a": 1}},
        {"type": "object3D", "path": "media/c.obj"},
        None,
    ]
    schema = pa.schema([pa.field("m", pa.string(), metadata=MEDIA)])
    texts = [None if cell is None else json.dumps(cell) for cell in cells]
    extra = {"media/a.png": b"\x89PNG", "media/b.html": b"<script>1</script>"}
    _, _, (script,) = made([(pa.table([texts], schema=schema), {})], extra=extra)
    ((kind, shown),) = columns_of(script).values()
    assert kind == "media"
    assert (lab.out / shown[0]["src"]).read_bytes() == b"\x89PNG"
    assert shown[0]["caption"] == "<i>"
    assert shown[1]["text"] == "<script>1</script>"
    assert "src" not in shown[2]
    assert shown[2]["why"]
    assert shown[3] == {"type": "value", "text": '{"a":1}'}
    assert shown[4]["why"]
    assert shown[5] is None
    assert not list(lab.out.rglob("*.html"))


def test_rows_beyond_what_a_page_holds_are_counted(made):
    table = pa.table({"x": pa.array(range(10_500))})
    _, data, (script,) = made([(table, {})])
    (item,) = data["tables"][0]["items"]
    assert (item["rows"], item["of"]) == (10_000, 10_500)
    assert columns_of(script)["x"][1] == list(range(10_000))
    assert not script["sampled"]


def test_long_texts_leave_rows_out_and_say_so(made):
    table = pa.table({"x": ["y" * 50_000, *("z" * 19_000 for _ in range(400))]})
    _, data, (script,) = made([(table, {})])
    (item,) = data["tables"][0]["items"]
    assert 100 < item["rows"] < 401
    assert item["of"] == 401
    assert columns_of(script)["x"][1][0].endswith("… (50,000 characters)")


def test_a_table_that_grew_stands_there_once(made):
    parts = [pa.table({"a": [1, 2]}), pa.table({"a": ["x"]}), pa.table({"a": [7]})]
    facts = [{"first": 0}, {"first": 2}, {"first": 0}]
    _, data, scripts = made(list(zip(parts, facts, strict=True)))
    assert [item["step"] for item in data["tables"][0]["items"]] == [1, 2]
    assert columns_of(scripts[0])["a"] == ("json", ["1", "2", '"x"'])
    assert columns_of(scripts[1])["a"] == ("number", [7])


def test_a_damaged_table_is_named_and_the_others_are_shown(made):
    section, data, scripts = made(
        [(b"no parquet", {}), (pa.table({"a": [1]}), {}), (None, {})], damaged=1
    )
    first, second, third = data["tables"][0]["items"]
    assert first["why"] == "its file is damaged"
    assert "why" not in second
    assert third["why"] == "its data is not on this site"
    assert scripts[1]["rows"] == 1
    assert section.count == 1


@pytest.mark.parametrize("cell", ['{"type": 7', '{"no": "type"}', "[]", "3", '"x"', "null"])
def test_any_cell_of_media_is_read_or_named(made, cell):
    schema = pa.schema([pa.field("m", pa.string(), metadata=MEDIA)])
    _, data, _ = made([(pa.table([[cell]], schema=schema), {})], damaged=1)
    assert data["tables"][0]["items"][0]["why"] == "its file is damaged"


def test_columns_of_foreign_kinds_are_shown_as_json(made):
    table = pa.table({"l": [[1, 2], None], "b": [b"x", b"y"], "d": pa.array([1, 2], pa.date32())})
    _, _, (script,) = made([(table, {})])
    assert columns_of(script)["l"] == ("json", ["[1,2]", None])
    assert columns_of(script)["d"][1][0] == '"1970-01-02"'


def test_an_empty_table_and_one_without_columns_are_tables_too(made):
    tables = [(pa.table({"a": pa.array([], pa.int64())}), {}), (pa.table({}), {})]
    _, _, scripts = made(tables)
    assert [script["rows"] for script in scripts] == [0, 0]
