"""What the browser tests look at; run in a repository, with ``crash`` to die in the middle."""

import io
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml

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


def shapes() -> None:
    """Log what is drawn in other ways than curves: 3D, embeddings, histograms, a model, trees."""
    from gitrack.record.media.graph import Graph

    rng = np.random.default_rng(0)
    middles = rng.normal(size=(3, 8)) * 6
    vectors = np.concatenate([middle + rng.normal(size=(40, 8)) for middle in middles])
    labels = [VECTORS[place // 40] for place in range(120)]
    box = gitrack.box3d(
        center=(0, 0, 0), size=(2, 2, 2), orientation=(1, 0, 0, 0), color=(255, 0, 0), label="<b>"
    )
    names = [("model", None), ("model/a", "model"), ("model/b", "model"), ("model/b/c", "model/b")]
    nodes = [
        {"id": name, "parent": parent, "class": "Layer", "text": VECTORS[0],
         "parameters": 10 * place, "trainable": 10, "output": [[2, 3]]}
        for place, (name, parent) in enumerate(names)
    ]  # fmt: skip
    graph = Graph(nodes, "torch")
    graph.edges = [("model/a", "model/b/c")]
    with gitrack.init(project="shapes", name="shapes", id="shapes") as run:
        for step in range(4):
            counts = [0, 10, 30, 60] if step == 2 else [25, 25, 25, 25]
            run.log(
                {
                    "w/even": gitrack.Histogram(np_histogram=(counts, [0, 1, 2, 3, 4])),
                    f"w/{VECTORS[2]}": gitrack.Histogram([step, step + 1.0]),
                    "cloud": gitrack.Object3D({"points": np.eye(3) * (step + 1), "boxes": [box]}),
                }
            )
        square = "v 0 0 0 1 0 0\nv 1 0 0 1 0 0\nv 1 1 0 1 0 0\nv 0 1 0 1 0 0\nf 1 2 3 4\n"
        run.log(
            {
                "square": gitrack.Object3D(io.StringIO(square), file_type="obj"),
                "broken": gitrack.Object3D(io.StringIO(f"v {VECTORS[2]}"), file_type="obj"),
                "words": gitrack.Embedding(
                    vectors, labels=labels, metadata={"size": list(range(120))}
                ),
                "graph": graph,
                **trees(),
            }
        )


def trees() -> dict[str, object]:
    """Return a tree of scikit-learn and a forest, where that is installed."""
    try:
        from sklearn.ensemble import RandomForestRegressor
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        return {}
    places = [[number] for number in range(64)]
    deep = DecisionTreeClassifier(random_state=0).fit(places, [n % 2 for n in range(64)])
    forest = RandomForestRegressor(3, random_state=0).fit(places, range(64))
    return {
        "deep": gitrack.DecisionTree(deep, feature_names=[VECTORS[0]], class_names=["even", "<b>"]),
        "forest": [gitrack.DecisionTree(forest, tree=number) for number in range(3)],
    }


def many() -> None:
    """Sections of many charts, names that patterns and spreadsheets misread, uneven steps."""
    formula = '=HYPERLINK("http://evil.example","x")'
    for number, name in enumerate((formula, 'said "so", twice', "plain")):
        noise = random.Random(number)
        with gitrack.init(project="many", name=name, id=f"m{number}", config={"n": number}) as run:
            step = 0
            for row in range(30):
                step += 1 + row % 3
                values = {f"train/m{chart:02}": noise.random() for chart in range(60)}
                values |= {f"val/m{chart}": noise.random() + chart for chart in range(4)}
                values |= {"val/f1(a+b)*[x]": noise.random(), "alone": noise.random()}
                values["val/gap"] = math.nan if row == 11 else noise.gauss(1, 0.2)
                values["val/spike"] = 1e6 if row == 20 else noise.random()
                run.log(values, step=step)


def panels() -> None:
    """Runs whose score is known from `rate`, a little from `width`, and not at all from `luck`."""
    from bokeh.embed import json_item
    from bokeh.plotting import figure

    noise = random.Random(11)
    for number in range(24):
        rate, width, luck = 10 ** (-4 + number % 12 / 4), (number * 5) % 7, noise.random()
        score = 1 - (math.log10(rate) + 2.5) ** 2 / 10 + width / 50
        config = {"rate": rate, "width": width, "luck": luck, "kind": "ab"[number % 2]}
        with gitrack.init(
            project="panels", name=f"p-{number:02}", id=f"p{number:02}", config=config
        ) as run:
            for step in range(20):
                run.log({"val/score": score * (step + 1) / 20, "loss": 1 / (step + 1) + number})
                if number in (20, 21):
                    counted = ([number, step, 1], [0, 1, 2, number])
                    run.log({"weights": gitrack.Histogram(np_histogram=counted)}, step=step)
            if number < 2:
                run.log({"samples": gitrack.Image(np.full((8, 8, 3), 99 * number, np.uint8))})
                rows = [[row, row * number] for row in range(3)]
                run.log({"errors": gitrack.Table(columns=["row", "error"], data=rows)})
    Path("dashboards").mkdir()
    Path("charts").mkdir()
    for name, text in DASHBOARDS.items():
        Path("dashboards", name).write_text(text, "utf-8")
    own = figure(height=200)
    own.line([1, 2, 3], [3, 1, 2])
    Path("charts/own.json").write_text(json.dumps(json_item(own)))


DASHBOARDS = {
    "all.yaml": """
name: All kinds
project: panels
panels:
  - {chart: line, y: val/score, group: kind, smooth: 0, title: By kind}
  - {chart: scatter, x: rate, y: val/score, log: x, color: width, frontier: max}
  - {chart: bar, y: val/score, group: kind, error: stderr}
  - {chart: histogram, x: val/score, bins: 8}
  - {chart: box, y: val/score, group: kind}
  - {chart: violin, y: val/score, group: kind}
  - {chart: heatmap, y: val/score, bins: 10}
  - {chart: parallel, columns: [rate, width, kind, val/score], width: 4}
  - {chart: importance, y: val/score}
  - {chart: correlation, columns: [rate, width, val/score]}
  - {chart: contour, x: rate, y: width, z: val/score, log: x}
  - {chart: scalar, y: val/score, value: max}
  - {chart: markdown, text: "## Why\\nBecause **so**, see [here](https://example.org/x)."}
  - {chart: media, key: samples, runs: "name:p-0*"}
  - {chart: table, columns: [rate, val/score]}
  - {chart: table, key: errors}
  - {chart: code}
  - {chart: bokeh, file: charts/own.json}
  - {chart: bokeh, file: charts/missing.json}
  - {chart: scatter, x: rates, y: val/score}
  - {chart: heatmap, key: weights}
  - {chart: heatmap, key: weight}
""",
    "part.yaml": """
name: Half of them
project: panels
runs: kind:a
group: config.kind
panels:
  - {chart: scalar, y: val/score, value: mean}
""",
    "broken.yaml": "panels: [{chart: lines}]",
    "hostile.yaml": yaml.safe_dump(
        {
            "name": VECTORS[0],
            "project": "hostile",
            "panels": [
                panel
                for text in VECTORS
                for panel in (
                    {"chart": "markdown", "title": text, "text": text},
                    {"chart": "scatter", "x": f"config.{text}", "y": "plain", "title": text},
                    {"chart": "table", "columns": ["plain", f"summary.{text} best"]},
                )
            ]
            + [
                {"chart": "bar", "y": "plain", "group": ["group"]},
                {"chart": "box", "y": "plain", "group": ["name"]},
                {"chart": "parallel", "columns": ["name", "group", "plain"], "color": "name"},
                {"chart": "scatter", "x": "name", "y": "plain", "color": "name"},
                {"chart": "correlation"},
                {"chart": "bokeh", "key": "__proto__"},
                {"chart": "media", "key": "constructor"},
            ],
        }
    ),
}


PACKAGES = {"v0": ("1.9", None), "v1": ("1.10", "2.0rc1"), "v2": (None, "2.0")}
LAYERS = {"v0": [64, 64], "v1": [64, 128], "v2": [64, 64]}


def versus() -> None:
    """Three runs that differ in all that a comparison shows: code, packages, settings, media."""
    for number, name in enumerate(PACKAGES):
        _commit(
            f"stage {number}", {"model.py": f"DEPTH = {number}\n", f"only_{number}.py": "x = 1\n"}
        )
        Path("model.py").write_text(f"DEPTH = {number}\nWIDTH = {8 * number}\nSAME = True\n")
        places = _packages(name)
        sys.path[:0] = places
        config = {
            "model": {"units": LAYERS[name], "act": "relu" if number else "tanh"},
            "lr": (0.1, 0.01, 0.03)[number],
            "seed": 1,
            "code": "3" if number else 3,
            "warm": number > 0,
        }
        with gitrack.init(project="versus", name=f"{name} <b>", id=name, config=config) as run:
            for step in range(4):
                run.log(
                    {
                        "val/acc": 0.5 + 0.1 * number + 0.01 * step,
                        "val/loss": 1 / (1 + number),
                        "flat": 2.0,
                    }
                )
                if step % 2 == 0:
                    box = {
                        "position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6},
                        "class_id": 1,
                    }
                    image = gitrack.Image(
                        np.full((8, 8, 3), 60 * number + 20 * step, np.uint8),
                        caption=f"{name} at {step}",
                        boxes={"found": {"box_data": [box], "class_labels": {1: "cell"}}},
                    )
                    run.log(
                        {
                            "seen": image,
                            "page": gitrack.Html(f"<b>{name}</b><script>window.broken=1</script>"),
                        },
                        step=step,
                    )
            truth, said = [0, 1, 1, 0, 2], [0, 1, number, 0, 2]
            run.log({"confusion": gitrack.plot.confusion_matrix(y_true=truth, preds=said)})
            rows = [
                ["a", 1.0, "cat"],
                ["b", 2.0 + number, "dog"],
                [f"only {number}", 5.0, VECTORS[0]],
            ]
            run.log(
                {
                    "predictions": gitrack.Table(
                        columns=["id", "score", "class"], data=rows[number > 1 :]
                    )
                }
            )
        for place in places:
            sys.path.remove(place)
    _commit("the end", {"model.py": "DEPTH = 9\n"})


def _commit(message: str, files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).write_text(text)
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "add", *files], check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", message], check=True)


def _packages(name: str) -> list[str]:
    """Make two packages of ours that are installed, in versions of their own."""
    top = Path(tempfile.mkdtemp())
    for package, version in zip(("gadget", "widget"), PACKAGES[name], strict=True):
        if version:
            (top / f"{package}-{version}.dist-info").mkdir()
    return [str(top)]


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
    many()
    hostile()
    tables()
    charts()
    figures()
    shapes()
    panels()
    versus()
