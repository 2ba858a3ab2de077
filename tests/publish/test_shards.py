import math

import pytest

from gitrack.publish import shards
from gitrack.publish.output import Output
from gitrack.publish.plan import plan_site
from gitrack.publish.shards import ShardWriter, index_script
from gitrack.store.reader import Reader


@pytest.fixture
def write(lab, read_script):
    """Write the data of the lab's one project; its index, and a way to read the scripts."""

    def write(*, without=()):
        reader = Reader(lab.repository)
        with Output(lab.out) as output:
            plan = plan_site(reader)
            (project,) = plan.projects
            writer = ShardWriter(reader, output)
            data = writer.write(project.name, project.records)
            output.write(project.index, index_script(plan, project, data))
        writer.cache.save()
        index = read_script((lab.out / project.index).read_bytes())
        folder = (lab.out / project.index).parent
        return index, lambda name: read_script((folder / name).read_bytes()), writer

    return write


def test_runs_stand_by_time_in_parallel_lists(lab, write):
    lab.add(id="later", created=2e9, tags=("a", "b"), group="g")
    lab.add(id="earlier", created=1e9)
    index, _, _ = write()
    assert index["runs"]["id"] == ["earlier", "later"]
    assert index["runs"]["tags"] == [[], ["a", "b"]]
    assert {len(values) for values in index["runs"].values()} == {2}
    assert index["shards"] == [None, None]


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


def test_run_and_metric_scripts_hold_the_same_series(lab, write, monkeypatch):
    monkeypatch.setattr(shards, "CHUNK", 2)
    lab.add(metrics={"loss": [3.0, 2.0], "acc": [0.1, 0.2]})
    lab.add()
    lab.add(metrics={"loss": [1.0]})
    index, read, _ = write()
    metrics = {metric["name"]: metric for metric in index["metrics"]}
    assert list(metrics) == ["acc", "loss", "_runtime", "_timestamp"]
    assert metrics["acc"]["chunks"][1] is None
    assert metrics["acc"]["logged"] == 1
    assert index["shards"][1] is None
    first = read(metrics["loss"]["chunks"][0])
    assert (first["metric"], first["first"], first["series"][1]) == ("loss", 0, None)
    run = read(index["shards"][0])
    assert run["metrics"] == ["loss", "acc", "_runtime", "_timestamp"]
    assert first["series"][0] == run["series"][0]
    second = read(metrics["loss"]["chunks"][1])
    assert (second["first"], len(second["series"])) == (2, 1)


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
    assert read(index["shards"][0])["metrics"][:2] == ["__proto__", "</script>"]


def test_a_history_that_is_no_history_costs_its_run_alone(lab, write, make_history):
    lab.add(files={"history.parquet": b"PAR1 not really"})
    lab.add(metrics={"loss": [1.0]})
    index, _, writer = write()
    assert index["shards"][0] is None
    assert index["shards"][1] is not None
    assert len(writer.damaged) == 1


def test_a_script_that_is_gone_is_written_again(lab, write):
    lab.add(metrics={"loss": [1.0]})
    index, _, _ = write()
    shard = lab.out / "data" / "digits" / index["shards"][0]
    before = shard.read_bytes()
    shard.unlink()
    write()
    assert shard.read_bytes() == before
