"""Record runs that another tool kept: TensorBoard, W&B, MLflow, CSV."""
# ruff: noqa: N999 - a command's module has the command's name

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from gitrack.cli.choose import counted
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import DamagedError
from gitrack.model.names import check_branch
from gitrack.record.capture import head_branch
from gitrack.record.commit import branch_for
from gitrack.record.notice import progress, tell
from gitrack.record.redaction import learn
from gitrack.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitrack.interop.importing.found import FoundRun

_TOLD = 20  # damaged files that are named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sources, each with its own options."""
    sources = parser.add_subparsers(title="sources", metavar="SOURCE", required=True)
    for name, add, summary in (
        ("tensorboard", _add_tensorboard, "event files, below a folder"),
        ("wandb", _add_wandb, "offline run folders of W&B, below a folder, or run-….wandb"),
        ("mlflow", _add_mlflow, "a folder mlruns, or MLflow's SQLite database"),
        ("csv", _add_csv, "CSV files, each a run or a column that tells runs apart"),
    ):
        one = sources.add_parser(name, help=summary, description=f"Import {summary}.")
        add(one)
        one.add_argument("--project", help="the project of all of them")
        one.add_argument("--branch", help="the experiments branch (default: the code branch's)")
        one.add_argument(
            "--again", action="store_true", help="read runs again whose source has not changed"
        )
        add_place(one)


def run(options: argparse.Namespace) -> None:
    """Import, and say what came."""
    from gitrack.interop.importing.into import import_runs

    repository = repository_from(options)
    settings = read_settings(repository.work_tree)
    learn(settings.secrets)
    asked = check_branch(options.branch) if options.branch else settings.branch
    with progress() as show:
        outcome = import_runs(
            repository,
            options.find(options),
            branch=branch_for(asked, head_branch(repository)),
            project=options.project or settings.project or repository.name,
            always=options.project is not None,
            again=options.again,
            show=show,
        )
    for line in outcome.damage[:_TOLD]:
        tell(line)
    if (more := len(outcome.damage) - _TOLD) > 0:
        tell(f"{more} more")
    parts = [f"{counted(len(outcome.added))} imported"]
    parts += [f"{len(outcome.changed)} updated"] * bool(outcome.changed)
    parts += [f"{outcome.unchanged} unchanged"] * bool(outcome.unchanged)
    places = ", ".join(f"{name} ({commit[:10]})" for name, commit in outcome.branches.items())
    print(", ".join(parts) + (f": {places}" if places else ""))
    if outcome.damage:
        raise DamagedError(len(outcome.damage), "what was to be imported")


def _add_tensorboard(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the log directory")
    parser.set_defaults(find=_tensorboard)


def _tensorboard(options: argparse.Namespace) -> "Iterable[FoundRun]":
    from gitrack.interop.importing.tensorboard import find_tensorboard

    return find_tensorboard(options.folder)


def _add_wandb(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", type=Path, metavar="DIR|FILE", help="a folder, or run-….wandb")
    parser.add_argument(
        "--follow-links",
        action="store_true",
        help="take files that links in the run's folder lead to, as wandb.save makes them",
    )
    parser.set_defaults(find=_wandb)


def _wandb(options: argparse.Namespace) -> "Iterable[FoundRun]":
    from gitrack.interop.importing.wandb import find_wandb

    return find_wandb(options.place, follow=options.follow_links)


def _add_mlflow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", type=Path, metavar="DIR|FILE", help="mlruns, or mlflow.db")
    parser.add_argument(
        "--artifacts",
        type=Path,
        metavar="DIR",
        help="the folder below which a database's artifacts lie (default: the database's own)",
    )
    parser.set_defaults(find=_mlflow)


def _mlflow(options: argparse.Namespace) -> "Iterable[FoundRun]":
    from gitrack.interop.importing.mlflow import find_mlflow

    return find_mlflow(options.place, options.artifacts)


def _add_csv(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV with a header")
    parser.add_argument(
        "--run-column", metavar="NAME", help="the column that tells runs apart: a run each value"
    )
    parser.add_argument(
        "--config",
        metavar="NAMES",
        default="",
        help="columns that are settings, by commas, * for any letters",
    )
    parser.add_argument("--step-column", metavar="NAME", help="the step (default: _step or step)")
    parser.set_defaults(find=_csv)


def _csv(options: argparse.Namespace) -> "Iterable[FoundRun]":
    from gitrack.interop.importing.tables import Columns, find_csv

    config = tuple(part.strip() for part in options.config.split(",") if part.strip())
    columns = Columns(run=options.run_column, step=options.step_column, config=config)
    return find_csv(options.files, columns)
