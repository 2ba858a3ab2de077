"""Where things stand on an experiments branch, format version 1."""

from gitrack.model.run import Run

RUN_FILE = "run.json"
CONFIG_FILE = "params.yaml"
SUMMARY_FILE = "metrics.json"
HISTORY_FILE = "history.parquet"
PACKAGES_FILE = "requirements.txt"
SYSTEM_FILE = "system.parquet"
MEDIA_FILE = "media.jsonl"
HISTOGRAMS_FILE = "histograms.parquet"
CONSOLE_FILE = "console.log"
PATCH_FILE = "code.patch"
PREVIEW_FILE = "history.preview.parquet"
_RUNS = "runs"
_DEPTH = 4  # project / runs / day / id


def run_folder(run: Run) -> str:
    """Return a run's folder on the branch: ``<project>/runs/<yyyy-mm-dd>/<id>``."""
    return f"{run.project}/{_RUNS}/{run.day}/{run.id}"


def split_path(path: str) -> tuple[str, str] | None:
    """
    Split a path of the branch into a run's folder and the file inside it.

    Examples
    --------
    >>> split_path("digits/runs/2026-11-23/r1/media/a.png")
    ('digits/runs/2026-11-23/r1', 'media/a.png')
    >>> split_path("digits/artifacts/model/v0.json")
    """
    parts = path.split("/", _DEPTH)
    if len(parts) <= _DEPTH or parts[1] != _RUNS:
        return None
    return "/".join(parts[:_DEPTH]), parts[_DEPTH]


def is_runs_folder(path: str) -> bool:
    """
    Tell whether a folder is a project's place for runs.

    Examples
    --------
    >>> is_runs_folder("digits/runs"), is_runs_folder("digits/artifacts")
    (True, False)
    """
    return path.partition("/")[2] == _RUNS


def id_from_folder(folder: str) -> str:
    """Return the run id at the end of a run's folder."""
    return folder.rpartition("/")[2]
