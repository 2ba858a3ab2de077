"""Trials that are commands: W&B's macros, and the environment that tells a script what to try."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError, SweepError
from gitrack.interop.standin.place import environment_with_front
from gitrack.interop.standin.sweeps.schema import Sweep
from gitrack.model.names import new_run_id
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_VARIABLE = re.compile(r"\$\{envvar:([A-Za-z_][A-Za-z0-9_]*)\}")


def run_command(
    sweep_id: str,
    described: Sweep,
    parameters: Mapping[str, Any],
    project: str | None,
    entity: str | None,
) -> tuple[str | None, float | None, bool]:
    """
    Run one trial.

    Returns
    -------
    run : str or None
        The id of its run; None where it recorded none.
    value : float or None
        What it reached.
    well : bool
        Whether the command ended well.
    """
    from gitrack.interop.standin.sweeps.agent import result_from

    run_id = new_run_id(time.time())
    with tempfile.TemporaryDirectory(prefix="gitrack-") as folder:
        given = Path(folder) / "parameters.yaml"
        # JSON is YAML; the form is W&B's.
        given.write_text(json.dumps({key: {"value": value} for key, value in parameters.items()}))
        environ = environment_with_front(os.environ)
        environ |= {
            "WANDB_SWEEP_ID": sweep_id,
            "WANDB_SWEEP_PARAM_PATH": str(given),
            "WANDB_RUN_ID": run_id,
        }
        named = {"WANDB_PROJECT": project, "WANDB_ENTITY": entity}
        environ |= {key: value for key, value in named.items() if value is not None}
        words = command_line(described, parameters, Path(folder))
        done = subprocess.run(words, env=environ, check=False)
    try:
        record = Reader(Repository.find()).with_id(run_id)
    except GitrackError:
        return None, None, done.returncode == 0
    value = result_from(record.summary, described) if done.returncode == 0 else None
    return run_id, value, done.returncode == 0


def command_line(described: Sweep, parameters: Mapping[str, Any], folder: Path) -> list[str]:
    """
    Return the command of a trial, its macros filled in.

    Parameters
    ----------
    described : Sweep
        The sweep.
    parameters : mapping of str to Any
        What is tried.
    folder : pathlib.Path
        Where a file of parameters may be written.

    Raises
    ------
    SweepError
        If it names a variable that is not set, or the sweep has no program.
    """
    flags = [(key, _word(value)) for key, value in parameters.items()]
    several = {
        "${args}": [f"--{key}={word}" for key, word in flags],
        "${args_no_hyphens}": [f"{key}={word}" for key, word in flags],
        "${args_no_boolean_flags}": [
            f"--{key}" if value is True else f"--{key}={_word(value)}"
            for key, value in parameters.items()
            if value is not False
        ],
        "${args_json}": [json.dumps(dict(parameters))],
        "${env}": ["/usr/bin/env"] if os.name != "nt" else [],
        "${interpreter}": [sys.executable],
    }
    words: list[str] = []
    for word in described.command:
        if word in several:
            words += several[word]
        elif word == "${args_json_file}":
            path = folder / "parameters.json"
            path.write_text(json.dumps(dict(parameters)), "utf-8")
            words.append(str(path))
        elif word == "${program}":
            if described.program is None:
                raise SweepError("program", "names the script of a trial")
            words.append(described.program)
        else:
            words.append(_VARIABLE.sub(_from_environment, word))
    return words


def _from_environment(match: re.Match[str]) -> str:
    try:
        return os.environ[match[1]]
    except KeyError:
        raise SweepError("command", f"names {match[1]}, which is not set") from None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
