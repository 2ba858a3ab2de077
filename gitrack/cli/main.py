"""``gitrack``: find the command, run it, turn an error into one line."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from gitrack.errors import GitrackError
from gitrack.model.text import printable
from gitrack.record.notice import warn_once
from gitrack.version import VERSION

COMMANDS = (
    "demo init exec ls show compare review comment artifacts get tag note rename move archive rm "
    "promote recover import export fsck doctor gc push pull merge build serve report"
).split()


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
        0, or 1 after a user's mistake, which is told in one line; 2 where ``review`` finds that
        a required rule does not hold; 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A command that is named need not wait for the others' imports.
    named = [word for word in words[:1] if word in COMMANDS]
    if named == ["tag"]:
        words = importlib.import_module("gitrack.cli.tag").spelled(words)
    options = parser(*named).parse_args(words)
    status = 0
    unsigned = _unsigned()
    try:
        status = options.command(options) or 0
        sys.stdout.flush()
        for trouble in _unsigned() - unsigned:
            warn_once("signing", f"committed without a signature: {trouble}")
    except BrokenPipeError:  # `gitrack ls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except GitrackError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except KeyboardInterrupt:
        return 130
    return status


def parser(*commands: str) -> argparse.ArgumentParser:
    """Return the parser of some commands, or of the whole command line."""
    top = _Parser(prog="gitrack", description="Experiment tracking without a server, in git.")
    top.add_argument("--version", action="version", version=f"gitrack {VERSION}")
    places = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in commands or COMMANDS:
        command = importlib.import_module(f"gitrack.cli.{name}")
        summary = (command.__doc__ or "").strip().splitlines()[0]
        one = places.add_parser(name, help=summary, description=summary)
        command.add_arguments(one)
        one.set_defaults(command=command.run)
    return top


class _Parser(argparse.ArgumentParser):
    """Exits with 1 after a mistake: 2, argparse's own, is what a failed review exits with."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise SystemExit(_complain(message))


def _unsigned() -> set[str]:
    """Tell why commits of this process are not signed; the module is there where one was made."""
    signing = sys.modules.get("gitrack.store.signing")
    return set(signing.troubles) if signing else set()


def _complain(message: str) -> int:
    print(f"gitrack: {printable(message)}", file=sys.stderr)
    return 1
