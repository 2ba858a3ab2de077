"""
What answers to ``import wandb`` under ``gitrack exec``.

It may be met by a Python that has no gitrack, or is too old for it: it says so in one line, and
ends the script before it has trained unrecorded.
"""

from __future__ import annotations

import sys


def _begin() -> str | None:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever imports this chose the Python
        return "is older than 3.11"
    try:
        from gitrack.interop.standin.modules import answer_for
    except ImportError as error:
        return "cannot import gitrack (%s): install it there" % error  # noqa: UP031
    answer_for(__name__)
    return None


_trouble = _begin()
if _trouble:
    raise SystemExit("gitrack exec: %s %s" % (sys.executable, _trouble))  # noqa: UP031
