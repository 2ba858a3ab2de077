"""Clones that record, push and pull at the same time lose nothing."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gitrack
from gitrack.errors import MergeConflictError, RemoteError, UsageError
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.pointer import Pointer
from gitrack.model.run import Run, State
from gitrack.store.branch import Branch
from gitrack.store.data import DataStore
from gitrack.store.manifests import (
    aliases_to_json,
    digest_of,
    manifest_from_json,
    manifest_to_json,
)
from gitrack.store.pointers import pointer_from_dvc, pointer_to_dvc
from gitrack.store.repository import Repository
from gitrack.store.schema import run_from_json, run_to_json, summary_to_json
from gitrack.store.sync import join, pull, push

MAIN = "experiments/main"
FEATURE = "experiments/feature/x"
DAY = "2025-11-24"
RUN = "import gitrack, sys\nwith gitrack.init(id=sys.argv[1]) as run: run.log({'a': 1})"


def record(folder, run_id, branch=MAIN, project="p", more=(), **facts):
    run = Run(run_id, project, facts.pop("name", run_id), State.FINISHED, 1_764_000_000.0, **facts)
    files = {"run.json": run_to_json(run, {"a": 1.0}), "metrics.json": summary_to_json({"a": 1.0})}
    place = f"{project}/runs/{DAY}/{run_id}"
    files = {f"{place}/{name}": content for name, content in {**files, **dict(more)}.items()}
    return Branch(Repository.around(folder), branch).add(files, f"Run {run_id}\n")


def edit(folder, run_id, branch=MAIN, **facts):
    """Record other facts of a run."""
    git = Repository.around(folder).git
    path = f"p/runs/{DAY}/{run_id}/run.json"
    run, _ = run_from_json(git.run("cat-file", "blob", f"{branch}:{path}"), path)
    values = {name: getattr(run, name) for name in run.__slots__}
    content = run_to_json(Run(**{**values, **facts}), {"a": 1.0})
    return Branch(Repository.around(folder), branch).add({path: content}, "Edit\n")


def remove(folder, run_id, branch=MAIN):
    git = Repository.around(folder).git
    paths = git.text("ls-tree", "-r", "--name-only", branch, "--", f"p/runs/{DAY}/{run_id}/")
    gone = dict.fromkeys(paths.splitlines())
    Branch(Repository.around(folder), branch).change(lambda _: gone, "Remove\n")


def read_run(folder, run_id, branch=MAIN):
    path = f"p/runs/{DAY}/{run_id}/run.json"
    content = Repository.around(folder).git.run("cat-file", "blob", f"{branch}:{path}")
    return run_from_json(content, path)[0]


@pytest.fixture
def files_of(git):
    return lambda folder, ref=MAIN: git(folder, "ls-tree", "-r", "--name-only", ref).splitlines()


@pytest.fixture
def runs_of(files_of):
    def runs(folder, ref=MAIN):
        return sorted(p.split("/")[-2] for p in files_of(folder, ref) if p.endswith("run.json"))

    return runs


@pytest.fixture
def remote(repository, git, clean):
    folder = clean / "remote.git"
    git(clean, "init", "-q", "--bare", folder)
    git(repository, "remote", "add", "origin", folder)
    git(repository, "push", "-q", "origin", "main")
    return folder


@pytest.fixture
def clones(remote, git, clean):
    folders = [clean / f"clone{number}" for number in range(2)]
    for folder in folders:
        git(clean, "clone", "-q", remote, folder)
    return folders


def sent(folder, **options):
    return push(Repository.find(folder), **options)


def pulled(folder, source="origin", **options):
    return pull(Repository.find(folder), source, **options)


@pytest.fixture
def shared(clones):
    """Two clones that both have one run."""
    record(clones[0], "r", tags=("old",))
    sent(clones[0])
    pulled(clones[1])
    git = Repository.around(clones[1]).git
    git.run("update-ref", f"refs/heads/{MAIN}", f"refs/remotes/origin/{MAIN}")
    return clones


def test_what_two_clones_recorded_meets_on_the_remote(clones, remote, git, runs_of):
    (clones[0] / "train.py").write_text("dirty\n")
    subprocess.run([sys.executable, "-c", RUN, "a"], cwd=clones[0], check=True)
    record(clones[1], "b")
    assert sent(clones[0]).done == [MAIN]
    report = sent(clones[1])
    assert (report.done, report.added) == ([MAIN], 1)
    assert runs_of(remote) == ["a", "b"]
    assert len(git(remote, "for-each-ref", "refs/gitrack/code").splitlines()) == 1
    assert sent(clones[1]).same == [MAIN]
    pulled(clones[1])
    assert len(git(clones[1], "for-each-ref", "refs/gitrack/code").splitlines()) == 1
    assert len(gitrack.runs(repository=clones[1])) == 2
    git(remote, "fsck", "--strict")


def test_two_edits_of_one_run_meet(shared, remote, runs_of):
    edit(shared[0], "r", tags=("old", "mine"))
    edit(shared[1], "r", tags=(), notes="diverged")
    sent(shared[0])
    report = sent(shared[1])
    assert (report.done, report.edited) == ([MAIN], 1)
    assert read_run(remote, "r").tags == ("mine",)
    assert read_run(remote, "r").notes == "diverged"
    assert pulled(shared[0]).done == [MAIN]
    assert read_run(shared[0], "r") == read_run(remote, "r")


@pytest.mark.parametrize("prefer", ["ours", "theirs"])
def test_two_values_clash_and_move_nothing_until_somebody_chooses(shared, remote, git, prefer):
    edit(shared[0], "r", notes="one")
    edit(shared[1], "r", notes="two")
    sent(shared[0])
    before = git(shared[1], "rev-parse", MAIN), git(remote, "rev-parse", MAIN)
    error = sent(shared[1]).refused[MAIN]
    assert isinstance(error, MergeConflictError)
    assert list(map(str, error.clashes)) == ['run r: run.json notes: "two" here, "one" there']
    assert (git(shared[1], "rev-parse", MAIN), git(remote, "rev-parse", MAIN)) == before
    assert sent(shared[1], prefer=prefer).done == [MAIN]
    assert read_run(remote, "r").notes == {"ours": "two", "theirs": "one"}[prefer]
    assert set(before) <= set(git(remote, "rev-list", MAIN).splitlines())


@pytest.mark.parametrize("prefer", ["ours", "theirs"])
@pytest.mark.parametrize("remover", [0, 1])
def test_a_run_removed_here_and_edited_there_is_whole_or_gone(
    shared, remote, files_of, prefer, remover
):
    remove(shared[remover], "r")
    edit(shared[1 - remover], "r", notes="keep me")
    sent(shared[0])
    (clash,) = sent(shared[1]).refused[MAIN].clashes
    assert {clash.ours, clash.theirs} == {"removed", "edited"}
    sent(shared[1], prefer=prefer)
    kept = (prefer == "theirs") == (remover == 1)
    names = [path.rpartition("/")[2] for path in files_of(remote) if "/runs/" in path]
    assert names == (["metrics.json", "run.json"] if kept else [])


def test_a_removal_stays_a_removal(shared, remote, runs_of):
    remove(shared[0], "r")
    record(shared[1], "s")
    sent(shared[0])
    sent(shared[1])
    assert runs_of(remote) == ["s"]
    assert sent(shared[0]).removed == 0
    assert runs_of(shared[0]) == ["s"]


def test_merges_that_cross_lose_nothing(shared, git, runs_of):
    edit(shared[0], "r", notes="n")
    edit(shared[1], "r", tags=("old", "t"))
    tips = [git(folder, "rev-parse", MAIN) for folder in shared]
    for folder, other, tip in zip(shared, reversed(shared), reversed(tips), strict=True):
        git(folder, "fetch", "-q", other, tip)
        join(Repository.around(folder), MAIN, tip)
        record(folder, f"of-{folder.name}")
    edit(shared[0], "r", notes="n2")
    pulled(shared[1], str(shared[0]), foreign=True)
    assert read_run(shared[1], "r").notes == "n2"
    assert set(read_run(shared[1], "r").tags) == {"old", "t"}
    assert runs_of(shared[1]) == ["of-clone0", "of-clone1", "r"]


def test_attributes_of_the_users_checkout_do_not_steer_a_merge(shared, remote):
    (shared[1] / ".gitattributes").write_text("* merge=ours\n*.json merge=union\n")
    edit(shared[0], "r", notes="n")
    edit(shared[1], "r", tags=("t",))
    sent(shared[0])
    sent(shared[1])
    assert (read_run(remote, "r").notes, read_run(remote, "r").tags) == ("n", ("t",))


def test_one_branch_that_is_refused_does_not_keep_the_others(clones, remote, runs_of):
    hook = remote / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\nwhile read old new ref; do case $ref in */feature/*)\n"
        'echo "feature branches are protected"; exit 1;; esac; done\n'
    )
    hook.chmod(0o755)
    record(clones[0], "a")
    record(clones[0], "b", FEATURE)
    report = sent(clones[0])
    assert report.done == [MAIN]
    assert "feature branches are protected" in str(report.refused[FEATURE])
    assert runs_of(remote) == ["a"]


def test_a_branch_inside_anothers_name_is_refused_at_once(clones, remote):
    record(clones[0], "a", "experiments/a")
    record(clones[1], "b", "experiments/a/b")
    sent(clones[0])
    error = sent(clones[1]).refused["experiments/a/b"]
    assert "cannot create" in str(error)


def test_a_branch_that_is_checked_out_is_not_moved(shared, git, clean):
    record(shared[0], "s")
    sent(shared[0])
    git(shared[1], "worktree", "add", "-q", clean / "seen", MAIN)
    before = git(shared[1], "rev-parse", MAIN)
    assert "checked out" in str(pulled(shared[1]).refused[MAIN])
    assert git(shared[1], "rev-parse", MAIN) == before


def test_a_remote_rewritten_by_force_is_noticed_and_ours_are_joined_again(
    shared, remote, git, runs_of
):
    record(shared[0], "s")
    sent(shared[0])
    git(remote, "update-ref", f"refs/heads/{MAIN}", git(remote, "rev-list", MAIN).split()[-1])
    git(remote, "update-ref", "-d", f"refs/heads/{MAIN}")
    record(shared[1], "t")
    git(shared[1], "update-ref", f"refs/remotes/origin/{MAIN}", f"refs/heads/{MAIN}~1")
    orphan = git(shared[1], "commit-tree", git(remote, "mktree", input=""), "-m", "Anew")
    git(shared[1], "push", "-q", "origin", f"{orphan}:refs/heads/{MAIN}")
    git(shared[0], "update-ref", f"refs/remotes/origin/{MAIN}", f"refs/heads/{MAIN}")
    report = sent(shared[0])
    assert any("was rewritten there and has 2 runs less" in line for line in report.notes)
    assert runs_of(remote) == ["r", "s"]


def test_runs_that_only_a_rewritten_remote_had_are_kept_under_a_ref(shared, git):
    record(shared[0], "s")
    sent(shared[0])
    git(shared[1], "fetch", "-q", "origin")
    seen = git(shared[1], "rev-parse", f"origin/{MAIN}")
    git(shared[0], "push", "-q", "--force", "origin", f"{MAIN}~1:{MAIN}")
    report = pulled(shared[1])
    assert any("refs/gitrack/before/origin/main" in line for line in report.notes)
    assert git(shared[1], "rev-parse", "refs/gitrack/before/origin/main") == seen


def test_a_branch_that_was_merged_and_removed_there_is_not_sent_again(clones, remote, git):
    record(clones[0], "a")
    record(clones[0], "b", FEATURE)
    sent(clones[0])
    join(Repository.around(clones[0]), MAIN, git(clones[0], "rev-parse", FEATURE))
    sent(clones[0])
    git(remote, "update-ref", "-d", f"refs/heads/{FEATURE}")
    report = sent(clones[0])
    assert report.done == []
    assert any("not sent again" in line for line in report.notes)
    assert FEATURE not in git(remote, "for-each-ref")


@pytest.mark.parametrize("options", [("--depth", "1"), ("--filter", "blob:none")])
def test_clones_that_lack_history_push_and_pull(shared, remote, git, clean, runs_of, options):
    git(remote, "config", "uploadpack.allowFilter", "true")
    git(clean, "clone", "-q", *options, remote.as_uri(), clean / "thin")
    record(shared[0], "s")
    sent(shared[0])
    record(clean / "thin", "thin")
    assert sent(clean / "thin").done == [MAIN]
    assert runs_of(remote) == ["r", "s", "thin"]
    edit(shared[0], "r", notes="n")
    sent(shared[0])
    edit(clean / "thin", "r", tags=("t",))
    sent(clean / "thin")
    assert (read_run(remote, "r").notes, read_run(remote, "r").tags) == ("n", ("t",))
    git(remote, "fsck", "--strict")


def test_data_goes_before_the_branch_that_names_it(clones, remote, git, clean):
    store = DataStore(Repository.find(clones[0]))
    pointer = store.add_bytes(b"x" * 100_000, "model.pt")
    record(clones[0], "a", more={"model.pt.dvc": pointer_to_dvc(pointer)})
    report = sent(clones[0])
    assert report.done == [MAIN]
    assert any("1 large file" in line and "stay here" in line for line in report.notes)
    (clones[0] / "gitrack.toml").write_text(f'data_remote = "{clean / "data"}"\n')
    sent(clones[0], data=True)
    assert len([path for path in (clean / "data").rglob("*") if path.is_file()]) == 1
    pointer = store.add_bytes(b"y" * 100_000, "model.pt")
    record(clones[0], "b", more={"model.pt.dvc": pointer_to_dvc(pointer)})
    (clean / "data").rename(clean / "elsewhere")
    (clean / "data").write_text("no folder")
    record(clones[0], "c", FEATURE)
    before = git(remote, "rev-parse", MAIN)
    assert MAIN in sent(clones[0]).refused
    assert git(remote, "rev-parse", MAIN) == before


def test_a_fork_is_taken_in_with_its_runs_and_nothing_else(shared, git, clean, files_of, runs_of):
    fork = clean / "fork"
    git(clean, "clone", "-q", shared[0], fork)
    workflow = ".github/workflows/gitrack.yml"
    Branch(Repository.around(fork), MAIN).add({workflow: b"run: evil", "README.md": b"?"}, "-")
    record(fork, "f")
    record(fork, "g", FEATURE)
    remove(fork, "r")
    report = pulled(shared[1], str(fork), foreign=True)
    assert sorted(report.done) == [FEATURE, MAIN]
    assert runs_of(shared[1]) == ["f", "r"]
    assert "g" in runs_of(shared[1], FEATURE)
    assert workflow not in files_of(shared[1]) + files_of(shared[1], FEATURE)
    assert git(shared[1], "show", f"{MAIN}:README.md") != "?"
    assert not git(shared[1], "for-each-ref", "refs/gitrack/incoming")
    assert pulled(shared[1], str(fork), foreign=True).done == []


@pytest.mark.parametrize("kind", ["link", "path", "repository"])
def test_a_branch_with_an_unsafe_path_is_refused_and_named(shared, git, clean, kind):
    fork = clean / "fork"
    git(clean, "clone", "-q", shared[0], fork)
    record(fork, "f")
    record(fork, "g", FEATURE)
    blob = git(fork, "hash-object", "-w", "--stdin", input="/etc/passwd")
    mode, oid, name = {
        "link": ("120000", blob, "config"),
        "path": ("100644", blob, "a\\..\\b"),
        "repository": ("160000", git(fork, "rev-parse", "HEAD"), "sub"),
    }[kind]
    inner = f"p/runs/{DAY}/f/{name}"
    script = f"commit refs/heads/{MAIN}\ncommitter a <a@b> 0 +0000\ndata 1\n-\n"
    script += f"from refs/heads/{MAIN}^0\nM {mode} {oid} {inner}\n\n"
    git(fork, "fast-import", "--quiet", input=script)
    before = git(shared[1], "rev-parse", MAIN)
    report = pulled(shared[1], str(fork), foreign=True)
    assert name.replace("\\", "\\\\") in str(report.refused[MAIN])
    assert report.done == [FEATURE]
    assert git(shared[1], "rev-parse", MAIN) == before


@pytest.mark.parametrize(
    "address",
    ["ext::sh -c 'touch owned'", "--upload-pack=touch owned", "-x", "https://-x/y", "a\nb", ""],
)
def test_an_address_that_would_run_a_command_is_refused(repository, address):
    with pytest.raises(UsageError):
        pulled(repository, address)
    assert not list(repository.rglob("owned"))


def test_projects_that_differ_in_case_are_named(clones, remote):
    record(clones[0], "a", project="Model")
    record(clones[1], "b", project="model")
    sent(clones[0])
    (note,) = sent(clones[1]).notes
    assert "Model" in note
    assert "model" in note


def test_equal_version_numbers_of_one_artifact_are_told_apart(clones, remote, git):
    top = "p/artifacts/model/net"
    for folder, word in zip(clones, ("a", "b"), strict=True):
        file = ArtifactFile("w", word * 32, 1)
        facts = {"created": 0.0, "digest": digest_of([file]), "size": 1, "files": (file,)}
        manifest = Manifest(word, 0, "net", "model", "p", **facts)
        files = {
            f"{top}/v0.json": manifest_to_json(manifest),
            f"{top}/v0.dvc": pointer_to_dvc(Pointer("v0", word * 32, 1)),
            f"{top}/v0/{word}.txt": word.encode(),
            f"{top}/aliases.json": aliases_to_json({f"from-{word}": 0}),
        }
        Branch(Repository.around(folder), MAIN).add(files, "-")
    sent(clones[0])
    report = sent(clones[1])
    assert f"{top}: a version made here is v1 now, its number was taken" in report.notes

    def read(name):
        return git(remote, "show", f"{MAIN}:{top}/{name}").encode()

    stored = [manifest_from_json(read(f"v{n}.json"), f"{top}/v{n}.json") for n in (0, 1)]
    assert [(one.id, one.version) for one in stored] == [("a", 0), ("b", 1)]
    pointers = [pointer_from_dvc(read(f"v{n}.dvc"), f"{top}/v{n}.dvc") for n in (0, 1)]
    assert [(one.name, one.md5[0]) for one in pointers] == [("v0", "a"), ("v1", "b")]
    assert json.loads(read("aliases.json")) == {"from-a": 0, "from-b": 1}
    assert (read("v0/a.txt"), read("v1/b.txt")) == (b"a", b"b")
    assert git(remote, "ls-tree", "--name-only", f"{MAIN}:{top}/v0").split() == ["a.txt"]
    pulled(clones[0])
    assert git(clones[0], "rev-parse", MAIN) == git(remote, "rev-parse", MAIN)


def test_a_lock_that_a_killed_git_left_is_cleared_once_it_is_old(shared, remote, git, runs_of):
    record(shared[1], "s")
    record(shared[0], "t")
    sent(shared[0])
    locks = [
        shared[1] / ".git/refs/heads" / f"{MAIN}.lock",
        shared[1] / ".git/refs/remotes/origin" / f"{MAIN}.lock",
    ]
    for lock in locks:
        lock.touch()
    with pytest.raises(RemoteError, match=r"main\.lock"):
        sent(shared[1])
    for lock in locks:
        os.utime(lock, (0, 0))
    assert sent(shared[1]).done == [MAIN]
    assert runs_of(remote) == ["r", "s", "t"]


def test_a_full_disk_ends_a_push_with_a_line_and_it_goes_on_later(clones, remote, runs_of):
    record(clones[0], "a", more={"files/x": os.urandom(400_000)})
    done = subprocess.run(
        [sys.executable, "-m", "gitrack", "push", "-C", clones[0]],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert sent(clones[0]).done == [MAIN]
    assert runs_of(remote) == ["a"]


def test_a_remote_that_cannot_be_reached_is_named_without_its_password(repository, git):
    git(repository, "remote", "add", "origin", repository / "nowhere")
    with pytest.raises(RemoteError, match="origin cannot be read"):
        sent(repository)
    with pytest.raises(RemoteError, match="'elsewhere' is no remote here"):
        sent(repository, remote="elsewhere")
    git(repository, "remote", "set-url", "origin", "http://ada:secret@127.0.0.1:9/lab.git")
    with pytest.raises(RemoteError) as told:
        sent(repository)
    assert "secret" not in str(told.value)
    assert told.value.passing


def test_a_commit_whose_objects_are_gone_is_not_sent(shared, remote, git):
    tip = record(shared[0], "s", more={"x": b"some content"})
    blob = git(shared[0], "rev-parse", f"{tip}:p/runs/{DAY}/s/x")
    (shared[0] / ".git/objects" / blob[:2] / blob[2:]).unlink()
    before = git(remote, "rev-parse", MAIN)
    assert blob in str(sent(shared[0]).refused[MAIN])
    assert git(remote, "rev-parse", MAIN) == before
    git(remote, "fsck", "--strict")


def test_the_users_hooks_and_code_branches_stay_out_of_it(clones, remote, git):
    hook = clones[0] / ".git/hooks/pre-push"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    git(clones[0], "config", "push.followTags", "true")
    git(clones[0], "commit", "-q", "--allow-empty", "-m", "Secret work")
    git(clones[0], "tag", "-a", "mine", "-m", "mine")
    record(clones[0], "a")
    assert sent(clones[0]).done == [MAIN]
    assert git(remote, "rev-parse", "main") != git(clones[0], "rev-parse", "main")
    assert not git(remote, "tag")


PUSHER = """
import time
from gitrack.cli.main import main
end = time.monotonic() + 60  # should nobody be left to kill it
while time.monotonic() < end:
    main(["push"])
"""


def test_pushers_that_are_killed_and_writers_at_work_lose_no_run(clones, remote, git, runs_of):
    script = "import subprocess, sys\n"
    script += f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    script += "from test_sync import record\n"
    script += "for number in range(3): record('.', f'{sys.argv[1]}-{number}')"
    children = [
        subprocess.Popen([sys.executable, "-c", script, f"{folder.name}-{process}"], cwd=folder)
        for folder in clones
        for process in range(2)
    ]
    while any(child.poll() is None for child in children):
        pushers = [
            subprocess.Popen(
                [sys.executable, "-c", PUSHER],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            for folder in clones
        ]
        time.sleep(1.5)
        for pusher in pushers:
            os.killpg(pusher.pid, 9)
            pusher.wait()
    assert [child.returncode for child in children] == [0] * 4
    for place in (*(folder / ".git" for folder in clones), remote):
        for lock in place.glob("refs/**/*.lock"):
            os.utime(lock, (0, 0))
    for folder in clones:
        while sent(folder).refused:
            time.sleep(0.1)
    wanted = [f"{f.name}-{p}-{n}" for f in clones for p in range(2) for n in range(3)]
    assert runs_of(remote) == sorted(wanted)
    git(remote, "fsck", "--strict")
