"""The examples in docstrings are true."""

import doctest
import importlib
import importlib.util
import pkgutil
from pathlib import Path

import pytest

import gitrack


def has_examples(name):
    """Tell whether a module's source has any, without importing it: some need a framework."""
    origin = importlib.util.find_spec(name).origin
    return origin is not None and ">>> " in Path(origin).read_text("utf-8")


MODULES = [
    module.name
    for module in pkgutil.walk_packages(gitrack.__path__, "gitrack.")
    if not module.name.endswith("__main__") and has_examples(module.name)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name.startswith("gitrack"):
            raise
        pytest.skip(f"{error.name} is not installed")
    assert doctest.testmod(module).failed == 0


def test_there_are_examples():
    assert len(MODULES) > 10
