"""`gitrack report` as a person types it: a first version, drift, and one file of it."""

import json
import re
import shutil

import pytest

from gitrack.cli.main import main
from gitrack.publish.reports import export

TEXT = """---
title: Foxes
---
The fox is exact. {{ claim("loss of fox < 0.3") }}

```gitrack
chart: line
y: loss
```
"""


@pytest.fixture
def lab(repository, begin):
    for name, loss in (("fox", 0.2), ("owl <!--<script>alert(1)</script>", 0.4)):
        with begin(project="digits", name=name, config={"lr": loss}) as run:
            for step in range(3):
                run.log({"loss": loss + 1 - step / 2, "val/acc": 1 - loss})
    return repository


@pytest.fixture
def report(lab):
    (lab / "reports").mkdir()
    path = lab / "reports" / "foxes.md"
    path.write_text(TEXT, "utf-8")
    return path


def test_a_first_version_holds_and_is_never_overwritten(lab, capsys):
    assert main(["report", "new", "study", "--runs", "project:digits", "--title", "A study"]) == 0
    path = lab / "reports" / "study.md"
    text = path.read_text("utf-8")
    assert 'best("val/acc")' in text
    assert 'title: "A study"' in text
    assert main(["report", "check", "study"]) == 0
    assert "1 of 1 claims hold" in capsys.readouterr().out
    path.write_text("mine")
    assert main(["report", "new", "study"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["../out", "/x", "a/b", "", ".hidden", "index", "x\n"])
def test_a_report_needs_a_plain_name(lab, capsys, name):
    assert main(["report", "new", name]) == 1
    assert "is no name of a report" in capsys.readouterr().err
    assert not (lab / "reports").exists()


def test_a_line_that_finds_no_run_makes_no_report(lab, capsys):
    assert main(["report", "new", "none", "--runs", "zebra"]) == 1
    assert "no run is found by 'zebra'" in capsys.readouterr().err
    assert not (lab / "reports").exists()


def test_a_new_run_that_breaks_a_claim_is_told_with_its_sentence(report, begin, capsys):
    assert main(["report", "check"]) == 0
    with begin(project="digits", name="fox") as run:
        run.log({"loss": 0.9})
    capsys.readouterr()
    assert main(["report", "check"]) == 1
    said = capsys.readouterr()
    assert (
        "reports/foxes.md:4: “The fox is exact.” states loss of fox < 0.3; it is 0.55" in said.out
    )
    assert "1 of 1 claims do not hold" in said.err
    assert main(["report", "check", "foxes", "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    (claim,) = told["claims"]
    assert (claim["holds"], claim["left"], claim["right"]) == (False, pytest.approx(0.55), 0.3)


def test_a_pin_that_is_not_there_costs_no_other_report(report, capsys):
    report.with_name("lost.md").write_text("---\npin: nothing-there\n---\ntext")
    assert main(["report", "check"]) == 1
    said = capsys.readouterr()
    assert "reports/lost.md: pin: 'nothing-there' is no commit" in said.out
    assert "1 of 1 claims hold" in said.out
    assert "1 places cannot be told" in said.err


def test_reports_are_listed(report, capsys):
    assert main(["report", "list"]) == 0
    assert capsys.readouterr().out == "foxes  Foxes    1 of 1 claims hold\n"
    assert main(["report", "check", "nothing"]) == 1
    assert "no report 'nothing'; there are: foxes" in capsys.readouterr().err


def test_one_file_asks_nobody_for_more(report, tmp_path, capsys):
    out = tmp_path / "foxes.html"
    assert main(["report", "export", "foxes", "--out", str(out)]) == 0
    html = out.read_text("utf-8")
    assert len(html.encode()) < 3_000_000
    assert not re.search(r"<(script|img|link|iframe)[^>]+(src|href)=\"?(https?:)?//", html)
    assert "<script>alert(1)" not in html
    assert "default-src 'none'" in html
    paths = re.findall(r'data-gt-path="([^"]+)"', html)
    assert "data/digits/index.js" in paths
    # The curves of its one panel and the times that may be their axis, nothing of val/acc.
    assert len([path for path in paths if path.count("/") == 3]) == 3


def test_a_pdf_needs_a_browser_and_says_so(report, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "_BROWSERS", ("no-such-browser",))
    assert main(["report", "export", "foxes", "--pdf", "-o", str(tmp_path / "x.pdf")]) == 1
    said = capsys.readouterr().err
    assert "a PDF needs Chromium or Chrome" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.browser
@pytest.mark.skipif(not any(map(shutil.which, export._BROWSERS)), reason="needs Chromium to print")
def test_a_pdf_is_printed(report, tmp_path):
    out = tmp_path / "foxes.pdf"
    assert main(["report", "export", "foxes", "--pdf", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")


def test_a_bare_repository_has_no_reports(lab, git, tmp_path, capsys):
    git(tmp_path, "clone", "-q", "--bare", str(lab), "bare")
    assert main(["report", "list", "-C", str(tmp_path / "bare")]) == 1
    assert "work tree" in capsys.readouterr().err
