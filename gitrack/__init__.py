"""
Experiment tracking without a server.

    import gitrack

    with gitrack.init(project="digits", config={"lr": 0.01}) as run:
        run.log({"loss": 0.5})
"""

from typing import TYPE_CHECKING, Any

from gitrack.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from gitrack.analysis.access import LoadedRun, load, runs
    from gitrack.record.fields import Config, Summary
    from gitrack.record.media.histogram import Histogram
    from gitrack.record.run import Run
    from gitrack.record.session import finish, init, log

    config: Config
    run: Run | None
    summary: Summary

__all__ = [
    "Histogram",
    "LoadedRun",
    "Run",
    "__version__",
    "config",
    "finish",
    "init",
    "load",
    "log",
    "run",
    "runs",
    "summary",
]

_HOMES = {
    "Histogram": "gitrack.record.media.histogram",
    "LoadedRun": "gitrack.analysis.access",
    "Run": "gitrack.record.run",
    "finish": "gitrack.record.session",
    "init": "gitrack.record.session",
    "load": "gitrack.analysis.access",
    "log": "gitrack.record.session",
    "runs": "gitrack.analysis.access",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used; look the current run up at every use."""
    import importlib

    if home := _HOMES.get(name):
        value = globals()[name] = getattr(importlib.import_module(home), name)
        return value
    if name in ("config", "run", "summary"):
        from gitrack.record.session import session

        return getattr(session, name)
    raise AttributeError(f"module 'gitrack' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
