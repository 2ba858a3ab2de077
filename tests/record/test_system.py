"""The machine's samples: names, times, energy, and NVML by its real door."""

import os
import shutil
import subprocess
import sys
import time

import pytest

import gitrack
from gitrack.record.system import SystemMonitor

NAMES = "cpu cpu.process memory memory.used memory.process memory.children disk threads".split()


def sampled(period, seconds):
    events = []
    monitor = SystemMonitor(lambda *event: events.append(event), time.monotonic(), period)
    monitor.start()
    time.sleep(seconds)
    monitor.stop(5)
    return events


def test_samples_come_soon_and_at_the_end():
    events = sampled(0.1, 0.35)
    samples = [value for name, value in events if name == "system"]
    assert 3 <= len(samples) <= 6
    for timestamp, runtime, metrics in samples:
        assert abs(timestamp - time.time()) < 10
        assert runtime >= 0
        assert set(NAMES) <= set(metrics)
        assert 0 < metrics["memory"] <= 100
        assert metrics["memory.process"] > 1e6
        assert all(isinstance(value, int | float) for value in metrics.values())


def test_a_busy_process_is_seen(begin):
    with begin() as run:
        began, worked = time.monotonic(), time.process_time()
        while time.monotonic() < began + 1.5:
            pass
        share = 100 * (time.process_time() - worked) / (time.monotonic() - began)
    frame = gitrack.load(run.id).system()
    assert list(frame.columns[:3]) == ["_step", "_runtime", "_timestamp"]
    assert len(frame) >= 2
    assert frame["cpu.process"].max() > share / 2  # of a machine that others may use as well
    assert frame["_runtime"].is_monotonic_increasing


def test_a_period_of_nothing_samples_nothing(begin, monkeypatch):
    monkeypatch.setenv("GITRACK_SYSTEM_PERIOD", "0")
    with begin() as run:
        pass
    assert len(gitrack.load(run.id).system()) == 0
    assert "system.parquet" not in gitrack.load(run.id).files()


def test_a_machine_without_a_gpu_is_quiet(python, repository):
    done = python("import gitrack\nwith gitrack.init(id='r') as run: run.log({'a': 1})")
    assert "NVML" not in done.stderr
    loaded = gitrack.load("r")
    assert loaded.run.missing == ()


#: A library of NVML's own functions and one GPU whose figures are known.
NVML = r"""
#include <string.h>
typedef void *dev; typedef struct {unsigned long long total, free, used;} mem;
typedef struct {unsigned int gpu, memory;} use;
typedef struct {unsigned int pid; unsigned long long used; unsigned int gi, ci;} proc;
static unsigned long long energy = 5000000;
int nvmlInitWithFlags(unsigned f) {return 0;}
int nvmlInit_v2(void) {return 0;}
int nvmlShutdown(void) {return 0;}
int nvmlSystemGetDriverVersion(char *s, unsigned n) {strncpy(s, "555.42", n); return 0;}
int nvmlDeviceGetCount_v2(unsigned *n) {*n = 2; return 0;}
int nvmlDeviceGetHandleByIndex_v2(unsigned i, dev *d) {*d = (dev)(unsigned long)(i + 1); return 0;}
int nvmlDeviceGetName(dev d, char *s, unsigned n) {strncpy(s, "GPU of glass", n); return 0;}
int nvmlDeviceGetUtilizationRates(dev d, use *u) {u->gpu = 40 + (unsigned long)d; u->memory = 7;
    return 0;}
int nvmlDeviceGetMemoryInfo(dev d, mem *m) {m->total = 1000; m->free = 750; m->used = 250;
    return 0;}
int nvmlDeviceGetTemperature(dev d, unsigned k, unsigned *t) {*t = 66; return 0;}
int nvmlDeviceGetPowerUsage(dev d, unsigned *p) {*p = 123000; return 0;}
int nvmlDeviceGetClockInfo(dev d, unsigned k, unsigned *c) {*c = 1000 + k; return 0;}
int nvmlDeviceGetTotalEnergyConsumption(dev d, unsigned long long *e) {energy += 1800000;
    *e = energy; return 0;}
"""


@pytest.fixture
def nvml(tmp_path):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler on Linux")
    (tmp_path / "nvml.c").write_text(NVML)
    library = tmp_path / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "nvml.c"], check=True)
    return tmp_path


def test_what_nvml_says_is_what_is_recorded(nvml, repository):
    source = "import gitrack, time\nwith gitrack.init(id='r'): time.sleep(1.2)"
    environ = {**os.environ, "LD_LIBRARY_PATH": str(nvml), "CUDA_VISIBLE_DEVICES": "1"}
    subprocess.run(
        [sys.executable, "-c", source], env=environ, check=True, capture_output=True, text=True
    )
    loaded = gitrack.load("r")
    frame = loaded.system()
    assert frame["gpu.0.use"].tolist() == [42.0] * len(frame)  # the second GPU is the first seen
    assert "gpu.1.use" not in frame
    assert frame["gpu.0.memory"][0] == 25.0
    assert frame["gpu.0.temperature"][0] == 66.0
    assert frame["gpu.0.power"][0] == 123.0
    assert frame["gpu.0.clock.sm"][0] == 1001.0
    assert loaded.run.host.gpus == ("GPU of glass", "GPU of glass")
    assert loaded.run.hardware["gpus"][0]["driver"] == "555.42"
    joules = loaded.summary["system/energy_kwh"] * 3.6e6
    assert joules >= 1800
    assert joules % 1800 == pytest.approx(0, abs=1e-6)


def test_power_is_summed_by_the_trapezoid_where_nothing_counts_energy(nvml, repository):
    text = (nvml / "nvml.c").read_text().replace("energy += 1800000;\n    *e = energy; return 0;",
                                                 "return 3;")  # fmt: skip
    (nvml / "nvml.c").write_text(text)
    library = nvml / "libnvidia-ml.so.1"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, nvml / "nvml.c"], check=True)
    source = "import gitrack, time\nwith gitrack.init(id='r'): time.sleep(2)"
    environ = {**os.environ, "LD_LIBRARY_PATH": str(nvml), "GITRACK_SYSTEM_PERIOD": "0.2"}
    subprocess.run([sys.executable, "-c", source], env=environ, check=True, capture_output=True)
    loaded = gitrack.load("r")
    runtime = loaded.system()["_runtime"]
    expected = 2 * 123.0 * (runtime.iloc[-1] - runtime.iloc[0]) / 3.6e6
    assert loaded.summary["system/energy_kwh"] == pytest.approx(expected, rel=1e-6)
