import dataclasses
import datetime as dt
import enum
import math
import os
from argparse import Namespace
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import pytest

from gitrack.record import notice
from gitrack.record.values import flatten, plain, text_from


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Optimizer:
    lr: float
    name: str


class Rude:
    """Raises whatever it is asked."""

    def refuse(self):
        raise RuntimeError("no text")

    __str__ = __repr__ = __float__ = refuse


class Trap:
    """Looks like an array until it is touched."""

    shape = (1,)

    def item(self):
        raise RuntimeError("device lost")


@pytest.fixture(autouse=True)
def _fresh_notices(monkeypatch):
    monkeypatch.setattr(notice, "_said", set())


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, True),
        (False, False),
        (0, 0),
        (-(2**63), -(2**63)),
        (2**64, 2**64),
        (10**400, 10**400),
        (1.5, 1.5),
        (-0.0, -0.0),
        (math.inf, math.inf),
        (None, None),
        ("text\nwith\0odd 🎉", "text\nwith\0odd 🎉"),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.float16(0.25), 0.25),
        (np.longdouble(0.75), 0.75),
        (np.int8(-3), -3),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.bool_(True), True),
        (np.str_("s"), "s"),
        (np.array(2.5), 2.5),
        (np.array([7]), 7),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.zeros((0, 3)), []),
        (np.datetime64("2026-11-23"), "2026-11-23"),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Decimal("0.125"), 0.125),
        (Decimal("Infinity"), math.inf),
        (Fraction(1, 4), 0.25),
        (dt.date(2026, 11, 23), "2026-11-23"),
        (dt.datetime(2026, 11, 23, 1, 2, tzinfo=dt.UTC), "2026-11-23T01:02:00+00:00"),
        (dt.time(1, 2), "01:02:00"),
        (pd.NA, None),
        (np.ma.masked, None),
        (np.ma.array([1, 2], mask=[False, True]), [1, None]),
        (pd.NaT, None),
        (pd.Timestamp("2026-11-23"), "2026-11-23T00:00:00"),
        (pd.Series([1, 2]), [1, 2]),
        (PurePosixPath("a/b"), "a/b"),
        ((1, "a", None), [1, "a", None]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset("ba"), ["a", "b"]),
        (range(3), [0, 1, 2]),
        ({"a": {1: (2,)}}, {"a": {"1": [2]}}),
        (Namespace(lr=0.1), {"lr": 0.1}),
        (Optimizer(0.1, "sgd"), {"lr": 0.1, "name": "sgd"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_keeps_its_plain_form(value, kept, capsys):
    found = plain(value, "key")
    assert type(found) is type(kept)
    assert found == kept
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("value", [math.nan, np.float32("nan"), Decimal("NaN"), Decimal("sNaN")])
def test_nan_stays_nan(value):
    assert math.isnan(plain(value, "key"))


def test_a_surrogate_becomes_text_that_can_be_stored(capsys):
    assert plain("a\ud800b", "key") == "a\\ud800b"
    assert text_from("\udc80") == "\\udc80"


@pytest.mark.parametrize(
    ("value", "kept"),
    [(1 + 2j, "(1+2j)"), (b"raw", "b'raw'"), (object, "<class 'object'>")],
)
def test_anything_else_is_kept_as_its_text_and_said_once(value, kept, capsys):
    assert plain(value, "key") == kept
    assert plain(value, "key") == kept
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "key: a " in said[0]


def test_an_object_without_a_text_is_kept_as_its_kind():
    assert plain(Rude(), "key") == "<Rude>"
    assert dict(flatten({Rude(): 1})) == {"<Rude>": 1}


def test_a_value_that_cannot_be_read_leaves_the_others(capsys):
    assert dict(flatten({"bad": Trap(), "good": 1, "set": {Rude()}})) == {
        "bad": None,
        "good": 1,
        "set": None,
    }
    assert "bad: a Trap cannot be read (RuntimeError)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(10_001),
        list(range(10_001)),
        [[0] * 5_000] * 3,
        10**5000,
        {str(n): n for n in range(10_001)},
    ],
    ids=["array", "list", "lists in a list", "number of 5,001 digits", "dict"],
)
def test_what_is_too_large_is_left_out_and_said(value, capsys):
    assert plain(value, "key") is None
    assert "key: " in (said := capsys.readouterr().err)
    assert "left out" in said


def test_a_dict_of_thousands_is_kept():
    wide = {f"m{n}": n for n in range(5_000)}
    assert dict(flatten({"wide": wide})) == {f"wide/m{n}": n for n in range(5_000)}


def test_nested_dicts_get_names_with_slashes():
    logged = {"val": {"loss": 0.5, 3: {"deep": True}}, "empty": {}, "o": Optimizer(0.1, "sgd")}
    assert dict(flatten(logged)) == {
        "val/loss": 0.5,
        "val/3/deep": True,
        "o/lr": 0.1,
        "o/name": "sgd",
    }


def test_a_dict_inside_itself_ends(capsys):
    loop = {"x": 1}
    loop["self"] = loop["again"] = loop
    assert dict(flatten(loop)) == {"x": 1}
    ring = [1]
    ring.append(ring)
    assert plain(ring, "ring") == [1, ["list", "list"]]
    knot = {"a": 1}
    knot["k"] = knot
    assert plain([knot], "knot") == [{"a": 1, "k": {"a": "dict", "k": "dict"}}]


def test_a_tower_of_dicts_ends():
    tower = 1
    for _ in range(2_000):
        tower = {"d": tower}
    assert len(dict(flatten({"t": tower}))) <= 1
    assert plain([tower], "t") is not None


def torch_or_skip():
    if "torch" in os.environ.get("GITRACK_REQUIRE", "").split():
        import torch
    else:
        torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    return torch


def test_tensors_become_numbers():
    torch = torch_or_skip()
    weight = torch.tensor(0.5, requires_grad=True)
    assert plain(weight, "k") == 0.5
    assert plain((weight * 2).sum(), "k") == 1.0
    assert plain(torch.tensor(0.25, dtype=torch.bfloat16), "k") == 0.25
    assert plain(torch.tensor(3), "k") == 3
    assert plain(torch.tensor(True), "k") is True
    assert plain(torch.tensor([1.0, 2.0], requires_grad=True), "k") == [1.0, 2.0]
    assert plain(torch.nn.Parameter(torch.tensor([[4.0]])), "k") == 4.0
    assert math.isnan(plain(torch.tensor(math.nan), "k"))


def test_a_tensor_without_data_leaves_the_others():
    torch = torch_or_skip()
    row = dict(flatten({"ghost": torch.zeros((), device="meta"), "loss": 1.0}))
    assert row == {"ghost": None, "loss": 1.0}
