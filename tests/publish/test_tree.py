import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.publish.tree import shown_text, tree_of

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
TREES = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner)
    ),
)


def read(node):
    """Read a tree back as the values it was made of."""
    if not isinstance(node, dict):
        return node
    if "m" in node:
        return {key: read(inner) for key, inner in node["m"]}
    if "l" in node:
        return [read(inner) for inner in node["l"]]
    return json.loads(node["n"])


@given(TREES)
def test_a_tree_goes_through_strict_json_and_loses_nothing(tree):
    node = json.loads(json.dumps(tree_of(tree), allow_nan=False))
    assert repr(read(node)) == repr(tree)


def test_what_is_no_number_is_told_by_its_word():
    assert tree_of(math.nan) == {"n": "NaN"}
    assert tree_of(-math.inf) == {"n": "-Infinity"}


@pytest.mark.parametrize("text", ["", "null", "3", "1e5", "True", "[1]", '"x"', "nan", "-Infinity"])
def test_a_text_that_looks_like_another_value_stands_in_quotes(text):
    assert shown_text(text) == json.dumps(text)


def test_of_a_long_text_the_page_has_the_beginning():
    assert shown_text("a" * 5000) == "a" * 90 + "…"
