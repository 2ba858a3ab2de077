"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import gitrack

MODULES = [
    module.name
    for module in pkgutil.walk_packages(gitrack.__path__, "gitrack.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [
        example
        for name in MODULES
        for test in finder.find(importlib.import_module(name))
        for example in test.examples
    ]
    assert len(found) > 10
