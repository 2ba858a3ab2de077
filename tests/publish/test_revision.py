import dataclasses
import subprocess

import pytest

from gitrack.errors import UsageError
from gitrack.publish.build import build
from gitrack.publish.revision import branches_at
from gitrack.store.branch import Branch
from gitrack.store.reader import Reader
from gitrack.store.schema import run_to_json


@pytest.fixture
def dated(lab, monkeypatch):
    """A lab whose commits have days: two on main, one on another branch."""
    for number, (branch, day) in enumerate([("main", 1), ("feature/x", 5), ("main", 10)]):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-11-{day:02d}T12:00:00+0000")
        lab.add(branch=branch, metrics={"loss": [1.0]}, id=f"r{number}")
    return lab


def ids(lab, revision):
    at = branches_at(lab.repository, revision)
    return [record.run.id for record in Reader(lab.repository, at=at).records()]


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("@{2026-11-01}", ["r0"]),
        ("@{2026-11-05}", ["r0", "r1"]),
        ("@{2026-11-10T11:59}", ["r0", "r1"]),
        ("@{2026-11-10T14:00+02:00}", ["r0", "r1", "r2"]),
        ("main@{2026-11-30}", ["r0", "r2"]),
        ("experiments/main@{2026-11-05}", ["r0"]),
        ("experiments/main", ["r0", "r2"]),
        ("main", ["r0", "r2"]),
        ("experiments/main~1", ["r0"]),
        ("feature/x", ["r0", "r1"]),
    ],
)
def test_a_revision_says_what_is_read(dated, revision, expected):
    assert ids(dated, revision) == expected


def test_a_tag_is_one(dated):
    subprocess.run(["git", "-C", dated.folder, "tag", "paper", "experiments/main~1"], check=True)
    assert ids(dated, "paper") == ["r0"]


@pytest.mark.parametrize(
    "revision", ["", "nowhere", "--all", "-h", "@{yesterday}", "@{2020-01-01}", "x@{2026-11-30}"]
)
def test_what_is_no_revision_is_refused(dated, revision):
    with pytest.raises(UsageError):
        branches_at(dated.repository, revision)


def test_the_site_as_of_a_day_is_the_one_that_was_built_then(dated, read_tree, tmp_path):
    at = branches_at(dated.repository, "@{2026-11-05}")
    build(dated.repository, tmp_path / "then", reader=Reader(dated.repository, at=at))
    dated.build()
    report = build(dated.repository, dated.out, reader=Reader(dated.repository, at=at))
    assert report.runs == 2
    assert read_tree(dated.out) == read_tree(tmp_path / "then")


def test_reading_the_past_leaves_the_cache_of_today_alone(dated):
    def names(**options):
        return [record.run.name for record in Reader(dated.repository, **options).records()]

    past = branches_at(dated.repository, "@{2026-11-01}")
    (record,) = Reader(dated.repository, at=past).records()
    cache = dated.repository.own_dir / "cache" / "records.json"
    assert not cache.exists()
    run_to_be = dataclasses.replace(record.run, name="renamed")
    renamed = {f"{record.path}/run.json": run_to_json(run_to_be, {})}
    Branch(dated.repository, "experiments/main").change(lambda _: renamed, "Rename it")
    assert names() == ["renamed", "fox 1", "fox 2"]
    kept = cache.read_bytes()
    assert names(at=past) == ["fox 0"]
    assert cache.read_bytes() == kept
    assert names() == ["renamed", "fox 1", "fox 2"]


@pytest.mark.parametrize("edited", [("main",), ("feature/x",), ("main", "feature/x")])
def test_of_a_run_on_two_branches_the_changed_version_is_read(dated, edited):
    (record,) = Reader(
        dated.repository, at=branches_at(dated.repository, "@{2026-11-01}")
    ).records()
    for branch in edited:
        run = dataclasses.replace(record.run, name=f"renamed on {branch}")
        renamed = {f"{record.path}/run.json": run_to_json(run, {})}
        Branch(dated.repository, f"experiments/{branch}").change(
            lambda _, new=renamed: new, "Rename"
        )
    # Where both did it, the branch that comes first counts.
    expected = f"renamed on {edited[-1]}"
    assert Reader(dated.repository).records()[0].run.name == expected
    assert Reader(dated.repository).with_id("r0").run.name == expected
