"""Filter, sort, group and scroll a table of 10,000 runs and 28 columns in Chromium; prints ms."""

import shutil
import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright

ASSETS = Path(__file__).parents[2] / "site/docs/assets/gitrack"
NAMES = [
    *("elements", "format", "keys", "project", "nearest", "query", "palette"),
    *("settings", "state", "menu"),
    *(
        "csv",
        "columns",
        "cellmenu",
        "groups",
        "widths",
        "tablehead",
        "tablerow",
        "table",
        "runlist",
    ),
]
STYLES = ("tokens", "controls", "table", "runs", "querybar", "workspace")
MADE = """() => {
    const n = 10000;
    const each = (make) => Array.from({ length: n }, (_, i) => make(i));
    const noise = (i, k) => ((i * 7919 + k * 104729) % 10007) / 10007;
    const runs = { id: each(i => 'r' + i), name: each(i => 'run-' + (i * 37) % n) };
    for (const key of ['group', 'job_type', 'notes', 'branch', 'commit', 'entity', 'host', 'error'])
        runs[key] = each(i => 'text-' + (i % 17));
    Object.assign(runs, { state: each(i => i % 50 ? 'finished' : 'crashed'), tags: each(() => []),
        created: each(i => 1.7e9 + i), duration: each(i => i % 3000), rows: each(() => 100) });
    const columns = [];
    for (let k = 0; k < 14; k += 1)
        columns.push({ key: `config.c${k}`, kind: k % 3 ? 'number' : 'text',
            values: each(i => (k % 3 ? (i * (k + 3)) % 20 : 'v' + ((i * (k + 3)) % 20))) });
    for (let k = 0; k < 14; k += 1)
        columns.push({ key: `summary.m${k}`, kind: 'number', goal: 'max',
            values: each(i => noise(i, k)) });
    const index = { project: 'made', runs, columns, metrics: [], chunk: 100, shards: [] };
    const project = new gitrack.Project(index, 'data/made/index.js');
    const state = new gitrack.State();
    state.columns = columns.map(column => column.key);
    const all = new gitrack.Columns(project, state);
    const list = new gitrack.RunList(project, state, all);
    const table = new gitrack.RunTable(list, all, state);
    document.body.append(table.element);
    Object.assign(table.element.style, { height: '800px', width: '600px' });
    table.update();
    window.made = { state, table };
}"""
CHANGES = {
    "filter c1<5": {"q": "c1<5"},
    "filter m3>=0.5 -c0:v3": {"q": "m3>=0.5 -c0:v3"},
    "sort by a number": {"q": "", "sort": ["-summary.m3"]},
    "sort by a text": {"sort": ["config.c0"]},
    "sort by name": {"sort": ["name"]},
    "sort by three keys": {"sort": ["config.c0", "-config.c1", "summary.m1"]},
    "group by two keys": {"group": ["config.c0", "config.c1"]},
    "sort groups by a mean": {"sort": ["-summary.m5"]},
    "filter groups": {"q": "m3>=0.5"},
}
APPLY = """change => { const start = performance.now(); made.state.set(change);
    document.body.offsetHeight; return performance.now() - start; }"""
SCROLL = """() => { const took = []; const { element } = made.table;
    for (let y = 0; y < element.scrollHeight; y += element.scrollHeight / 60) {
        const start = performance.now(); element.scrollTop = y; made.table.paint();
        document.body.offsetHeight; took.push(performance.now() - start);
    } return took; }"""


def main() -> None:
    binary = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto("about:blank")
        for name in STYLES:
            page.add_style_tag(path=ASSETS / f"{name}.css")
        for name in NAMES:
            page.add_script_tag(path=ASSETS / f"{name}.js")
        page.evaluate(MADE)
        start = {"q": "", "sort": [], "group": []}
        print(f"{'change':28} {'first':>7} {'median':>7}")
        times: dict[str, list[float]] = {name: [] for name in CHANGES}
        for _ in range(5):
            page.evaluate(APPLY, start)
            for name, change in CHANGES.items():
                times[name].append(page.evaluate(APPLY, change))
        for name, took in times.items():
            print(f"{name:28} {took[0]:7.0f} {statistics.median(took):7.0f}")
        page.evaluate(APPLY, {"q": ""})
        took = page.evaluate(SCROLL)
        print(f"{'a far jump, with groups':28} {max(took):7.0f} {statistics.median(took):7.0f}")
        browser.close()


if __name__ == "__main__":
    main()
