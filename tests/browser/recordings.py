"""What the browser tests look at; run in a repository, with ``crash`` to die in the middle."""

import io
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


def shapes() -> None:
    """Log what is drawn in other ways than curves: 3D, embeddings, histograms, a model, trees."""
    import numpy as np

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
    shapes()
