"""``gitrack``: find the command, run it, turn an error into one line."""

import argparse
import os
import sys
from collections.abc import Sequence

from gitrack.cli import (
    archive,
    artifacts,
    build,
    demo,
    doctor,
    fsck,
    gc,
    get,
    ls,
    merge,
    move,
    note,
    promote,
    pull,
    push,
    recover,
    rename,
    rm,
    serve,
    show,
    tag,
)
from gitrack.errors import GitrackError
from gitrack.version import VERSION

COMMANDS = (
    demo, ls, show, artifacts, get, tag, note, rename, move, archive, rm, promote, recover, fsck,
    doctor, gc, push, pull, merge, build, serve,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``gitrack``; the process's own unless given.

    Returns
    -------
    int
        0, or 1 after a user's mistake, which is told in one line; 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["tag"]:
        words = tag.spelled(words)
    options = parser().parse_args(words)
    try:
        options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `gitrack ls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except GitrackError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the whole command line's parser."""
    top = argparse.ArgumentParser(
        prog="gitrack", description="Experiment tracking without a server, in git."
    )
    top.add_argument("--version", action="version", version=f"gitrack {VERSION}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        summary = (command.__doc__ or "").strip().splitlines()[0]
        one = commands.add_parser(name, help=summary, description=summary)
        command.add_arguments(one)
        one.set_defaults(command=command.run)
    return top


def _complain(message: str) -> int:
    line = "".join(c if c.isprintable() else " " for c in message)
    print(f"gitrack: {line}", file=sys.stderr)
    return 1
