"""The machine while it trains: processor, memory, disk, network, GPUs, energy."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gitrack.record.gpu import Gpus, kilowatt_hours

_FIRST = 1.0  # seconds until the first sample; then twice as long each time, up to the period
_FORK_SECONDS = 5.0
_RAPL = Path("/sys/class/powercap")
_MICRO = 1e6
_CGROUP = Path("/sys/fs/cgroup")


class SystemMonitor(threading.Thread):
    """
    Samples the machine in a thread of its own.

    Parameters
    ----------
    write : callable
        Takes ``"system"`` and ``[timestamp, runtime, {name: number}]``.
    began : float
        When the run began, by ``time.monotonic()``.
    period : float
        Seconds between two samples; the first come sooner, so that a short run has some.
    place : path
        Where the run is recorded: its disk is watched.
    """

    def __init__(
        self,
        write: Callable[[str, Any], None],
        began: float,
        period: float = 15.0,
        place: str | os.PathLike[str] = ".",
    ) -> None:
        super().__init__(name="gitrack-system", daemon=True)
        self._write = write
        self._began = began
        self._period = period
        self._place = os.fspath(place)
        self._ended = threading.Event()
        self._ready = threading.Event()
        self._energy = _Energy()

    def run(self) -> None:
        """Sample until the end; what cannot be asked is named once and left out."""
        try:
            machine = _Machine(self._place)
            gpus = Gpus()
            self._energy.begin(gpus)
        except Exception as error:  # noqa: BLE001 - no capture may end a training
            self._write("missing", f"system: {type(error).__name__}: {error}")
            return
        finally:
            self._ready.set()
        wait = min(_FIRST, self._period)
        while True:
            last = self._ended.wait(wait)
            metrics = machine.sample() | gpus.sample()
            runtime = time.monotonic() - self._began
            self._energy.take(runtime, metrics)
            self._write("system", [time.time(), runtime, metrics])
            if last:
                break
            wait = min(2 * wait, self._period)
        if (joules := self._energy.joules(gpus)) is not None:
            self._write("summary", {"system/energy_kwh": kilowatt_hours(joules)})
        gpus.close()

    def stop(self, seconds: float) -> None:
        """Take a last sample and end; waits no longer than `seconds`."""
        self._ended.set()
        if self.is_alive():
            self.join(seconds)

    def settle(self) -> None:
        """Wait, before a fork, until everything that is needed has been imported."""
        if self.is_alive():
            self._ready.wait(_FORK_SECONDS)


class _Machine:
    """Processor, memory, disk and network, by psutil; rates since the last sample."""

    def __init__(self, place: str) -> None:
        import psutil

        self._psutil = psutil
        self._place = place
        self._process = psutil.Process()
        self._limit = _memory_limit()
        self._last: tuple[float, dict[str, float]] = (time.monotonic(), self._counters())
        psutil.cpu_percent()
        self._process.cpu_percent()

    def sample(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for part in (self._processor, self._memory, self._rates, self._disk):
            with contextlib.suppress(Exception):  # a container may hide any of them
                found |= part()
        return found

    def _processor(self) -> dict[str, float]:
        found = {
            "cpu": self._psutil.cpu_percent(),
            "cpu.process": self._process.cpu_percent(),
            "threads": float(self._process.num_threads()),
        }
        if hasattr(os, "getloadavg"):
            found["load"] = os.getloadavg()[0]
        return found

    def _memory(self) -> dict[str, float]:
        memory = self._psutil.virtual_memory()
        used, total = float(memory.total - memory.available), float(memory.total)
        if self._limit is not None:
            used, total = self._limit()
        found = {
            "memory": 100 * used / total,
            "memory.used": used,
            "memory.process": float(self._process.memory_info().rss),
        }
        children = 0.0
        for child in self._process.children(recursive=True):
            with contextlib.suppress(self._psutil.Error):
                children += child.memory_info().rss
        return found | {"memory.children": children}

    def _rates(self) -> dict[str, float]:
        now, counters = time.monotonic(), self._counters()
        before, last = self._last
        self._last = (now, counters)
        seconds = max(now - before, 1e-3)
        return {
            name: max(counters[name] - last[name], 0.0) / seconds
            for name in counters
            if name in last
        }

    def _disk(self) -> dict[str, float]:
        return {"disk": self._psutil.disk_usage(self._place).percent}

    def _counters(self) -> dict[str, float]:
        found: dict[str, float] = {}
        with contextlib.suppress(Exception):
            if disk := self._psutil.disk_io_counters():
                found |= {"disk.read": disk.read_bytes, "disk.written": disk.write_bytes}
        with contextlib.suppress(Exception):
            if network := self._psutil.net_io_counters():
                found |= {
                    "network.received": network.bytes_recv,
                    "network.sent": network.bytes_sent,
                }
        return {name: float(value) for name, value in found.items()}


def _memory_limit() -> Callable[[], tuple[float, float]] | None:
    """Return what asks a container's own memory, used and allowed, where it is limited."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            allowed = float((_CGROUP / limit).read_text())
        except (OSError, ValueError):  # "max" is no number: there is no limit
            continue
        import psutil

        if allowed < psutil.virtual_memory().total:
            current = _CGROUP / used
            return lambda: (float(current.read_text()), allowed)
    return None


class _Energy:
    """Joules since the beginning, from meters alone: no figure where nothing measures."""

    def __init__(self) -> None:
        self._meters: dict[Path, tuple[float, float]] = {}  # the last reading, the sum so far
        self._power: dict[str, tuple[float, float]] = {}  # of each GPU: runtime, watts
        self._sums: dict[str, float] = {}

    def begin(self, gpus: Gpus) -> None:
        """Note where the meters stand."""
        self._counted = {f"gpu.{index}.power" for index in gpus.energy()}
        for meter in _RAPL.glob("intel-rapl:[0-9]*/energy_uj"):
            if meter.parent.name.count(":") == 1:  # packages; their parts are inside them
                with contextlib.suppress(OSError, ValueError):
                    self._meters[meter] = (float(meter.read_text()), 0.0)

    def take(self, runtime: float, metrics: dict[str, float]) -> None:
        """Add what was used since the last sample: power by the trapezoid between two."""
        for name, watts in metrics.items():
            if name.endswith(".power") and name not in self._counted:
                before, last = self._power.get(name, (runtime, watts))
                self._sums[name] = (
                    self._sums.get(name, 0.0) + (runtime - before) * (last + watts) / 2
                )
                self._power[name] = (runtime, watts)
        for meter, (last, total) in self._meters.items():
            with contextlib.suppress(OSError, ValueError):
                now = float(meter.read_text())
                step = now - last
                if step < 0:  # the meter began anew
                    step += float(meter.with_name("max_energy_range_uj").read_text())
                self._meters[meter] = (now, total + step)

    def joules(self, gpus: Gpus) -> float | None:
        """Return the sum; None where nothing was measured."""
        parts = [*gpus.energy().values(), *self._sums.values()]
        parts += [total / _MICRO for _, total in self._meters.values()]
        return sum(parts) if parts else None
