"""Dashboards of a work tree, and what the site says of those that cannot be drawn."""

import pytest

from gitrack.publish.dashboards import read_dashboards
from gitrack.publish.ownfigures import own_figures

GOOD = "panels:\n  - chart: line\n    y: loss\n"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "dashboards").mkdir()
    return tmp_path


def write(tree, name, text):
    (tree / "dashboards" / name).write_text(text, "utf-8")


def test_settings_come_first_then_files_by_name(tree):
    (tree / "gitrack.toml").write_text(
        '[[dashboard]]\nname = "zeta"\nruns = "tag:a"\ngroup = ["config.lr"]\n'
        '[[dashboard.panels]]\nchart = "scatter"\nx = "lr"\ny = "acc"\nrange = [0, 1]\n'
    )
    write(tree, "b.yaml", GOOD)
    write(tree, "a.yml", f"name: Größe 😀\n{GOOD}")
    write(tree, "notes.txt", "no dashboard")
    found = read_dashboards(tree)
    assert [one.name for one in found.good] == ["zeta", "Größe 😀", "b"]
    assert found.damaged == ()
    assert found.good[0].panels[0].range == (0, 1)


def test_a_damaged_one_is_named_and_the_others_are_read(tree):
    (tree / "gitrack.toml").write_text('[[dashboard]]\nname = "x"\n')
    write(tree, "alias.yaml", "a: &a [1]\nb: *a\n")
    write(tree, "broken.yaml", "panels: [")
    write(tree, "good.yaml", GOOD)
    write(tree, "other.yaml", f"name: good\n{GOOD}")
    write(tree, "typo.yaml", "panels:\n  - chart: lin\n    y: loss\n")
    (tree / "dashboards" / "binary.yaml").write_bytes(b"\xff\x00\x81")
    (tree / "dashboards" / "large.yaml").write_bytes(b"#" * (1 << 20) + b"#")
    (tree / "dashboards" / "folder.yaml").mkdir()
    found = read_dashboards(tree)
    assert [one.name for one in found.good] == ["good"]
    said = "\n".join(found.damaged)
    for name in ("alias", "broken", "other", "typo", "binary", "large", "folder"):
        assert f"dashboards/{name}.yaml" in said
    assert "gitrack.toml: dashboard 1: a dashboard needs panels" in said
    assert "the nearest is 'line'" in said
    assert len(found.damaged) == 8


def test_a_link_is_not_followed(tree, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text(GOOD)
    (tree / "dashboards" / "link.yaml").symlink_to(secret)
    found = read_dashboards(tree)
    assert found.good == ()
    assert found.damaged == ("dashboards/link.yaml: is no plain file",)


def test_settings_that_cannot_be_read_cost_no_file(tree):
    (tree / "gitrack.toml").write_text("dashboard = 3")
    write(tree, "good.yaml", GOOD)
    found = read_dashboards(tree)
    assert len(found.good) == 1
    assert found.damaged == ("gitrack.toml: dashboard: expected tables, each under [[dashboard]]",)


def test_a_build_writes_them_and_tells_of_damaged_ones(lab, read_script):
    lab.add(metrics={"loss": [1.0, 0.5]})
    lab.add(project="other", metrics={"loss": [1.0]})
    (lab.folder / "dashboards").mkdir()
    write(lab.folder, "all.yaml", GOOD)
    write(lab.folder, "one.yaml", f"project: other\n{GOOD}")
    write(lab.folder, "bad.yaml", "panels: 3")
    report = lab.build()
    assert report.damaged == (
        "dashboards/bad.yaml: a dashboard needs panels, a list of descriptions",
    )
    names = {}
    for project in ("digits", "other"):
        content = (lab.out / "data" / project / "dashboards.js").read_bytes()
        names[project] = [one["name"] for one in read_script(content)["dashboards"]]
    assert names == {"digits": ["all"], "other": ["all", "one"]}
    assert "bad.yaml" in lab.page("about.html")


def test_a_chart_of_the_repository_is_read_where_it_is_a_plain_file_of_json(tree):
    (tree / "charts").mkdir()
    (tree / "charts" / "good.json").write_text('{"doc": {"roots": [{"name": "Figure"}]}}')
    (tree / "charts" / "bad.json").write_text("{")
    outside = tree.parent / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text('{"a": 1}')
    (tree / "charts" / "link.json").symlink_to(outside / "secret.json")
    (tree / "linked").symlink_to(outside)
    names = ("charts/good", "charts/bad", "charts/link", "linked/secret", "charts/none")
    panels = "".join(f"  - chart: bokeh\n    file: {name}.json\n" for name in names)
    write(tree, "own.yaml", f"panels:\n{panels}")
    found = own_figures(tree, read_dashboards(tree).good)
    said = {path: entry.get("why") for path, entry in found.found}
    assert said == {
        "charts/good.json": None,
        "charts/bad.json": "it is no JSON",
        "charts/link.json": "there is no such file",
        "linked/secret.json": "there is no such file",
        "charts/none.json": "there is no such file",
    }
    good = dict(found.found)["charts/good.json"]
    assert {good["script"], *good["engine"]} == found.scripts.keys()
