"""What NVML says of the GPUs that this process sees; silent where there is none."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

_MILLI = 1_000.0
_JOULES_PER_KWH = 3.6e6


class Gpus:
    """The GPUs, asked one metric after the other; a metric that one lacks is left out."""

    def __init__(self) -> None:
        import pynvml

        self._nvml = pynvml
        self._handles: dict[int, Any] = {}
        self._lacks: set[tuple[int, str]] = set()
        self._first_energy: dict[int, float] = {}
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            return
        with contextlib.suppress(pynvml.NVMLError):
            self._handles = dict(self._visible())
        for index, handle in self._handles.items():
            with contextlib.suppress(pynvml.NVMLError):
                joules = pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / _MILLI
                self._first_energy[index] = joules

    def __len__(self) -> int:
        return len(self._handles)

    def sample(self) -> dict[str, float]:
        """Return ``gpu.<i>.<metric>`` of every GPU, numbered as the process sees them."""
        found: dict[str, float] = {}
        for index, handle in self._handles.items():
            for metric, ask in self._questions().items():
                if (index, metric) in self._lacks:
                    continue
                try:
                    for name, value in ask(handle).items():
                        found[f"gpu.{index}.{name}"] = float(value)
                except Exception:  # noqa: BLE001 - an older driver fails in ways of its own
                    self._lacks.add((index, metric))
        return found

    def energy(self) -> dict[int, float]:
        """Return the joules that each GPU that counts them has used since the beginning."""
        used: dict[int, float] = {}
        for index, first in self._first_energy.items():
            with contextlib.suppress(self._nvml.NVMLError):
                total = self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handles[index])
                used[index] = total / _MILLI - first
        return used

    def close(self) -> None:
        """Let go of NVML."""
        if self._handles:
            self._handles = {}
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()

    def _questions(self) -> dict[str, Callable[[Any], dict[str, float]]]:
        nvml = self._nvml
        return {
            "use": lambda gpu: {"use": nvml.nvmlDeviceGetUtilizationRates(gpu).gpu},
            "memory": lambda gpu: _memory(nvml.nvmlDeviceGetMemoryInfo(gpu)),
            "temperature": lambda gpu: {
                "temperature": nvml.nvmlDeviceGetTemperature(gpu, nvml.NVML_TEMPERATURE_GPU)
            },
            "power": lambda gpu: {"power": nvml.nvmlDeviceGetPowerUsage(gpu) / _MILLI},
            "clock.sm": lambda gpu: {
                "clock.sm": nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_SM)
            },
            "clock.memory": lambda gpu: {
                "clock.memory": nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_MEM)
            },
            "process": lambda gpu: _own_memory(
                nvml.nvmlDeviceGetComputeRunningProcesses(gpu), os.getpid()
            ),
        }

    def _visible(self) -> Iterator[tuple[int, Any]]:
        """Yield the GPUs in the process's own order: CUDA_VISIBLE_DEVICES chooses and orders."""
        nvml = self._nvml
        chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
        count = nvml.nvmlDeviceGetCount()
        if chosen is None:
            for index in range(count):
                yield index, nvml.nvmlDeviceGetHandleByIndex(index)
            return
        for place, word in enumerate(part.strip() for part in chosen.split(",")):
            if word.isdigit() and int(word) < count:
                yield place, nvml.nvmlDeviceGetHandleByIndex(int(word))
            elif word.startswith(("GPU-", "MIG-")):
                try:
                    handle = nvml.nvmlDeviceGetHandleByUUID(word.encode())
                except nvml.NVMLError:
                    return
                yield place, handle
            else:  # CUDA too ignores everything from the first that is none
                return


def _memory(info: Any) -> dict[str, float]:
    share = 100.0 * info.used / info.total if info.total else 0.0
    return {"memory": share, "memory.used": info.used}


def _own_memory(processes: Any, pid: int) -> dict[str, float]:
    own = [process.usedGpuMemory for process in processes if process.pid == pid]
    known = [used for used in own if used is not None]
    return {"process.memory": sum(known)} if known else {}


def kilowatt_hours(joules: float) -> float:
    """
    Turn joules into kWh.

    Examples
    --------
    >>> kilowatt_hours(7.2e6)
    2.0
    """
    return joules / _JOULES_PER_KWH
