"""Objects that are missing or damaged, and clones that hold only a part."""

import os
import subprocess
import sys

import pytest

from gitrack.errors import FormatError, RunNotFoundError
from gitrack.model.run import Run, State
from gitrack.store.branch import Branch
from gitrack.store.layout import run_folder
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

DAY = 86400.0


def put(repository, run_id, created=0.0, *, branch="experiments/main", project="digits"):
    run = Run(run_id, project, f"name {run_id}", State.FINISHED, created)
    contents = {
        "run.json": run_to_json(run, {}),
        "params.yaml": config_to_yaml({"of": run_id}),
        "metrics.json": summary_to_json({"loss": len(run_id) + created}),
        "media/a.txt": run_id.encode(),
        "history.parquet": f"history of {run_id}".encode(),
    }
    files = {f"{run_folder(run)}/{name}": content for name, content in contents.items()}
    Branch(repository, branch).add(files, f"Run {run_id}")


@pytest.fixture
def three(repository, git):
    """Three runs on two days, every object in a file of its own."""
    here = Repository.around()
    for run_id, created in (("a", 0.0), ("b", 1.0), ("c", DAY)):
        put(here, run_id, created)
    for pack in (repository / ".git/objects/pack").glob("*.pack"):
        kept = pack.rename(repository / pack.name)
        for rest in pack.parent.glob(f"{pack.stem}.*"):
            rest.unlink()
        git(repository, "unpack-objects", "-q", stdin=kept.open("rb"))
    return here


def loose(repository, git, name):
    oid = git(repository, "rev-parse", name)
    return repository / ".git/objects" / oid[:2] / oid[2:]


def delete(path):
    path.unlink()


def cut(path):
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:8])


def garble(path):
    path.chmod(0o644)
    path.write_bytes(os.urandom(40))


def seen(repository):
    reader = Reader(repository)
    found = [record.run.id for record in reader.records()]
    return found, [error.path for error in reader.damaged]


HERE = "digits/runs/1970-01-01"
LOSSES = [
    (f"{HERE}/b/run.json", ["a", "c"], f"{HERE}/b/run.json"),
    (f"{HERE}/b/params.yaml", ["a", "c"], f"{HERE}/b/params.yaml"),
    (f"{HERE}/b/metrics.json", ["a", "c"], f"{HERE}/b/metrics.json"),
    (f"{HERE}/b", ["a", "c"], f"{HERE}/b"),
    (f"{HERE}/b/media", ["a", "c"], f"{HERE}/b/media"),
    (HERE, ["c"], HERE),
    ("digits/runs", [], "digits/runs"),
    ("digits", [], "digits"),
    ("", [], "experiments/main"),
]


@pytest.mark.parametrize(
    ("harm", "path", "left", "named"),
    [
        *((delete, *loss) for loss in LOSSES),
        *((harm, *LOSSES[place]) for harm in (cut, garble) for place in (0, 3)),
    ],
)
def test_a_bad_object_costs_its_own_runs_alone(three, repository, git, harm, path, left, named):
    whole = seen(three)
    assert whole == (["a", "b", "c"], [])
    (three.own_dir / "cache" / "records.json").unlink()
    place = loose(repository, git, f"experiments/main:{path}")
    good = place.read_bytes()
    harm(place)
    assert seen(three) == (left, [named])
    assert seen(three) == (left, [named])
    place.unlink(missing_ok=True)
    place.write_bytes(good)
    assert seen(three) == whole


def test_what_was_read_before_survives_the_loss_of_its_objects(three, repository, git):
    whole = seen(three)
    delete(loose(repository, git, f"experiments/main:{HERE}/b/run.json"))
    assert seen(three) == whole
    put(three, "d")
    assert seen(three) == (["a", "d", "b", "c"], [])


def test_a_lost_history_is_named_when_it_is_asked_for(three, repository, git):
    delete(loose(repository, git, f"experiments/main:{HERE}/b/history.parquet"))
    reader = Reader(three)
    assert len(reader.records()) == 3
    with pytest.raises(OSError, match="missing"):
        reader.history(reader.find("b"))


def test_a_branch_whose_commit_is_gone_is_named_and_others_are_read(three, repository, git):
    put(three, "e", branch="experiments/other", project="else")
    for pack in (repository / ".git/objects/pack").glob("*.pack"):
        kept = pack.rename(repository / pack.name)
        git(repository, "unpack-objects", "-q", stdin=kept.open("rb"))
    delete(loose(repository, git, "experiments/other"))
    found, damaged = seen(three)
    assert found == ["a", "b", "c"]
    assert damaged == ["experiments/other"]


def test_a_truncated_pack_loses_what_it_held_and_no_more(repository, git):
    here = Repository.around()
    put(here, "a")
    git(repository, "repack", "-adq")
    put(here, "b", DAY)
    oldest = min(
        (repository / ".git/objects/pack").glob("*.pack"), key=lambda path: path.stat().st_mtime
    )
    oldest.chmod(0o644)
    oldest.write_bytes(oldest.read_bytes()[:-60])
    found, damaged = seen(here)
    assert "a" not in found
    assert damaged
    reader = Reader(here)
    with pytest.raises((RunNotFoundError, FormatError)):
        reader.find("a")


@pytest.fixture
def served(repository, git):
    here = Repository.around()
    for number in range(12):
        put(here, f"r{number:02}", number * DAY / 3)
    git(repository, "config", "uploadpack.allowFilter", "true")
    return repository


def clone(git, served, target, *words):
    git(served.parent, "clone", "-q", "--no-checkout", *words, f"file://{served}", target)
    return Repository.around(target)


IDS = [f"r{number:02}" for number in range(12)]


def fetches(trace):
    """Count the fetches that git made, one for each ``done`` of a negotiation."""
    lines = trace.read_text().splitlines() if trace.is_file() else []
    return sum("fetch> command=fetch" in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ("--filter=blob:none",),
        ("--filter=blob:none", "--depth", "1", "-b", "experiments/main"),
        ("--filter=blob:none", "--sparse"),
    ],
)
def test_a_partial_clone_fetches_all_records_at_once(clean, served, git, monkeypatch, words):
    there = clone(git, served, clean / "part", *words)
    trace = clean / "trace"
    monkeypatch.setenv("GIT_TRACE_PACKET", str(trace))
    assert seen(there) == (IDS, [])
    assert fetches(trace) == 1
    assert seen(there) == (IDS, [])
    assert fetches(trace) == 1
    reader = Reader(there)
    records = reader.records()
    histories = list(reader.read_many(r.blobs["history.parquet"] for r in records))
    assert histories == [f"history of {run_id}".encode() for run_id in IDS]
    assert fetches(trace) == 2


def test_a_partial_clone_that_is_cut_off_reads_what_it_has(clean, served, git):
    there = clone(git, served, clean / "part", "--filter=blob:none")
    assert seen(there) == (IDS, [])
    put(Repository.around(served), "new", 9 * DAY)
    git(clean / "part", "fetch", "-q")
    served.rename(clean / "away")
    found, damaged = seen(there)
    assert found == IDS
    assert damaged == ["digits/runs/1970-01-10/new/metrics.json"]
    reader = Reader(there)
    reader.records()
    assert "partial clone" in str(reader.damaged[0])
    (clean / "away").rename(served)
    assert seen(there) == ([*IDS, "new"], [])


@pytest.mark.parametrize(
    "words",
    [
        ("--depth", "1", "--no-single-branch"),
        ("-b", "experiments/main", "--single-branch", "--depth", "1"),
        ("--sparse",),
        ("--filter=tree:0",),
        ("--bare",),
    ],
)
def test_other_clones_read_all_runs(clean, served, git, words):
    assert seen(clone(git, served, clean / "part", *words)) == (IDS, [])


def test_the_command_line_names_the_first_of_many_losses(clean, served, git):
    clone(git, served, clean / "part", "--filter=blob:none")
    served.rename(clean / "away")
    done = subprocess.run(
        [sys.executable, "-m", "gitrack", "ls", "-C", clean / "part"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert len(lines) == 12
    assert "partial clone" in lines[0]
    assert lines[-2] == "gitrack: left out: 2 more"
