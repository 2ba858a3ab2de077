"""Work spread over the cores of this machine, or of any that joblib reaches."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from gitrack.errors import BuildError

_Unit = TypeVar("_Unit")
_Result = TypeVar("_Result")


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
            Whether the work pays for starting processes.

        Raises
        ------
        BuildError
            If joblib knows no such backend, or a worker dies.
        """
        jobs = self._jobs() if spread or self.backend != "loky" else 1
        if jobs == 1 and self.backend == "loky":
            yield from map(function, units)
            return
        import joblib

        failures: list[BaseException] = []
        _register(self.backend)
        try:
            pool = joblib.Parallel(
                n_jobs=jobs,
                backend=self.backend,
                return_as="generator",
                batch_size=1,
                pre_dispatch=2 * jobs if jobs > 0 else "2*n_jobs",
            )
            yield from pool(joblib.delayed(function)(unit) for unit in _told(units, failures))
        except (ValueError, RuntimeError, ImportError) as error:
            if failures or isinstance(error, BuildError):
                raise
            raise BuildError(f"the workers of {self.backend!r} failed: {error}") from error
        if failures:
            raise failures[0]

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
