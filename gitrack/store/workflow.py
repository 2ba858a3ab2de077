"""The workflow of experiments branches that are there already."""

from collections.abc import Mapping
from pathlib import Path

from gitrack.model.names import EXPERIMENTS
from gitrack.settings import Settings
from gitrack.store.beginning import own_workflow, own_workflow_files
from gitrack.store.branch import Branch, Content
from gitrack.store.repository import Repository


def branches_to_change(repository: Repository, host: str, settings: Settings) -> list[str]:
    """
    Name the experiments branches whose workflow is not as the settings ask for.

    These are the branches here and, where it is on the remote alone, that of the code branch
    which publishes, from which others begin.
    """
    git = repository.git
    said = git.ask("for-each-ref", "--format=%(refname:short)", f"refs/heads/{EXPERIMENTS}")
    names = (said or "").split()
    default = f"{EXPERIMENTS}{settings.publish_branch}"
    there = f"refs/remotes/{settings.remote}/{default}"
    if default not in names and git.ask("rev-parse", "--verify", "--quiet", there):
        names.append(default)
    return [name for name in names if _changes(Branch(repository, name), host, settings)]


def change_branch(repository: Repository, name: str, host: str, settings: Settings) -> None:
    """
    Commit a branch's workflow, or take it away.

    Raises
    ------
    BranchBlockedError
        If it is checked out.
    RepositoryError
        If git cannot write.
    """
    branch = Branch(repository, name)
    changes = _changes(branch, host, settings)
    wanted = any(content is not None for content in changes.values())
    branch.change(lambda _: changes, f"{'Publish' if wanted else 'Do not publish'} what lands\n")


def _changes(branch: Branch, host: str, settings: Settings) -> Mapping[str, Content]:
    git = branch.git
    tip = branch.tip() or f"refs/remotes/{settings.remote}/{branch.name}"
    wanted = own_workflow(host, settings)
    changes: dict[str, Content] = {}
    for path in own_workflow_files(host):
        content = wanted.get(path)
        found = git.ask("rev-parse", "--verify", "--quiet", f"{tip}:{path}")
        if isinstance(content, Path):
            content = content.read_bytes()
        if content is None:
            changes |= {path: None} if found else {}
        elif found is None or git.run("cat-file", "blob", found) != content:
            changes[path] = content
    return changes
