"""Two people, a pull request, and every workflow on the way, as it is written."""

import io
import json
import zipfile

import pytest
import yaml

from gitrack.resources import data_dir
from gitrack.review.markdown import MARKER

TRAIN = """
import sys
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

import gitrack

images, labels = load_digits(return_X_y=True)
images = images / 16
for seed in range(5):
    model = SGDClassifier(loss="log_loss", alpha=ALPHA, random_state=seed)
    with gitrack.init(project="digits", config={"alpha": ALPHA, "seed": seed}) as run:
        for epoch in range(3):
            model.partial_fit(images[:600], labels[:600], classes=np.arange(10))
            run.log({"val/accuracy": model.score(images[600:], labels[600:])})
"""
RULES = '\n[[review.rule]]\nmetric = "val/accuracy"\ngoal = "max"\nmin_seeds = 5\nrequired = true\n'
BRANCH_WORKFLOW = data_dir("templates") / "workflows/branch/github/.github/workflows/gitrack.yml"


def pull_event(number, repository, ref, url):
    head = {"ref": ref, "repo": {"full_name": repository, "clone_url": str(url)}}
    return {
        "pull_request": {"number": number, "merged": True, "base": {"ref": "main"}, "head": head}
    }


def run_event(run, repository, ref, sha):
    facts = {"event": "pull_request", "id": run, "head_sha": sha, "head_branch": ref}
    return {"workflow_run": facts | {"head_repository": {"full_name": repository}}}


def runs_on(git, folder, branch):
    names = git(folder, "ls-tree", "-r", "--name-only", branch).splitlines()
    return sum(name.endswith("/run.json") for name in names)


@pytest.fixture
def lab(repository, remote, git, say):
    """Give a repository workflows and a rule, and push it."""

    def make(publish):
        assert say("init", "--host", "github", "--publish", publish, "--yes")[0] == 0
        settings = repository / "gitrack.toml"
        settings.write_text(settings.read_text() + RULES)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", "Publish")
        git(repository, "push", "-q", "origin", "main")
        return repository

    return make


@pytest.fixture
def reviewing(lab, put_seeds, say):
    """A repository that reviews and publishes nothing, with five runs on ``main``."""
    folder = lab("none")
    put_seeds(folder, "main", 0.9)
    assert say("push")[0] == 0
    return folder


def test_the_whole_story(lab, remote, runner, host, git, python, say, clean):  # noqa: PLR0915
    published = lab("pages")
    python(TRAIN.replace("ALPHA", "0.3"), cwd=published)
    assert say("push")[0] == 0
    workflows = published / ".github/workflows"

    # Ada's experiments land, and tell the default branch to publish.
    assert runs_on(git, remote, "experiments/main") == 5
    carried = git(remote, "show", "experiments/main:.github/workflows/gitrack.yml")
    assert carried == BRANCH_WORKFLOW.read_text().strip()
    assert runner.run(BRANCH_WORKFLOW, ref="experiments/main") == {"Publish": 0, "Review again": 0}
    dispatches = ("workflows/gitrack-publish.yml/dispatches", {"ref": "main"})
    assert host.started == [dispatches]
    assert set(runner.run(workflows / "gitrack-publish.yml").values()) == {0}
    assert len(list((runner.site / "projects/digits/runs").glob("*.html"))) == 5
    assert "https://ada.example.org/lab" in (runner.site / "sitemap.xml").read_text()

    # Bob has an idea, trains five times and opens a pull request.
    bob = clean / "bob"
    git(clean, "clone", "-q", remote, bob)
    git(bob, "switch", "-qc", "feature/x")
    (bob / "idea.txt").write_text("a weaker penalty\n")
    git(bob, "add", ".")
    git(bob, "commit", "-qm", "Idea")
    python(TRAIN.replace("ALPHA", "0.0001"), cwd=bob)
    git(bob, "push", "-q", "origin", "feature/x")
    assert say("push", "-C", bob)[0] == 0
    sha = git(bob, "rev-parse", "HEAD")
    host.open_pull(7, "ada/lab", "feature/x", sha)
    event = pull_event(7, "ada/lab", "feature/x", remote)
    statuses = runner.run(workflows / "gitrack-review.yml", event, checkout="feature/x")
    assert set(statuses.values()) == {0}, runner.said
    summary = runner.summary.read_text()
    assert MARKER in summary
    assert "better" in summary
    assert "val/accuracy" in summary
    left = host.artifacts[runner.number]
    assert set(left) == {"gitrack-review", "gitrack-preview"}
    preview = zipfile.ZipFile(io.BytesIO(left["gitrack-preview"])).namelist()
    assert sum(name.startswith("_site/projects/digits/runs/") for name in preview) >= 10
    reviewed = runner.number

    # The comment says the same, once, however often it is written.
    host.add_comment(f"{MARKER} mine!", "mallory")
    told = run_event(reviewed, "ada/lab", "feature/x", sha)
    for _ in range(2):
        assert set(runner.run(workflows / "gitrack-comment.yml", told).values()) == {0}, runner.said
    assert [one["user"]["login"] for one in host.comments] == ["mallory", "github-actions[bot]"]
    assert host.comments[0]["body"] == f"{MARKER} mine!"
    assert host.comments[1]["body"] == summary
    assert [check["conclusion"] for check in host.checks] == ["success", "success"]
    assert all("Authorization" not in headers for kind, _, headers in host.asked if kind == "BLOB")

    # More seeds of the branch land later: its review is made again.
    host.runs = [{"id": reviewed, "branch": "feature/x"}]
    host.started.clear()
    runner.run(BRANCH_WORKFLOW, ref="experiments/feature/x")
    assert host.started == [dispatches, (f"runs/{reviewed}/rerun", {})]

    # The pull request is merged, and its runs go where its code went.
    git(published, "fetch", "-q", "origin")
    git(published, "merge", "-q", "origin/feature/x")
    git(published, "push", "-q", "origin", "main")
    host.started.clear()
    assert set(runner.run(workflows / "gitrack-merge.yml", event).values()) == {0}, runner.said
    assert runs_on(git, remote, "experiments/main") == 10
    assert host.started == [dispatches]
    assert set(runner.run(workflows / "gitrack-publish.yml").values()) == {0}
    assert len(list((runner.site / "projects/digits/runs").glob("*.html"))) == 10


def test_a_broken_rule_fails_the_review_after_it_was_left(
    reviewing, remote, runner, host, git, put_seeds, say
):
    git(reviewing, "switch", "-qc", "worse")
    put_seeds(reviewing, "worse", 0.7)
    git(reviewing, "push", "-q", "origin", "worse")
    say("push")
    event = pull_event(3, "ada/lab", "worse", remote)
    workflow = reviewing / ".github/workflows/gitrack-review.yml"
    statuses = runner.run(workflow, event, checkout="worse")
    assert statuses.pop("Hold the rules") == 1
    assert set(statuses.values()) == {0}, runner.said
    review = zipfile.ZipFile(io.BytesIO(host.artifacts[runner.number]["gitrack-review"]))
    assert json.loads(review.read("review.json"))["outcome"] == "fail"
    sha = git(reviewing, "rev-parse", "HEAD")
    host.open_pull(3, "ada/lab", "worse", sha)
    told = run_event(runner.number, "ada/lab", "worse", sha)
    runner.run(reviewing / ".github/workflows/gitrack-comment.yml", told)
    assert host.checks[0]["conclusion"] == "failure"


def test_a_forks_pull_request_brings_its_runs_and_nothing_else(
    reviewing, remote, runner, host, git, put_seeds, say, clean
):
    # git takes all this for a branch's name
    ref = "x$(touch>pwned)`touch>pwned`;touch>pwned"
    fork = clean / "fork.git"
    git(clean, "clone", "-q", "--bare", remote, fork)
    mallory = clean / "mallory"
    git(clean, "clone", "-q", fork, mallory)
    git(mallory, "switch", "-qc", ref)
    (mallory / "code.py").write_text("raise SystemExit('never run')\n")
    git(mallory, "add", ".")
    git(mallory, "commit", "-qm", "Code")
    put_seeds(mallory, ref, 0.95)
    git(mallory, "switch", "-q", "--orphan", "planted")
    git(mallory, "reset", "-q", "--hard", f"experiments/{ref}")
    (mallory / ".github/workflows/evil.yml").write_text("on: push\n")
    (mallory / "README.md").write_text("evil\n")
    git(mallory, "add", ".")
    git(mallory, "commit", "-qm", "Plant")
    git(mallory, "push", "-q", fork, f"planted:experiments/{ref}", f"{ref}:{ref}")
    sha = git(mallory, "rev-parse", ref)
    host.open_pull(9, "mallory/lab", ref, sha)
    event = pull_event(9, "mallory/lab", ref, fork)

    workflows = reviewing / ".github/workflows"
    statuses = runner.run(workflows / "gitrack-review.yml", event)
    assert set(statuses.values()) == {0}, runner.said
    assert "better" in runner.summary.read_text()
    told = run_event(runner.number, "mallory/lab", ref, sha)
    assert set(runner.run(workflows / "gitrack-comment.yml", told).values()) == {0}, runner.said
    assert host.comments
    assert [check["conclusion"] for check in host.checks] == ["neutral"]  # it is its own word
    assert set(runner.run(workflows / "gitrack-merge.yml", event).values()) == {0}, runner.said
    assert runs_on(git, remote, "experiments/main") == 10
    assert "evil" not in git(remote, "ls-tree", "-r", "--name-only", "experiments/main")
    assert "evil" not in git(remote, "show", "experiments/main:README.md")
    assert not list(clean.rglob("pwned"))


def test_a_pull_request_without_experiments_is_no_error(reviewing, remote, runner, host, git):
    git(reviewing, "switch", "-qc", "docs")
    git(reviewing, "push", "-q", "origin", "docs")
    event = pull_event(4, "ada/lab", "docs", remote)
    workflows = reviewing / ".github/workflows"
    statuses = runner.run(workflows / "gitrack-review.yml", event, checkout="docs")
    assert statuses["review"] == 0, runner.said
    assert set(runner.run(workflows / "gitrack-merge.yml", event).values()) == {0}
    assert host.started == []


def test_a_merge_request_on_gitlab(repository, remote, runner, host, git, put_seeds, say):
    say("init", "--host", "gitlab", "--yes")
    settings = repository / "gitrack.toml"
    settings.write_text(settings.read_text() + RULES)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "Publish")
    git(repository, "push", "-q", "origin", "main")
    put_seeds(repository, "main", 0.9)
    git(repository, "switch", "-qc", "feature/x")
    git(repository, "push", "-q", "origin", "feature/x")
    put_seeds(repository, "feature/x", 0.95)
    assert say("push")[0] == 0
    assert ".gitlab-ci.yml" in git(remote, "ls-tree", "--name-only", "experiments/main")
    variables = {
        "CI_API_V4_URL": host.url,
        "CI_PROJECT_ID": "7",
        "CI_PROJECT_URL": str(remote).removesuffix(".git"),
        "CI_COMMIT_SHA": git(repository, "rev-parse", "HEAD"),
        "GITRACK_TOKEN": "the-token",
    }
    pipeline = repository / ".gitlab" / "gitrack.yml"
    of_request = {
        "CI_MERGE_REQUEST_IID": "3",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature/x",
    }
    runner.run_gitlab(pipeline, "gitrack-review", variables | of_request, "feature/x")
    assert [one["body"] for one in host.comments] == [(runner.work / "review.md").read_text()]
    assert (runner.work / "preview" / "index.html").is_file()
    ours = {"source_project_id": 7, "target_project_id": 7}
    host.merge_requests = [
        {"state": "merged", "source_branch": "feature/x", **ours},
        {"state": "merged", "source_branch": "x", "source_project_id": 8, "target_project_id": 7},
    ]
    runner.run_gitlab(pipeline, "gitrack-merge", variables | {"CI_COMMIT_BRANCH": "main"})
    assert runs_on(git, remote, "experiments/main") == 10
    runner.run_gitlab(pipeline, "gitrack-site", variables)
    assert len(list((runner.work / "public/projects/digits/runs").glob("*.html"))) == 10


def test_a_workflow_runs_no_value_of_a_stranger(reviewing):
    for path in sorted((reviewing / ".github/workflows").iterdir()):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")]
