"""The sections of runs in builds that follow one another."""

import base64
import json
import re

import pytest

from gitrack.publish.build import build
from gitrack.publish.serve import Preview
from gitrack.store.branch import Branch
from gitrack.store.reader import Reader

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
CURVE = {"loss": [1.0, 0.5]}


def with_media(caption="a fox"):
    """Return the files of a run that logged one image and printed one line."""
    item = {"key": "seen", "step": 0, "runtime": 0.5, "timestamp": 1.0, "type": "image"}
    facts = {"caption": caption, "width": 1, "height": 1, "size": len(PIXEL)}
    line = {**item, "index": None, "path": "media/aa/pixel.png", "facts": facts}
    return {
        "media.jsonl": json.dumps(line).encode() + b"\n",
        "media/aa/pixel.png": PIXEL,
        "console.log": b"begun\n",
    }


def sections(lab, run):
    """Return a run page's data scripts by the section that loads them."""
    page = lab.page(f"projects/digits/runs/{run}.html")
    found = re.findall(r'id="([a-z]+)" aria-labelledby="[^"]+" data-gt-section="([^"]+)"', page)
    return dict(found)


def complete(lab):
    """Tell whether every section of every page finds its script, and the media it shows."""
    for page in lab.out.glob("projects/digits/runs/*.html"):
        for script in sections(lab, page.stem).values():
            data = (lab.out / script).read_text("utf-8")
            assert all((lab.out / place).is_file() for place in re.findall(r"media/[^\"]+", data))
    return True


@pytest.fixture
def shown(lab):
    """Two runs with media, built."""
    lab.add(metrics=CURVE, files=with_media())
    lab.add(metrics=CURVE, files=with_media("another"))
    lab.build()
    assert {"media", "console", "files"} <= sections(lab, "run-000").keys()
    return lab


def test_a_build_on_top_keeps_sections_and_media(shown):
    before = sections(shown, "run-000")
    pictures = sorted(path.name for path in shown.out.glob("media/*/*"))
    assert len(pictures) == 1  # both runs saw the same
    shown.add(metrics=CURVE)
    for _ in range(2):
        shown.build()
        assert sections(shown, "run-000") == before
        assert complete(shown)
    assert sorted(path.name for path in shown.out.glob("media/*/*")) == pictures


def test_a_page_follows_its_sections(shown):
    page = shown.page("projects/digits/runs/run-000.html")
    others = shown.page("projects/digits/runs/run-001.html")
    record = Reader(shown.repository).with_id("run-000")
    longer = {f"{record.path}/console.log": b"begun\nand ended\n"}
    Branch(shown.repository, "experiments/main").change(lambda _: longer, "More of its console")
    shown.build()
    assert shown.page("projects/digits/runs/run-000.html") != page
    assert shown.page("projects/digits/runs/run-001.html") == others
    script = sections(shown, "run-000")["console"]
    assert "and ended" in (shown.out / script).read_text("utf-8")


def test_what_is_left_out_takes_its_sections_along_and_brings_them_back(shown):
    shown.add(metrics=CURVE, config={"lr": 0.5}, files={"console.log": b"of the third\n"})
    shown.build()
    all_scripts = set(shown.out.glob("data/digits/section/*.js"))
    build(shown.repository, shown.out, only="lr:0.5")
    left = set(shown.out.glob("data/digits/section/*.js"))
    assert left < all_scripts
    assert not list(shown.out.glob("media/*/*"))
    assert complete(shown)
    shown.build()
    assert set(shown.out.glob("data/digits/section/*.js")) == all_scripts
    assert complete(shown)


def test_a_served_site_keeps_sections_when_a_run_lands(shown):
    preview = Preview(shown.repository, shown.out)
    try:
        before = sections(shown, "run-000")
        shown.add(metrics=CURVE, files=with_media("landed"))
        assert preview.look()
        assert sections(shown, "run-000") == before
        assert "media" in sections(shown, "run-002")
        assert complete(shown)
    finally:
        preview._server.server_close()


def test_the_report_names_media(shown):
    shown.add(files=with_media() | {"media/aa/pixel.png": PIXEL + b"\0" * 500_000})
    report = shown.build()
    assert report.kinds["media"] > 500_000
    assert any(path.startswith("media/") for path, _ in report.largest)


def test_archived_runs_are_left_out_unless_asked_for(shown):
    shown.add(metrics=CURVE, archived=True, files=with_media("put away"))
    assert shown.build().runs == 2
    assert not (shown.out / "projects/digits/runs/run-002.html").exists()
    assert build(shown.repository, shown.out, archived=True).runs == 3
    assert "media" in sections(shown, "run-002")
    assert complete(shown)
