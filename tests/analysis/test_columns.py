import doctest
import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.analysis import columns, goals, query
from gitrack.analysis.columns import flatten, text_of

FLOATS = [*(10.0**power for power in range(-12, 25)), 0.1 + 0.2, -1.5e-300, 123456.789, 2.0**53]


@pytest.mark.parametrize("module", [columns, goals, query], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_reads_back_as_itself(number):
    assert float(text_of(number)) == number


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_numbers_are_written_as_javascript_writes_them():
    program = f"console.log(JSON.stringify({json.dumps(FLOATS)}.map(String)))"
    said = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    assert [text_of(number) for number in FLOATS] == json.loads(said.stdout)


def test_an_empty_mapping_leaves_a_trace():
    assert flatten({"a": {}, "b": {"c": {}}}) == {"a": "{}", "b.c": "{}"}


def test_odd_keys_stay_plain_text():
    assert flatten({"__proto__": {"x": 1}, "</script>": 2}) == {"__proto__.x": 1, "</script>": 2}
