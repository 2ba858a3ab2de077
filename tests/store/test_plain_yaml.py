import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitrack.store.plain_yaml import plain_yaml
from gitrack.store.schema import config_to_yaml

WORDS = st.sampled_from(
    [
        *"a b.c d_e f/g no Yes NULL on ~ y true 0 1 -7 007 1_000 0x1f 0o7 1:30 1e5 1.5".split(),
        *"-2.0e-05 1.e5 .5 .inf .nan nan 2026-11-01 cuda:0 s3://x a: :b a:b: a#b #c".split(),
        *"'q' \"q\" 'it''s' << = & * ! | > % @ - -- --- ... ? [] {} [1] {a: 1} null".split(),
        *["", "null.", "a,b", "a=b", "x y", "é", "\t", "\r", "\x0c", "\x85", "\u2028"],
    ]
)
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", " ", "  ", "    ", "\t"]),
    st.sampled_from(["a:", "b: ", "c:", "lr: ", "no: ", "- ", "-", "- - ", "model:", "", "y: "]),
    st.lists(WORDS, max_size=3).map(" ".join),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | WORDS, inner, max_size=3)
    ),
    max_leaves=8,
)


def told(text):
    return repr(yaml.safe_load(text))


@given(st.lists(LINES, min_size=1, max_size=6).map("\n".join), st.sampled_from(["", "\n", "\n\n"]))
def test_what_is_read_quickly_is_what_yaml_reads(text, end):
    quick = plain_yaml(text + end)
    if quick is not None:
        assert repr(quick) == told(text + end)


@given(st.dictionaries(WORDS | st.text(min_size=1, max_size=8), VALUES, max_size=5))
def test_any_config_that_is_written_is_read_alike(config):
    text = config_to_yaml(config).decode()
    quick = plain_yaml(text)
    if quick is not None:
        assert repr(quick) == told(text)


def test_usual_settings_are_read_without_yaml():
    config = {
        "lr": 3.1e-05,
        "seed": 7,
        "negative": -2,
        "device": "cuda:0",
        "data": "/data/set one/x.csv",
        "model": {"name": "res net", "depth": 18, "pretrained": False, "head": {"width": 8}},
        "betas": [0.9, 0.999],
        "layers": [],
        "more": {},
        "nothing": None,
        "odd": {"quoted": "- 1", "number": "12", "answer": "yes"},
    }
    assert plain_yaml(config_to_yaml(config).decode()) == config
