"""An imported run as the files of a record, made by what makes them of a recorded one."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError
from gitrack.interop.importing.found import FoundRun, ImportedRun, Row
from gitrack.model.names import check_path, folder_from_project
from gitrack.model.run import Code, Host, Run
from gitrack.record.capture import explain
from gitrack.record.commit import files_of
from gitrack.record.console import keep_console
from gitrack.record.folder import RECORD, RunFolder
from gitrack.record.identity import redacted_texts
from gitrack.record.large import LargeFiles, stored_files
from gitrack.record.media.base import Media, Spool
from gitrack.record.redaction import redact, redact_command, redact_tree
from gitrack.record.replay import Replay, Rows
from gitrack.record.rows import plain_row
from gitrack.record.saved import SavedFiles
from gitrack.record.values import plain
from gitrack.store.branch import Content
from gitrack.store.layout import PATCH_FILE
from gitrack.version import VERSION

#: Fields that people change afterwards; what they changed wins over the source.
EDITABLE = ("name", "project", "group", "job_type", "tags", "notes")
#: What a line of a record's `missing` begins with that tells of damage.
DAMAGED = "damaged: "
_STEPS = 2**62
_LATEST = 253_402_300_799.0  # the last second of the year 9999
_PATCH = 1 << 20  # characters


class Recording:
    """
    Makes records of imported runs; the files stay below a folder until it is removed.

    Parameters
    ----------
    large : LargeFiles
        Takes what is too large for git.
    scratch : pathlib.Path
        The folder.
    """

    def __init__(self, large: LargeFiles, scratch: Path) -> None:
        self._large = large
        self._scratch = scratch
        self._count = 0

    def files(self, run: Run, found: ImportedRun) -> tuple[Run, dict[str, Content]]:
        """
        Return the run as it is recorded, and its files by their path in its folder.

        Parameters
        ----------
        run : Run
            Who it is, see `identified`.
        found : ImportedRun
            What its source tells; its rows are read.

        Raises
        ------
        OSError, GitrackError
            If its files cannot be read.
        """
        self._count += 1
        folder = self._scratch / str(self._count)
        if found.files or found.patch or found.console:
            (folder / RECORD).mkdir(parents=True)
        missing: list[str] = []
        replay = Replay(run)
        for rule in found.rules:
            replay.rules.define(rule)
        replay.config.update(redact_tree(_plain(found.config), where="config"))
        spool = Spool(folder)

        def take(value: Any) -> dict[str, Any] | None:
            several = value if isinstance(value, list) else [value]
            if not several or not all(isinstance(one, Media) for one in several):
                return None
            folder.mkdir(exist_ok=True)
            items = []
            for one in several:
                try:
                    items.append(one.spool(spool))
                except (OSError, ValueError) as error:
                    missing.append(f"{one.type}: {explain(error)}")
            return {"media": items if isinstance(value, list) or not items else items[0]}

        rows = Rows(replay)
        for number, row in enumerate(found.rows):
            time, runtime = _moment(row, run)
            step = row.step
            if abs(step) > _STEPS:
                missing.append(f"row {number}: its step is {step}, which no record holds")
                step = number
            rows.take(time, runtime, step, 0, plain_row(row.values, take))
        rows.end()
        rows.collect_media(RunFolder(folder))
        replay.summary.update(redact_tree(_plain(found.summary), where="summary"))
        for name in found.no_summary:
            replay.summary.pop(name, None)
        for row in found.system:
            time, runtime = _moment(row, run)
            replay.system.add(
                row.step, runtime, time, redact_tree(dict(row.values), where="system")
            )
        replay.packages = [redact(line, "requirements.txt") for line in found.packages]
        missing += self._kept(found, folder)
        if found.console:
            keep_console(folder, found.console)
        if found.patch:
            text = redact(found.patch[:_PATCH], PATCH_FILE)
            (folder / RECORD / PATCH_FILE).write_text(text, "utf-8", "backslashreplace")
        missing += [*found.missing, *(f"{DAMAGED}{line}" for line in found.damage)]
        done = replace(
            replay.run,
            rows=len(replay.history),
            metrics=replay.rules.rules,
            missing=tuple(dict.fromkeys(redact(line) for line in missing)),
        )
        files = files_of(done, replay, folder / RECORD, self._large)
        return done, stored_files(files)

    @staticmethod
    def _kept(found: ImportedRun, folder: Path) -> list[str]:
        """Copy the source's files, secrets taken out; return what could not be taken."""
        missing = []
        saved = SavedFiles(folder)
        for place, path in found.files.items():
            try:
                check_path(place)
                saved.keep(path, place)
            except (OSError, GitrackError) as error:
                missing.append(f"files/{place}: {explain(error)}")
        return missing


def identified(
    run_id: str, found: FoundRun, told: ImportedRun, digest: str, before: Run | None, project: str
) -> Run:
    """
    Say who an imported run is.

    What a person changed of the record since the last import stays changed.

    Parameters
    ----------
    run_id : str
        Its id.
    found, told : FoundRun, ImportedRun
        What its source tells.
    digest : str
        Of its content.
    before : Run or None
        The run as an earlier import, and whoever edited it since, left it.
    project : str
        The project, unless it was moved.
    """
    created = before.created if before is not None else _time(told.created) or 0.0
    said = redacted_texts(
        {
            "name": told.name or run_id,
            "project": folder_from_project(project),
            "group": told.group,
            "job_type": told.job_type,
            "tags": tuple(dict.fromkeys(told.tags)),
            "notes": told.notes,
        }
    )
    origin = {
        "source": found.source,
        "id": redact(found.id),
        "where": redact(found.where),
        "key": found.key,
        "digest": digest,
        "importer": f"gitrack {VERSION}",
        "said": said,
    }
    now = dict(said)
    if before is not None:
        earlier = before.imported.get("said", {})
        for name in EDITABLE:
            value = getattr(before, name)
            value = list(value) if isinstance(value, tuple) else value
            if value != earlier.get(name, value):
                now[name] = value
    return Run(
        id=run_id,
        created=created,
        state=told.state,
        entity=told.entity and redact(told.entity),
        ended=_time(told.ended),
        duration=_time(told.duration),
        exit_code=told.exit_code,
        command=tuple(redact_command(list(told.command))),
        python=told.python,
        recorder=f"gitrack {VERSION}",
        code=Code(**redacted_texts(asdict(told.code))),
        host=Host(**redacted_texts(asdict(told.host))),
        hardware=redact_tree(_plain(told.hardware), where="hardware"),
        alerts=tuple(
            replace(
                one,
                title=redact(one.title),
                text=redact(one.text),
                timestamp=_time(one.timestamp) or created,
            )
            for one in told.alerts
        ),
        archived=before.archived if before is not None else False,
        imported=origin,
        **{**now, "tags": tuple(now["tags"])},
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): plain(value, str(name)) for name, value in values.items()}


def _time(seconds: float | None) -> float | None:
    """Return a time, or a span of it, that a record can hold, or None."""
    return seconds if seconds is not None and 0 <= seconds < _LATEST else None


def _moment(row: Row, run: Run) -> tuple[float, float]:
    """Return a row's time and runtime, one from the other where one is not told."""
    time, runtime = row.time, row.runtime
    if time is None:
        time = run.created + (runtime or 0.0)
    if runtime is None:
        runtime = max(time - run.created, 0.0)
    return time, runtime
