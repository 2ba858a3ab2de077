import re

import pytest
from mkdocs.commands.build import build as build_with_mkdocs
from mkdocs.config import load_config

CONFIG = """
site_name: Ada's lab
site_url: https://ada.example.org/lab/
use_directory_urls: false
theme:
  name: material
  font: false
  custom_dir: overrides
  features:
    - navigation.tabs
    - navigation.sections
    - navigation.top
    - content.code.copy
    - search.suggest
  palette:
    - scheme: default
      primary: teal
      accent: lime
      toggle: {icon: material/weather-sunny, name: Dark please}
    - scheme: slate
      primary: teal
      toggle: {icon: material/weather-night, name: Light please}
nav:
  - Welcome: index.md
  - The lab:
      - About: about.md
      - Experiments: projects/digits/index.md
markdown_extensions: [admonition, attr_list, pymdownx.superfences]
plugins:
  - tags
  - search
  - gitrack: {repository: ../lab, query: "tag:shown"}
extra_css: [own.css]
"""


@pytest.fixture
def own_site(lab, tmp_path):
    lab.add(metrics={"loss": [1.0, 0.5]}, tags=("shown",), name="fox & friends")
    lab.add(metrics={"loss": [1.0, 0.5]})
    docs = tmp_path / "own" / "docs"
    docs.mkdir(parents=True)
    (docs / "index.md").write_text("# Welcome to the lab\n")
    (docs / "about.md").write_text("---\ntags: [people]\n---\n# About\n\n!!! note\n    Ours.\n")
    (docs / "own.css").write_text("body { letter-spacing: 0 }\n")
    (tmp_path / "own" / "overrides" / "partials").mkdir(parents=True)
    footer = tmp_path / "own" / "overrides" / "partials" / "copyright.html"
    footer.write_text("<p>Ada's own footer</p>\n")
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


def test_the_users_own_pages_stay_theirs(own_site):
    welcome = (own_site / "index.html").read_text("utf-8")
    assert "Welcome to the lab" in welcome
    about = (own_site / "about.html").read_text("utf-8")
    for text in ("Ours.", "Ada's own footer", "own.css", 'class="md-tag"'):
        assert text in about


@pytest.mark.parametrize(
    "path", ["about.html", "projects/digits/index.html", "projects/digits/runs/run-000.html"]
)
def test_the_users_theme_settings_reach_every_page(own_site, path):
    page = (own_site / path).read_text("utf-8")
    assert 'data-md-color-primary="teal"' in page
    assert "Dark please" in page
    assert "navigation.tabs" in page


def test_a_workspace_may_stand_in_the_users_navigation(own_site):
    about = (own_site / "about.html").read_text("utf-8")
    assert 'href="projects/digits/index.html"' in about
    assert ">Experiments<" in " ".join(about.split()).replace("> ", ">").replace(" <", "<")


def test_every_script_of_a_run_page_is_there(own_site):
    page = own_site / "projects/digits/runs/run-000.html"
    text = page.read_text("utf-8")
    words = re.search(r'"([^"]+)"\.split\(" "\)', text)[1].split()
    # Those of a section stand behind its name.
    names = [name for word in words for name in word.split(":")[-1].split(",")]
    sources = re.findall(r'<script src="([^"]+)"', text)
    sources += [f"../../../assets/gitrack/{name}.js" for name in names]
    assert len(sources) > 10
    for source in (*sources, "../../../data/site.js", "../../../data/charts.js"):
        assert (page.parent / source).resolve().is_file(), source
