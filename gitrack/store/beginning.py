"""What an experiments branch has beside its records: README, DVC project, its own workflow."""

from pathlib import Path

from gitrack.errors import GitrackError
from gitrack.resources import data_dir
from gitrack.settings import Settings, read_settings

#: What publishes in a work tree, by the host that runs it.
PUBLISHING = {
    "github": (".github/workflows/gitrack-publish.yml", ".github/workflows/gitrack-review.yml"),
    "gitlab": (".gitlab/gitrack.yml",),
}


def first_files(work_tree: Path | None = None) -> dict[str, bytes | Path]:
    """
    Return what a new experiments branch begins with, by its path there.

    Parameters
    ----------
    work_tree : pathlib.Path, optional
        Where ``gitrack init`` may have written workflows: then the branch has one of its own.
    """
    files = _files_in(data_dir("templates") / "branch")
    for host, paths in PUBLISHING.items():
        if work_tree is not None and any((work_tree / path).is_file() for path in paths):
            try:
                settings = read_settings(work_tree)
            except GitrackError:  # whoever reads them for themselves says so
                settings = Settings()
            files |= own_workflow(host, settings)
    return files


def own_workflow(host: str, settings: Settings) -> dict[str, bytes | Path]:
    """
    Return the workflow that an experiments branch carries, by its path there, or nothing.

    A push runs the workflows of the branch that was pushed, and this one has no code. Its copy
    starts the default branch's. It is the same in every repository and of every version, so that
    a token that may not write workflows can still push what merges branches that have it.
    """
    idle = host == "gitlab" and settings.publish == "none"  # a pipeline without jobs is an error
    return own_workflow_files(host) if settings.branch_workflow and not idle else {}


def own_workflow_files(host: str) -> dict[str, bytes | Path]:
    """Return the same, whatever the settings say."""
    return _files_in(data_dir("templates") / "workflows" / "branch" / host)


def _files_in(folder: Path) -> dict[str, bytes | Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
