import logging
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from gitrack.errors import BuildError, UsageError
from gitrack.model.run import Code, Host, State
from gitrack.publish.build import build
from gitrack.publish.workers import Workers
from gitrack.store.data import DataStore
from gitrack.store.history import HistoryBuilder, table_to_bytes
from gitrack.store.pointers import pointer_to_dvc

EVIL = (
    "</script><script>alert(1)</script>{{ 7*7 }}{% raw %} **b** [x](javascript:1) <img src=x>\"'&"
)


def curves(start=1.0):
    return {"train/loss": [start / (step + 1) for step in range(50)], "val/acc": [0.1, 0.9] * 25}


@pytest.fixture
def filled(lab):
    for number in range(3):
        lab.add(metrics=curves(number + 1.0), config={"lr": 0.1 * number}, summary={"val/acc": 0.9})
    lab.add(project="tést-läb", state=State.CRASHED, error="boom", metrics={"x": [1]})
    return lab


def test_the_site_has_its_pages_and_the_report_counts_them(filled):
    report = filled.build()
    assert report.runs == 4
    assert report.damaged == ()
    for path in (
        "index.html",
        "projects/digits/index.html",
        "projects/digits/compare.html",
        "projects/digits/runs/run-000.html",
        "projects/tést-läb/runs/run-003.html",
        "data/digits/index.js",
        "data/charts.js",
        "assets/gitrack/loader.js",
        "search/search_index.js",
    ):
        assert (filled.out / path).is_file(), path
    pages = list(filled.out.rglob("*.html"))
    assert report.pages == len(pages)
    assert not any("GITRACKRUN" in page.read_text("utf-8") for page in pages)


def test_two_builds_are_byte_for_byte_the_same(filled, read_tree, tmp_path):
    filled.build()
    shutil.rmtree(filled.repository.own_dir / "cache")
    filled.build(tmp_path / "second")
    assert read_tree(filled.out) == read_tree(tmp_path / "second")


def test_a_build_on_top_is_the_same_as_a_fresh_one(filled, read_tree, tmp_path):
    filled.build()
    filled.add(metrics=curves(0.5), config={"new": 1}, created=1.0)
    filled.build()
    shutil.rmtree(filled.repository.own_dir / "cache")
    filled.build(tmp_path / "fresh")
    assert read_tree(filled.out) == read_tree(tmp_path / "fresh")


def test_nothing_new_writes_nothing(filled):
    filled.build()
    report = filled.build()
    assert (report.pages, report.shards) == (0, 0)


def test_one_more_run_leaves_the_pages_of_other_chunks_alone(filled):
    filled.build()
    filled.add(project="other", metrics=curves())
    report = filled.build()
    # The project list in every page's menu is new; after that, one run is a page of its own.
    filled.add(project="other", id="second", created=2e9, metrics=curves())
    before = {path: path.stat().st_mtime_ns for path in filled.out.rglob("runs/*.html")}
    report = filled.build()
    changed = {path.name for path, stamp in before.items() if path.stat().st_mtime_ns != stamp}
    assert changed == {"run-004.html"}  # its curves share their scripts with the newer run's
    assert report.runs == 6


@pytest.mark.parametrize("workers", [Workers(1), Workers(2), Workers(2, "multiprocessing")])
def test_who_does_the_work_changes_no_byte(filled, read_tree, tmp_path, monkeypatch, workers):
    monkeypatch.setattr("gitrack.publish.shards._MANY", 1)
    filled.build()
    shutil.rmtree(filled.repository.own_dir / "cache")
    build(filled.repository, tmp_path / "second", workers=workers)
    assert read_tree(filled.out) == read_tree(tmp_path / "second")


def test_a_backend_that_nobody_registered_is_one_clear_line(filled, monkeypatch):
    monkeypatch.setattr("gitrack.publish.shards._MANY", 1)
    with pytest.raises(BuildError, match="nowhere"):
        build(filled.repository, filled.out, workers=Workers(2, "nowhere"))


def test_work_that_cannot_be_read_ends_the_build(filled):
    def units():
        yield 1
        raise BuildError("an object is missing")

    for workers in (Workers(1), Workers(2, "threading")):
        with pytest.raises(BuildError, match="an object is missing"):
            list(workers.map(abs, units(), spread=True))


def test_two_folders_share_a_cache_and_each_gets_its_own_pages(filled, read_tree, tmp_path):
    filled.build()
    filled.build(tmp_path / "second")
    filled.add(metrics=curves(9.0))
    filled.build()
    filled.build(tmp_path / "second")
    assert read_tree(filled.out) == read_tree(tmp_path / "second")


def test_the_query_chooses_the_runs(filled):
    report = build(filled.repository, filled.out, only="lr>=0.1")
    assert report.runs == 2
    assert not (filled.out / "projects/digits/runs/run-000.html").exists()


def test_an_address_makes_canonical_links_and_a_sitemap(filled):
    build(filled.repository, filled.out, base_url="https://ada.example.org/lab")
    place = "https://ada.example.org/lab/projects/digits/runs/run-000.html"
    page = filled.page("projects/digits/runs/run-000.html")
    assert f'<link rel="canonical" href="{place}">' in page
    assert f'<meta property="og:url" content="{place}">' in page
    assert place in filled.page("sitemap.xml")
    filled.build()
    assert not (filled.out / "sitemap.xml").exists()
    assert "example.org" not in filled.page("projects/digits/runs/run-000.html")


@pytest.mark.parametrize(
    "address", ["lab", "file:///lab", "javascript:1", "https://", "https://a/?b"]
)
def test_an_address_that_is_none_is_refused(filled, address):
    with pytest.raises(UsageError):
        build(filled.repository, filled.out, base_url=address)


def test_pages_say_what_they_are_to_those_who_link_to_them(filled):
    filled.add(name='a "fox" & <b>', metrics=curves())
    filled.build()
    page = filled.page("projects/digits/runs/run-004.html")
    assert '<meta property="og:title" content="a &quot;fox&quot; &amp; &lt;b&gt;">' in page
    assert 'content="Finished run run-004 of digits: ' in page
    assert "og:url" not in page
    assert 'property="og:title" content="lab"' in filled.page("index.html")


def test_the_site_says_what_it_was_built_from(filled):
    filled.add(files={"history.parquet": b"PAR1 not really"})
    filled.build()
    page = filled.page("about.html")
    tip = subprocess.run(
        ["git", "-C", filled.folder, "rev-parse", "experiments/main"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    for text in ("experiments/main", tip, "bokeh", "digits", "run-004/history.parquet"):
        assert text in page
    assert 'href="about.html"' in filled.page("index.html")
    assert tip in filled.page("data/site.js")
    # What is damaged is still told when nothing is read again.
    assert len(filled.build().damaged) == 1


def test_the_report_adds_up_and_names_what_is_large(filled, read_tree):
    report = build(filled.repository, filled.out, budget=10)
    files = {path: len(content) for path, content in read_tree(filled.out).items()}
    assert report.size == sum(files.values()) - files[".gitrack-site"]
    assert sum(report.kinds.values()) == report.size
    assert {"curves", "run pages", "program", "run tables"} <= report.kinds.keys()
    assert len(report.largest) == 5
    assert report.largest[0][0] in report.warning
    assert build(filled.repository, filled.out, budget=10**9).warning == ""


def test_runs_of_several_branches_are_one_site(filled):
    filled.add(branch="feature/x", metrics=curves())
    filled.build()
    assert "experiments/feature/x" in filled.page("index.html")
    assert (filled.out / "projects/digits/runs/run-004.html").is_file()


def test_a_repository_without_runs_shows_how_to_record_one(lab):
    assert lab.build().runs == 0
    assert "import gitrack" in lab.page("index.html")


def test_a_page_of_a_run_says_what_is_known(filled):
    filled.add(
        metrics=curves(),
        config={"model": {"depth": 2}},
        code=Code("4f2c9e1a", "main", dirty=True, remote="git@github.com:ada/lab.git"),
        host=Host("gpu-04", gpus=("H100",)),
        command=("train.py", "--lr", "3e-4"),
        files={"requirements.txt": b"numpy==2.0\nscipy==1.15\n"},
    )
    filled.build()
    page = filled.page("projects/digits/runs/run-004.html")
    for text in ("model.depth", "H100", "train/loss", "Packages <small>2</small>"):
        assert text in page
    (packages,) = (filled.out / "data" / "text").iterdir()
    assert f'data-gt-packages="data/text/{packages.name}"' in page
    assert "numpy==2.0" in packages.read_text()
    assert 'href="https://github.com/ada/lab/commit/4f2c9e1a"' in page
    assert "git worktree add --detach ../run-004 4f2c9e1a" in page
    assert "<title>fox 4" in page


def test_run_pages_are_found_by_search(filled):
    filled.build()
    index = filled.page("search/search_index.js")
    assert "projects/digits/runs/run-000.html" in index
    assert "fox 0" in index


class Tags(HTMLParser):
    """Collects elements with their attributes."""

    def __init__(self, page) -> None:
        super().__init__()
        self.found = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.fixture
def hostile(lab):
    lab.add(
        name=EVIL,
        notes=EVIL,
        tags=(EVIL,),
        group=EVIL,
        job_type=EVIL,
        entity=EVIL,
        error=EVIL,
        state=State.FAILED,
        command=(EVIL,),
        python=EVIL,
        missing=(EVIL,),
        code=Code("4f2c9e1a", EVIL, dirty=True, remote=f"https://github.com/{EVIL}"),
        host=Host(EVIL, EVIL, EVIL, 4, 2**34, (EVIL,)),
        config={EVIL: EVIL, "__proto__": {"constructor": EVIL}},
        summary={EVIL: EVIL},
        metrics={EVIL: [1.0, 2.0], "val/acc": [0.1, 0.2]},
        files={"requirements.txt": EVIL.encode()},
    )
    lab.build()
    return lab


def test_what_was_logged_stays_text_on_every_page(hostile):
    harmless = re.compile(r"(\.\./)*assets/|^$")
    for path in hostile.out.rglob("*.html"):
        page = path.read_text("utf-8")
        tags = Tags(page).found
        assert "alert(1)" not in {attributes.get("src") for _, attributes in tags}
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        for tag, attributes in tags:
            assert not any(name.startswith("on") for name in attributes), (path, tag, attributes)
            if tag == "script":
                assert harmless.match(attributes.get("src") or ""), attributes
            assert "javascript:" not in (attributes.get("href") or "")
    page = hostile.page("projects/digits/runs/run-000.html")
    assert "{{ 7*7 }}{% raw %} **b** [x](javascript:1)" in page


def test_what_was_logged_stays_text_in_data_scripts(hostile, read_script):
    index = read_script((hostile.out / "data/digits/index.js").read_bytes())
    assert index["runs"]["name"] == [EVIL]
    assert f"config.{EVIL}" in {column["key"] for column in index["columns"]}


def test_every_link_is_relative_and_nothing_is_asked_of_another_host(filled):
    filled.build()
    for path in filled.out.rglob("*.html"):
        for tag, attributes in Tags(path.read_text("utf-8")).found:
            for name in ("href", "src", "srcset", "poster", "data", "action"):
                target = attributes.get(name) or ""
                if target.startswith(("#", "javascript:void", "data:")):
                    continue
                assert not re.match(r"/|[a-z]+:", target), (path, tag, target)
                place = target.partition("#")[0].partition("?")[0]
                assert not place or (path.parent / place).exists(), (path, target)
    for path in (*filled.out.rglob("*.css"), *filled.out.glob("assets/gitrack/*.js")):
        text = path.read_text("utf-8")
        assert not re.search(r"""url\(['"]?(https?:)?//|@import|fetch\(["']http""", text), path


def test_the_users_files_are_not_overwritten(lab):
    lab.out.mkdir()
    (lab.out / "index.html").write_text("mine")
    with pytest.raises(BuildError):
        lab.build()
    assert (lab.out / "index.html").read_text() == "mine"


def test_a_crash_in_the_middle_leaves_the_older_site_usable(filled, read_tree, monkeypatch):
    filled.build()
    before = {
        path: content for path, content in read_tree(filled.out).items() if ".git" not in path
    }
    filled.add(metrics=curves(9.0))

    def fail(*_):
        raise BuildError("MkDocs failed: no")

    with monkeypatch.context() as patch:
        patch.setattr("gitrack.publish.build._run_mkdocs", fail)
        with pytest.raises(BuildError):
            filled.build()
    after = read_tree(filled.out)
    assert {path: after.get(path) for path in before} == before
    filled.build()
    assert "run-004" in filled.page("data/digits/index.js")


def test_a_damaged_cache_counts_as_none(filled, read_tree):
    filled.build()
    before = read_tree(filled.out)
    (filled.repository.own_dir / "cache" / "site.db").write_text("no database")
    filled.build()
    assert read_tree(filled.out) == before


def test_a_project_that_leads_outside_is_left_out(lab, monkeypatch):
    lab.add(metrics=curves())
    run = lab.add(id="ok")
    monkeypatch.setattr("gitrack.publish.plan.folder_from_project", lambda name: name + "x")
    assert run.id == "ok"
    assert lab.build().runs == 0


def test_the_build_is_quiet_and_leaves_logging_as_it_was(filled, capfd):
    filled.build()
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("mkdocs").handlers == []
    assert logging.getLogger("mkdocs").propagate


def test_a_second_build_imports_neither_bokeh_nor_pandas(filled):
    filled.build()
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gitrack.store.repository import Repository\n"
        "from gitrack.publish.build import build\n"
        f"build(Repository.find(Path({str(filled.folder)!r})), Path({str(filled.out)!r}))\n"
        "print({'bokeh', 'pandas', 'dvc'} & set(sys.modules))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout == "set()\n"


def test_a_run_whose_history_is_elsewhere_shows_its_preview_and_says_so(lab):
    store = DataStore(lab.repository)
    whole, preview = history(range(50)), history(range(0, 50, 2))
    pointer = store.add_bytes(whole, "history.parquet")
    files = {"history.parquet.dvc": pointer_to_dvc(pointer), "history.preview.parquet": preview}
    lab.add(files=files)
    lab.add(files={"history.parquet.dvc": pointer_to_dvc(pointer)})
    report = lab.build()
    assert report.damaged == ()
    assert "Preview only" not in lab.page("projects/digits/runs/run-000.html")
    shutil.rmtree(store.root)
    report = lab.build()
    page = lab.page("projects/digits/runs/run-000.html")
    assert "Preview only" in page
    assert "gitrack get run-000:history.parquet" in page
    assert '"preview":[true,true]' in lab.page("data/digits/index.js").replace(" ", "")
    assert "gitrack get run-001:history.parquet" in lab.page("projects/digits/runs/run-001.html")
    assert report.damaged == ()
    before = read_shards(lab)
    DataStore(lab.repository).add_bytes(whole, "history.parquet")
    lab.build()
    assert "Preview only" not in lab.page("projects/digits/runs/run-000.html")
    assert read_shards(lab) != before


def history(steps):
    builder = HistoryBuilder()
    for step in steps:
        builder.add(step, step / 2, step / 2, {"loss": 1 / (step + 1)})
    return table_to_bytes(builder.table())


def read_shards(lab):
    return sorted(path.relative_to(lab.out) for path in lab.out.glob("data/digits/*/*.js"))
