"""Put tags on runs and take them off: gitrack tag RUN +good -old."""

import argparse
from collections.abc import Sequence
from itertools import pairwise

from gitrack.cli.choose import add_choice, chosen_runs, told
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.record.edit import clean_edit
from gitrack.store.edit import edit_runs

_SIGNS = {"+": "--add", "-": "--remove"}
_OPTIONS = ("-", "-C", "-h")
_WITH_VALUE = ("-C", "--repository", "--query", "--add", "--remove")


def spelled(words: Sequence[str]) -> list[str]:
    """
    Write ``+TAG`` and ``-TAG`` as options, wherever they stand among others.

    Examples
    --------
    >>> spelled(["tag", "fox", "-hard", "+good", "-C", "lab"])
    ['tag', 'fox', '--remove=hard', '--add=good', '-C', 'lab']
    """
    found: list[str] = []
    for before, word in pairwise(("", *words)):
        if word == "--":
            return [*found, *words[len(found) :]]
        option = _SIGNS.get(word[:1])
        if word in _OPTIONS or word.startswith("--") or before in _WITH_VALUE:
            option = None
        found.append(f"{option}={word[1:]}" if option else word)
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.usage = "gitrack tag [-h] [-C DIR] (RUN ... | --query LINE) [+TAG ...] [-TAG ...]"
    add_choice(parser)
    for sign, option in _SIGNS.items():
        parser.add_argument(
            option, action="append", default=[], metavar="TAG", help=f"the same as {sign}TAG"
        )
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Tag, and say which branches took it."""
    tags = {"add_tags": tuple(options.add), "remove_tags": tuple(options.remove)}
    if not any(tags.values()):
        raise UsageError("say what to change: +TAG puts a tag on, -TAG takes it off")
    repository = repository_from(options)
    edit = clean_edit(repository, **tags)
    chosen = chosen_runs(repository, options.runs, options.query)
    told("tagged", len(chosen), edit_runs(repository, chosen, edit))
