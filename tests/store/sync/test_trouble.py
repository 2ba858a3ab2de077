"""What a remote or a machine does to a push: it is named, and nothing is lost."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gitrack.errors import RemoteError, UsageError
from gitrack.model.artifact import ArtifactFile, Manifest
from gitrack.model.pointer import Pointer
from gitrack.store.branch import Branch
from gitrack.store.manifests import (
    aliases_to_json,
    digest_of,
    manifest_from_json,
    manifest_to_json,
)
from gitrack.store.pointers import pointer_from_dvc, pointer_to_dvc
from gitrack.store.repository import Repository

from .clones import DAY, FEATURE, MAIN, pulled, record, sent


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
    script += "from clones import record\n"
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
