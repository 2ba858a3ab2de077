"""The machine and the environment that a run found itself in."""

import fnmatch
import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gitrack.record.redaction import names_a_secret, redact

#: Variables that change what a training does, or say where it ran; ``*`` for any letters.
ALLOWED = (
    "CONDA_DEFAULT_ENV CUBLAS_WORKSPACE_CONFIG CUDA_* GITHUB_REF GITHUB_REPOSITORY GITHUB_RUN_ID "
    "GITHUB_SHA CI_JOB_URL CI_COMMIT_SHA HF_HUB_OFFLINE HSA_* JAX_* KERAS_BACKEND KMP_* "
    "LANG LC_ALL LOCAL_RANK MASTER_PORT MKL_* NCCL_* NUMEXPR_* OMP_* OPENBLAS_* "
    "PYTHONHASHSEED PYTORCH_* RANK ROCR_VISIBLE_DEVICES HIP_VISIBLE_DEVICES SLURM_ARRAY_* "
    "SLURM_CPUS_* SLURM_GPUS* SLURM_JOB_ID SLURM_JOB_NAME SLURM_JOB_NUM_NODES "
    "SLURM_JOB_PARTITION SLURM_MEM_* SLURM_NODEID SLURM_NODELIST SLURM_NTASKS SLURM_PROCID "
    "TF_CPP_MIN_LOG_LEVEL TF_DETERMINISTIC_OPS TF_ENABLE_* TF_FORCE_GPU_ALLOW_GROWTH TF_GPU_* "
    "TF_NUM_* TF_XLA_FLAGS TOKENIZERS_PARALLELISM TORCH_* TRANSFORMERS_OFFLINE TZ WORLD_SIZE XLA_*"
).split()
_VALUE = 1_000  # characters


def capture_environment(
    more: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """
    Return the variables that are allowed in, secrets taken out.

    A variable whose name tells of a secret is never among them, whoever allows it.
    """
    environ = os.environ if environ is None else environ
    allowed = (*ALLOWED, *more)
    return {
        name: redact(value[:_VALUE], f"environment.{name}")
        for name, value in sorted(environ.items())
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed)
        and not names_a_secret(name)
    }


def capture_host() -> dict[str, Any]:
    """Return name, system, processor, cores, memory (bytes) and GPUs of the machine."""
    import psutil

    return {
        "name": platform.node() or None,
        "system": platform.platform(),
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "gpus": [gpu["name"] for gpu in _gpus()],
    }


def capture_hardware() -> dict[str, Any]:
    """Return what else there is: GPUs with memory and driver, libraries, usable cores."""
    found: dict[str, Any] = {"implementation": platform.python_implementation()}
    if hasattr(os, "sched_getaffinity"):
        found["usable_cores"] = len(os.sched_getaffinity(0))
    if gpus := _gpus():
        found["gpus"] = gpus
    torch = sys.modules.get("torch")
    version = getattr(torch, "version", None)
    for name in ("cuda", "hip"):
        if library := getattr(version, name, None):
            found[name] = str(library)
    if Path("/.dockerenv").exists() or os.environ.get("KUBERNETES_SERVICE_HOST"):
        found["container"] = True
    return found


def _processor() -> str | None:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor() or platform.machine() or None
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1] if match else platform.machine() or None


def _gpus() -> list[dict[str, Any]]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        driver = _decoded(pynvml.nvmlSystemGetDriverVersion())
        found = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            name = _decoded(pynvml.nvmlDeviceGetName(handle))
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle).total
            found.append({"name": name, "memory": memory, "driver": driver})
        return found
    finally:
        pynvml.nvmlShutdown()


def _decoded(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name
