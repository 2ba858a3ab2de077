"""The experiments branches as of a commit or a day."""

import re
from datetime import UTC, datetime

from gitrack.errors import UsageError
from gitrack.model.names import EXPERIMENTS
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository

_AS_OF = re.compile(r"(?P<branch>[^@]*)@\{(?P<date>[^}]+)\}")


def branches_at(repository: Repository, revision: str) -> dict[str, str]:
    """
    Find the commits that a revision means.

    Parameters
    ----------
    repository : Repository
        Whose experiments.
    revision : str
        ``@{2026-11-01}``: every branch as of a moment, in UTC unless it says otherwise, by the
        dates of its commits, the same in every clone; a day counts until its end.
        ``main@{…}``: that branch alone. Anything else is one commit, as git names it, whose
        runs are all that is read; ``main`` means ``experiments/main``.

    Returns
    -------
    dict of str to str
        Commit by branch.

    Raises
    ------
    UsageError
        If there is no such commit, or the date cannot be read.
    """
    if match := _AS_OF.fullmatch(revision):
        return _as_of(repository, match["branch"], match["date"])
    for name in (f"{EXPERIMENTS}{revision}", revision):
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if commit := repository.git.ask(*words):
            return {name: commit}
    raise UsageError(f"{revision!r} is no commit, tag or branch here, and no @{{date}}")


def _as_of(repository: Repository, branch: str, date: str) -> dict[str, str]:
    moment = _moment(date)
    tips = Reader(repository).branches()
    if branch:
        tips = {name: tip for name, tip in tips.items() if name in (branch, EXPERIMENTS + branch)}
        if not tips:
            raise UsageError(f"there is no experiments branch {branch!r}")
    found: dict[str, str] = {}
    for name, tip in tips.items():
        words = ("rev-list", "--max-count=1", f"--before={moment:%Y-%m-%dT%H:%M:%S+00:00}", tip)
        if commit := repository.git.text(*words):
            found[name] = commit
    if not found:
        raise UsageError(f"nothing had been recorded by {date}")
    return found


def _moment(date: str) -> datetime:
    try:
        moment = datetime.fromisoformat(date)
    except ValueError as error:
        raise UsageError(f"{date!r} is no date: write 2026-11-01 or 2026-11-01T12:00") from error
    if len(date) == len("2026-11-01"):
        moment = moment.replace(hour=23, minute=59, second=59)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
