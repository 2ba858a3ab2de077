"""Where a run ran and how to run it again, from what its record says of the machine."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from gitrack.model.run import Record, Run
from gitrack.publish import format as fmt
from gitrack.publish.contexts import Pair
from gitrack.publish.provenance import is_one_line, is_sha
from gitrack.store.layout import PACKAGES_FILE, PATCH_FILE

_TIMES = "\N{MULTIPLICATION SIGN}"
#: Variables by which a scheduler or a CI service names what it runs.
_JOBS = (
    ("slurm job", ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_JOB_NAME", "SLURM_JOB_PARTITION")),
    ("nodes", ("SLURM_NODELIST",)),
    ("rank", ("RANK", "WORLD_SIZE")),
    ("ci job", ("GITHUB_RUN_ID", "CI_JOB_URL")),
)
_TELLING = ("SLURM_", "GITHUB_", "CI_", "LOCAL_RANK", "RANK", "WORLD_SIZE", "MASTER_", "CONDA_")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def environment(record: Record) -> list[Pair]:
    """
    Describe where and how a run ran, what matters most first.

    Returns
    -------
    list of Pair
        Label and text; what is not known is left out. Links lead to runs of the same project.
    """
    run, host = record.run, record.run.host
    lines: list[tuple[str, str | None]] = [
        ("python", run.python),
        ("gpu", _gpus(host.gpus)),
        ("cpu", _cpu(run)),
        ("memory", None if host.memory is None else fmt.memory(host.memory)),
        ("host", host.name),
        ("system", host.system),
        *((label, _job(run.environment, names)) for label, names in _JOBS),
        ("command", shlex.join(run.command) or None),
        ("exit code", None if run.exit_code is None else str(run.exit_code)),
        ("sessions", str(run.sessions) if run.sessions > 1 else None),
        ("id", run.id),
        ("recorded on", record.branch),
        ("recorded by", run.recorder),
        ("imported from", _source(run)),
    ]
    pairs = [Pair(label, value) for label, value in lines if value]
    if run.forked_from:
        at = "" if run.forked_at is None else f" at step {fmt.count(run.forked_at)}"
        pairs.append(Pair("forked from", f"{run.forked_from}{at}"))
    if run.supersedes:
        pairs.append(Pair("rewound from", run.supersedes))
    return pairs


def _source(run: Run) -> str | None:
    """Say which run of which tool an imported one was."""
    words = [run.imported.get(name) for name in ("source", "id")]
    return " ".join(word for word in words if isinstance(word, str)) or None


def machine(run: Run) -> list[Pair]:
    """Describe the machine more closely than `environment` does: each GPU, libraries, limits."""
    known = run.hardware
    found = [*enumerate(_mappings(known.get("gpus")))]
    pairs = [Pair(f"gpu {number}", _gpu(gpu)) for number, gpu in found]
    drivers = dict.fromkeys(str(gpu["driver"]) for _, gpu in found if gpu.get("driver"))
    lines = (
        ("gpu driver", ", ".join(drivers)),
        ("cuda", known.get("cuda")),
        ("hip", known.get("hip")),
        ("usable cores", known.get("usable_cores")),
        ("python", known.get("implementation")),
        ("container", "yes" if known.get("container") is True else None),
    )
    return pairs + [Pair(label, str(value)) for label, value in lines if value]


def steps_again(record: Record) -> list[Pair]:
    """
    Write the commands that bring back code, packages and variables, and run the script again.

    Returns
    -------
    list of Pair
        What a step does, and its command; empty without a commit. A command that holds what a
        terminal would act on is left out.
    """
    run = record.run
    commit = run.code.snapshot or run.code.commit
    if not is_sha(commit):
        return []
    folder = shlex.quote(f"../{run.id}")
    steps = []
    if run.code.snapshot and run.code.snapshot != run.code.commit:
        ref = f"refs/gitrack/code/{commit}"
        steps.append(Pair("In a clone, get its changed tree", f"git fetch origin {ref}:{ref}"))
    steps.append(Pair("The code", f"git worktree add --detach {folder} {commit} && cd {folder}"))
    if run.code.dirty and not run.code.snapshot and PATCH_FILE in record.blobs:
        command = f"gitrack get {run.id}:{PATCH_FILE} && git apply {PATCH_FILE}"
        steps.append(Pair("Its uncommitted changes", command))
    if PACKAGES_FILE in record.blobs:
        command = f"gitrack get {run.id}:{PACKAGES_FILE} && pip install -r {PACKAGES_FILE}"
        steps.append(Pair("The packages", command))
    words = [f"{name}={shlex.quote(value)}" for name, value in _steering(run.environment)]
    if words and is_one_line(words):
        steps.append(Pair("The variables", f"export {' '.join(words)}"))
    if run.command and is_one_line(run.command):
        steps.append(Pair("The script", shlex.join(run.command)))
    return steps


def _steering(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Leave out what only tells where a run was: nobody wants another job's id in theirs."""
    return [
        (name, value)
        for name, value in variables.items()
        if _NAME.fullmatch(name) and not name.startswith(_TELLING)
    ]


def _cpu(run: Run) -> str | None:
    host = run.host
    return f"{host.cores} {_TIMES} {host.cpu}" if host.cores and host.cpu else host.cpu


def _gpus(names: Sequence[str]) -> str | None:
    counts = {name: list(names).count(name) for name in names}
    return ", ".join(f"{n} {_TIMES} {gpu}" if n > 1 else gpu for gpu, n in counts.items()) or None


def _gpu(gpu: Mapping[str, Any]) -> str:
    memory = gpu.get("memory")
    amount = f", {fmt.memory(memory)}" if type(memory) is int else ""
    return f"{gpu.get('name', fmt.MISSING)}{amount}"


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _job(variables: Mapping[str, str], names: Sequence[str]) -> str | None:
    return " · ".join(variables[name] for name in names if variables.get(name)) or None
