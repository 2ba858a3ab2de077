"""Remove runs by a commit, bring them back, or take them out of history."""

import argparse
import sys

from gitrack.cli.choose import add_choice, chosen_runs, counted, told
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import RunNotFoundError, UsageError
from gitrack.store.edit import remove_runs
from gitrack.store.holding import find_holding
from gitrack.store.purge import Purge
from gitrack.store.reader import Reader
from gitrack.store.removed import find_removed, restore_runs
from gitrack.store.repository import Repository

_MEANING = """\
Purging writes the history of {branches} again without {runs}:
  - {commits} commits get new ids; their authors, dates and messages stay, signatures go
  - every clone and fork keeps the old history, and brings it back where it pushes: each one has
    to fetch the new branches and reset its own to them
  - a git host may show the old commits by their ids until it collects them, and forks for ever;
    a secret that was pushed is to be revoked, whatever is done here
  - snapshots of code ({code}) and large files ({data}) are the runs' own; copies of them on
    remotes, sites that were built, and what other runs or artifacts say of the runs stay
  - the old history is kept under refs/gitrack/backup/ unless --no-backup is given"""

_NAMED = 3  # runs in the line that tells the way back


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_choice(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--undo", action="store_true", help="bring removed runs back")
    kind.add_argument("--purge", action="store_true", help="write history again without them")
    parser.add_argument(
        "--no-backup", action="store_true", help="with --purge: keep nothing of the old history"
    )
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Remove, bring back or purge, and say how to go back."""
    if options.no_backup and not options.purge:
        raise UsageError("--no-backup belongs to --purge")
    repository = repository_from(options)
    if options.undo:
        if options.query is not None or not options.runs:
            raise UsageError("name the removed runs: gitrack rm --undo RUN")
        ids, commits = restore_runs(repository, options.runs)
        told("restored", len(ids), commits)
        return
    if options.purge:
        _purge(repository, options)
        return
    chosen = chosen_runs(repository, options.runs, options.query)
    if not options.yes and not _agrees(f"remove {counted(len(chosen))}?"):
        raise UsageError("nothing is removed")
    told("removed", len(chosen), remove_runs(repository, chosen))
    names = " ".join(run.id for run in chosen[:_NAMED]) + " …" * (len(chosen) > _NAMED)
    print(f"the way back: gitrack rm --undo {names}")


def _agrees(question: str) -> bool:
    """Ask at a terminal; a script that removes means it."""
    if not sys.stdin.isatty():
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _purge(repository: Repository, options: argparse.Namespace) -> None:
    if options.query is not None:
        ids = [one.id for one in chosen_runs(repository, (), options.query)]
    else:
        ids = list(dict.fromkeys(_id_ever(repository, name) for name in options.runs))
    if not ids:
        raise UsageError("name the runs, or find them by --query")
    purge = Purge(repository, ids)
    facts = {
        "branches": ", ".join(purge.tips),
        "runs": ids[0] if len(ids) == 1 else counted(len(ids)),
        "commits": purge.commits,
        "code": len(purge.leftovers.code),
        "data": len(purge.leftovers.data),
    }
    print(_MEANING.format(**facts))
    if not options.yes:
        raise UsageError("nothing is purged yet: --yes does it")
    commands = purge.push_commands()
    if sys.stderr.isatty():
        print(f"writing {purge.commits} commits again …", file=sys.stderr)
    done = purge.run(backup=not options.no_backup)
    told("purged", len(ids), done.branches)
    if done.backup:
        print(f"the old history: git for-each-ref {done.backup}; to forget it, delete these refs")
    else:
        print(f"{done.objects} objects of data deleted")
    print("reflogs keep the old commits until git expires them, or git reflog expire and git gc")
    if holders := purge.holders():
        print(f"still held by {', '.join(holders)}")
    for line in commands:
        print(f"to write a remote's history again too: {line}")


def _id_ever(repository: Repository, name: str) -> str:
    """Find a run that is there, or was."""
    try:
        return find_holding(Reader(repository), name).id
    except RunNotFoundError:
        return find_removed(repository, name)[0].run.id
