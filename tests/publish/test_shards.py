import base64
import math
import zlib

import numpy as np
import pytest

from gitrack.publish import chunks
from gitrack.publish.chunks import divide, metric_key
from gitrack.publish.index import index_script
from gitrack.publish.output import Output
from gitrack.publish.plan import plan_site
from gitrack.publish.shards import ShardWriter
from gitrack.store.reader import Reader


def unpack(packed):
    """Read a packed column as the browser does."""
    if isinstance(packed, list):
        return packed
    if "of" in packed:
        return [packed["of"][at] for at in np.frombuffer(base64.b64decode(packed["at"]), "<u4")]
    values = np.frombuffer(base64.b64decode(packed["f8"]), "<f8").tolist()
    missing = base64.b64decode(packed.get("none", "")) or bytes(len(values))
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]


def series_of(script):
    """Read each run's values out of a metric's script whose places are all regular."""
    raw = zlib.decompress(base64.b64decode(script["data"]), -zlib.MAX_WBITS)
    heads = [None if at is None else script["heads"][at] for at in script["series"]]
    assert all(head["rows"] and head["steps"] for head in heads if head)
    wide = sum(head["n"] for head in heads if head and head["t"] == "f8")
    planes = (
        np.frombuffer(raw[: wide * 8], np.uint8).reshape(8, -1),
        np.frombuffer(raw[wide * 8 :], np.uint8).reshape(4, -1),
    )
    pools = {
        kind: iter(plane.T.copy().view(f"<{kind}").ravel().tolist())
        for kind, plane in zip(("f8", "f4"), planes, strict=True)
    }
    return [head and [next(pools[head["t"]]) for _ in range(head["n"])] for head in heads]


@pytest.fixture
def write(lab, read_script):
    """Write the data of the lab's one project; its index, and a way to read its curves."""

    def write(*, alone=frozenset()):
        reader = Reader(lab.repository)
        with Output(lab.out) as output:
            plan = plan_site(reader)
            (project,) = plan.projects
            writer = ShardWriter(reader, output)
            data = writer.write(project.name, project.records, alone=alone)
            output.write(project.index, index_script(project, data))
        writer.cache.save()
        writer.cache.close()
        index = read_script((lab.out / project.index).read_bytes())
        for name, values in index["runs"].items():
            index["runs"][name] = unpack(values)
        for column in index["columns"]:
            column["values"] = unpack(column["values"])
        folder = (lab.out / project.index).parent

        def read(metric, chunk=0):
            name = index["chunks"]["name"][chunk]
            script = read_script((folder / name / f"{metric_key(metric)}.js").read_bytes())
            assert script["metric"] == metric
            return series_of(script)

        return index, read, output

    return write


def test_runs_stand_by_time_in_parallel_lists(lab, write):
    lab.add(id="later", created=2e9, tags=("a", "b"), group="g")
    lab.add(id="earlier", created=1e9)
    index, _, _ = write()
    assert index["runs"]["id"] == ["earlier", "later"]
    assert index["runs"]["tags"] == [[], ["a", "b"]]
    assert {len(values) for values in index["runs"].values()} == {2}
    assert index["chunks"] == {"first": [0], "name": [""], "details": []}


def test_columns_are_numbers_or_text(lab, write):
    lab.add(config={"lr": 0.1, "mixed": 1, "flag": True, "none": None}, summary={"acc": math.nan})
    lab.add(config={"lr": 1, "mixed": "auto", "list": [1, 2]}, summary={"acc": 0.5})
    index, _, _ = write()
    columns = {column["key"]: column for column in index["columns"]}
    assert list(columns) == [
        "config.flag", "config.list", "config.lr", "config.mixed", "config.none", "summary.acc",
    ]  # fmt: skip
    assert (columns["config.lr"]["kind"], columns["config.lr"]["values"]) == ("number", [0.1, 1])
    assert columns["config.mixed"]["values"] == ["1", "auto"]
    assert columns["config.flag"]["values"] == ["true", None]
    assert columns["config.none"]["values"] == ["null", None]
    assert columns["config.list"]["values"] == [None, "[1, 2]"]
    assert math.isnan(columns["summary.acc"]["values"][0])
    assert columns["summary.acc"]["goal"] == "max"


def test_long_columns_are_packed_and_lose_nothing(lab, write):
    for number in range(12):
        config = {"lr": 10.0**-number, "opt": ("adam", "sgd")[number % 2]}
        config |= {"seed": number} if number % 3 else {}
        lab.add(config=config, summary={"acc": math.nan if number == 4 else 2**53 - number})
    index, _, _ = write()
    columns = {column["key"]: column["values"] for column in index["columns"]}
    assert columns["config.lr"] == [10.0**-number for number in range(12)]
    assert columns["config.opt"] == ["adam", "sgd"] * 6
    assert columns["config.seed"] == [number if number % 3 else None for number in range(12)]
    assert math.isnan(columns["summary.acc"][4])
    assert columns["summary.acc"][5] == 2**53 - 5


def test_a_script_holds_one_metric_of_a_chunk_of_runs(lab, write):
    lab.add(metrics={"loss": [3.0, 2.0], "acc": [0.5, 0.25]})
    lab.add()
    lab.add(metrics={"loss": [1.0], "big": [2**30]})
    index, read, _ = write(alone=frozenset({"run-001"}))
    metrics = {metric["name"]: metric for metric in index["metrics"]}
    assert list(metrics) == ["acc", "big", "loss", "_runtime", "_timestamp"]
    assert index["chunks"]["first"] == [0, 1, 2]
    assert index["chunks"]["name"][1] == ""
    assert metrics["acc"]["in"] == [0]
    assert metrics["loss"]["in"] is None
    assert (metrics["acc"]["logged"], metrics["loss"]["logged"]) == (1, 2)
    assert read("loss") == [[3.0, 2.0]]
    assert read("big", 2) == [[float(2**30)]]
    assert read("_timestamp", 2)[0][0] > 1.7e9


def test_a_run_that_lands_between_others_moves_no_far_chunk():
    ids = [f"r{number}" for number in range(2000)]
    before = divide(ids)
    sizes = np.diff([*before, len(ids)])
    assert sizes[:-1].min() >= chunks.LEAST
    assert sizes.max() <= chunks.MOST
    assert 20 < sizes.mean() < 32
    whole = {tuple(ids[a:b]) for a, b in zip(before, [*before[1:], None], strict=True)}
    ids.insert(1000, "late")
    after = divide(ids)
    chunked = {tuple(ids[a:b]) for a, b in zip(after, [*after[1:], None], strict=True)}
    assert len(whole - chunked) <= 6


def test_a_run_that_is_alone_leaves_the_others_together():
    ids = [f"r{number}" for number in range(10)]
    assert divide(ids, alone={"r4"}.__contains__) == [0, 4, 5]


def test_names_of_the_users_are_never_keys(lab, write):
    lab.add(
        metrics={"__proto__": [1.0], "</script>": [2.0]},
        config={"__proto__": {"x": 1}, "constructor": 2},
    )
    index, read, _ = write()

    def keys(value):
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    assert not {"__proto__", "__proto__.x", "</script>", "constructor"} & keys(index)
    assert read("</script>") == [[2.0]]


def test_a_history_that_is_no_history_costs_its_run_alone(lab, write, make_history):
    lab.add(files={"history.parquet": b"PAR1 not really"})
    lab.add(metrics={"loss": [1.0]})
    _, read, _ = write()
    assert read("loss") == [None, [1.0]]


def test_a_script_that_is_gone_is_written_again(lab, write):
    lab.add(metrics={"loss": [1.0]})
    index, _, _ = write()
    name = index["chunks"]["name"][0]
    script = lab.out / "data" / "digits" / name / f"{metric_key('loss')}.js"
    before = script.read_bytes()
    script.unlink()
    write()
    assert script.read_bytes() == before


def test_one_more_run_leaves_the_chunks_before_it_alone(lab, write, monkeypatch):
    monkeypatch.setattr(chunks, "MOST", 3)
    for number in range(7):
        lab.add(metrics={"loss": [float(number)]})
    write()
    lab.add(metrics={"loss": [9.0]})
    _, read, output = write()
    assert read("loss", 2) == [[6.0], [9.0]]
    assert output.written_below("data/digits/", ".js") == 1 + 3  # the index, a chunk's scripts
