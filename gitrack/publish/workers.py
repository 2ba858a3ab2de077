"""Work spread over the cores of this machine, or of any that joblib reaches."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from gitrack.errors import BuildError

_Unit = TypeVar("_Unit")
_Result = TypeVar("_Result")

#: Units at a time where a backend cannot give its results one by one.
_WAVE = 64


@dataclass(frozen=True, slots=True)
class Workers:
    """
    Who does the work.

    Attributes
    ----------
    jobs : int
        Processes; 0 for one a core.
    backend : str
        joblib's name for where they run; ``loky``, processes of this machine, or what a package
        registered, ``dask`` and ``ray`` say.
    """

    jobs: int = 0
    backend: str = "loky"

    def map(
        self, function: Callable[[_Unit], _Result], units: Iterable[_Unit], *, spread: bool
    ) -> Iterator[_Result]:
        """
        Yield the function's results in the order of the units.

        Parameters
        ----------
        function : callable
            A module's own function.
        units : iterable
            Read as workers get free, so that a few of them are in memory at any time.
        spread : bool
            Whether the work pays for leaving this process.

        Raises
        ------
        BuildError
            If joblib knows no such backend, or a worker dies.
        """
        jobs = self._jobs() if spread else 1
        if not spread or (jobs == 1 and self.backend == "loky"):
            yield from map(function, units)
            return
        failures: list[BaseException] = []
        try:
            yield from self._spread(function, _told(units, failures), jobs)
        except (ValueError, RuntimeError, ImportError) as error:
            raise BuildError(f"the workers of {self.backend!r} failed: {error}") from error
        if failures:
            raise failures[0]

    def _spread(
        self, function: Callable[[_Unit], _Result], units: Iterator[_Unit], jobs: int
    ) -> Iterator[_Result]:
        import joblib
        from joblib.parallel import get_active_backend

        _register(self.backend)
        # Only a configuration knows the backends that packages bring.
        with joblib.parallel_config(backend=self.backend):
            backend, _ = get_active_backend()
        work = joblib.delayed(function)
        options = {"n_jobs": jobs, "backend": backend, "batch_size": 1}
        if backend.supports_return_generator:
            pool = joblib.Parallel(**options, return_as="generator", pre_dispatch="2*n_jobs")
            yield from pool(work(unit) for unit in units)
            return
        with joblib.Parallel(**options) as pool:
            while wave := list(islice(units, _WAVE)):
                yield from pool(work(unit) for unit in wave)

    def _jobs(self) -> int:
        import joblib

        # Of another backend's workers joblib knows the number itself: -1 is all.
        return self.jobs or (joblib.cpu_count() if self.backend == "loky" else -1)


def _told(units: Iterable[_Unit], failures: list[BaseException]) -> Iterator[_Unit]:
    """End instead of failing: joblib reads units in a thread where an error is never seen."""
    try:
        yield from units
    except Exception as error:  # noqa: BLE001 - raised again by whoever waits for the results
        failures.append(error)


def _register(backend: str) -> None:
    """Let a package that brings a backend say so; joblib knows Dask's by itself."""
    if backend == "ray":
        with contextlib.suppress(ImportError):
            module: Any = __import__("ray.util.joblib", fromlist=["register_ray"])
            module.register_ray()
