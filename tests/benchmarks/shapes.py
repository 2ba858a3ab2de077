"""
Draw points, meshes, histograms, models and trees in Chromium, and read their files; prints ms.

The floor of a scene is one of a single point, of a reader ``bytes.split`` over the same file.
"""

import shutil
import statistics
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from gitrack.publish.sections.histograms import columns_of
from gitrack.publish.shapes.obj import mesh_from_obj
from gitrack.publish.shapes.ply import mesh_from_ply
from gitrack.publish.shapes.stl import mesh_from_stl

ASSETS = Path(__file__).parents[2] / "site/docs/assets/gitrack"
NAMES = [
    *("packed", "elements", "format", "palette", "keys", "scale", "sight", "histograms", "scenegl"),
    *("scene", "scenehands", "shapes", "neighbours", "layers"),
]
ROUNDS = 15
SCENE = """([count, flat]) => {
    const at = Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(i * 12.9898) * 10);
    const colours = new Uint8Array(3 * count).fill(150);
    const sizes = new Float32Array(count).fill(3);
    const scene = new gitrack.Scene({ label: 'made', flat });
    document.body.replaceChildren(scene.element);
    Object.assign(scene.element.style, { width: '1000px', height: '480px' });
    Object.assign(scene.canvas.style, { display: 'block', width: '100%', height: '100%' });
    scene.show({ points: { at, colours, sizes } });
    window.made = scene;
}"""
TIMED = """([body, rounds]) => {
    const act = new Function('i', body);
    const took = [];
    for (let i = 0; i < rounds; i += 1) {
        const start = performance.now();
        act(i);
        took.push(performance.now() - start);
    }
    return took;
}"""
# Reading a pixel waits until the card, or what stands in for it, is done.
DRAW = "made.turn(0.01, 0); made.draw(); made.canvas.getContext('2d').getImageData(0, 0, 1, 1);"
MADE = """() => {
    const columns = 200, bins = 64;
    const row = (make) => Float64Array.from({ length: columns }, (_, i) => make(i));
    const counts = Float64Array.from({ length: columns * bins }, (_, i) => (i * 7919) % 997);
    window.histograms = new gitrack.Histograms({ name: 'made', logged: columns, together: 1 },
        { first: row(i => i), last: row(i => i), bins: row(() => bins), counts,
          low: row(i => -1 - i / 100), high: row(i => 1 + i / 100), edges: null });
    window.picture = Object.assign(document.createElement('canvas'), { width: 600, height: 220 });
    window.vectors = Float32Array.from({ length: 10000 * 64 }, (_, i) => Math.sin(i * 78.233));
    window.boxes = () => Array.from({ length: 500 }, () => ({ width: 190, height: 46 }));
    window.edges = Array.from({ length: 499 }, (_, i) => [i, i + 1])
        .concat(Array.from({ length: 120 }, (_, i) => [i * 4, i * 4 + 3]));
}"""
PICTURES = {
    "a heatmap, 200 x 64": "gitrack.histogramPictures.drawHeat(picture.getContext('2d'), "
    "histograms, histograms.inner, picture);",
    "an offset picture": "gitrack.histogramPictures.drawRidges(picture.getContext('2d'), "
    "histograms, histograms.inner, picture, 3);",
    "nearest of 10,000 x 64": "gitrack.nearestVectors(vectors, 64, i, 10, 'cosine');",
    "500 boxes, 619 edges": "gitrack.layered(boxes(), edges);",
}


def main() -> None:
    """Measure and print."""
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=binary, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_content("<!doctype html><body data-md-color-scheme='default'>")
        page.add_style_tag(path=str(ASSETS / "tokens.css"))
        for name in NAMES:
            page.add_script_tag(path=str(ASSETS / f"{name}.js"))
        for count in (1, 10_000, 100_000, 300_000):
            for flat in (True, False):
                page.evaluate(SCENE, [count, flat])
                kind = "2D" if flat else "3D"
                _tell(f"{count:,} points in {kind}: a frame", page.evaluate(TIMED, [DRAW, ROUNDS]))
                took = page.evaluate(TIMED, ["made.pick(500 + i, 240);", ROUNDS])
                _tell(f"{count:,} points in {kind}: a pick", took)
        page.evaluate(MADE)
        for words, body in PICTURES.items():
            _tell(words, page.evaluate(TIMED, [body, ROUNDS]))
        browser.close()
    _read()


def _read() -> None:
    """Read files of 100,000 triangles, and put 2,000 steps of a histogram together."""
    rng = np.random.default_rng(0)
    places = rng.normal(size=(50_000, 3)).astype("<f4")
    faces = rng.integers(0, len(places), (100_000, 3)).astype("<i4")
    obj = "".join(f"v {x} {y} {z}\n" for x, y, z in places)
    obj += "".join(f"f {a} {b} {c}\n" for a, b, c in faces + 1)
    head = "ply\nformat binary_little_endian 1.0\nelement vertex 50000\nproperty float x\n"
    head += "property float y\nproperty float z\nelement face 100000\n"
    head += "property list uchar int vertex_indices\nend_header\n"
    ply = head.encode() + places.tobytes()
    ply += b"".join(b"\3" + face.tobytes() for face in faces)
    facets = np.zeros(len(faces), [("n", "<f4", 3), ("c", "<f4", (3, 3)), ("r", "<u2")])
    facets["c"] = places[faces]
    stl = bytes(80) + struct.pack("<I", len(faces)) + facets.tobytes()
    for words, content, read in (
        ("obj", obj.encode(), mesh_from_obj),
        ("ply", ply, mesh_from_ply),
        ("stl", stl, mesh_from_stl),
    ):
        _tell(f"{words} of {len(content):,} bytes: split", _timed(content.split))
        _tell(f"{words} of {len(content):,} bytes: read", _timed(read, content))
    edges = np.linspace(-1, 1, 65)
    logged = [(step, rng.integers(0, 99, 64).astype(float), edges) for step in range(2_000)]
    _tell("a histogram of 2,000 steps, added up", _timed(columns_of, logged))


def _timed(act: Callable[..., object], *arguments: object) -> list[float]:
    took = []
    for _ in range(3):
        start = time.perf_counter()
        act(*arguments)
        took.append((time.perf_counter() - start) * 1000)
    return took


def _tell(words: str, took: list[float]) -> None:
    print(f"{words:<44}{statistics.median(took):9.2f} ms   least {min(took):9.2f}")


if __name__ == "__main__":
    main()
