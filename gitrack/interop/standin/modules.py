"""The modules of the stand-in: ``wandb``, and those below it, made when they are imported."""

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from gitrack.interop.standin.absent import Idle, Refused
from gitrack.interop.standin.catalogue import ALIASES, HOMES, IDLE, PARTS, REFUSED
from gitrack.interop.standin.place import STANDS_FOR

_TOP = "wandb"
_SESSION = "gitrack.record.session"


def answer_for(name: str) -> None:
    """Make the module of this name the stand-in."""
    module = sys.modules[name]
    module.__class__ = StandIn
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):  # it may be reloaded
        sys.meta_path.insert(
            0, _Finder()
        )  # its methods are the protocol: the abstract class is slow


def _session() -> Any:
    """Return the session, its runs made as scripts for W&B expect them; not a light import."""
    from gitrack.interop.standin.beginning import KINDS
    from gitrack.record.session import session

    session.kinds = KINDS
    return session


class _Part(ModuleType):
    """A submodule: names from the catalogue, then those of a module of ours."""

    def __getattr__(self, name: str) -> Any:
        found = None if name.startswith("__") else self._find(name)
        if found is None:
            if name.startswith("_"):
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            found = _absent(name, f"{self.__name__}.{name}")
        self.__dict__[name] = found
        return found

    def _find(self, name: str) -> Any:
        part = PARTS.get(self.__name__.removeprefix(f"{_TOP}."))
        if part is not None and name in part.names.split():
            return _from_home(HOMES.get(name))
        if part is not None and part.home:
            return getattr(importlib.import_module(part.home), name, None)
        return _submodule(f"{self.__name__}.{name}")

    def __dir__(self) -> list[str]:
        part = PARTS.get(self.__name__.removeprefix(f"{_TOP}."))
        own = part.names.split() if part else []
        home = dir(importlib.import_module(part.home)) if part and part.home else []
        return sorted({*own, *(name for name in home if not name.startswith("_"))})


class StandIn(ModuleType):
    """``wandb`` itself: the current run and its fields are looked up at every use."""

    __version__ = STANDS_FOR

    @property
    def run(self) -> Any:
        """The run that is open; None before the first and after its end."""
        if _SESSION not in sys.modules:  # nobody has begun one: a script may ask at its start
            return None
        run = _session().run
        return run if run is not None and run.is_open else None

    @run.setter
    def run(self, value: Any) -> None:
        """Leave the run as it is: scripts that set None want it over, and say so by finish()."""

    @property
    def config(self) -> Any:
        """The run's config."""
        return _session().config

    @config.setter
    def config(self, value: Any) -> None:
        # `wandb.config = {…}` stands in many an example, and was meant to be recorded.
        _session().config.update(value)

    @property
    def summary(self) -> Any:
        """The run's summary."""
        return _session().summary

    @summary.setter
    def summary(self, value: Any) -> None:
        _session().summary.update(value)

    @property
    def wandb(self) -> Any:
        """The module, as W&B has it."""
        return self

    def __getattr__(self, name: str) -> Any:
        found = _from_home(HOMES.get(name)) or _submodule(f"{_TOP}.{name}")
        if found is None:
            if name.startswith("_"):
                raise AttributeError(f"module {_TOP!r} has no attribute {name!r}")
            found = _absent(name, f"{_TOP}.{name}")
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        tops = {name.partition(".")[0] for name in PARTS}
        fields = {"config", "run", "summary", "wandb", "__version__"}
        return sorted(
            {name for name in HOMES if not name.startswith("_")}
            | tops
            | set(ALIASES)
            | set(IDLE)
            | set(REFUSED)
            | fields
        )


class _Finder:
    """Finds and makes ``wandb.…``, so that no module of an installed wandb comes between."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, inner = fullname.partition(".")
        if top != _TOP or inner in ("", "__main__"):  # these are files
            return None
        if inner not in PARTS and inner not in ALIASES and not _is_package(inner):
            advice = REFUSED.get(inner.partition(".")[0]) or IDLE.get(inner.partition(".")[0])
            why = f": {advice}" if advice else ""
            raise ModuleNotFoundError(f"gitrack has no stand-in for {fullname}{why}", name=fullname)
        loader: Any = self
        return importlib.machinery.ModuleSpec(fullname, loader, is_package=_is_package(inner))

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Part(spec.name, f"Stand-in of gitrack for {spec.name}.")

    def exec_module(self, module: ModuleType) -> None:
        if same := ALIASES.get(module.__name__.partition(".")[2]):
            sys.modules[module.__name__] = importlib.import_module(f"{_TOP}.{same}")


def _is_package(inner: str) -> bool:
    return any(name.startswith(f"{inner}.") for name in (*PARTS, *ALIASES))


def _submodule(fullname: str) -> ModuleType | None:
    inner = fullname.partition(".")[2]
    if inner in PARTS or inner in ALIASES or _is_package(inner):
        return importlib.import_module(fullname)
    return None


def _from_home(home: str | None) -> Any:
    if home is None:
        return None
    module, _, attribute = home.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _absent(name: str, fullname: str) -> Any:
    if advice := REFUSED.get(name):
        return Refused(fullname, advice)
    return Idle(fullname, IDLE.get(name, "gitrack does not know it"))


def known() -> Mapping[str, str]:
    """Return every name of ``wandb`` that is answered for with what it means, or its advice."""
    return {**HOMES, **IDLE, **REFUSED}
