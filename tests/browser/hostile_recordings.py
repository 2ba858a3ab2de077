"""What the battery of hostile texts is logged by; run in a repository."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from vectors import ESCAPES, MARK, VECTORS

import gitrack

#: Vectors that a run carries in everything it logs.
CARRIED = 14
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="{MARK}">'
    f'<script>{MARK}</script><image href="http://evil.example/x.png"/>'
    f'<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="{MARK}"/>'
    "</foreignObject></svg>"
)


def named(number: int, text: str) -> None:
    """Record a run whose every name is this text."""
    with gitrack.init(
        project="names", id=f"n{number:03}", name=text, group=text, job_type=text, notes=text,
        tags=[text, "ok"], config={"said": text},
    ) as run:  # fmt: skip
        run.log({"plain": number})


def carrier(number: int, texts: list[str]) -> None:
    """Record a run that has these texts in everything else that is logged."""
    rng = np.random.default_rng(number)
    words = [text or "empty" for text in texts]
    config = {text: text for text in texts} | {
        "nested": {text: [text, {text: 1}] for text in texts}
    }
    with gitrack.init(project="carriers", id=f"k{number:02}", name=f"carrier {number}") as run:
        run.config.update(config)
        for step in range(2):
            run.log(dict.fromkeys(words, step))
        for text in words:
            print(text)
            run.summary[f"{text} best"] = text
        picture = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        classes = dict(enumerate(words))
        mask = {"mask_data": np.arange(64).reshape(8, 8) % len(words), "class_labels": classes}
        corners = {"minX": 0.1, "maxX": 0.9, "minY": 0.1, "maxY": 0.9}

        def boxes(text: str) -> dict[str, object]:
            box = {"position": corners, "class_id": 0, "box_caption": text}
            return {text: {"box_data": [box], "class_labels": classes}}

        def histogram() -> gitrack.Histogram:
            return gitrack.Histogram(rng.normal(size=30))

        vectors = rng.normal(size=(len(words), 3))
        table = gitrack.Table(
            columns=["at", *words],
            data=[
                [row, *(words[(row + at) % len(words)] for at in range(len(words)))]
                for row in range(6)
            ],
        )
        run.log(
            {
                "images": [
                    gitrack.Image(
                        picture,
                        caption=text,
                        masks={text: mask},
                        boxes=boxes(text),
                    )
                    for text in words[:4]
                ],
                **{f"image of {text}": gitrack.Image(picture, caption=text) for text in words},
                "texts": [gitrack.Markdown(text, caption=text) for text in words],
                "sound": gitrack.Audio(np.zeros(400), sample_rate=8000, caption=words[0]),
                "table": table,
                f"table of {words[1]}": table,
                "embedding": gitrack.Embedding(vectors, labels=words, name=words[0]),
                "points": gitrack.Object3D(rng.normal(size=(50, 3)), caption=words[2]),
                "line": gitrack.plot.line(
                    gitrack.Table(columns=[words[0], words[1] + " y"], data=[[1, 2], [2, 3]]),
                    words[0], words[1] + " y", title=words[2],
                ),
                "bars": gitrack.plot.bar(
                    gitrack.Table(columns=["label", "value"], data=[[text, 1.0] for text in words]),
                    "label", "value", title=words[3],
                ),
                "confusion": gitrack.plot.confusion_matrix(
                    y_true=[0, 1, 2], preds=[0, 2, 1], class_names=words[:3], title=words[4]
                ),
                "roc": gitrack.plot.roc_curve(
                    y_true=[0, 1, 1, 0], y_probas=[[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3]],
                    labels=words[:2], title=words[5],
                ),
                **{f"histogram of {text}": histogram() for text in words[:5]},
            }
        )  # fmt: skip
        folder = Path(run.dir)
        for at, text in enumerate(words):
            name = "".join(c for c in text if c.isprintable() and c not in '/\\:*?"|')[:60]
            path = folder / "files" / f"{at} {name}.svg"
            path.parent.mkdir(exist_ok=True)
            path.write_text(SVG)
            run.save(path, policy="end")
        artifact = gitrack.Artifact(
            f"set-{number}",
            type="data",
            description=words[0],
            metadata={text: text for text in texts},
        )
        path.write_text("x")
        artifact.add_file(path, name=path.name)
        run.log_artifact(artifact, aliases=["best"])


def pages() -> None:
    """Record pages and pictures that try to leave the place they are shown in."""
    with gitrack.init(project="carriers", id="pages", name="pages") as run:
        run.log({"pages": [gitrack.Html(page, inject=False) for page in ESCAPES]})
        picture = Path(run.dir, "picture.svg")
        picture.write_text(SVG)
        run.log({"svg": gitrack.Html(SVG), "picture": gitrack.Image(str(picture))})
        run.log(
            {
                "model": gitrack.DecisionTree(
                    tree(), [VECTORS[0], VECTORS[1]], [VECTORS[2], VECTORS[3]]
                )
            }
        )


def tree() -> object:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier().fit([[0, 1], [1, 0], [1, 1], [0, 0]], [0, 1, 1, 0])


if __name__ == "__main__":
    for number, text in enumerate(VECTORS):
        named(number, text)
    for number, first in enumerate(range(0, len(VECTORS), CARRIED)):
        carrier(number, list(VECTORS[first : first + CARRIED]))
    pages()
