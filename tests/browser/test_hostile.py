"""Every logged field filled with texts that were written to break out of a page."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitrack.publish.build import build
from gitrack.store.repository import Repository

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("vectors", HERE / "vectors.py")
_VECTORS = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_VECTORS)
VECTORS = _VECTORS.VECTORS
#: Vectors of each carrier run, as in ``hostile_recordings.py``.
CARRIED = 14
CARRIERS = [f"k{number:02}" for number in range(-(-len(VECTORS) // CARRIED))]
NAMED = ",".join(f"n{number:03}" for number in range(0, len(VECTORS), 20))

LOOK = """() => {
  const bad = [];
  const address = /^[\\s\\u0000-\\u0020]*(javascript|vbscript|data:text)/i;
  for (const one of document.querySelectorAll('*')) {
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name)) bad.push(one.outerHTML.slice(0, 200));
      if (/^(href|src|action|formaction|data|xlink:href|poster|srcset)$/i.test(name)) {
        if (address.test(value) || /evil\\.example/.test(value)) bad.push(`${name}=${value}`);
      }
      if (name === 'style' && /url\\(|expression|@import/i.test(value)) bad.push(value);
    }
    if (/^(script|style)$/i.test(one.localName) && one.type !== 'application/json') {
      if (one.textContent.includes('broken=1')) bad.push(one.outerHTML.slice(0, 200));
    }
    const outer = one.outerHTML.slice(0, 200);
    if (/^(object|embed|base|link)$/i.test(one.localName)) {
      if (/evil|broken/.test(outer)) bad.push(outer);
    }
    if (one.localName === 'iframe') {
      if (one.getAttribute('sandbox') !== 'allow-scripts') bad.push(outer);
      const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'`;
      if (!one.srcdoc.startsWith(`<!doctype html><meta charset="utf-8">${policy}`)) bad.push(outer);
    }
  }
  const broken = [window.broken, {}.polluted].filter((one) => one !== undefined);
  const stored = Object.values(localStorage).includes('broken');
  return { bad, broken, stored, lost: document.body.innerHTML === 'broken' };
}"""
#: Brings every part of a page into sight, and opens what opens.
WALK = """async () => {
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const pass = async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
      scrollTo(0, y);
      await rest(40);
    }
  };
  await pass();
  const folded = 'main details:not([open]) > summary, main [data-gt-unfold]';
  for (const one of document.querySelectorAll(folded)) one.click();
  await pass();
  await rest(300);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site of what ``hostile_recordings.py`` logs."""
    top = tmp_path_factory.mktemp("hostile")
    lab, home = top / "lab", top / "home"
    home.mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "XDG"))}
    clean |= {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", "-b", "main", lab], env=clean, check=True)
    for name in ("vectors.py", "hostile_recordings.py"):
        shutil.copy(HERE / name, lab)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [sys.executable, "hostile_recordings.py"], cwd=lab, env=clean, check=True, **quiet
    )
    report = build(Repository.find(lab), top / "site")
    assert report.damaged == ()
    assert report.runs == len(VECTORS) + len(CARRIERS) + 1
    return top / "site"


@pytest.fixture
def reached(visit):
    """Addresses of the other host that anything here got as far as asking."""
    found = []
    visit.page.context.route(
        "**evil.example/**", lambda route: (found.append(route.request.url), route.abort())
    )
    visit.page.on("websocket", lambda socket: found.append(socket.url))
    return found


@pytest.fixture
def harmless(visit, reached):
    """Give a function that walks a page and fails where anything logged came alive."""

    def check(path, *, ready="main"):
        page = visit.open(path, ready=ready)
        page.evaluate(WALK)
        found = page.evaluate(LOOK)
        assert found == {"bad": [], "broken": [], "stored": False, "lost": False}
        assert page.url.startswith(visit.root)
        return page

    yield check
    assert reached == []
    # A frame is told on the console what it was kept from, and asks before it is kept from it.
    kept = ("Content Security Policy", "sandbox", "evil.example")
    visit.troubles[:] = [one for one in visit.troubles if not any(word in one for word in kept)]


def test_the_alarm_works(visit, reached, site):
    page = visit.open("about.html")
    page.evaluate(
        "html => { const frame = document.createElement('iframe'); frame.srcdoc = html;"
        " frame.sandbox = 'allow-scripts allow-same-origin'; document.body.append(frame);"
        " document.querySelector('main').innerHTML = '<img src=x onerror=window.broken=1>'; }",
        _VECTORS.ESCAPES[13],
    )
    page.wait_for_function("window.broken === 1")
    found = page.evaluate(LOOK)
    assert found["broken"] == [1]
    assert len(found["bad"]) >= 2
    page.goto("about:blank")
    page.set_content(
        f"<iframe srcdoc=\"<script>location='{_VECTORS.ELSEWHERE}'</script>\"></iframe>"
    )
    page.wait_for_timeout(500)
    assert reached == ["ws://evil.example/", _VECTORS.ELSEWHERE]
    visit.troubles.clear()


def test_there_are_enough(site):
    assert len(VECTORS) >= 150
    index = (site / "data/names/index.js").read_text("ascii")
    names = json.loads(index[len("gitrack.put(") : -3])
    assert names["project"] == "names"


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "about.html",
        "projects/names/index.html",
        "projects/names/index.html?columns=notes&columns=job_type&columns=config.said",
        "projects/names/index.html?group=group&means=1",
        f"projects/names/compare.html?runs={NAMED}",
        "projects/carriers/index.html",
        "projects/carriers/compare.html?runs=k00,k03,k07,k12",
    ],
)
def test_no_name_comes_alive(harmless, path):
    harmless(path)


def test_a_page_that_was_logged_stays_in_its_frame(harmless, visit):
    page = harmless("projects/carriers/runs/pages.html")
    assert page.locator("iframe").count() >= 1
    # What it tried is told as the page's own errors; to speak up it has no way.
    visit.troubles[:] = [one for one in visit.troubles if one.startswith("dialog")]


@pytest.mark.parametrize("run", CARRIERS)
def test_nothing_that_a_run_logged_comes_alive(harmless, run):
    harmless(f"projects/carriers/runs/{run}.html")


@pytest.mark.parametrize("run", [f"n{number:03}" for number in range(0, len(VECTORS), 23)])
def test_no_page_of_a_run_is_broken_by_its_names(harmless, run):
    page = harmless(f"projects/names/runs/{run}.html")
    text = VECTORS[int(run[1:])]
    if text.strip() and text.isprintable() and len(text) < 1000:
        assert page.locator("h1").first.inner_text().split() == text.split()
