"""Reports: what is told of the runs, what is refused, and what stands on the pages."""

import json
import re
from dataclasses import replace

import pytest

from gitrack.errors import ConfigError
from gitrack.model.run import Record, Run, State
from gitrack.publish.plan import projects_of
from gitrack.publish.reports.source import (
    Source,
    read_report,
    read_reports,
    reports_folder,
    split_blocks,
)
from gitrack.publish.reports.story import plain_text, tell

from .conftest import Lab

HOSTILE = (
    "<img src=x onerror=alert(1)> [a](javascript:alert(1)) {{ 7*7 }} `x` *b* \"'\ue000\ue010\ue001"
)


def record(number, name="fox", *, acc=0.5, project="digits", group="g", **config):
    run = Run(f"run-{number}", project, name, State.FINISHED, 1e9 + number, group=group)
    path = f"{project}/runs/{number}"
    return Record(run, config, {"val/acc": acc}, "experiments/main", path, {})


RECORDS = [
    record(0, "fox", acc=0.90, lr=0.1),
    record(1, "owl", acc=0.80, lr=0.01),
    record(2, HOSTILE, acc=0.70, lr=0.1, note=HOSTILE, group=HOSTILE),
]


def told(text, *, runs="", records=RECORDS, project=""):
    source = Source("r", "reports/r.md", "R", "", "", "", project, runs, "", text, 1)
    return tell(source, records, projects_of(records))


def plain(story):
    return story.filled(story.markdown, plain_text).strip()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('{{ best("val/acc") }}', "0.9"),
        ('{{ best("val/acc", digits=3) }}', "0.900"),
        ('{{ worst("val/acc", "lr:0.1 -name:fox") }}', "0.7"),
        ('{{ mean("val/acc", "lr=0.1")|round(2) }}', "0.80"),
        ('{{ value("lr", "owl") }}', "0.01"),
        ('{{ count("lr:0.1") }} of {{ count() }}', "2 of 3"),
        ('{{ best("val/acc") - value("val/acc", "owl") }}', "0.1"),
        ('{{ 100 * best("val/acc") }}%', "90%"),
        ('{{ -best("val/acc") }}', "\N{MINUS SIGN}0.9"),
        ('{% if best("val/acc") > 0.85 %}good{% else %}bad{% endif %}', "good"),
        ('{% for r in runs("fox") %}{{ r }}: {{ value("val/acc", r) }}{% endfor %}', "fox: 0.9"),
        ('{{ run("owl") }}', "owl"),
        ("{% for i in range(3) %}{{ loop.index }}{% endfor %}", "123"),
        ("{# nothing #}text", "text"),
        ("```\n{{ best() }}\n```", "```\n{{ best() }}\n```"),
        ('{{ [1, 2, 3]|join(", ") }}', "1, 2, 3"),
    ],
)  # fmt: skip
def test_values_are_told(text, written):
    story = told(text)
    assert story.problems == []
    assert plain(story) == written


def test_a_project_holds_for_values_too():
    other = [replace(record, run=replace(record.run, project="other")) for record in RECORDS[:1]]
    records = [*other, *RECORDS[1:]]
    assert plain(told("{{ count() }}", records=records)) == "3"
    assert plain(told("{{ count() }}", records=records, project="other")) == "1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{{ best("nothing") }}', "no run has 'nothing'"),
        ("{{ best() }}", "missing a required argument"),
        ('{{ best("val/acc", "zebra") }}', "no run is found by 'zebra'"),
        ('{{ value("val/acc") }}', "finds several"),
        ('{{ run("lr:0.1") }}', "names one run"),
        ('{{ best("lr") }}', "nobody knows which way"),
        ('{{ best("val/acc", goal="up") }}', "'min' or 'max'"),
        ('{{ best("val/acc", digits=99) }}', "decimals from 0 to 15"),
        ("{{ best(3) }}", "expected a text"),
        ('{{ table("lr:0.1", sort="zebra") }}', "sorted by one of its columns"),
        ('{{ stated("many", "best val/acc") }}', "no number that can be stated"),
    ],
)
def test_what_cannot_be_told_is_named_by_its_line_and_costs_itself_alone(text, reason):
    story = told(f"before\n\n{text} after {{{{ count() }}}}\n")
    (problem,) = story.problems
    assert problem.startswith("reports/r.md:3: ")
    assert reason in problem
    assert plain(story).endswith("after 3")


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ best.__globals__ }}",
        "{{ best('val/acc').quantities }}",
        "{{ run('owl').facts.run.host }}",
        "{{ (run('owl')|attr('facts')) }}",
        "{{ 'x'.upper() }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ 'x' * 999999999 }}",
        "{{ [0] * 999999999 }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ 'a' + 'b' }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999999999) %}x{% endfor %}",
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
        "{% set a = [1] %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}",
        "{% set a = 'x' %}" + "{% set a = [a, a]|join %}" * 40 + "{{ a }}",
        "{% set a %}x{% endset %}{{ a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'pages/home.md.j2' %}",
        "{{ cycler }}",
        "{{ lipsum() }}",
        "{{ self }}",
        "{{ namespace(a=1) }}",
        "{{ range }}",
        "{{ best }}",
        "{{ [1, 2] }}",
        "{{ {} }}",
        "{{ 1 / 0 }}",
        "{{ best('val/acc', **{}) }}",
        "{{ (best)('val/acc')('x') }}",
        "{% for a in 'abc' recursive %}{{ loop('x') }}{% endfor %}",
        "{{ 1|pprint }}",
        "{{ unknown }}",
        "{% if %}",
        "{{ ",
    ],
)
def test_what_a_text_may_not_do_is_refused_in_one_line(text):
    story = told(f"{text}\n\n```gitrack\nchart: scatter\nx: lr\ny: val/acc\n```\n")
    (problem,) = story.problems
    assert problem.startswith("reports/r.md:")
    assert "\n" not in problem
    # The panels are drawn all the same.
    assert len(story.figures) == 1


def test_claims_and_stated_numbers_are_checked_by_sentence_and_line():
    story = told(
        "# Results\n\nFirst. The *fox* is {{ value('val/acc', 'fox') }}, so "
        '{{ claim("val/acc of fox > owl", "it beats the owl") }}. Last.\n\n'
        'Owls reach 0.9. {{ claim("val/acc of owl >= 0.9") }}\n'
        '- We wrote {{ stated(0.89, "best val/acc", digits=2) }} once.\n'
        '- And {{ stated("90%", "best val/acc") }}; {{ claim("val/acc of nobody > 1") }}\n'
    )
    assert [check.verdict.holds for check in story.checks] == [True, False, False, True, None]
    assert story.checks[0].place == "reports/r.md:3"
    assert story.checks[0].sentence == "The *fox* is 0.9, so it beats the owl."
    lines = [str(check) for check in story.failed]
    assert lines[0].startswith("reports/r.md:5: ")
    assert "“Owls reach 0.9.” states val/acc of owl >= 0.9; it is 0.8" in lines[0]
    assert "We wrote 0.89 once." in lines[1]
    assert "it is 0.9" in lines[1]
    assert "no run is found by 'nobody'" in lines[2]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("chart: lin\ny: val/acc", "the nearest is 'line'"),
        ("chart: line", "needs y"),
        ("- a list", "reports/r.md:2"),
        ("chart: [", "reports/r.md:2"),
        ("chart: line\ny: val/acc\nruns: 'zebra'", "no run is found"),
        ("chart: line\ny: val/acc\nruns: 'zebra:1'", "zebra"),
        ("chart: line\ny: val/acc\nproject: other", "in the project 'other'"),
        ("chart: bokeh\nfile: a.json", "a chart by its key"),
        ("chart: line\ny: val/acc\nheight: 1e9", "whole number"),
    ],
)
def test_a_panel_that_cannot_be_drawn_is_named(block, reason):
    story = told(f"```gitrack\n{block}\n```\n\n{{{{ count() }}}}\n")
    (problem,) = story.problems
    assert problem.startswith("reports/r.md:2")
    assert reason in problem
    assert plain(story) == "3"


def test_panels_of_several_projects_say_which():
    records = [*RECORDS, record(9, project="other")]
    block = "```gitrack\nchart: bar\ny: val/acc\n```\n"
    assert "of several projects (digits, other)" in told(block, records=records).problems[0]
    assert told(block, records=records, project="other").figures[0].project.name == "other"


def test_blocks_are_cut_whole():
    text = "a\n~~~~ gitrack\nchart: code\n~~~\n~~~~\n> ```\n> x\n> ```\n```open\nrest"
    parts = split_blocks(text)
    assert "".join(part if isinstance(part, str) else part.whole for part in parts) == text
    blocks = [part for part in parts if not isinstance(part, str)]
    assert [block.is_panel for block in blocks] == [True, False]
    assert blocks[0].content == "chart: code\n~~~\n"


def report(tmp_path, text, name="r.md"):
    path = tmp_path / "reports" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_front_matter_is_read(tmp_path):
    front = "title: A\ndate: 2026-11-19\npin: 2026-11-20\nruns: tag:x\n"
    source = read_report(report(tmp_path, f"---\n{front}---\n\ntext"), "r.md")
    assert (source.title, source.date, source.pin, source.runs) == (
        "A", "2026-11-19", "@{2026-11-20}", "tag:x",
    )  # fmt: skip
    assert source.first == 7
    titled = read_report(report(tmp_path, "# Of its own #\n\ntext"), "r.md")
    assert (titled.title, titled.text.strip(), titled.first) == ("Of its own", "text", 2)


def test_damaged_reports_are_named_and_the_others_are_read(tmp_path):
    report(tmp_path, "fine", "good.md")
    report(tmp_path, "---\ntitel: A\n---\n", "typo.md")
    report(tmp_path, "---\ntitle: [a]\n---\n", "list.md")
    report(tmp_path, "---\nruns: 'a:'\n---\n", "query.md")
    report(tmp_path, "---\na: &a 1\nb: *a\n---\n", "alias.md")
    report(tmp_path, "x" * ((1 << 20) + 1), "large.md")
    report(tmp_path, "text", "index.md")
    (tmp_path / "reports" / "binary.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "reports" / "folder.md").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "reports" / "link.md").symlink_to(tmp_path / "secret")
    found = read_reports(tmp_path)
    assert [source.name for source in found.good] == ["good"]
    assert len(found.damaged) == 9
    assert all(line.startswith("reports/") and "\n" not in line for line in found.damaged)
    for settings in ('reports = "elsewhere"', "reports = ["):
        (tmp_path / "gitrack.toml").write_text(settings)
        assert read_reports(tmp_path).good == []
    (tmp_path / "gitrack.toml").write_text('reports = "../out"')
    with pytest.raises(ConfigError, match="plain, relative path"):
        reports_folder(tmp_path)


def test_the_reports_folder_is_no_link(tmp_path):
    report(tmp_path, "fine")
    (tmp_path / "reports").rename(tmp_path / "real")
    (tmp_path / "reports").symlink_to(tmp_path / "real")
    assert read_reports(tmp_path).good == []


PAGE = """---
title: <b>Foxes</b> & "owls"
author: Ada
runs: project:digits
---

The best is {{ best("val/acc") }}, {{ value("note", "run-001") }}.
{{ claim("val/acc of run-000 > 0.99") }}

## Runs of {{ count() }}

[link]({{ value("note", "run-001") }}) <i title="{{ value("note", "run-001") }}{{ count() }}">x</i>

{{ table(columns=["lr", "note", "val/acc"]) }}

```gitrack
chart: line
y: val/acc
```

![p](plot.png)

```gitrack
chart: bar
y: val/acc
```

```gitrack
chart: importance
y: val/acc
```
"""


THEN = """
Of {{ count() }}: {{ best("val/acc") }}

```gitrack
chart: line
y: val/acc
```
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A built site of two runs and four reports, one of them pinned to the first run alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Ada")
            patch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
        lab = Lab(tmp_path_factory.mktemp("reports"))
        commits = []
        for number, name in enumerate(("fox", HOSTILE)):
            lab.add(
                name=name,
                metrics={"val/acc": [0.5, 0.6 + number / 10]},
                summary={"val/acc": 0.6 + number / 10},
                config={"lr": 0.1, "note": HOSTILE},
            )
            commits.append(lab.repository.git.text("rev-parse", "experiments/main").strip())
        report(lab.folder, PAGE, "foxes.md")
        report(lab.folder, f"---\npin: {commits[0]}\n---\n{THEN}", "then.md")
        report(lab.folder, "---\npin: nothing-there\n---\n", "lost.md")
        report(lab.folder, "---\nnothing: 1\n---\n", "bad.md")
        (lab.folder / "reports" / "plot.png").write_bytes(b"\x89PNG")
        built = lab.build()
        again = lab.folder.parent / "again"
        lab.build(again)
        yield lab, built, again, commits


def figures_of(html):
    data = re.search(r'gt-report-data" type="application/json">(.*?)</script', html)[1]
    return json.loads(data)["figures"]


def test_a_build_writes_reports_and_a_list_of_them(pages, read_script):
    lab, built, _, _ = pages
    bad, lost = built.damaged
    assert bad.startswith("reports/bad.md: a report has no 'nothing'; the nearest is ")
    assert lost.startswith("reports/lost.md: pin: 'nothing-there' is no commit, tag or branch")
    html = lab.page("reports/foxes.html")
    listed = lab.page("reports/index.html")
    assert "&lt;b&gt;Foxes&lt;/b&gt; &amp; &#34;owls&#34;" in listed
    assert "✗ 0 of 1 hold" in listed
    assert 'href="../projects/digits/runs/run-001.html"' in html
    assert "does not hold" in html
    assert 'id="runs-of"' in html
    assert 'href="#runs-of">Runs of 2<' in html
    assert 'property="og:title"' in html
    assert (lab.out / "reports" / "plot.png").read_bytes() == b"\x89PNG"
    assert 'src="plot.png"' in html
    figure, *others = figures_of(html)
    assert len(others) == 2
    # What stands between panels parts them; two in a row stand side by side.
    (beside,) = re.findall(r'<div class="gt-exhibits">(.*?)</div>\s*(?=</div>)', html, re.DOTALL)
    assert re.findall(r'data-gt-figure="(\d)"', beside) == ["1", "2"]
    assert figure["panel"] == {"chart": "line", "y": "val/acc", "legend": "names"}
    assert [run for run, _ in figure["runs"]] == ["run-001", "run-000"]
    index = read_script((lab.out / figure["index"]).read_bytes())
    assert index["runs"]["id"] == ["run-000", "run-001"]
    assert ">Reports</a>" in lab.page("index.html")
    assert "foxes.html" in lab.page("search/search_index.json")


def test_nothing_that_was_logged_is_markup(pages):
    html = pages[0].page("reports/foxes.html")
    assert "<img src=x" not in html
    assert "javascript:alert" not in re.sub(r">[^<]*<", "><", html)
    assert "<b>Foxes</b>" not in html
    # Text within a tag is left out, numbers are kept.
    assert '<i title="2">' in html
    assert 'href=""' in html


def test_the_same_records_make_the_same_bytes(pages, read_tree):
    lab, _, again, _ = pages
    first, second = (
        {path: content for path, content in read_tree(out).items() if "reports/" in path}
        for out in (lab.out, again)
    )
    assert len(first) == 4
    assert first == second


def test_a_pinned_report_shows_what_was_seen_when_it_was_written(pages, read_script):
    lab, _, _, commits = pages
    html = lab.page("reports/then.html")
    (figure,) = figures_of(html)
    index = read_script((lab.out / figure["index"]).read_bytes())
    assert index["runs"]["id"] == ["run-000"]
    assert list((lab.out / figure["index"]).parent.glob("*/*.js"))
    assert re.search(r"Of <span class=\"gt-told\"[^>]*>(<a[^>]*>)?1<", html)
    assert commits[0][:7] in html
    assert commits[1][:7] not in html
