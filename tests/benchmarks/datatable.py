"""Sort, filter and scroll a logged table beside a plain one of all rows in Chromium; prints ms."""

import argparse
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright

ASSETS = Path(__file__).parents[2] / "site/docs/assets/gitrack"
NAMES = [
    "packed",
    "elements",
    "format",
    "menu",
    "sheet",
    "datarows",
    "datacell",
    "datahead",
    "datatable",
]
MADE = """rows => {
    let seed = 1;
    const noise = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const each = (make) => Array.from({ length: rows }, make);
    const columns = [];
    for (let k = 0; k < 14; k += 1)
        columns.push({ name: `n${k}`, kind: 'number', values: each(noise) });
    for (let k = 0; k < 6; k += 1) {
        const many = k < 3 ? 10 : 1e6;
        const text = () => `word ${Math.floor(noise() * many)} and more`;
        columns.push({ name: `t${k}`, kind: 'text', values: each(text) });
    }
    window.columns = columns;
    window.timed = (make) => {
        const start = performance.now();
        make();
        document.body.offsetHeight;
        return performance.now() - start;
    };
}"""
OURS = """rows => timed(() => {
    const view = new gitrack.TableView({ label: 'made', columns, rows });
    document.body.append(view.element);
    window.view = view;
})"""
PLAIN = """rows => timed(() => {
    const table = document.createElement('table');
    for (let row = 0; row < rows; row += 1) {
        const line = table.insertRow();
        for (const { values } of columns) line.insertCell().textContent = values[row];
    }
    document.body.append(table);
    window.plain = table.tBodies[0];
})"""
PLAIN_SORT = """at => timed(() => {
    const lines = [...plain.rows].map((line, row) => [columns[0].values[row], line]);
    lines.sort(([a], [b]) => (a - b) * at);
    plain.append(...lines.map(([, line]) => line));
})"""
CHANGES = {
    "sort by a number": "data.sort(0)",
    "sort by a text": "data.sort(18)",
    "sort by both": "data.sort(0); data.sort(14, { more: true })",
    "keep a range": "data.filter(1, { low: 0.2, high: 0.7 })",
    "search": "data.search = 'word 9'",
    "all rows again": "data.search = ''; data.filters.clear(); data.order = []",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = parser.parse_args().rows
    binary = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto("about:blank")
        for name in ("tokens", "controls", "datatable"):
            page.add_style_tag(path=ASSETS / f"{name}.css")
        for name in NAMES:
            page.add_script_tag(path=ASSETS / f"{name}.js")
        page.evaluate(MADE, rows)
        print(f"{f'{rows:,} rows x 20 columns':28} {'first':>7} {'median':>7}")
        print(f"{'make':28} {page.evaluate(OURS, rows):7.0f}")
        times: dict[str, list[float]] = {name: [] for name in CHANGES}
        for _ in range(5):
            for name, change in CHANGES.items():
                code = f"timed(() => view.change((data) => {{ {change} }}))"
                times[name].append(page.evaluate(code))
        scroll = "timed(() => { view.scroll.scrollTop += 5000; view.paint(); })"
        times["a far jump"] = [page.evaluate(scroll) for _ in range(20)]
        for name, took in times.items():
            print(f"{name:28} {took[0]:7.0f} {statistics.median(took):7.0f}")
        page.evaluate("view.element.remove()")
        print(f"{'plain table: make':28} {page.evaluate(PLAIN, rows):7.0f}")
        print(f"{'plain table: sort':28} {page.evaluate(PLAIN_SORT, 1):7.0f}")
        browser.close()


if __name__ == "__main__":
    main()
