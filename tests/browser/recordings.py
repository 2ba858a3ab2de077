"""What the browser tests look at; run in a repository, with ``crash`` to die in the middle."""

import math
import os
import random
import sys

import gitrack

MARK = "window.broken=1"
VECTORS = [
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f'"><svg onload={MARK}>',
    f"'-({MARK})-'",
    f"javascript:{MARK}",
    f"[a](javascript:{MARK})",
    "![x](http://evil.example/x.png)",
    "{{ 7*7 }}{% raw %}",
    "${7*7}`",
    f"]]><!--<script>{MARK}</script>",
    "GITRACKRUNCONTENT GITRACKRUNTITLE",
    "\u202edesrever\u2028line\u2029\u0000nul",
    "__proto__",
    "constructor",
    "emoji 😀 \n newline \\ backslash",
    "@@x@@ &lt;b&gt; &#60;i&#62;",
    "../../../etc/passwd",
    "x" * 3000,
]


def curves() -> None:
    for number in range(12):
        lr = (0.1, 0.03, 0.01)[number % 3]
        noise = random.Random(number)
        with gitrack.init(
            project="curves",
            name=f"curve-{number:02}",
            id=f"c{number:02}",
            group=f"lr-{lr}",
            tags=["baseline"] if number < 2 else ["late"],
            config={"lr": lr, "seed": number, "model": {"depth": 3}, "same": "yes"},
            notes="a note about step size" if number == 3 else None,
        ) as run:
            for step in range(40):
                loss = math.exp(-step * lr) + 0.05 * noise.random()
                row = {"train/loss": loss, "val": {"accuracy": 1 - loss / 2}, "tokens": step * 1000}
                if number == 4 and 10 <= step < 13:
                    row["train/loss"] = math.nan
                if number < 3:
                    row["extra"] = math.sin(step / 5 + number)
                run.log(row)


def long_run() -> None:
    noise = random.Random(7)
    with gitrack.init(project="long", name="long", id="long", config={"n": 5000}) as run:
        for step in range(5000):
            spike = 50.0 if step == 3333 else 0.0
            run.log({"loss": 1 / (1 + step / 100) + 0.01 * noise.random() + spike})


def hostile() -> None:
    for number, text in enumerate(VECTORS):
        with gitrack.init(
            project="hostile",
            id=f"h{number:02}",
            name=text,
            group=text,
            job_type=text,
            entity=text,
            notes=text,
            tags=[text, "ok"],
            config={text: text, "nested": {text: [text, {text: 1}]}, "__proto__": {"polluted": 1}},
        ) as run:
            for step in range(3):
                run.log({text: step, f"{text}/loss": step / 2, "plain": step, "said": text})
            run.summary[f"{text} best"] = text


ORGANS = ["prostate", "kidney", "breast", "colon", "lung"]


def image_rows() -> list[list[object]]:
    """Rows of a table: all kinds of cells, some of them without a number or a value."""
    noise = random.Random(11)
    rows = []
    for number in range(120):
        score = math.nan if number % 40 == 7 else None if number % 40 == 9 else noise.random()
        nested = {"at": [number, 1]} if number % 3 else None
        rows.append(
            [f"s-{number}", ORGANS[number % 5], score, number // 10, number % 2 == 0, nested]
        )
    return rows


def guesses() -> tuple[list[int], list[list[float]]]:
    """True classes, and a probability a class."""
    noise = random.Random(5)
    truth = [noise.randrange(3) for _ in range(200)]
    return truth, [[noise.random() + (one == at) for at in range(3)] for one in truth]


def tables() -> None:
    import numpy as np

    names = ["sample", "organ", "score", "count", "even", "nested"]
    with gitrack.init(project="logged", id="tables", name="tables") as run:
        for step in range(3):
            run.log({"val/images": gitrack.Table(columns=names, data=image_rows()[: 120 - step])})
        many = np.stack([np.arange(10_200), np.arange(10_200) ** 0.5], 1)
        media = gitrack.Table(columns=["thing", "what"])
        media.add_data(gitrack.Image(np.full((9, 12, 3), 77, np.uint8), caption="grey"), "image")
        media.add_data(gitrack.Audio(np.zeros(800), sample_rate=8000), "audio")
        escape = "try { parent.broken = 1 } catch { document.body.append(' is held') }"
        media.add_data(gitrack.Html(f"<b>page</b><script>{escape}</script>"), "html")
        media.add_data("plain", "text")
        bad = gitrack.Table(columns=[*VECTORS[:4], "thing"])
        for text in VECTORS:
            bad.add_data(text, [text], {text: text}, f"{text} {text}", text)
        run.log({"val/many": gitrack.Table(columns=["n", "root"], data=many)})
        run.log({"val/media": media, "val/bad": bad})


def charts() -> None:
    truth, scores = guesses()
    points = gitrack.Table(columns=["x", "y"], data=[[i, i * i / 10] for i in range(30)])
    bad = gitrack.Table(columns=[VECTORS[0], "n"], data=[[text, 1] for text in VECTORS])
    plot = gitrack.plot
    with gitrack.init(project="logged", id="charts", name="charts") as run:
        for many in (100, 200):
            matrix = plot.confusion_matrix(scores[:many], truth[:many], class_names=["a", "b", "c"])
            run.log({"confusion": matrix})
        run.log(
            {
                "roc": plot.roc_curve(truth, scores, labels=["a", "b", "c"]),
                "pr": plot.pr_curve(truth, scores, labels=["a", "b", "c"]),
                "lines": plot.line_series(
                    [0, 1, 2, 3], [[1, 2, math.nan, 4], [4, 3, 2, 1]], keys=[VECTORS[0], "down"]
                ),
                "scatter": plot.scatter(points, "x", "y", title=VECTORS[2]),
                "bar": plot.bar(points, "x", "y"),
                "histogram": plot.histogram(points, "y"),
                "bad": plot.bar(bad, VECTORS[0], "n", title=VECTORS[2]),
                "unknown": plot.plot_table("my/own/v0", points, {"x": "x"}),
            }
        )


def figures() -> None:
    from bokeh.layouts import column
    from bokeh.models import CustomJS, CustomJSTickFormatter, Slider
    from bokeh.plotting import figure

    with gitrack.init(project="logged", id="figures", name="figures") as run:
        plain = figure(width=400, height=200)
        plain.line([0, 1], [0, 1])
        slider = Slider(start=0, end=10, value=1, title="moved")
        slider.js_on_change("value", CustomJS(code="document.title = `at ${cb_obj.value}`"))
        run.log({"bokeh": column(slider, plain)})
        run.log({"plotly": gitrack.Plotly({"data": [{"y": [1, 3, 2]}], "layout": {}})})
    with gitrack.init(project="logged", id="evil", name="evil") as run:
        evil = figure(width=400, height=200)
        evil.line([0, 1], [0, 1])
        evil.xaxis.formatter = CustomJSTickFormatter(code=ESCAPE)
        run.log({"bokeh": evil})
        link = f"<a href='javascript:{MARK}'>x</a><img src=x onerror={MARK}>"
        picture = {"source": "http://evil.example/p.png", "x": 0, "y": 1, "sizex": 1, "sizey": 1}
        layout = {"title": {"text": link}, "images": [picture], "meta": {"__proto__": {"a": 1}}}
        run.log({"plotly": gitrack.Plotly({"data": [{"y": [1, 2]}], "layout": layout})})


#: What a figure's own code may try from inside its frame; "T" labels the ticks, so that it ran.
ESCAPE = """
if (!window.tried) {
  window.tried = true;
  const attempt = (one) => { try { one(); } catch {} };
  attempt(() => { parent.broken = 1; });
  attempt(() => { top.document.body.remove(); });
  attempt(() => { top.location = 'http://evil.example/top'; });
  attempt(() => { window.open('http://evil.example/open'); });
  attempt(() => { fetch('http://evil.example/fetch').catch(() => {}); });
  attempt(() => { new Image().src = 'http://evil.example/image.png'; });
  attempt(() => { localStorage.setItem('broken', '1'); });
  attempt(() => { parent.postMessage({height: 1e9, failed: {}, drawn: 'x'}, '*'); });
  setTimeout(() => { location = 'http://evil.example/self'; }, 300);
}
return 'T';
"""


def crash() -> None:
    run = gitrack.init(project="curves", name="crashing", id="dead", config={"lr": 1.0, "seed": 99})
    for step in range(7):
        run.log({"train/loss": 1.0 + step, "val": {"accuracy": 0.1}})
    os._exit(9)


if __name__ == "__main__":
    if sys.argv[1:] == ["crash"]:
        crash()
    curves()
    long_run()
    hostile()
    tables()
    charts()
    figures()
