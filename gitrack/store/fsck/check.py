"""The whole check: refs, trees, runs, artifacts, data, history, signatures, leftovers."""

from collections.abc import Callable
from dataclasses import dataclass

from gitrack.store.fsck.branches import Survey
from gitrack.store.fsck.data import DataCheck
from gitrack.store.fsck.leftovers import check_leftovers
from gitrack.store.fsck.refs import check_code, check_history, check_refs
from gitrack.store.fsck.report import Report
from gitrack.store.fsck.signatures import check_signatures
from gitrack.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Depth:
    """
    How far a check goes.

    Attributes
    ----------
    data : bool
        Whether all large data is digested, and the remote is asked for what is not here.
    signatures : bool
        Whether every commit's signature is verified.
    """

    data: bool = False
    signatures: bool = False


def check(
    repository: Repository, depth: Depth, progress: Callable[[str], None] | None = None
) -> Report:
    """
    Check everything that is recorded in a repository, and change nothing.

    Parameters
    ----------
    repository : Repository
        What to check.
    depth : Depth
        How far to go.
    progress : callable, optional
        Told in a few words what is going on.

    Raises
    ------
    GitError
        If git cannot even list the branches.
    """
    report = Report(progress)
    check_leftovers(repository, report)
    trees = check_refs(repository, report)
    survey = Survey(repository.git, report)
    for branch, tree in trees.items():
        survey.check(branch, tree)
    known = {finding.target for finding in report.findings if finding.target}
    check_history(repository, list(trees), known, report)
    DataCheck(repository, report).check(survey.pointers, deep=depth.data)
    check_code(repository, survey.commits, report)
    if depth.signatures:
        check_signatures(repository.git, list(trees), report)
    return report
