"""Embeddings, graphs and trees as the page gets them, and what is said of damaged ones."""

import json

import numpy as np
import pytest

from gitrack.publish.sections.graphs import graph_from_json
from gitrack.publish.sections.trees import tree_from_json


def test_an_embedding_brings_projection_labels_and_vectors(made, put, unpacked):
    _, data = made(
        "import gitrack\n"
        "with gitrack.init() as run:\n"
        "    vectors = [[0, 0, 1, 0], [1, 0, 0, 0], [0, 2, 0, 0], [9, 9, 9, 9]]\n"
        "    run.log({'words': gitrack.Embedding(vectors, labels=['a', '<b>', None, 'a'],\n"
        "             metadata={'size': [1, 2.5, None, 4]}, name='first')})\n"
    )["embeddings"]
    (item,) = data["keys"][0]["items"]
    assert (item["name"], item["vectors"], item["dimensions"]) == ("first", 4, 4)
    drawn = put(item["script"])
    (projection,) = drawn["projections"]
    assert projection["name"] == "pca"
    assert unpacked(projection["at"]).shape == (12,)
    assert {c["name"]: (c["kind"], c["values"]) for c in drawn["columns"]} == {
        "size": ("number", [1, 2.5, None, 4]),
        "label": ("text", ["a", "<b>", None, "a"]),
    }
    vectors = unpacked(put(drawn["vectors"])["values"]).reshape(4, 4)
    assert vectors.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 2, 0, 0], [9, 9, 9, 9]]


def test_images_of_an_embedding_are_published(made, put, clean):
    _, data = made(
        "import gitrack, numpy as np\n"
        "with gitrack.init() as run:\n"
        "    pictures = [gitrack.Image(np.full((4, 4), n, np.uint8)) for n in (0, 99)]\n"
        "    run.log({'e': gitrack.Embedding(np.eye(2), metadata={'picture': pictures})})\n"
    )["embeddings"]
    (column,) = put(data["keys"][0]["items"][0]["script"])["columns"]
    assert column["kind"] == "image"
    assert all((clean / "site" / place).is_file() for place in column["values"])


def test_a_tree_of_scikit_learn_arrives_node_by_node(made, put, unpacked):
    pytest.importorskip("sklearn")
    _, data = made(
        "import gitrack, numpy as np\n"
        "from sklearn.tree import DecisionTreeClassifier\n"
        "x = np.array([[0.0], [1.0], [2.0], [3.0]])\n"
        "tree = DecisionTreeClassifier().fit(x, ['no', 'no', 'yes', 'yes'])\n"
        "with gitrack.init() as run:\n"
        "    run.log({'t': gitrack.DecisionTree(tree, feature_names=['<x>'])})\n"
    )["trees"]
    (item,) = data["keys"][0]["items"]
    tree = put(item["script"])
    assert (tree["features"], tree["classes"], tree["width"]) == (["<x>"], ["no", "yes"], 2)
    assert unpacked(tree["threshold"]).tolist()[0] == 1.5
    assert unpacked(tree["left"]).tolist() == [1, -1, -1]
    assert unpacked(tree["samples"]).tolist() == [4, 2, 2]


def tree_text(**changes):
    leaf = {"samples": 1, "impurity": 0.0, "value": [[1.0]]}
    root = leaf | {"feature": 0, "threshold": 0.5, "left": 1, "right": 2} | changes
    return json.dumps(
        {"feature_names": ["x"], "class_names": None, "nodes": [root, leaf, leaf]}
    ).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (tree_text(left=0), "no tree"),
        (tree_text(left=2), "no tree"),
        (tree_text(right=9), "no tree"),
        (tree_text(right=-1), "no tree"),
        (tree_text(feature=4), "feature"),
        (tree_text(value=[[1.0, 2.0]]), "inhomogeneous"),
        (tree_text(samples="many"), "many"),
        (tree_text(value=[]), "damaged"),
        (b"{}", "damaged"),
        (b"[" * 100_000, "damaged"),
        (json.dumps({"nodes": [], "feature_names": [], "class_names": None}).encode(), "0 nodes"),
    ],
)
def test_what_is_no_tree_is_refused(content, why):
    with pytest.raises(ValueError, match=why):
        tree_from_json(content)


def graph_text(nodes, edges=()):
    rows = [
        {"id": name, "class": "X", "parent": parent, "parameters": 1, "trainable": 0}
        for name, parent in nodes
    ]
    return json.dumps({"framework": "torch", "nodes": rows, "edges": list(edges)}).encode()


def test_a_graph_names_modules_by_their_places():
    graph = graph_from_json(
        graph_text([("model", None), ("a", "model"), ("<b>", "model")], [("a", "<b>")])
    )
    assert [node["parent"] for node in graph["nodes"]] == [-1, 0, 0]
    assert graph["edges"] == [[1, 2]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (graph_text([("a", "b"), ("b", "a")]), "damaged"),
        (graph_text([("a", None), ("a", None)]), "two modules"),
        (graph_text([("a", None)], [("a", "zz")]), "damaged"),
        (graph_text([("a", None)], [("a",)]), "unpack"),
        (b"{}", "damaged"),
        (b"null", "damaged"),
        (b"\xff", "decode"),
    ],
)
def test_a_damaged_graph_says_so(content, why):
    with pytest.raises(ValueError, match=why):
        graph_from_json(content)


def test_what_is_damaged_in_a_record_is_told_and_the_page_is_built(lab):
    line = {"key": "k", "step": 0, "runtime": 0.0, "timestamp": 0.0, "path": "media/x.json"}
    kinds = ("tree", "graph", "object3d", "molecule", "embedding")
    rows = [json.dumps(line | {"type": kind, "facts": {}}) for kind in kinds]
    rows.append(json.dumps(line | {"type": "object3d", "path": "media/gone.npy", "facts": {}}))
    lab.add(
        metrics={"loss": np.zeros(2)},
        files={"media.jsonl": "\n".join(rows).encode(), "media/x.json": b"\x00nonsense"},
    )
    report = lab.build()
    assert report.damaged == ()
    (page,) = (lab.out / "projects").rglob("run-000.html")
    text = page.read_text("utf-8")
    assert all(f'id="{name}"' in text for name in ("trees", "graph", "objects", "embeddings"))
