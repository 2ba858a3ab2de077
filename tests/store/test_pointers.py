"""Pointer files mean to DVC's reader of YAML what they mean to ours."""

import pytest

from gitrack.model.pointer import Pointer
from gitrack.store.pointers import pointer_from_dvc, pointer_to_dvc


@pytest.mark.parametrize("md5", ["0" * 32, "1" * 31 + "e", "12e" + "3" * 29, "a" * 32 + ".dir"])
def test_a_digest_that_looks_like_a_number_stays_a_text(md5):
    from dvc.utils.serialize import parse_yaml

    pointer = Pointer("x", md5, 1, 2 if md5.endswith(".dir") else None)
    content = pointer_to_dvc(pointer)
    assert pointer_from_dvc(content, "x.dvc") == pointer
    assert parse_yaml(content.decode(), "x.dvc")["outs"][0]["md5"] == md5
