"""The command ``wandb``: sweeps and agents; what deals with an account does nothing."""

import argparse
import sys
from collections.abc import Sequence

from gitrack.errors import GitrackError
from gitrack.record.notice import tell

#: What scripts call before a training, and what needs no doing here.
_NEEDLESS = frozenset("disabled enabled init login logout off offline on online status".split())
_INSTEAD = {
    "artifact": "gitrack artifacts, gitrack get",
    "beta": "gitrack --help lists what there is",
    "controller": "wandb agent chooses the trials",
    "docker": "run the container yourself, gitrack exec inside it",
    "job": "run the command, here or by CI",
    "launch": "run the command, here or by CI",
    "pull": "gitrack get RUN",
    "restore": "gitrack get RUN, and git for the code",
    "server": "there is no server: gitrack build, gitrack serve",
    "sync": "gitrack push; runs of W&B's own: gitrack import",
    "verify": "gitrack doctor",
}


def cli(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command of ``wandb``.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``wandb``; the process's own unless given.

    Returns
    -------
    int
        0, or 1 where it cannot be done.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in words if not word.startswith("-")), "")
    if name in _NEEDLESS:
        tell(f"wandb {name}: nothing to do, runs are recorded in git")
        return 0
    if name in _INSTEAD:
        tell(f"wandb {name} is not part of gitrack: {_INSTEAD[name]}")
        return 1
    options = _parser().parse_args(words)
    try:
        options.command(options)
    except GitrackError as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wandb", description="Gitrack's stand-in for wandb.")
    places = parser.add_subparsers(metavar="COMMAND", required=True)
    sweep = places.add_parser("sweep", help="begin a sweep that a YAML file describes")
    sweep.add_argument("file", metavar="FILE")
    sweep.set_defaults(command=_sweep)
    agent = places.add_parser("agent", help="run trials of a sweep")
    agent.add_argument("sweep_id", metavar="SWEEP")
    agent.add_argument("--count", type=int, metavar="N", help="only so many")
    agent.set_defaults(command=_agent)
    for command in (sweep, agent):
        command.add_argument("-p", "--project")
        command.add_argument("-e", "--entity")
    return parser


def _sweep(options: argparse.Namespace) -> None:
    from gitrack.interop.standin.sweeps.agent import sweep

    sweep_id = sweep(options.file, options.entity, options.project)
    place = "/".join(filter(None, (options.entity, options.project, sweep_id)))
    print(f"wandb agent {place}")  # noqa: T201 - what the command is asked for


def _agent(options: argparse.Namespace) -> None:
    from gitrack.interop.standin.sweeps.agent import agent

    agent(options.sweep_id, None, options.entity, options.project, options.count)
