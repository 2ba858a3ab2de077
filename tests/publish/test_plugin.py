import pytest
from mkdocs.commands.build import build as build_with_mkdocs
from mkdocs.config import load_config

CONFIG = """
site_name: Ada's lab
site_url: https://ada.example.org/lab/
use_directory_urls: false
theme: {name: material, font: false}
plugins:
  - search
  - gitrack: {repository: ../lab, query: "tag:shown"}
"""


@pytest.fixture
def own_site(lab, tmp_path):
    lab.add(metrics={"loss": [1.0, 0.5]}, tags=("shown",), name="fox & friends")
    lab.add(metrics={"loss": [1.0, 0.5]})
    docs = tmp_path / "own" / "docs"
    docs.mkdir(parents=True)
    (docs / "about.md").write_text("# About\n")
    (tmp_path / "own" / "mkdocs.yml").write_text(CONFIG)
    build_with_mkdocs(load_config(str(tmp_path / "own" / "mkdocs.yml")))
    return tmp_path / "own" / "site"


def test_a_users_own_site_gains_the_experiments(own_site):
    for path in (
        "about.html",
        "index.html",
        "projects/digits/index.html",
        "projects/digits/runs/run-000.html",
        "data/digits/index.js",
        "assets/gitrack/loader.js",
    ):
        assert (own_site / path).is_file(), path


def test_the_query_chooses_the_runs(own_site):
    assert not (own_site / "projects/digits/runs/run-001.html").exists()


def test_run_pages_have_addresses_of_their_own(own_site):
    page = (own_site / "projects/digits/runs/run-000.html").read_text("utf-8")
    assert 'href="https://ada.example.org/lab/projects/digits/runs/run-000.html"' in page
    assert "<title>fox &amp; friends" in page
    sitemap = (own_site / "sitemap.xml").read_text("utf-8")
    assert "https://ada.example.org/lab/projects/digits/runs/run-000.html" in sitemap
    assert "GITRACKRUN" not in sitemap


def test_generated_pages_stay_out_of_the_navigation(own_site):
    about = (own_site / "about.html").read_text("utf-8")
    assert "GITRACKRUN" not in about
    assert "compare.html" not in about
