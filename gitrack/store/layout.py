"""Where things stand on an experiments branch, format version 1."""

from gitrack.model.names import version_from
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
#: What a host draws of a run's folder.
README_FILE, SUMMARY_TABLE, CURVES = "README.md", "summary.csv", "curves"
ALIASES_FILE = "aliases.json"
ARTIFACTS = "artifacts"
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


def is_record(path: str) -> bool:
    """
    Tell whether a path is a run's or an artifact's, and not one of the branch's own files.

    Examples
    --------
    >>> is_record("digits/artifacts/model/net/v0.json"), is_record(".github/runs/a/b/run.yml")
    (True, False)
    """
    return not path.startswith(".") and bool(split_path(path) or split_artifact_path(path))


def is_for_hosts(inner: str) -> bool:
    """
    Tell whether a file inside a run's folder only shows what the others hold.

    Examples
    --------
    >>> is_for_hosts("README.md"), is_for_hosts("curves/1.png"), is_for_hosts("run.json")
    (True, True, False)
    """
    return inner in (README_FILE, SUMMARY_TABLE) or inner.startswith(f"{CURVES}/")


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


def artifact_folder(project: str, kind: str, name: str) -> str:
    """
    Return an artifact's folder on the branch.

    Examples
    --------
    >>> artifact_folder("digits", "model", "net")
    'digits/artifacts/model/net'
    """
    return f"{project}/{ARTIFACTS}/{kind}/{name}"


def manifest_path(folder: str, version: int) -> str:
    """Return where the manifest of a version stands in an artifact's folder."""
    return f"{folder}/v{version}.json"


def split_artifact_path(path: str) -> tuple[str, str] | None:
    """
    Split a path of the branch into an artifact's folder and the file inside it.

    Examples
    --------
    >>> split_artifact_path("digits/artifacts/model/net/v0.json")
    ('digits/artifacts/model/net', 'v0.json')
    >>> split_artifact_path("digits/runs/2026-11-23/r1/run.json")
    """
    parts = path.split("/", _DEPTH)
    if len(parts) <= _DEPTH or parts[1] != ARTIFACTS:
        return None
    return "/".join(parts[:_DEPTH]), parts[_DEPTH]


def version_of_manifest(inner: str) -> int | None:
    """
    Return the version whose manifest a file inside an artifact's folder is, or None.

    Examples
    --------
    >>> version_of_manifest("v12.json"), version_of_manifest("v12/weights.json")
    (12, None)
    """
    stem, dot, suffix = inner.partition(".")
    return version_from(stem) if dot and suffix == "json" else None
