"""Committing the runs whose processes are gone."""

from gitrack.model.run import Run
from gitrack.record.capture import explain
from gitrack.record.commit import commit_folder
from gitrack.record.folder import abandoned
from gitrack.record.notice import warn_once
from gitrack.store.repository import Repository


def recover(repository: Repository) -> list[tuple[Run, str]]:
    """
    Commit every run that ended without being committed.

    A run that cannot be committed stays where it is, with a warning.

    Parameters
    ----------
    repository : Repository
        Where to look.

    Returns
    -------
    list of (Run, str)
        The runs, and the branches they went to.
    """
    recovered = []
    for folder in abandoned(repository):
        try:
            recovered.append(commit_folder(repository, folder))
        except Exception as error:  # noqa: BLE001 - one bad run must not keep the others
            warn_once(f"recover {folder.id}", f"run {folder.id} waits: {explain(error)}")
        finally:
            folder.release()
    return recovered
