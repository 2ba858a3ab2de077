"""Workflows executed as they are written: their ``run:`` steps in order, against a host of ours."""

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

REPOSITORY = "ada/lab"
SHIMS = {
    "python": '#!/bin/sh\nexec "{python}" "$@"\n',
    "gitrack": '#!/bin/sh\nexec "{python}" -W ignore -m gitrack "$@"\n',
    "gh": '#!/bin/sh\nexec "{python}" "{gh}" "$@"\n',
}
#: What of ``gh api`` our workflows use.
GH = r"""
import json, os, sys
from urllib.parse import urlencode
from urllib.request import Request, urlopen

words, fields, method, jq, path = sys.argv[2:], {}, "GET", None, None
while words:
    word = words.pop(0)
    if word == "--method":
        method = words.pop(0)
    elif word == "--field":
        key, _, value = words.pop(0).partition("=")
        fields[key] = value
    elif word == "--jq":
        jq = words.pop(0)
    else:
        path = word
url = os.environ["GITHUB_API_URL"] + "/" + path
body = None if method == "GET" else json.dumps(fields).encode()
if method == "GET":
    url += "?" + urlencode(fields)
headers = {"Authorization": "Bearer " + os.environ["GH_TOKEN"]}
with urlopen(Request(url, body, headers, method=method)) as answer:
    text = answer.read()
if jq is not None:
    assert jq == ".workflow_runs[].id", jq
    print(*(run["id"] for run in json.loads(text)["workflow_runs"]), sep="\n")
"""


class Host:
    """What of GitHub's and GitLab's API is used, with what was done to it."""

    def __init__(self) -> None:
        self.pulls, self.comments, self.checks = [], [], []
        self.artifacts, self.runs, self.started = {}, [], []
        self.asked = []
        self.merge_requests = []
        self.page = 100

    def answer(self, method, path, query, body):
        """Return what the API answers; None where it knows no such thing."""
        where = path.removeprefix(f"/repos/{REPOSITORY}")
        if method == "GET" and where == "/pulls":
            owner, _, branch = query["head"].partition(":")
            return [
                pull for pull in self.pulls
                if pull["head"]["ref"] == branch
                and pull["head"]["repo"]["full_name"].startswith(f"{owner}/")
            ]  # fmt: skip
        if found := re.fullmatch(r"/actions/runs/(\d+)/artifacts", where):
            made = self.artifacts.get(found[1], {})
            facts = [
                {"id": int(found[1]) * 10 + n, "name": name, "size_in_bytes": len(content)}
                for n, (name, content) in enumerate(made.items())
            ]
            return {"artifacts": [one for one in facts if one["name"] == query["name"]]}
        if re.fullmatch(r"/issues/\d+/comments|/projects/7/merge_requests/\d+/notes", where):
            if method == "POST":
                return self._new_comment(body["body"], "github-actions[bot]")
            first = (int(query["page"]) - 1) * int(query["per_page"])
            return self.comments[first : first + int(query["per_page"])]
        if found := re.fullmatch(
            r"/issues/comments/(\d+)|/projects/7/merge_requests/\d+/notes/(\d+)", where
        ):
            (one,) = [c for c in self.comments if c["id"] == int(found[1] or found[2])]
            one["body"] = body["body"]
            return one
        if (method, where) == ("POST", "/check-runs"):
            self.checks.append(body)
            return {}
        if method == "POST" and re.fullmatch(r"/actions/(workflows/[\w.-]+|runs/\d+)/\w+", where):
            self.started.append((where.removeprefix("/actions/"), body))
            return {}
        if re.fullmatch(r"/actions/workflows/gitrack-review.yml/runs", where):
            return {"workflow_runs": [r for r in self.runs if r["branch"] == query["branch"]][:1]}
        if where == "/user":
            return {"id": 41898282}
        if re.fullmatch(r"/projects/7/repository/commits/\w+/merge_requests", where):
            return self.merge_requests
        return None

    def _new_comment(self, text, login):
        number = 1000 + len(self.comments)
        one = {
            "id": number, "body": text, "html_url": f"https://example.org/{number}",
            "user": {"login": login}, "author": {"id": 41898282 if "bot" in login else 1},
        }  # fmt: skip
        self.comments.append(one)
        return one

    def add_comment(self, text, login):
        """Let somebody else comment."""
        self._new_comment(text, login)

    def open_pull(self, number, repository, ref, sha):
        """Open a pull request."""
        head = {"ref": ref, "sha": sha, "repo": {"full_name": repository}}
        self.pulls.append({"number": number, "head": head})


@pytest.fixture
def host():
    """The host, at ``host.url``; its artifacts lie on another server, as GitHub's do."""
    state = Host()

    class Handler(BaseHTTPRequestHandler):
        def respond(self):
            place = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            state.asked.append((self.command, place.path, dict(self.headers)))
            if found := re.fullmatch(r".*/actions/artifacts/(\d+)/zip", place.path):
                self.send_response(302)
                self.send_header("Location", f"{state.blobs}/{found[1]}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            answer = state.answer(self.command, place.path, dict(parse_qsl(place.query)), body)
            text = json.dumps(answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = respond  # noqa: N815

        def log_message(self, *_):
            pass

    class Blobs(Handler):
        def do_GET(self):
            state.asked.append(("BLOB", self.path, dict(self.headers)))
            run, number = divmod(int(self.path[1:]), 10)
            content = list(state.artifacts[str(run)].values())[number]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), kind) for kind in (Handler, Blobs)]
    state.url, state.blobs = (f"http://127.0.0.1:{one.server_port}" for one in servers)
    threads = [threading.Thread(target=one.serve_forever, args=(0.01,)) for one in servers]
    for thread in threads:
        thread.start()
    yield state
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


class Runner:
    """
    One host's machine: it checks out, executes what a workflow says, and keeps what it left.

    What a step `uses` is stood in for; what it runs, runs.
    """

    def __init__(self, folder, remote, host) -> None:
        self.folder, self.remote, self.host = folder, remote, host
        self.count = 0
        self.site = None
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        (folder / "gh.py").write_text(GH)
        for name, text in SHIMS.items():
            script = self.bin / name
            script.write_text(text.format(python=sys.executable, gh=folder / "gh.py"))
            script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def environment(self, **more):
        """Return what a machine's shell has."""
        # What is to be installed is there: pip says so without a network.
        pip = {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}
        pip |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "GITRACK_BUILD_JOBS": "1"}
        return {**os.environ, **pip, "PATH": f"{self.bin}:{os.environ['PATH']}", **more}

    def run(self, path, event=None, *, ref="main", checkout="main"):
        """Execute all jobs of a workflow; gives each step's status by its name or id."""
        self.count += 1
        self.number = str(self.count)
        self.checkout = checkout
        self.work = self.folder / f"work{self.number}"
        self.work.mkdir()
        self.summary = self.folder / f"summary{self.number}.md"
        self.summary.touch()
        workflow = yaml.safe_load(Path(path).read_text("utf-8"))
        repository = {"default_branch": "main"}
        self.github = {
            "event": {"repository": repository, **(event or {})},
            "ref_name": ref,
            "repository": REPOSITORY,
            "run_id": self.number,
            "token": "the-token",
        }
        self.statuses, self.said = {}, ""
        for job in workflow["jobs"].values():
            assert workflow["permissions"] == {}
            if "if" in job and not self.holds(job["if"], {}):
                continue
            self.steps = {}
            self.failed = False
            for step in job["steps"]:
                self.step(step)
        return self.statuses

    def run_gitlab(self, path, job, variables, checkout="main"):
        """Execute a job of a pipeline in one shell, as GitLab does."""
        self.count += 1
        self.checkout = checkout
        self.work = self.folder / f"work{self.count}"
        self.work.mkdir()
        self.check_out({"fetch-depth": 0})
        pipeline = yaml.safe_load(Path(path).read_text("utf-8"))
        base = pipeline[".gitrack"]
        lines = "\n".join([*base["before_script"], *pipeline[job]["script"]])
        environment = self.environment(**base["variables"], **variables)
        subprocess.run(
            ["bash", "-eo", "pipefail", "-c", lines], cwd=self.work, env=environment, check=True
        )

    def step(self, step):
        name = step.get("id") or step.get("name") or step["uses"]
        outputs = self.steps.setdefault(name, {})
        if self.failed or ("if" in step and not self.holds(step["if"], self.steps)):
            return
        if "uses" in step:
            options = {k: self.filled(v) for k, v in step.get("with", {}).items()}
            action = step["uses"].partition("@")[0].removeprefix("actions/")
            outputs |= USES[action](self, options) or {}
            return
        place = self.folder / "output"
        place.write_text("")
        environment = self.environment(
            GITHUB_OUTPUT=str(place),
            GITHUB_STEP_SUMMARY=str(self.summary),
            GITHUB_REPOSITORY=REPOSITORY,
            GITHUB_REF_NAME=self.github["ref_name"],
            GITHUB_API_URL=self.host.url,
            **{k: self.filled(v) for k, v in step.get("env", {}).items()},
        )
        assert "${{" not in step["run"], "a run: step takes values through env alone"
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.work, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.said += done.stdout + done.stderr
        self.statuses[name] = done.returncode
        self.failed = done.returncode != 0
        outputs |= dict(line.split("=", 1) for line in place.read_text().splitlines())

    def value(self, path, steps):
        """Look one name up: ``github.event.number``, ``steps.x.outputs.y``."""
        found = {"github": self.github, "steps": {k: {"outputs": v} for k, v in steps.items()}}
        for part in path.strip().split("."):
            found = found.get(part, "")
        return found

    def filled(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda m: str(self.value(m[1], self.steps)), str(text))

    def holds(self, condition, steps):
        left, equals, right = condition.partition(" == ")
        value = self.value(left, steps)
        return value == right.strip("'") if equals else bool(value)

    def check_out(self, options):
        assert str(options["fetch-depth"]) == "0"
        commands = [
            ["init", "-q", "-b", "nothing"],
            ["remote", "add", "origin", str(self.remote)],
            ["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"],
            ["checkout", "-q", "--detach", f"origin/{options.get('ref', self.checkout)}"],
        ]
        for words in commands:
            subprocess.run(["git", "-C", self.work, *words], check=True)

    def upload(self, options):
        place = self.work / options["path"]
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in [place] if place.is_file() else sorted(place.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(self.work).as_posix())
        kept = self.host.artifacts.setdefault(self.number, {})
        kept[options["name"]] = content.getvalue()

    def publish(self, options):
        self.site = self.folder / "site"
        shutil.rmtree(self.site, ignore_errors=True)
        shutil.copytree(self.work / options["path"], self.site)


USES = {
    "checkout": Runner.check_out,
    "setup-python": lambda *_: None,
    "cache": lambda *_: None,
    "cache/restore": lambda *_: None,
    "configure-pages": lambda *_: {"base_url": "https://ada.example.org/lab"},
    "upload-artifact": Runner.upload,
    "upload-pages-artifact": Runner.publish,
    "deploy-pages": lambda *_: {"page_url": "https://ada.example.org/lab/"},
}


@pytest.fixture
def remote(repository, git, clean):
    """Make a bare repository that the first one pushes to."""
    git(clean, "init", "-q", "--bare", "-b", "main", clean / "remote.git")
    git(repository, "remote", "add", "origin", clean / "remote.git")
    return clean / "remote.git"


@pytest.fixture
def runner(clean, remote, host):
    """A machine that workflows run on."""
    return Runner(clean / "machine", remote, host)


@pytest.fixture
def put_seeds():
    """Put five made-up runs on a branch: ``put_seeds(folder, "main", 0.9)``."""
    from gitrack.model.run import Run, State
    from gitrack.store.branch import Branch
    from gitrack.store.layout import run_folder
    from gitrack.store.repository import Repository
    from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

    def put(folder, branch, accuracy):
        paths = {}
        for seed in range(5):
            run_id = "".join(c if c.isalnum() else "_" for c in f"{branch}-{seed}")
            run = Run(run_id, "digits", run_id, State.FINISHED, 1.79e9 + seed)
            summary = {"val/accuracy": accuracy + seed / 1000}
            files = {
                "run.json": run_to_json(run, summary),
                "params.yaml": config_to_yaml({"seed": seed}),
                "metrics.json": summary_to_json(summary),
            }
            paths |= {f"{run_folder(run)}/{path}": content for path, content in files.items()}
        Branch(Repository.around(folder), f"experiments/{branch}").add(paths, "Runs\n")

    return put


@pytest.fixture
def say(capsys):
    """Run a command; gives its status, what it printed and what it said to a person."""
    from gitrack.cli.main import main

    def run(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return run
