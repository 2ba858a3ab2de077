"""
What every Python meets first under ``gitrack exec --tensorboard``.

It may be a Python that has no gitrack, or is too old for it: then it says so in one line and the
script goes on. The ``sitecustomize`` that would have been imported instead is run too.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys


def _listen() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this chose the Python
        trouble = "is older than 3.11"
    else:
        try:
            from gitrack.interop.unasked.begin import begin_when_written
        except ImportError as error:
            trouble = "cannot import gitrack (%s)" % error  # noqa: UP031
        else:
            begin_when_written()
            return
    print("gitrack exec: %s %s: nothing is recorded" % (sys.executable, trouble), file=sys.stderr)  # noqa: T201, UP031


def _run_the_next() -> None:
    own = os.path.realpath(os.path.dirname(__file__))  # noqa: PTH120 - before the script's imports
    others = [path for path in sys.path if os.path.realpath(path or os.curdir) != own]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_listen()
_run_the_next()
