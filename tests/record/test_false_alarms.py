"""Ordinary configs, sources and outputs stay as they are, to the letter."""

import json
from pathlib import Path

import pytest
import yaml

from gitrack.record.redaction import Redactor

CONFIGS = sorted((Path(__file__).parent.parent / "corpus" / "configs").iterdir())


def test_the_corpus_is_there():
    assert len(CONFIGS) >= 25


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_an_ordinary_text_stays_as_it_is(path):
    redactor = Redactor()
    text = path.read_text("utf-8")
    assert redactor.text(text) == text
    assert redactor.report() == ()


@pytest.mark.parametrize(
    "path", [p for p in CONFIGS if p.suffix in (".yaml", ".json")], ids=lambda path: path.name
)
def test_an_ordinary_config_stays_as_it_is(path):
    text = path.read_text("utf-8")
    tree = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    assert Redactor().tree(tree) == tree
