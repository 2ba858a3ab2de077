"""A planted secret is in no object of the repository."""

import gitrack

SECRET = "hunter2" + "Zq9"
TOKEN = "ghp_" + "Zq9x" * 9

SCRIPT = f"""
import gitrack
run = gitrack.init(
    project="p", name="with {TOKEN}", entity="{TOKEN}", group="{TOKEN}", job_type="{TOKEN}",
    notes="see https://me:{SECRET}@example.org/x", tags=["ok", "{TOKEN}"],
    config={{
        "api_key": "{SECRET}", "db": {{"password": "{SECRET}", "n": 1}},
        "url": "s3://k:{SECRET}@b/x",
        "list": ["{TOKEN}"], "{TOKEN}": 1, "lr": 0.1,
    }},
)
run.config.auth_token = "{SECRET}"
run.log({{"note": "{TOKEN}", "{TOKEN}": 1.0, "loss": 0.5}})
run.log({{"deep": {{"t": "Bearer {SECRET}{SECRET}"}}}})
run.log({{"note": "https://u:{SECRET}@h/"}})
run.log({{"list": ["{TOKEN}", {{"k": "{TOKEN}"}}]}})
run.summary["best"] = "{TOKEN}"
run.summary["nested"] = {{"a": ["{TOKEN}"]}}
run.name = "again {TOKEN}"
raise ValueError("cannot reach https://me:{SECRET}@example.org")
"""


def test_no_object_of_the_repository_holds_a_secret(repository, python, git):
    git(repository, "remote", "add", "origin", f"https://me:{SECRET}@example.org/lab.git")
    done = python(SCRIPT, "--password", SECRET, f"--api-key={SECRET}", TOKEN, check=False)
    assert "ValueError" in done.stderr
    run = gitrack.runs()["id"][0]
    loaded = gitrack.load(run)
    assert loaded.run.state == "failed"
    assert loaded.run.code.remote == "https://[removed]@example.org/lab.git"
    assert loaded.config["lr"] == 0.1
    assert loaded.config["db"]["n"] == 1
    assert loaded.run.command[-4:] == (
        "--password",
        "[removed]",
        "--api-key=[removed]",
        "[removed]",
    )
    assert "[removed]" in loaded.run.error
    found = []
    for line in git(
        repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
    ).splitlines():
        oid, kind = line.split()
        content = git(repository, "cat-file", kind, oid, errors="replace")
        found.append(content)
        assert SECRET not in content
        assert TOKEN not in content
    assert any("[removed]" in content for content in found)
    history = loaded.history()
    for name in history.columns:
        assert SECRET not in name + repr(history[name].tolist())
        assert TOKEN not in name + repr(history[name].tolist())
    assert history["loss"][0] == 0.5


def test_no_file_of_the_runs_folder_holds_a_setting_that_is_a_secret(begin, repository):
    run = begin(config={"api_key": SECRET}, notes=f"https://me:{SECRET}@h/")
    run.config.password = SECRET
    journal = repository / ".git" / "gitrack" / "runs" / run.id / "journal.jsonl"
    assert SECRET not in journal.read_text()
    assert run.config.api_key == SECRET  # the script keeps what it wrote
