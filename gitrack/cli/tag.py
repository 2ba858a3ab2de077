"""Put tags on runs and take them off: gitrack tag RUN +good -old."""

import argparse
from collections.abc import Sequence

from gitrack.cli.choose import add_choice, chosen_runs, told
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.record.edit import clean_edit
from gitrack.store.edit import edit_runs

_OPTIONS = ("-C", "-h")
_WITH_VALUE = ("-C", "--repository", "--query", "--add", "--remove")


def spelled(words: Sequence[str]) -> list[str]:
    """
    Write ``-TAG`` as ``--remove=TAG``, since a parser takes it for options.

    Examples
    --------
    >>> spelled(["tag", "fox", "+good", "-hard", "-C", "lab"])
    ['tag', 'fox', '+good', '--remove=hard', '-C', 'lab']
    """
    found: list[str] = []
    for place, word in enumerate(words):
        if word == "--":
            return [*found, *words[place:]]
        is_tag = word[:1] == "-" and word[1:2] not in ("", "-") and word not in _OPTIONS
        if is_tag and words[place - 1] not in _WITH_VALUE:
            found.append(f"--remove={word[1:]}")
        else:
            found.append(word)
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.usage = "gitrack tag [-h] [-C DIR] (RUN ... | --query LINE) [+TAG ...] [-TAG ...]"
    add_choice(parser)
    for option, sign in (("--add", "+"), ("--remove", "-")):
        parser.add_argument(
            option, action="append", default=[], metavar="TAG", help=f"the same as {sign}TAG"
        )
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Tag, and say which branches took it."""
    add = [word[1:] for word in options.runs if word.startswith("+")]
    names = [word for word in options.runs if not word.startswith("+")]
    tags = {"add_tags": (*add, *options.add), "remove_tags": tuple(options.remove)}
    if not any(tags.values()):
        raise UsageError("say what to change: +TAG puts a tag on, -TAG takes it off")
    repository = repository_from(options)
    edit = clean_edit(repository, **tags)
    chosen = chosen_runs(repository, names, options.query)
    told("tagged", len(chosen), edit_runs(repository, chosen, edit))
