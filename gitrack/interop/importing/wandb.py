"""Runs of W&B, from the folders that it keeps of them, online and offline alike."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitrack.errors import FormatError, GitrackError, UsageError
from gitrack.interop.importing.found import FoundRun, ImportedRun, Row, digest_of
from gitrack.interop.importing.leveldb import LogFile
from gitrack.interop.importing.wandb_media import WandbMedia
from gitrack.interop.importing.wandb_records import Told
from gitrack.interop.importing.within import Within
from gitrack.model.run import Code, Host, State
from gitrack.record.capture import explain

_SUFFIX = ".wandb"
_CONSOLE, _PACKAGES, _PATCH, _METADATA = (
    "output.log", "requirements.txt", "diff.patch", "wandb-metadata.json",
)  # fmt: skip
#: Files of W&B's own that say what the record says elsewhere.
_OWN = frozenset((_CONSOLE, _PACKAGES, _PATCH, _METADATA, "config.yaml", "wandb-summary.json"))
_TEXT = 64 << 20  # bytes of one of these that is read
_OWN_ARTIFACTS = ("run_table", "wandb-history", "wandb-events", "job", "code")


@dataclass
class WandbRun(FoundRun):
    """
    The ``.wandb`` files of one run: several where it was resumed.

    Attributes
    ----------
    logs : list of pathlib.Path
        The files, in the order of their beginning.
    """

    where: str
    logs: list[Path]
    facts: Mapping[str, str]
    follow: bool = False
    source: str = "wandb"

    @property
    def id(self) -> str:
        """W&B's own id of the run."""
        return self.facts["run_id"]

    @property
    def identity(self) -> str:
        """Entity, project and id."""
        return "/".join(self.facts.get(name, "") for name in ("entity", "project", "run_id"))

    def digest(self) -> str:
        """Return a digest of the logs and the files beside them."""
        paths: list[Path] = []
        for log in self.logs:
            paths += [log, *Within(log.parent / "files", follow=self.follow).files()[0].values()]
        return digest_of(paths, f"follow links: {self.follow}")

    def read(self) -> ImportedRun:
        """
        Read the logs.

        Raises
        ------
        FormatError
            If they tell of no run.
        """
        return _Reading(self).told()


def find_wandb(place: Path, *, follow: bool = False) -> list[WandbRun]:
    """
    Find the runs below a folder, in the order of their paths; links to folders are not followed.

    Parameters
    ----------
    place : pathlib.Path
        A folder ``wandb``, one above it, a run's own, or a ``.wandb`` file.
    follow : bool
        Whether files outside of a run's folder are taken: those that its links lead to, and
        artifacts that lie in W&B's cache.

    Raises
    ------
    UsageError
        If there is none.
    """
    logs = [place] if place.is_file() else list(_below(place))
    if not logs:
        raise UsageError(f"{place}: no run-….wandb of W&B there")
    runs: dict[str, WandbRun] = {}
    for log in logs:
        where = log.relative_to(place).as_posix() if log != place else log.name
        run = WandbRun(where, [log], _facts(log), follow)
        if run.key in runs:  # a run that was resumed
            runs[run.key].logs.append(log)
        else:
            runs[run.key] = run
    return list(runs.values())


def _below(place: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(place):
        folders.sort()  # their names begin with a time
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(_SUFFIX) and path.is_file() and not path.is_symlink():
                yield path


def _facts(log: Path) -> Mapping[str, str]:
    """Return who the run is, from the log's beginning, or from its name where that is damaged."""
    told = Told()
    try:
        for record in LogFile(log).records():
            told.take(record)
            if "run_id" in told.facts:
                return told.facts
    except (OSError, ValueError, GitrackError):
        pass
    return {"run_id": log.name.removesuffix(_SUFFIX).removeprefix("run-")}


@dataclass
class _Reading:
    """One run being read."""

    found: WandbRun
    said: Told = field(default_factory=Told)
    damage: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)

    def told(self) -> ImportedRun:
        said = self.said
        rows: list[Row] = []
        texts: dict[str, str] = {}
        for log in self.found.logs:
            first, said.exit_code = len(said.rows), None
            self._records(log)
            within = Within(log.parent / "files", follow=self.found.follow)
            charts = said.config.get("_wandb", {})
            charts = charts.get("visualize", {}) if isinstance(charts, dict) else {}
            media = WandbMedia(within, charts if isinstance(charts, dict) else {})
            rows += [_row(row, media, place) for place, row in enumerate(said.rows[first:])]
            self.missing += media.missing
            self._files(within, media.used, texts)
        if not said.facts:
            raise FormatError(self.found.where, self.damage[0] if self.damage else "holds no run")
        self._metadata(texts.get(_METADATA, ""))
        self._artifacts()
        printed = "".join(said.console) or texts.get(_CONSOLE)
        created = said.started or min((row.time for row in rows if row.time), default=None)
        lasted = max([row.runtime or 0.0 for row in rows[-1:]] + [said.runtime or 0.0])
        sweep = said.facts.get("sweep")
        return ImportedRun(
            id=self.found.id,
            name=said.facts.get("name") or self.found.id,
            project=said.facts.get("project"),
            entity=said.facts.get("entity"),
            group=said.facts.get("group") or (f"sweep-{sweep}" if sweep else None),
            job_type=said.facts.get("job_type"),
            tags=said.tags,
            notes=said.facts.get("notes"),
            state=_state(said.exit_code),
            exit_code=said.exit_code,
            created=created,
            ended=None if created is None else created + lasted,
            duration=lasted,
            config={name: value for name, value in said.config.items() if name != "_wandb"},
            summary=self._summary(),
            no_summary=sorted(said.gone),
            rules=said.rules,
            rows=rows,
            system=[Row(place, time, values) for place, (time, values) in enumerate(said.system)],
            alerts=said.alerts,
            files=self.files,
            patch=texts.get(_PATCH),
            console=printed,
            packages=texts.get(_PACKAGES, "").splitlines(),
            command=said.command,
            python=said.python,
            code=said.code,
            host=said.host if said.host.name else _named(said.host, said.facts.get("host")),
            hardware=said.hardware,
            missing=self.missing,
            damage=self.damage,
        )

    def _records(self, log: Path) -> None:
        file = LogFile(log)
        for number, record in enumerate(file.records(), 1):
            try:
                self.said.take(record)
            except (ValueError, RecursionError) as error:
                self.damage.append(f"record {number} cannot be read: {explain(error)}")
        self.damage += file.damage

    def _files(self, within: Within, used: set[str], texts: dict[str, str]) -> None:
        if not within.folder.is_dir():
            return
        found, refused = within.files()
        self.missing += [f"files: {line}" for line in refused]
        for name, path in found.items():
            if name in _OWN:
                with path.open("rb") as file:
                    texts[name] = texts.get(name, "") + file.read(_TEXT).decode("utf-8", "replace")
            elif name not in used:
                self.files[name] = path

    def _summary(self) -> dict[str, Any]:
        """Return the summary, flat but for what a rule keeps; media stand in the history."""
        ruled = {rule.name for rule in self.said.rules if rule.summary}
        patterns = tuple(name[:-1] for name in ruled if name.endswith("*"))
        found: dict[str, Any] = {}

        def take(tree: Mapping[str, Any], prefix: str) -> None:
            for key, value in tree.items():
                name = prefix + key
                if not isinstance(value, dict) or name in ruled or name.startswith(patterns):
                    found[name] = value
                elif "_type" not in value:
                    take(value, f"{name}/")

        take({key: one for key, one in self.said.summary.items() if not key.startswith("_")}, "")
        return found

    def _metadata(self, content: str) -> None:
        """Take machine and code from where W&B kept them before its records did."""
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            return
        said = self.said
        if not isinstance(found, dict) or said.host.system:
            return
        words = {name: value for name, value in found.items() if isinstance(value, str)}
        cores = found.get("cpu_count_logical") or found.get("cpu_count")
        said.host = Host(
            name=words.get("host"),
            system=words.get("os"),
            cores=cores if isinstance(cores, int) else None,
            gpus=(words["gpu"],) if "gpu" in words else (),
        )
        said.python = said.python or words.get("python")
        git = found.get("git")
        if isinstance(git, dict):
            commit, remote = git.get("commit"), git.get("remote") or git.get("remote_url")
            said.code = Code(
                commit if isinstance(commit, str) else None,
                remote=remote if isinstance(remote, str) else None,
            )
        program = words.get("codePath") or words.get("program")
        arguments = found.get("args") or ()
        if program and not said.command and isinstance(arguments, list | tuple):
            said.command = ("python", program, *map(str, arguments))

    def _artifacts(self) -> None:
        """Take the files of artifacts from W&B's cache, where that was asked for."""
        for artifact in self.said.artifacts:
            if artifact.type in _OWN_ARTIFACTS:
                continue
            label = f"artifact {artifact.type}/{artifact.name}"
            if not self.found.follow:
                what = f"{len(artifact.files)} files in W&B's cache"
                self.missing.append(f"{label}: {what}; --follow-links takes them")
                continue
            for name, place in artifact.files.items():
                path = Path(place)
                if place and path.is_file():
                    self.files[f"artifacts/{artifact.type}/{artifact.name}/{name}"] = path
                else:
                    self.missing.append(f"{label}: {name} is not in W&B's cache")


def _row(values: Mapping[str, Any], media: WandbMedia, place: int) -> Row:
    step, time, runtime = (values.get(name) for name in ("_step", "_timestamp", "_runtime"))
    plain = {name: one for name, one in values.items() if not name.startswith("_")}
    return Row(
        step=step if isinstance(step, int) else place,
        time=float(time) if isinstance(time, int | float) else None,
        values=media.row(plain),
        runtime=float(runtime) if isinstance(runtime, int | float) else None,
    )


def _state(exit_code: int | None) -> State:
    if exit_code is None:
        return State.CRASHED
    return State.FAILED if exit_code else State.FINISHED


def _named(host: Host, name: str | None) -> Host:
    return Host(name, host.system, host.cpu, host.cores, host.memory, host.gpus)
