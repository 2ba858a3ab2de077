"""Reports in a browser: what their panels draw, what claims say, and that one file is enough."""

import io
import re
import subprocess

import pyarrow as pa
import pytest
from PIL import Image

from gitrack.model.media import MediaItem
from gitrack.model.run import Code, Host, Run, State
from gitrack.publish.build import build
from gitrack.publish.plan import projects_of
from gitrack.publish.reports.carried import carried
from gitrack.publish.reports.export import export_report
from gitrack.publish.reports.source import read_reports
from gitrack.publish.reports.story import tell
from gitrack.store.branch import Branch
from gitrack.store.history import table_to_bytes
from gitrack.store.layout import run_folder
from gitrack.store.media import HistogramsBuilder, media_to_jsonl
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

from .test_accessibility import PHONE, look

HOSTILE = "<!--<script><img src=x onerror=alert(1)>"
NAMES = ("fox", "owl", HOSTILE)
PAGE = "site/reports/foxes.html"
REPORT = """---
title: Foxes
author: Ada
project: digits
---

First sentence. Foxes beat owls by 0.1. {{ claim("acc of fox - owl >= 0.1") }} Then
{{ claim("acc of owl > 0.99", "owls are exact") }}, and {{ best("acc") }} is best.

```gitrack
chart: line
y: acc
caption: Of all three.
```

```gitrack
chart: scatter
x: lr
y: acc
runs: lr<0.3
```

## A heading with {{ count() }}

```gitrack
chart: line
y: nothing
```

```gitrack
chart: box
y: 3
```

""" + "\n".join(f"Paragraph {n}.\n" for n in range(60)) + """

```gitrack
chart: table
columns: [acc, lr]
```
"""  # fmt: skip


SIGHTS = """---
title: Sights
project: sights
---

```gitrack
chart: media
key: seen
```

```gitrack
chart: table
key: errors
```

```gitrack
chart: media
key: sean
```

```gitrack
chart: bokeh
key: own
```

```gitrack
chart: heatmap
key: weights
```
"""


def put_sights(repository):
    """Put twelve runs, of which the two oldest logged an image and a table."""
    picture = io.BytesIO()
    Image.new("RGB", (6, 4), (200, 30, 30)).save(picture, "PNG")
    rows = pa.table({"row": [1, 2], "error": ["none", HOSTILE]}, metadata={})
    place = {"runtime": 1.0, "timestamp": 1.79e9, "step": 3}
    items = [
        MediaItem(
            key="seen", type="image", path="media/seen.png", facts={"caption": "red"}, **place
        ),
        MediaItem(key="errors", type="table", path="tables/errors.parquet", facts={}, **place),
    ]
    counted = HistogramsBuilder()
    for step in range(3):
        counted.add(step, 1.0, 1.79e9, "weights", [1, step], [-1, 0, 1])
    paths = {}
    for number in range(12):
        run = Run(f"s-{number}", "sights", f"sight {number}", State.FINISHED, 1.79e9 + number)
        files = {"run.json": run_to_json(run, {}), "params.yaml": config_to_yaml({})}
        if number < 2:
            files |= {
                "media.jsonl": media_to_jsonl(items),
                "media/seen.png": picture.getvalue(),
                "tables/errors.parquet": table_to_bytes(rows),
                "histograms.parquet": counted.to_bytes(),
            }
        paths |= {f"{run_folder(run)}/{name}": content for name, content in files.items()}
    Branch(repository, "experiments/main").add(paths, "Sights")


def put_run(repository, number):
    import numpy as np

    steps = np.arange(50)
    acc = 0.5 + number / 10 + steps / 500
    run = Run(
        f"run-{number}", "digits", NAMES[number], State.FINISHED, 1.79e9 + number,
        duration=5.0, code=Code(), host=Host(),
    )  # fmt: skip
    summary = {"acc": float(acc[-1])}
    table = pa.table(
        {
            "_step": pa.array(steps, pa.int64()),
            "_runtime": steps * 0.5,
            "_timestamp": 1.79e9 + steps * 0.5,
            "acc": acc,
        }
    )
    files = {
        "run.json": run_to_json(run, summary),
        "params.yaml": config_to_yaml({"lr": (number + 1) / 10}),
        "metrics.json": summary_to_json(summary),
        "history.parquet": table_to_bytes(table),
    }
    paths = {f"{run_folder(run)}/{name}": content for name, content in files.items()}
    Branch(repository, "experiments/main").add(paths, f"Run {run.id}")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of three runs and one report, and the report as one file beside it."""
    top = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(top))
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Ada")
            patch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
        subprocess.run(["git", "init", "-q", "-b", "main", top / "lab"], check=True)
        repository = Repository.find(top / "lab")
        for number in (1, 0, 2):
            put_run(repository, number)
        (top / "lab" / "reports").mkdir()
        (top / "lab" / "reports" / "foxes.md").write_text(REPORT, "utf-8")
        (top / "lab" / "reports" / "sights.md").write_text(SIGHTS, "utf-8")
        put_sights(repository)
        report = build(repository, top / "site")
        assert len(report.damaged) == 1
        assert "reports/foxes.md:31: " in report.damaged[0]
        for source in read_reports(top / "lab").good:
            html, _ = export_report(source, repository)
            (top / f"{source.name}.html").write_text(html, "utf-8")
    return top


def drawn(page, number):
    """Wait until a panel stands, and return what it was told and says."""
    place = f"[data-gt-figure='{number}']"
    page.locator(place).first.scroll_into_view_if_needed()
    page.wait_for_selector(f"{place} .gt-tile", state="attached")
    page.wait_for_function(f"() => document.querySelector(`{place} .gt-tile`).dataset.gtDrawn")
    return page.locator(place).first


def curves(page, number):
    """Return the last value of each curve that a line panel draws, by its run's name."""
    place = f"document.querySelector(`[data-gt-figure='{number}'] .gt-panel`)"
    page.wait_for_function(f"() => {place} && {place}.panel.entries.length")
    return page.evaluate(f"() => {place}.panel.entries.map((e) => [e.run.name, e.curve.y.at(-1)])")


@pytest.mark.parametrize("path", [PAGE, "foxes.html"])
def test_panels_draw_what_was_logged(visit, path):
    page = visit.open(path, ready=".gt-report")
    drawn(page, 0)
    ends = dict(curves(page, 0))
    assert ends == {name: pytest.approx(0.5 + n / 10 + 49 / 500) for n, name in enumerate(NAMES)}
    page.wait_for_selector("[data-gt-figure='0'] canvas", state="attached")
    scatter = drawn(page, 1)
    summary = scatter.locator(".gt-tile > .gt-hidden").text_content()
    assert "2 " in summary or "2" in scatter.locator(".gt-panel__note").text_content()
    assert scatter.locator("figcaption").text_content().count("fox") == 1
    assert "“nothing”" in drawn(page, 2).locator(".gt-panel__message").text_content()
    table = drawn(page, 3)
    assert table.locator(".gt-tile tbody tr").count() == 3


def test_what_is_out_of_sight_is_not_drawn_yet_and_stands_as_a_table(visit):
    page = visit.open(PAGE, ready=".gt-report")
    drawn(page, 0)
    last = page.locator("[data-gt-figure='3']")
    assert last.locator(".gt-tile").count() == 0
    assert last.locator(".gt-exhibit__still tbody tr").count() == 3
    page.evaluate("gitrack.report.drawAll()")
    page.wait_for_selector("[data-gt-figure='3'] .gt-tile tbody tr", state="attached")


def test_claims_underline_their_sentences_and_say_whether_they_hold(visit):
    page = visit.open(PAGE, ready=".gt-claim__words")
    first, second = page.locator(".gt-prose .gt-claim").all()
    assert first.locator(".gt-claim__words").text_content() == "Foxes beat owls by 0.1."
    assert "gt-claim--fails" in first.get_attribute("class")
    assert second.locator(".gt-claim__words").text_content() == "owls are exact"
    assert "does not hold" in second.text_content()
    second.locator(".gt-claim__mark").focus()
    card = second.locator("[role=tooltip]")
    assert card.is_visible()
    assert "it is 0.698" in card.text_content()
    assert page.locator(".gt-claims li").count() == 2
    assert "0 of 2 claims hold" in page.locator(".gt-report__facts").text_content()


def test_a_value_leads_to_its_run(visit):
    page = visit.open(PAGE, ready=".gt-report")
    link = page.locator(".gt-told a", has_text="0.798")
    link.hover()
    assert HOSTILE in page.locator(".gt-told:hover [role=tooltip]").text_content()
    link.click()
    page.wait_for_selector(".gt-run__head")
    assert HOSTILE in page.locator("h1").first.text_content()


def test_contents_lead_to_headings_with_values(visit):
    page = visit.open(PAGE, ready=".gt-report")
    link = page.locator(".gt-report__side nav a")
    assert link.text_content() == "A heading with 3"
    link.click()
    assert page.evaluate("location.hash") == "#a-heading-with"
    assert page.locator("nav[aria-label=Pages] [aria-current=page]").text_content() == "Reports"


@pytest.mark.parametrize(
    "visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True, ids=["phone"]
)
def test_a_phone_scrolls_in_one_direction(visit):
    page = visit.open(PAGE, ready=".gt-report")
    drawn(page, 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True, ids=["still"])
def test_without_scripts_values_stand_as_tables(visit):
    page = visit.open(PAGE, ready=".gt-report")
    still = page.locator("[data-gt-figure='0'] .gt-exhibit__still")
    assert still.is_visible()
    assert HOSTILE in still.text_content()
    assert re.search(r"0\.698", still.text_content())


@pytest.mark.parametrize("path", ["site/reports/sights.html", "sights.html"])
def test_images_and_tables_are_found_behind_runs_that_have_none(visit, path):
    page = visit.open(path, ready=".gt-report")
    seen = drawn(page, 0)
    assert "logged by 2 of 12" in seen.inner_text()
    images = seen.locator("img")
    assert images.evaluate_all("all => all.map(image => image.naturalWidth)") == [6, 6]
    assert [name.split() for name in seen.locator(".gt-beside figcaption a").all_inner_texts()] == [
        ["sight", "1"],
        ["sight", "0"],
    ]
    errors = drawn(page, 1)
    assert errors.locator("tbody tr").filter(has_text=HOSTILE).count() == 2
    assert (
        "None of the 12 shown runs logged “sean”; the nearest is “seen”."
        in drawn(page, 2).inner_text()
    )


@pytest.mark.parametrize("path", ["site/reports/sights.html", "sights.html"])
def test_histograms_stand_beside_each_other_in_a_report(visit, path):
    visit.open(path, ready=".gt-report")
    weights = drawn(visit.page, 4)
    assert "logged by 2 of 12" in weights.inner_text()
    assert weights.locator("canvas").count() == 2
    assert weights.locator(".gt-histogram__reading").all_inner_texts() == ["3 steps", "3 steps"]


def test_one_file_carries_what_is_drawn_and_says_what_stays_on_the_site(visit, site):
    visit.page.context.set_offline(True)
    page = visit.open("sights.html", ready=".gt-report")
    assert "bokeh own: runs on the site alone" in page.locator(".gt-report").inner_text()
    (source,) = [s for s in read_reports(site / "lab").good if s.name == "sights"]
    repository = Repository.find(site / "lab")
    records = Reader(repository).records()
    story = tell(source, records, projects_of(records))
    assert not [path for path in carried(story, Reader(repository), most=100) if "media/" in path]
    assert [told.facts for told in story.told if told.kind == "error"] == [
        "media seen: with the others 0 MB, more than a file should hold",
        "table errors: with the others 0 MB, more than a file should hold",
        "media sean: with the others 0 MB, more than a file should hold",
        "bokeh own: runs on the site alone",
        "heatmap weights: with the others 0 MB, more than a file should hold",
    ]


@pytest.mark.parametrize("visit", [{"color_scheme": "dark"}], indirect=True, ids=["dark"])
def test_one_file_follows_the_scheme_and_needs_no_network(visit):
    visit.page.context.set_offline(True)
    page = visit.open("foxes.html#gt-print", ready="[data-gt-figure='3'] .gt-tile tbody tr")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert page.locator(".gt-prose a[href^='..']").count() == 0


@pytest.mark.parametrize("visit", [{}, PHONE], indirect=True, ids=["desk", "phone"])
@pytest.mark.parametrize("path", [PAGE, "site/reports/index.html"], ids=["report", "list"])
def test_axe_finds_nothing_serious(visit, path):
    look(visit, path)
