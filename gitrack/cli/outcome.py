"""What push, pull and merge have in common: who wins, and how it went."""

import argparse

from gitrack.errors import MergeConflictError, UsageError
from gitrack.record.notice import tell
from gitrack.store.merge import Side
from gitrack.store.sync import Outcome


def add_sides(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose who wins."""
    sides = parser.add_mutually_exclusive_group()
    for side, whose in (("ours", "the branch here"), ("theirs", "the other side")):
        sides.add_argument(
            f"--{side}",
            dest="prefer",
            action="store_const",
            const=side,
            help=f"where both changed one thing, {whose} wins; the other stays in the history",
        )


def preferred(options: argparse.Namespace) -> Side | None:
    """Return who wins, None where that has not been said."""
    prefer: Side | None = options.prefer
    return prefer


def tell_outcome(outcome: Outcome) -> None:
    """
    Tell what a person should know, and what was refused.

    Raises
    ------
    GitrackError
        The refusal, where there was one; several are told, and counted.
    """
    for line in outcome.notes:
        tell(line)
    refusals = list(outcome.refused.values())
    for error in refusals:
        if isinstance(error, MergeConflictError):
            tell_clashes(error)
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        for error in refusals:
            tell(str(error))
        raise UsageError(f"{len(refusals)} branches stay as they were")


def tell_clashes(error: MergeConflictError) -> None:
    """Show what was changed on both sides, a line each."""
    for clash in error.clashes:
        tell(f"{error.branch}: {clash}")


def count_of_runs(outcome: Outcome) -> str:
    """Say how many runs came, in words; empty where none did."""
    counts = ((outcome.added, "new"), (outcome.edited, "changed"), (outcome.removed, "removed"))
    words = [f"{count} {what}" for count, what in counts if count]
    return f"{', '.join(words)} runs" if words else ""
