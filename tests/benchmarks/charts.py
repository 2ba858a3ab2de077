"""200 charts of ten runs in Chromium: a slider's work, and the heap after scrolling."""

import argparse
import runpy
import shutil
import statistics
from pathlib import Path

from lab import fresh_repository, table

# Python has a module of its own named site.
SITE = runpy.run_path(str(Path(__file__).with_name("site.py")))

SCROLL = """async () => {
  const scroller = document.querySelector('.gt-charts__scroll');
  for (let y = 0; y < scroller.scrollHeight; y += 500) {
    scroller.scrollTop = y;
    await new Promise(done => setTimeout(done, 250));
  }
}"""
HELD = "[...document.querySelectorAll('.gt-panel')].filter(e => e.panel.figure).length"
PARTS = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration")


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charts", type=int, default=200)
    parser.add_argument("--steps", type=int, default=1000)
    options = parser.parse_args()
    with fresh_repository() as folder, sync_playwright() as playwright:
        SITE["add_runs"](folder, 0, 10, options.charts, options.steps)
        SITE["build"](folder)
        binary = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=binary, args=flags)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{(folder / '_site').as_uri()}/projects/big/index.html?plain")
        page.wait_for_function(SITE["READY"], timeout=120_000)
        client = page.context.new_cdp_session(page)
        client.send("Performance.enable")

        def spent() -> dict[str, float]:
            found = client.send("Performance.getMetrics")["metrics"]
            return {one["name"]: one["value"] for one in found}

        page.evaluate(SITE["SLIDE"], 0.5)
        before = spent()
        slides = [page.evaluate(SITE["SLIDE"], value / 31) for value in range(1, 31)]
        after = spent()
        rows = [["slider to repaint", f"{statistics.median(slides):.0f} ms", f"{max(slides):.0f}"]]
        each = {part: (after[part] - before[part]) / len(slides) * 1e3 for part in PARTS}
        rows += [[f"  {part}", f"{spent_on:.1f} ms", ""] for part, spent_on in each.items()]
        page.evaluate(SCROLL)
        page.wait_for_timeout(1500)
        client.send("HeapProfiler.enable")
        client.send("HeapProfiler.collectGarbage")
        heap = client.send("Runtime.getHeapUsage")
        parts = [heap[key] for key in ("usedSize", "embedderHeapUsedSize", "backingStorageSize")]
        told = " + ".join(f"{one / 1e6:.0f}" for one in parts)
        rows.append(["heap after scrolling", f"{sum(parts) / 1e6:.0f} MB", told])
        rows.append(["figures held", str(page.evaluate(HELD)), f"of {options.charts} charts"])
        browser.close()
    table(["", "", ""], rows)


if __name__ == "__main__":
    main()
