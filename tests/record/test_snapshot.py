"""The code as it ran, kept beside the user's own index, work tree and branches."""

import os
import subprocess
import sys

import pytest

import gitrack

LOG = "import gitrack\nwith gitrack.init(id='{}') as run: run.log({{'a': 1}})"


def run(python, name="r", **options):
    done = python(LOG.format(name), **options)
    loaded = gitrack.load(name)
    assert loaded.run.missing == (), done.stderr
    return loaded


def test_a_clean_tree_keeps_its_commit_alive(repository, python, git):
    loaded = run(python)
    head = git(repository, "rev-parse", "HEAD")
    assert loaded.run.code.snapshot == head
    assert git(repository, "rev-parse", f"refs/gitrack/code/{head}") == head
    assert "code.patch" not in loaded.files()


def test_a_dirty_tree_is_kept_whole(repository, python, git):
    (repository / "gone.py").write_text("old\n")
    (repository / "same.py").write_text("same\n")
    (repository / ".gitignore").write_text("*.log\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "More")
    (repository / "train.py").write_text("print('changed')\n")
    (repository / "gone.py").unlink()
    (repository / "new é\n.py").write_text("new\n")
    (repository / "ignored.log").write_text("x")
    (repository / "run.sh").write_text("#!/bin/sh\n")
    (repository / "run.sh").chmod(0o755)
    (repository / "link").symlink_to("train.py")
    (repository / "staged.py").write_text("staged\n")
    git(repository, "add", "staged.py")
    before = git(repository, "status", "--porcelain")
    loaded = run(python)
    snapshot = loaded.run.code.snapshot
    tree = git(repository, "ls-tree", "-r", "-z", snapshot).split("\0")
    found = {line.split("\t")[1]: line.split()[0] for line in tree if line}
    assert found == {
        ".gitignore": "100644", "link": "120000", "new é\n.py": "100644", "run.sh": "100755",
        "same.py": "100644", "staged.py": "100644", "train.py": "100644",
    }  # fmt: skip
    assert git(repository, "show", f"{snapshot}:train.py") == "print('changed')"
    assert git(repository, "rev-parse", f"{snapshot}^") == git(repository, "rev-parse", "HEAD")
    assert git(repository, "status", "--porcelain") == before
    patch = loaded.read("code.patch").decode()
    assert "+print('changed')" in patch
    assert "-old" in patch
    git(repository, "fsck", "--strict")


def test_equal_trees_are_one_commit(repository, python, git):
    (repository / "train.py").write_text("changed\n")
    first, second = (run(python, name).run.code.snapshot for name in ("a", "b"))
    assert first == second
    (repository / "train.py").write_text("changed again\n")
    assert run(python, "c").run.code.snapshot != first
    assert len(git(repository, "for-each-ref", "refs/gitrack/code").splitlines()) == 2


def test_a_snapshot_survives_a_collection_of_garbage(repository, python, git):
    (repository / "train.py").write_text("changed\n")
    snapshot = run(python).run.code.snapshot
    git(repository, "gc", "-q", "--prune=now")
    assert git(repository, "show", f"{snapshot}:train.py") == "changed"


def test_what_is_left_out_is_named(repository, python, git):
    (repository / "big.bin").write_bytes(os.urandom(2 << 20))
    (repository / ".env").write_text("A=1\n")
    inner = repository / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "x").write_text("x")
    os.mkfifo(repository / "pipe")
    code = run(python).run.code
    reasons = dict(line.rsplit(": ", 1) for line in code.left_out)
    assert reasons["big.bin"] == "2,097,152 bytes"
    assert reasons[".env"] == "a secret by its name"
    assert reasons["inner/"] == "a repository of its own"


@pytest.mark.parametrize(
    ("mode", "snapshot", "patch", "commit"),
    [("patch", False, True, True), ("commit", False, False, True), ("off", False, False, False)],
)
def test_less_of_the_code_is_kept_where_that_is_wished(
    repository, python, git, mode, snapshot, patch, commit
):
    (repository / "train.py").write_text("changed\n")
    (repository / "gitrack.toml").write_text(f'code = "{mode}"\n')
    loaded = run(python)
    assert bool(loaded.run.code.snapshot) == snapshot
    assert ("code.patch" in loaded.files()) == patch
    assert bool(loaded.run.code.commit) == commit
    assert not git(repository, "for-each-ref", "refs/gitrack")


def test_a_tree_without_a_commit_is_kept(clean, python, git, monkeypatch):
    folder = clean / "unborn"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.py").write_text("a\n")
    monkeypatch.chdir(folder)
    snapshot = run(python).run.code.snapshot
    assert git(folder, "show", f"{snapshot}:a.py") == "a"


def test_a_merge_in_conflict_and_a_locked_index_are_kept_too(repository, python, git):
    git(repository, "checkout", "-qb", "other")
    (repository / "train.py").write_text("theirs\n")
    git(repository, "commit", "-qam", "Theirs")
    git(repository, "checkout", "-q", "main")
    (repository / "train.py").write_text("ours\n")
    git(repository, "commit", "-qam", "Ours")
    git(repository, "merge", "other", check=False)
    (repository / ".git" / "index.lock").touch()
    snapshot = run(python).run.code.snapshot
    assert "<<<<<<<" in git(repository, "show", f"{snapshot}:train.py")
    (repository / ".git" / "index.lock").unlink()


def test_windows_line_ends_are_stored_as_git_would(repository, python, git):
    (repository / ".gitattributes").write_text("*.py text\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "Attributes")
    (repository / "train.py").write_bytes(b"one\r\ntwo\r\n")
    snapshot = run(python).run.code.snapshot
    blob = subprocess.run(
        ["git", "cat-file", "blob", f"{snapshot}:train.py"], capture_output=True, check=True
    ).stdout
    assert blob == b"one\ntwo\n"


def test_lock_files_packages_and_the_environment_are_kept(repository, python, monkeypatch):
    (repository / "uv.lock").write_text("version = 1\n")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("MY_FLAG", "yes")
    monkeypatch.setenv("MY_TOKEN", "not this")
    monkeypatch.setenv("GITRACK_ENVIRONMENT", "MY_*")
    loaded = run(python)
    assert loaded.read("uv.lock") == b"version = 1\n"
    environment = loaded.run.environment
    assert (environment["OMP_NUM_THREADS"], environment["MY_FLAG"]) == ("3", "yes")
    assert "MY_TOKEN" not in environment
    assert "HOME" not in environment
    lines = loaded.read("requirements.txt").decode().splitlines()
    assert "# gitrack" in "\n".join(lines) or any(line.startswith("gitrack==") for line in lines)
    assert loaded.run.hardware["implementation"] == "CPython"


def test_files_are_saved_now_and_as_they_are_at_the_end(repository, python):
    (repository / "out").mkdir()
    source = (
        "import gitrack, pathlib\n"
        "p = pathlib.Path('out/a.txt'); p.write_text('first')\n"
        "q = pathlib.Path('out/b.bin'); q.write_bytes(bytes(range(256)) * 9000)\n"
        "run = gitrack.init(id='r')\n"
        "print(run.save('out/a.txt', policy='now'), run.save('out/*.bin'), gitrack.save('no*'))\n"
        "pathlib.Path(run.dir, 'own.txt').write_text('mine')\n"
        "p.write_text('second'); q.write_bytes(b'end')\n"
        "pathlib.Path('.env').write_text('A=1'); print(run.save('.env'))\n"
        "run.save('../../etc/../nothing'); run.save('x', policy='often')\n"
        "print(run.log_code('.'))\n"
    )
    done = python(source, cwd=repository)
    assert done.stdout.splitlines()[0] == "['files/out/a.txt'] ['files/out/b.bin'] []"
    assert done.stdout.splitlines()[1] == "[]"
    loaded = gitrack.load("r")
    assert loaded.read("files/out/a.txt") == b"first"
    assert loaded.read("files/out/b.bin") == b"end"
    assert loaded.read("files/own.txt") == b"mine"
    assert loaded.read("code/train.py") == b"print('training')\n"
    assert "files/.env" not in loaded.files()


def test_what_was_saved_before_a_crash_is_there(repository, python):
    source = (
        "import gitrack, os, pathlib\npathlib.Path('a.txt').write_text('a')\n"
        "run = gitrack.init(id='r'); run.save('a.txt'); os._exit(1)\n"
    )
    python(source, check=False, cwd=repository)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    assert gitrack.load("r").read("files/a.txt") == b"a"


def test_what_comes_later_is_saved_at_the_end_under_each_of_its_names(begin, repository):
    out = repository / "out"
    out.mkdir()
    (out / "a.txt").write_text("first")
    with begin(id="r") as run:
        assert run.save("out/a.txt") == ["files/out/a.txt"]
        assert run.save("out/*.txt", base_path="out") == ["files/a.txt"]
        (out / "a.txt").write_text("last")
        (out / "b.txt").write_text("late")
    loaded = gitrack.load("r")
    found = {path: loaded.read(path) for path in loaded.files() if path.startswith("files/")}
    assert found == {"files/a.txt": b"last", "files/b.txt": b"late", "files/out/a.txt": b"last"}


@pytest.mark.parametrize("end", ["run.finish()", "os._exit(1)"])
def test_what_is_written_to_the_runs_own_folder_holds_no_secret(repository, python, end):
    token = "hf_" + "aB3" * 12
    source = (
        "import gitrack, os, pathlib\nrun = gitrack.init(id='r')\n"
        f"path = pathlib.Path(run.dir, 'own.txt'); path.write_text('see {token}')\n"
        f"print(run.save(path)); path.write_text('saw {token}'); {end}\n"
    )
    done = python(source, check=False, cwd=repository)
    assert done.stdout == "['files/own.txt']\n" or "_exit" in end
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    assert gitrack.load("r").read("files/own.txt") == b"saw [removed]"


def test_a_tree_of_many_files_is_looked_at_with_bounds(repository, python):
    folder = repository / "data"
    folder.mkdir()
    for number in range(5_200):
        (folder / f"{number:05d}.txt").write_text("x")
    code = run(python).run.code
    assert any("more than 5,000 files" in line for line in code.left_out)
    assert len(code.left_out) <= 101
