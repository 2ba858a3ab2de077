"""What fsck says of a record that is sound, and of one that is not."""

import json
import os
import time

import pytest

from gitrack.model.finding import Severity
from gitrack.model.pointer import Pointer
from gitrack.store.pointers import pointer_to_dvc


def test_a_sound_record_has_no_findings(lab):
    report = lab.check(signatures=False)
    assert report.findings == []
    assert report.runs == 3


def test_a_run_that_several_branches_hold_is_checked_once(lab):
    lab.git("branch", "experiments/other", "experiments/main")
    assert lab.check().runs == 3
    lab.edit("r1", notes="edited")
    assert lab.check().runs == 4


@pytest.mark.parametrize(
    ("name", "content", "kind", "says"),
    [
        ("run.json", b'{"format": 1, "id"', "format", "is no run record"),
        ("run.json", b"", "format", "is no run record"),
        ("run.json", b"\xff\xfe", "format", "is no run record"),
        ("run.json", None, "gone", "the run has no run.json"),
        ("run.json", b'{"format": 9}', "newer", "format version 9 is newer than 1"),
        ("run.json", b"[" * 100_000, "format", "is no run record"),
        ("params.yaml", b"a: [", "format", "is no YAML"),
        ("metrics.json", b"[1]", "format", "is no summary"),
        ("metrics.json", b'{"a": 1}', "format", "is no summary"),
        ("history.parquet", b"PAR1", "format", "is no Parquet file"),
        ("history.parquet", b"", "format", "is no Parquet file"),
        ("history.parquet", None, "gone", "it is not there, and run.json says 6 rows"),
        ("system.parquet", b"text", "format", "is no Parquet file"),
        ("histograms.parquet", b"text", "format", "is no Parquet file"),
        ("media.jsonl", b'{"key": "a"}\n', "format", "line 1 is no media"),
        ("model.pt.dvc", b"outs: 3", "format", "is no pointer to large data"),
        ("model.pt.dvc", pointer_to_dvc(Pointer("x", "0" * 32, 1)), "pointer", "points at 'x'"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_with_its_run_and_a_way_back(lab, name, content, kind, says):
    lab.write("r0", {name: content})
    (found,) = [one for one in lab.findings() if one.severity is Severity.ERROR]
    assert (found.kind, found.run, found.branch) == (kind, "r0", "experiments/main")
    assert found.path.endswith(f"/r0/{name}") or found.path.endswith(f"/r0/{name}:1")
    assert says in found.what
    assert found.cure


def test_a_history_of_other_length_than_run_json_says_is_an_error(lab):
    lab.edit("r1", rows=7)
    (found,) = lab.findings("rows")
    assert found.what == "it has 4 rows, and run.json says 7"


def test_a_column_that_should_hold_json_and_does_not_is_an_error(lab):
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(lab.show(lab.path("r1", "history.parquet"))))
    place = table.column_names.index("mixed")
    column = pa.array(["{", "1", "2", "3"])
    table = table.set_column(place, table.schema.field("mixed"), column)
    sink = io.BytesIO()
    pq.write_table(table, sink)
    lab.write("r1", {"history.parquet": sink.getvalue()})
    (found,) = lab.findings("format")
    assert found.what.startswith("the column 'mixed' is no column of JSON texts")


def test_media_that_is_gone_or_changed_is_an_error(lab):
    line = json.loads(lab.show(lab.path("r0", "media.jsonl")))
    lab.write("r0", {line["path"]: b"other"})
    (found,) = lab.findings()
    assert (found.kind, found.what) == ("digest", "its SHA-256 is not what media.jsonl says")
    lab.write("r0", {line["path"]: None})
    (found,) = lab.findings()
    assert (found.kind, found.what) == ("gone", "media.jsonl names it ('note')")


def test_a_record_that_names_another_run_or_day_is_told(lab):
    lab.edit("r1", id="other")
    lab.edit("r2", created="2020-01-01T00:00:00+00:00")
    by_run = {one.run: one for one in lab.findings("place")}
    assert by_run["r1"].what == "it names the run p/other"
    assert by_run["r1"].severity is Severity.ERROR
    assert by_run["r2"].what.startswith("the run began on 2020-01-01, and its folder says ")
    assert by_run["r2"].severity is Severity.WARNING


def test_a_clock_that_was_ahead_is_a_warning_and_the_run_is_still_read(lab):
    import gitrack

    lab.edit("r1", created="2999-01-01T00:00:00+00:00")
    (found,) = lab.findings("clock")
    assert "began in the future (2999-01-01)" in found.what
    assert found.severity is Severity.WARNING
    assert gitrack.load("r1").config == {"lr": 0.1}


def test_a_second_run_of_one_id_is_an_error(lab):
    folder = lab.path("r1", "run.json").rpartition("/")[0]
    content = lab.show(f"{folder}/run.json")
    lab.branch.add({f"q/runs/2026-01-01/r1/{name}": content for name in ("run.json",)}, "Copy")
    (found,) = lab.findings("twice")
    assert "is a run of the same id" in found.what


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'\xef\xbb\xbf{"loss": 1}', "byte order mark"),
        (b'{\r\n"loss": 1}', "CRLF"),
        (b'{"loss": 1, "loss": 2}', "'loss' stands there twice"),
    ],
)
def test_text_that_no_recorder_writes_is_a_warning(lab, content, says):
    lab.write("r1", {"metrics.json": content})
    (found,) = lab.findings()
    assert found.severity is Severity.WARNING
    assert says in found.what


def plant(lab, lines):
    """Commit tree entries that our own writer would refuse: ``mode oid path`` each."""
    environ = {**os.environ, "GIT_INDEX_FILE": str(lab.folder / "own-index")}
    lab.git("read-tree", "experiments/main", env=environ)
    text = "".join(f"{line}\n" for line in lines)
    lab.git("update-index", "--index-info", input=text, env=environ)
    tree = lab.git("write-tree", env=environ)
    commit = lab.git("commit-tree", tree, "-p", "experiments/main", "-m", "Plant")
    lab.git("update-ref", "refs/heads/experiments/main", commit)


def test_links_submodules_and_names_that_clash_are_found(lab):
    folder = lab.path("r1", "run.json").rpartition("/")[0]
    blob = lab.git("hash-object", "-w", "--stdin", input="../../../../../etc/passwd")
    head = lab.git("rev-parse", "main")
    long = "n" * 4096
    plant(
        lab,
        [
            f"120000 {blob}\t{folder}/link",
            f"160000 {head}\t{folder}/module",
            f"100644 {blob}\t{folder}/Console.log",
            f"100644 {blob}\t{folder}/console.log",
            f"100644 {blob}\t{folder}/{long}",
            f"100644 {blob}\t{folder}/a\\b",
        ],
    )
    found = {one.path.rpartition("/")[2]: one for one in lab.findings()}
    assert found["link"].kind == "link"
    assert found["module"].kind == "submodule"
    assert found["console.log"].what == (
        "'Console.log' beside it is the same name to some file systems"
    )
    assert "a name of 4,096 bytes" in found[long].what
    assert found["a\\b"].what == "a name that leads elsewhere"
    assert all(one.run == "r1" for one in found.values())
    assert {one.severity for one in found.values()} == {Severity.ERROR, Severity.WARNING}


def test_a_long_name_in_a_record_is_read_all_the_same(lab):
    import gitrack

    with gitrack.init(project="p" * 4096, name="n" * 4096, id="long") as run:
        run.log({"k" * 4096: 1.0})
    assert lab.findings() == []
    loaded = gitrack.load("long")
    assert loaded.name == "n" * 4096
    assert loaded.history().columns[-1] == "k" * 4096


def test_a_branch_that_blocks_or_is_blocked_is_told(lab, clean):
    lab.git("worktree", "add", "-q", clean / "seen", "experiments/main")
    (found,) = lab.findings("ref")
    assert f"it is checked out in {clean / 'seen'}" in found.what
    lab.git("worktree", "remove", clean / "seen")
    blob = lab.git("hash-object", "-w", "--stdin", input="x")
    lab.git("update-ref", "refs/gitrack/x", blob)
    (lab.folder / ".git/refs/heads/experiments/odd").write_text(f"{blob}\n")
    (found,) = lab.findings("ref")
    assert (found.branch, found.what) == ("experiments/odd", "it stands at a blob, not at a commit")


def test_a_branch_named_experiments_is_told(repository, git):
    from gitrack.store.fsck.check import Depth, check
    from gitrack.store.repository import Repository

    git(repository, "branch", "experiments")
    (found,) = check(Repository.around(), Depth()).findings
    assert found.cure == "git branch -m experiments another-name"


def test_branches_that_only_case_tells_apart_are_a_warning(lab):
    lab.git("branch", "experiments/Main", "experiments/main")
    (found,) = lab.findings()
    assert (found.kind, found.severity) == ("alike", Severity.WARNING)


def test_unrelated_beginnings_are_noted(lab):
    tree = lab.git("rev-parse", "experiments/main^{tree}")
    lab.git("update-ref", "refs/heads/experiments/x", lab.git("commit-tree", tree, "-m", "Begin"))
    (found,) = lab.findings()
    assert found.kind == "roots"


def test_a_run_that_waits_and_files_that_were_never_finished_are_told(lab, python):
    script = "import gitrack, os\ngitrack.init(project='p', id='lost').log({'a': 1})\nos._exit(1)"
    python(script, cwd=lab.folder, check=False)
    partial = lab.folder / ".git/objects/pack/tmp_pack_x"
    partial.write_bytes(b"half")
    fresh = lab.folder / ".git/objects/pack/tmp_pack_y"
    fresh.write_bytes(b"half")
    yesterday = time.time() - 2 * 86_400
    os.utime(partial, (yesterday, yesterday))
    found = {one.kind: one for one in lab.findings()}
    assert set(found) == {"waiting", "partial"}
    assert (found["waiting"].run, found["waiting"].cure) == ("lost", "gitrack recover")
    assert found["partial"].path.endswith("tmp_pack_x")


def test_a_living_run_is_no_finding(lab):
    import gitrack

    with gitrack.init(project="p") as run:
        run.log({"a": 1})
        assert lab.findings() == []


def test_code_that_no_ref_keeps_is_a_warning_and_code_elsewhere_a_note(lab, git, clean):
    (lab.folder / "train.py").write_text("changed\n")
    (lab.folder / "new.py").write_text("new\n")
    import gitrack

    with gitrack.init(project="p", id="dirty"):
        pass
    ref = lab.git("for-each-ref", "--format=%(refname)", "refs/gitrack/code/").split()
    snapshot = gitrack.load("dirty").run.code.snapshot
    assert f"refs/gitrack/code/{snapshot}" in ref
    lab.git("update-ref", "-d", f"refs/gitrack/code/{snapshot}")
    (found,) = lab.findings()
    assert (found.kind, found.target) == ("code-ref", snapshot)
    assert lab.repair() == [f"the code {snapshot[:12]} is kept alive by a ref again"]
    assert lab.findings() == []
    git(clean, "clone", "-q", "--no-local", "-b", "main", lab.folder, clean / "clone")
    lab.folder = clean / "clone"
    (found,) = lab.findings()
    assert found.kind == "code"
    assert "1 commits of code are not here: runs dirty" in found.what


def test_checking_changes_nothing(lab):
    lab.write("r0", {"run.json": b"cut"})
    before = lab.git("for-each-ref"), sorted((lab.folder / ".git").rglob("*"))
    lab.check(signatures=True)
    assert (lab.git("for-each-ref"), sorted((lab.folder / ".git").rglob("*"))) == before
