"""The run's page and the artifacts: what is drawn, held to what was recorded."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gitrack.model.run import Code
from gitrack.store.history import table_to_bytes


def module(name, path):
    """Load a file of the tests, which are no packages."""
    spec = importlib.util.spec_from_file_location(name, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


_HERE = Path(__file__).parent
_PUBLISHING = module("publishing", _HERE.parent / "publish" / "conftest.py")
_ACCESSIBILITY = module("accessibility", _HERE / "test_accessibility.py")
EVIL = '<img src=x onerror="window.broken=1">'
CONFIG = {
    "lr": 1e-07,
    "whole": 3.0,
    "big": 2**70,
    "nan": float("nan"),
    "far": float("-inf"),
    "nothing": None,
    "flag": True,
    "word": "null",
    "digits": "007",
    "yes": "no",
    "empty": {},
    "none": [],
    "odd: # key": " spaces ",
    "breaks": "one\ntwo\u2028three\x85four",
    "emoji": "😀",
    EVIL: EVIL,
    "__proto__": {"polluted": 1},
    "model": {"layers": [{"units": 64}, {"units": 128}], "betas": [0.9, 0.999, None, "x"]},
    "data.train.path": "/data",
    "data.train.size": 10_000,
    "data.train.files": [1, 2],
    "prompt": "word " * 300,
}
SUMMARY = {"val/acc": 0.5, "said": "a long text " * 30, **{f"train/m{n}": 1.0 for n in range(9)}}
SYSTEM = {
    "cpu": [10.0, 50.0, 90.0, 20.0],
    "memory.used": [1e9, 2e9, 3e9, 2.5e9],
    "memory.process": [1e8, 2e8, 3e8, 2.5e8],
    "gpu.0.use": [0.0, 50.0, 100.0, 30.0],
    "gpu.1.use": [5.0, None, 95.0, 25.0],
    "gpu.10.use": [1.0, 2.0, 3.0, 4.0],
    "gpu.0.power": [100.0, 200.0, 300.0, 250.0],
    "tpu.duty": [1.0, 1.0, 1.0, 1.0],
}
LINEAGE = """
import gitrack
EVIL = '<img src=x onerror="window.broken=1">'
with gitrack.init(project="chain", id="prepare", name="prepare") as run:
    data = gitrack.Artifact("images", "dataset", description=EVIL, metadata={EVIL: {"px": 256}})
    for number in range(25):
        with data.new_file(f"train/{number}.txt") as file:
            file.write("x" * number)
    data.add_reference("s3://bucket/slides", checksum="etag")
    run.log_artifact(data, aliases=["clean"])
for number in range(2):
    with gitrack.init(project="chain", id=f"train-{number}", name=f"train {number}") as run:
        run.use_artifact("images:latest")
        net = gitrack.Artifact("net", "model")
        with net.new_file("net.pt") as file:
            file.write(str(number))
        run.log_artifact(net, aliases=["best"] if number == 0 else [])
with gitrack.init(project="abroad", id="reuse", name=EVIL) as run:
    run.use_artifact("chain/model/net:best")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of runs whose settings are odd, and of artifacts that lead from run to run."""
    top = tmp_path_factory.mktemp("run-page")
    home = top / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT", "XDG"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_COMMITTER_NAME", "Ada")
        patch.setenv("GIT_COMMITTER_EMAIL", "ada@example.org")
        lab = _PUBLISHING.Lab(top)
        system = table_to_bytes(_PUBLISHING.history(SYSTEM))
        lab.add(
            id="odd",
            config=CONFIG,
            summary=SUMMARY,
            metrics={"val/acc": [0.1, 0.5], "once": [None, 7.0], "train/m8": [3.0, 1.0]},
            files={"system.parquet": system, "console.log": b"line\n" * 500},
            code=Code("4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0", "main", dirty=False),
        )
        lab.add(id="small", config={"b": 1, "a": {"x": 2}}, summary={"val/acc": 0.4})
        script = lab.folder / "lineage.py"
        script.write_text(LINEAGE)
        subprocess.run([sys.executable, script], cwd=lab.folder, check=True)
        lab.build()
    return lab.out


@pytest.fixture
def odd(visit):
    return visit.open("projects/digits/runs/odd.html", ready="#config .gt-pair")


def rows(page, within):
    return dict(
        page.evaluate(
            "within => [...document.querySelectorAll(`${within} .gt-pair`)].map(row => "
            "[row.querySelector('dt').textContent, row.querySelector('dd').textContent])",
            within,
        )
    )


def test_the_config_copied_as_yaml_is_the_config(odd):
    text = odd.evaluate("gitrack.asYaml(gitrack.run.config)")
    assert repr(yaml.safe_load(text)) == repr(CONFIG)


def test_the_config_copied_as_json_is_the_config(odd):
    text = odd.evaluate("gitrack.asJson(gitrack.run.config)")
    assert repr(json.loads(text)) == repr(CONFIG)


def test_a_long_config_shows_ten_keys_until_all_are_asked_for(odd):
    assert len(rows(odd, "#config")) == 10
    odd.get_by_role("button", name="All keys").click()
    shown = rows(odd, "#config")
    assert shown["nothing"] == "null"
    assert shown["word"] == '"null"'
    assert shown["digits"] == '"007"'
    assert shown["whole"] == "3.0"
    assert shown["big"] == str(2**70)
    assert shown["none"] == "[]"
    assert shown[EVIL] == EVIL
    folds = odd.locator("#config .gt-fold > summary > span").all_inner_texts()
    assert folds == ["data.train", "model"]
    odd.locator("#config summary", has_text="data.train").click()
    assert {"path": "/data", "size": "10000", "files": "[1, 2]"}.items() <= (
        rows(odd, "#config").items()
    )
    odd.locator("#config summary", has_text="model").click()
    assert rows(odd, "#config")["betas"] == '[0.9, 0.999, null, "x"]'
    odd.locator("#config").get_by_role("button", name="Show fewer").click()
    assert len(rows(odd, "#config")) == 10


def test_a_search_in_the_config_finds_names_and_values(odd):
    odd.get_by_label("Find in the config").fill("UNITS")
    assert rows(odd, "#config") == {"model.layers.0.units": "64", "model.layers.1.units": "128"}
    odd.get_by_label("Find in the config").fill("/dat")
    assert rows(odd, "#config") == {"data.train.path": "/data"}
    odd.get_by_label("Find in the config").fill("nowhere")
    assert "No key" in odd.locator("#config").inner_text()


def test_a_long_text_unfolds_and_folds(odd):
    odd.get_by_label("Find in the config").fill("prompt")
    text = odd.locator("#config .gt-long")
    assert text.inner_text().endswith("…")
    button = odd.locator("#config").get_by_role("button", name="all 1,500 characters")
    button.click()
    assert text.text_content() == CONFIG["prompt"]
    button.click()
    assert text.inner_text().endswith("…")


def test_a_small_config_is_a_plain_list_without_a_search(visit):
    page = visit.open("projects/digits/runs/small.html", ready="#config .gt-pair")
    assert rows(page, "#config") == {"a.x": "2", "b": "1"}
    assert page.get_by_label("Find in the config").count() == 0
    assert page.locator("#config .gt-fold").count() == 0


def test_folded_results_are_found_and_get_their_curves(odd):
    assert odd.locator(".gt-summary tbody tr:visible").count() == 8
    odd.get_by_label("Find in the summary").fill("m8")
    visible = odd.locator(".gt-summary tbody tr:visible")
    assert visible.count() == 1
    visible.locator("polyline").wait_for(state="attached")
    assert visible.locator("polyline").get_attribute("points") == "0,0 100,48"
    odd.get_by_label("Find in the summary").fill("")
    assert odd.locator(".gt-summary tbody tr:visible").count() == 8


def test_a_metric_with_one_point_is_a_dot(odd):
    odd.wait_for_function("gitrack.runPage.charts.panels.some(p => p.metric === 'once')")
    odd.evaluate(
        "gitrack.runPage.charts.panels.find(p => p.metric === 'once').element.scrollIntoView()"
    )
    odd.wait_for_function(
        "gitrack.runPage.charts.panels.find(p => p.metric === 'once').figure?.sources.marks.data"
        ".y.length === 1"
    )
    assert odd.evaluate(
        "(() => { const {x, y, marker} = gitrack.runPage.charts.panels"
        ".find(p => p.metric === 'once').figure.sources.marks.data;"
        "return [[...x], [...y], [...marker]]; })()"
    ) == [[1], [7], ["circle"]]


DRAWN = """async title => {
  const panel = gitrack.systemCharts.panels.find((one) => one.metric === title);
  return panel.entries.map(({ run, xs, curve }) =>
    [run.name, [...xs], [...curve.y].map((y) => (Number.isNaN(y) ? null : y))]);
}"""


def test_system_charts_draw_a_line_a_device_over_time(odd):
    odd.evaluate("document.getElementById('system').scrollIntoView()")
    odd.wait_for_function("window.gitrack.systemCharts?.panels[0].figure")
    titles = odd.locator("#system h3").all_inner_texts()
    assert titles == [
        "GPU use %",
        "GPU power W",
        "CPU % of all cores",
        "Memory used GB",
        "tpu.duty",
    ]
    use = odd.evaluate(DRAWN, "GPU use")
    times = [0.0, 0.5, 1.0, 1.5]
    assert use == [
        ["gpu 0", times, SYSTEM["gpu.0.use"]],
        ["gpu 1", [0.0, 1.0, 1.5], [5.0, 95.0, 25.0]],
        ["gpu 10", times, SYSTEM["gpu.10.use"]],
    ]
    assert odd.locator("#system section[aria-label='Chart of GPU use'] .gt-dot").count() == 3


def test_system_charts_count_memory_in_gigabytes(odd):
    odd.evaluate("document.getElementById('system').scrollIntoView()")
    odd.wait_for_function(
        "window.gitrack.systemCharts?.panels.find(p => p.metric === 'Memory used').figure"
    )
    found = {name: values for name, _, values in odd.evaluate(DRAWN, "Memory used")}
    assert found["machine"] == pytest.approx([1, 2, 3, 2.5])
    assert found["process"] == pytest.approx([0.1, 0.2, 0.3, 0.25])


def test_a_zoom_in_the_system_charts_leaves_the_page_and_the_metrics_alone(odd):
    odd.evaluate("document.getElementById('system').scrollIntoView()")
    odd.wait_for_function("window.gitrack.systemCharts?.panels[0].figure")
    odd.evaluate(
        "() => { const { zoom, panels } = gitrack.systemCharts; zoom.to(panels[0], [0.5, 1]); }"
    )
    odd.wait_for_function("gitrack.systemCharts.panels[0].x[0] === 0.5")
    odd.wait_for_timeout(300)
    assert odd.evaluate("location.search") == ""
    assert odd.evaluate("gitrack.runPage.state.zoom") is None


def test_the_commands_to_run_it_again_stand_in_order(odd):
    steps = odd.locator("#again code").all_inner_texts()
    assert steps[0].startswith("git worktree add --detach ../odd 4f2c9e1a")


def nodes(page, within):
    return page.locator(f"{within} .gt-node").evaluate_all(
        "all => all.map(a => [a.querySelector('text').textContent, a.getAttribute('href')])"
    )


def test_a_run_shows_what_it_made_and_used_and_the_lineage_around_it(visit):
    page = visit.open("projects/chain/runs/train-0.html")
    page.evaluate("document.getElementById('artifacts').scrollIntoView()")
    page.locator("#artifacts .gt-lineage").wait_for()
    table = page.locator("#artifacts tbody tr")
    assert [row.split("\t")[:2] for row in table.all_inner_texts()] == [
        ["used", "images:v0"],
        ["made", "net:v0"],
    ]
    assert "1 made, 1 used" in page.locator("#artifacts h2").inner_text()
    found = nodes(page, "#artifacts")
    assert [name for name, _ in found] == [
        "prepare", "images:v0", "train 0", "net:v0", f"{EVIL[:18]}…",
    ]  # fmt: skip
    assert found[0][1].endswith("projects/chain/runs/prepare.html")
    assert found[1][1].endswith("projects/chain/artifacts.html#dataset/images:v0")
    assert found[4][1].endswith("projects/abroad/runs/reuse.html")
    page.locator("#artifacts .gt-node").nth(3).click()
    page.wait_for_url("**/projects/chain/artifacts.html#model/net:v0")
    page.locator(".gt-version").wait_for()


def test_the_runs_of_another_project_see_what_they_used(visit):
    page = visit.open("projects/abroad/runs/reuse.html")
    page.evaluate("document.getElementById('artifacts').scrollIntoView()")
    page.locator("#artifacts .gt-lineage").wait_for()
    assert "net:v0" in page.locator("#artifacts tbody").inner_text()
    assert [name for name, _ in nodes(page, "#artifacts")][2:4] == ["train 0", "net:v0"]


def test_the_artifacts_page_lists_versions_with_aliases_makers_and_users(visit):
    page = visit.open("projects/chain/artifacts.html#model/net", ready=".gt-version")
    table = page.locator(".gt-versions tbody tr").all_inner_texts()
    assert [row.split("\t")[:4] for row in table] == [
        ["v1", "latest", "train 1", "–"],
        ["v0", "best", "train 0", "1 run"],
    ]
    page.get_by_role("link", name="v0", exact=True).click()
    page.wait_for_url("**#model/net:v0")
    facts = page.locator(".gt-version [aria-label=Facts]").inner_text()
    assert EVIL in facts
    assert page.get_by_text("gitrack artifacts chain/model/net:v0 -o net").count() == 1


def test_the_files_of_a_version_are_listed_when_they_are_unfolded(visit):
    page = visit.open("projects/chain/artifacts.html#dataset/images:v0", ready=".gt-version")
    files = page.locator(".gt-fold--sheet")
    assert files.locator("tbody tr").count() == 0
    files.locator("summary").click()
    files.locator("tbody tr").first.wait_for()
    assert files.locator("tbody tr").count() == 26
    assert files.locator("tr", has_text="s3://bucket/slides").locator("a").count() == 0
    files.get_by_label("Find a file").fill("train/2")
    assert files.locator("tbody tr").count() == 6
    assert rows(page, ".gt-version")[f"{EVIL}.px"] == "256"
    assert page.evaluate("window.broken") is None


@pytest.mark.parametrize("hash_", ["#model/net:v9", "#model/gone:v0", "#%", "#a/%E0%A4%A:v1"])
def test_an_address_of_what_is_not_there_says_so(visit, hash_):
    page = visit.open(f"projects/chain/artifacts.html{hash_}", ready=".gt-artifacts__pane *")
    if hash_ != "#%":
        assert page.locator(".gt-artifacts__pane .gt-empty").count() == 1


def test_a_project_without_artifacts_has_no_page_of_them(visit, site):
    page = visit.open("projects/digits/index.html")
    assert page.get_by_role("link", name="Artifacts").count() == 0
    assert not (site / "projects/digits/artifacts.html").exists()


@pytest.mark.parametrize(
    "visit", [{"has_touch": True, "is_mobile": True}], indirect=True, ids=["phone"]
)
@pytest.mark.parametrize(
    "path", ["chain/artifacts.html", "chain/runs/train-0.html", "digits/runs/odd.html"]
)
def test_a_page_is_no_wider_than_a_phone(visit, path):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = visit.open(f"projects/{path}")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_that_was_logged_is_executed(visit):
    for path in ("digits/runs/odd.html", "abroad/runs/reuse.html", "chain/artifacts.html"):
        page = visit.open(f"projects/{path}")
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(500)
        assert page.evaluate("window.broken") is None
        assert page.evaluate("({}).polluted") is None
        assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("path", ["chain/artifacts.html", "chain/runs/train-0.html"])
def test_axe_finds_nothing_serious(visit, path):
    _ACCESSIBILITY.look(visit, f"projects/{path}")
