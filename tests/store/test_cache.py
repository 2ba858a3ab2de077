import json
import math
import os
import random
import threading
from dataclasses import replace

import pytest

import gitrack
from gitrack.model.names import EXPERIMENTS
from gitrack.model.run import Alert, Code, Host, MetricRule, Redaction, Run, State
from gitrack.store import cache
from gitrack.store.branch import Branch
from gitrack.store.layout import run_folder
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

MAIN = f"{EXPERIMENTS}main"
ODD = Run(
    "odd", "größe", "a\u2028b", State.CRASHED, 1.5, tags=("x", "é"), duration=0.0, rows=2**70,
    code=Code("0" * 40, dirty=True, left_out=("big.bin",)), host=Host(gpus=("A", "B"), memory=1),
    metrics=(MetricRule("val/*", summary=("min",)),), alerts=(Alert("t", timestamp=2.0),),
    redacted=(Redaction("config.key", "key", 2),), environment={"CI": "1"},
    hardware={"huge": 2**80, "none": None, "list": [1, 2.0, {"a": None}]}, command=("python", "x"),
)  # fmt: skip
ODD_SUMMARY = {"nan": math.nan, "inf": -math.inf, "none": None, "zero": -0.0, "half": "\ud800"}
ODD_CONFIG = {"huge": 2**90, "nan": math.nan, "nested": {"a": [None, 1.0, "x"]}, "date": "2026"}


def files_of(run, config, summary, **more):
    contents = {
        "run.json": run_to_json(run, summary),
        "params.yaml": config_to_yaml(config),
        "metrics.json": summary_to_json(summary),
    }
    return {f"{run_folder(run)}/{name}": value for name, value in (contents | more).items()}


def put(repository, run_id, *, branch=MAIN, **more):
    run = Run(run_id, "digits", f"name {run_id}", State.FINISHED, float(len(run_id)))
    Branch(repository, branch).add(files_of(run, {"lr": 0.1}, {"loss": 0.5}, **more), "Run")


@pytest.fixture
def here(repository):
    return Repository.around()


@pytest.fixture
def place(here):
    return here.own_dir / "cache" / "records.json"


def read(repository):
    """Read as a new process would, and say all that a caller can see of it."""
    reader = Reader(repository)
    return list(map(repr, reader.records())), sorted(map(repr, reader.damaged))


def read_afresh(repository, place):
    kept = place.read_bytes() if place.is_file() else None
    place.unlink(missing_ok=True)
    found = read(repository)
    if kept is not None:
        place.write_bytes(kept)
    return found


def test_odd_values_come_back_as_they_were(here, place):
    Branch(here, MAIN).add(files_of(ODD, ODD_CONFIG, ODD_SUMMARY), "Run")
    put(here, "plain")
    Branch(here, MAIN).add({"digits/runs/1970-01-01/bad/run.json": b'{"format": 99}'}, "Newer")
    first = read(here)
    assert place.is_file()
    assert read(here) == first
    record = next(r for r in Reader(here).records() if r.run.id == "odd")
    assert "NewerFormatError" in first[1][0]
    assert record.run == ODD
    assert math.isnan(record.summary["nan"])
    assert math.copysign(1, record.summary["zero"]) == -1
    assert record.summary["half"] == "\ud800"
    assert record.config["huge"] == 2**90


def test_values_that_orjson_writes_alike_are_kept_apart(here):
    for number, odd in enumerate((None, math.inf, 1, 1.0, True)):
        run = replace(ODD, id=f"r{number}", hardware={"x": odd} if odd != math.inf else {})
        content = json.loads(run_to_json(run, {}))
        if odd == math.inf:
            content["hardware"] = {"x": "INF"}
        raw = json.dumps(content).replace('"INF"', "1e999").encode()
        Branch(here, MAIN).add(files_of(run, {}, {}, **{"run.json": raw}), "Run")
    first = read(here)
    assert read(here) == first
    assert len(set(first[0])) == 5


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_changes_reads_as_without_a_cache(repository, here, place, git, seed):
    chance = random.Random(seed)
    git(repository, "clone", "-q", "--bare", repository, repository.parent / "remote.git")
    git(repository, "remote", "add", "origin", repository.parent / "remote.git")
    branches = [f"{EXPERIMENTS}{name}" for name in ("main", "feature/x", "b")]
    count = 0

    def add(branch):
        nonlocal count
        count += 1
        bad = {"metrics.json": b"["} if chance.random() < 0.2 else {}
        put(here, f"r{count}", branch=branch, **bad)

    def edit(branch):
        def plan(parent):
            listed = git(repository, "ls-tree", "-r", "--name-only", parent).splitlines()
            runs = [path for path in listed if path.endswith("/run.json")]
            if not runs:
                return {}
            path = chance.choice(runs)
            folder = path.removesuffix("run.json")
            if chance.random() < 0.4:
                return dict.fromkeys(name for name in listed if name.startswith(folder))
            text = git(repository, "show", f"{parent}:{path}")
            return {path: json.dumps(json.loads(text) | {"notes": str(chance.random())}).encode()}

        if git(repository, "rev-parse", "-q", "--verify", branch, check=False):
            Branch(here, branch).change(plan, "Edit")

    def move(branch):
        commits = git(repository, "log", "--format=%H", "--all", "--", "*/run.json").split()
        if commits:
            git(repository, "update-ref", f"refs/heads/{branch}", chance.choice(commits))

    def delete(branch):
        git(repository, "update-ref", "-d", f"refs/heads/{branch}")

    def pack(_branch):
        git(repository, "pack-refs", "--all")
        git(repository, "gc", "-q")

    def exchange(branch):
        git(repository, "push", "-q", "-f", "origin", branch, check=False)
        git(repository, "fetch", "-q", "--prune", "origin")

    for _ in range(16):
        step = chance.choice([add, add, add, edit, edit, move, delete, pack, exchange])
        step(chance.choice(branches))
        if chance.random() < 0.7:
            assert read(here) == read_afresh(here, place)
    assert read(here) == read_afresh(here, place)
    assert read(here) == read_afresh(here, place)


def swap(old, new):
    return lambda content: content.replace(old, new)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content + b" ",
        lambda content: os.urandom(len(content)),
        swap(b"name one", b"name two"),
        swap(b"cache 1", b"cache 0"),
        swap(b"gitrack ", b"gitrack 9"),
        lambda content: b"\x80\x04\x95" + content,
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_made_again(here, place, damage):
    put(here, "one")
    first = read(here)
    good = place.read_bytes()
    place.write_bytes(damage(good))
    assert read(here) == first
    assert place.read_bytes() == good


@pytest.mark.parametrize(
    "change",
    [
        {"branches": 5},
        {"path": ["digits"]},
        {"path": [7]},
        {"path": []},
        {"tree": ""},
        {"tree": "../x"},
        {"part": [3]},
        {"part": ["x"]},
        {"files": [None]},
        {"blobs": "HEAD"},
        {"blobs": ""},
        {"config": [[]]},
        {"config": ["["]},
        {"summary": [7]},
        {"summary": ['{"a": ' * 5000]},
        {"parts": [{"host": 1}]},
        {"parts": []},
        {"own": {}},
        {"names": [["x"]]},
        {"broken": [1]},
        {"branch": []},
        {"branch": [7]},
    ],
)
def test_a_file_of_other_values_is_made_again(here, place, change):
    put(here, "one")
    first = read(here)
    good = place.read_bytes()
    plain = json.loads(good.partition(b"\n")[2])
    body = json.dumps(plain | change).encode()
    place.write_bytes(cache._head(body) + b"\n" + body)
    assert read(here) == first
    assert place.read_bytes() == good


@pytest.mark.parametrize("name", ["name", "state", "tags", "created", "command", "rows"])
@pytest.mark.parametrize("value", [True, ["x", 7], {}, [None]])
def test_a_field_of_another_kind_is_found_out(here, place, name, value):
    put(here, "one")
    first = read(here)
    plain = json.loads(place.read_bytes().partition(b"\n")[2])
    plain["own"][name] = [value]
    body = json.dumps(plain).encode()
    place.write_bytes(cache._head(body) + b"\n" + body)
    assert read(here) == first


def test_nothing_is_written_where_nothing_can_be(here, place):
    put(here, "one")
    place.parent.parent.mkdir(exist_ok=True)
    place.parent.write_text("no folder")
    first = read(here)
    assert len(first[0]) == 1
    assert read(here) == first
    assert sorted(os.listdir(here.own_dir)) == ["cache", "commit.lock"]


def test_a_repository_without_runs_is_left_alone(here):
    assert Reader(here).records() == []
    assert not here.own_dir.exists()


def test_a_linked_worktree_shares_the_cache(repository, here, place, git, clean):
    put(here, "one")
    git(repository, "worktree", "add", "-q", clean / "side")
    first = read(Repository.around(clean / "side"))
    assert place.is_file()
    assert read(here) == first


def test_many_readers_and_a_writer_meet_without_harm(here, place):
    put(here, "r0")
    seen, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            seen.append(len(Reader(here).records()))

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 6):
        put(here, f"r{number}")
    stop.set()
    for reader in readers:
        reader.join()
    assert set(seen) <= set(range(1, 7))
    assert read(here) == read_afresh(here, place)
    assert [name for name in os.listdir(place.parent) if name.endswith(".part")] == []


def test_what_a_run_made_and_used_comes_from_the_cache_too(begin, clean, place):
    path = clean / "w.bin"
    path.write_bytes(b"w" * 100)
    with begin(project="p") as run:
        artifact = gitrack.Artifact("net", "model")
        artifact.add_file(path)
        run.log_artifact(artifact)
    reader = Reader(Repository.around())
    (record,) = reader.records()
    assert [use.use for use in record.run.artifacts] == ["output"]
    assert cache.load(place).records == [record]
