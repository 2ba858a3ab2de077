import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitrack.errors import FormatError, NewerFormatError
from gitrack.model.run import Code, Host, Run, State
from gitrack.store import schema
from gitrack.store.columns import runs_from_json
from gitrack.store.schema import (
    config_from_yaml,
    config_to_yaml,
    run_from_json,
    run_to_json,
    summary_from_json,
    summary_to_json,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)
MAYBE = st.none() | TEXT
RUNS = st.builds(
    Run,
    id=TEXT,
    project=TEXT,
    name=st.text(),
    state=st.sampled_from(State),
    created=st.integers(0, 2**33).map(float),
    entity=MAYBE,
    group=MAYBE,
    job_type=MAYBE,
    tags=st.lists(TEXT).map(tuple),
    notes=MAYBE,
    ended=st.none() | st.integers(0, 2**33).map(lambda n: n / 2),
    duration=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    rows=st.integers(0, 2**40),
    exit_code=st.none() | st.integers(-(2**31), 2**31),
    error=MAYBE,
    code=st.builds(Code, MAYBE, MAYBE, st.none() | st.booleans(), MAYBE),
    host=st.builds(
        Host, MAYBE, MAYBE, MAYBE, st.none() | st.integers(), st.none() | st.integers(),
        st.lists(TEXT).map(tuple),
    ),
    command=st.lists(st.text()).map(tuple),
    python=MAYBE,
    recorder=MAYBE,
    missing=st.lists(TEXT).map(tuple),
    imported=st.dictionaries(TEXT, MAYBE | st.dictionaries(TEXT, MAYBE | st.lists(TEXT))),
)  # fmt: skip


def same(one, other):
    """Compare trees: NaN is NaN, and True is not 1."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(RUNS)
def test_a_run_reads_back_as_it_was(run):
    found, words = run_from_json(run_to_json(run, {}), "run.json")
    assert found == run
    assert words == []


@given(st.dictionaries(TEXT, TREES))
def test_a_summary_reads_back_as_it_was_and_is_strict_json(summary):
    def refuse(word):
        raise AssertionError(word)

    content = summary_to_json(summary)
    json.loads(content, parse_constant=refuse)
    run = Run("r", "p", "n", State.FINISHED, 0.0)
    _, words = run_from_json(run_to_json(run, summary), "run.json")
    assert same(summary_from_json(content, words, "metrics.json"), summary)


@given(st.dictionaries(TEXT, TREES))
def test_a_config_reads_back_as_it_was(config):
    assert same(config_from_yaml(config_to_yaml(config), "params.yaml"), config)


WORDS = (
    "1e-3 1e5 yes no on off null ~ 0o17 0x1f 12:30 2026-11-23 .5 5. 1_000 NaN .inf - = << ! *a &a"
)


@pytest.mark.parametrize("word", [*WORDS.split(), "", " ", "a: b", "# no", "\0", "a\u2028b"])
def test_a_text_that_looks_like_something_else_stays_text_for_every_reader(word):
    from ruamel.yaml import YAML

    content = config_to_yaml({"key": word, word: "value"})
    expected = {"key": word, word: "value"}
    assert config_from_yaml(content, "params.yaml") == expected
    assert yaml.load(content, Loader=yaml.SafeLoader) == expected  # the one in Python
    assert YAML(typ="safe").load(content) == expected  # YAML 1.2, as DVC reads it


def test_a_newer_format_is_refused_by_its_number():
    content = b'{"format": 7, "id": "r"}'
    with pytest.raises(NewerFormatError, match="format version 7 is newer than 1") as caught:
        run_from_json(content, "p/run.json")
    assert (caught.value.found, caught.value.known, caught.value.path) == (7, 1, "p/run.json")


def record(**changes):
    content = json.loads(run_to_json(Run("r", "p", "n", State.FINISHED, 0.0), {}))
    return json.dumps(content | changes).encode()


@pytest.mark.parametrize("imported", [None, ["wandb"], "wandb", 3])
def test_what_an_import_noted_is_a_mapping(imported):
    with pytest.raises(FormatError, match="imported is "):
        run_from_json(record(imported=imported), "run.json")


def test_a_record_with_keys_of_tomorrow_is_read():
    run, _ = run_from_json(record(colour="red", code={"commit": "a", "forge": "x"}), "run.json")
    assert run.code == Code(commit="a")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"run"',
        b"{}",
        b'{"format": true}',
        b'{"format": 0}',
        b'{"format": "1"}',
        b"[" * 100_000,
        b'{"format": 1, "x": ' + b"[" * 100_000,
        record(state="sleeping"),
        record(state=None),
        record(created=None),
        record(created=5),
        record(created="yesterday"),
        record(id=5),
        record(name=None),
        record(project=[]),
        record(rows="many"),
        record(rows=None),
        record(duration="long"),
        record(duration=float("nan")),
        record(exit_code="1"),
        record(tags="abc"),
        record(tags=5),
        record(command={"a": 1}),
        record(notes=5),
        record(error=["x"]),
        record(code=[]),
        record(code={"commit": 5}),
        record(code={"dirty": "yes"}),
        record(host=None),
        record(host={"gpus": 5}),
        record(host={"cores": "4"}),
        record(not_finite=5),
    ],
    ids=range(36),
)
def test_a_damaged_record_is_named(content):
    with pytest.raises(FormatError, match=r"p/run\.json"):
        run_from_json(content, "p/run.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", []),
        (b"[1]", []),
        (b"{", []),
        (b'{"a": 1}', ["a"]),
        (b'{"a": 1}', ["b"]),
        (b'{"a": "NaN"}', ["a/b"]),
        (b'{"a": [1]}', ["a/5"]),
        (b'{"a": [1]}', ["a/x"]),
        (b'{"a":' + b"[" * 100_000, []),
    ],
    ids=range(9),
)
def test_a_damaged_summary_is_named(content, words):
    with pytest.raises(FormatError, match=r"p/metrics\.json"):
        summary_from_json(content, words, "p/metrics.json")


BOMB = b"a: &a [x, x]\n" + b"".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(f'*{chr(97 + n)}' for _ in range(9))}]\n".encode()
    for n in range(9)
)


@pytest.mark.parametrize(
    "content",
    [
        b"- a\n",
        b"text",
        b"a: [",
        b"\x00",
        b"\xff\xff",
        b"a: !!python/object/apply:os.system ['true']",
        b"a: &a [*a]",
        BOMB,
        b"a: " + b"[" * 5_000 + b"]" * 5_000,
        b"2026-13-45: 1\nx: 2026-99-99",
    ],
    ids=range(10),
)
def test_a_damaged_config_is_named(content):
    with pytest.raises(FormatError, match=r"p/params\.yaml"):
        config_from_yaml(content, "p/params.yaml")


@pytest.mark.parametrize(
    "content",
    [
        b"a: " + b"[" * 100_000,
        b"a: " + b"[" * 100_000 + b"]" * 100_000,
        b"{a: " * 100_000,
        b"a: " + b"{? " * 100_000,
        b"- " * 100_000,
        b"? " * 100_000,
        b"a:\n" + b"\n".join(b" " * n + b"- a:" for n in range(0, 2_000, 2)),
        ("a: " + "[" * 100_000).encode("utf-16"),
    ],
    ids=range(8),
)
def test_a_tower_in_a_config_ends_neither_in_a_crash_nor_in_a_hang(content):
    with pytest.raises(FormatError, match=r"p/params\.yaml"):
        config_from_yaml(content, "p/params.yaml")


def test_a_config_with_long_lines_and_many_lists_is_read():
    config = {"text": "x" * 5_000, "lists": [[n] for n in range(500)], "star": "2 * 3"}
    assert config_from_yaml(config_to_yaml(config), "x") == config


def test_an_empty_config_is_an_empty_mapping():
    assert config_from_yaml(b"", "x") == config_from_yaml(b"{}\n", "x") == {}
    assert config_from_yaml(b"a: 'x & *y'\n", "x") == {"a": "x & *y"}


@pytest.mark.parametrize(
    "text",
    [
        "18446744073709551616", "-9223372036854775809", "1e400", "-1e400", "1e-400", "-0", "-0.0",
        "1E5", "0.1234567890123456789", "12345678901234567890.5", r'"\ud800"', '"\x7f"', "NaN",
        "-Infinity", '{"a": 1, "a": 2}', "[" * 150 + "]" * 150,
    ],
)  # fmt: skip
def test_the_quicker_reader_of_json_reads_as_the_standard_one(text):
    content = f'{{"value": {text}}}'.encode()
    assert repr(schema._loads(content)) == repr(json.loads(content))


def _records():
    """Runs as they are written, and in every way in which they may be wrong."""
    whole = json.loads(run_to_json(Run("a", "p", "n", State.FINISHED, 1.79e9, ended=1.8e9), {}))
    yield whole
    for name in whole:
        yield {key: value for key, value in whole.items() if key != name}
        for value in (None, 3, True, "x", 1.5, [], ["x"], [3], {}, {"commit": 3}, {"x": {"y": []}}):
            yield {**whole, name: value}


def test_many_at_once_are_read_as_one_by_one():
    files = [(json.dumps(record).encode(), f"run {n}") for n, record in enumerate(_records())]
    files += [(b"", "empty"), (b"[]", "list"), (b"3", "number"), (b'{"format": 9}', "newer")]

    def one(content, path):
        try:
            return run_from_json(content, path)
        except FormatError as error:
            return type(error), str(error)

    found = [
        (type(each), str(each)) if isinstance(each, FormatError) else each
        for each in runs_from_json(files)
    ]
    assert found == [one(*file) for file in files]
    assert {type(each[0]) for each in found} == {Run, type}
