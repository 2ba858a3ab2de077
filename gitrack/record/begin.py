"""From the arguments of ``init`` to a run: where, under which id, going on from what."""

import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError, NameRefusedError, RunNotFoundError
from gitrack.model.names import (
    check_branch,
    check_run_id,
    folder_from_project,
    name_from_id,
    new_run_id,
)
from gitrack.record.capture import explain
from gitrack.record.disabled import DisabledRun
from gitrack.record.folder import RunFolder
from gitrack.record.identity import Identity, redacted_texts, tags_from
from gitrack.record.notice import tell, warn_once
from gitrack.record.online import failed_push, push_beside
from gitrack.record.origin import Past, find_origin, moment_from
from gitrack.record.ranks import Rank, rank_from
from gitrack.record.recovery import recover
from gitrack.record.redaction import learn, redact
from gitrack.record.run import Run
from gitrack.record.values import text_from
from gitrack.settings import MODES, Settings, checked_setting, read_settings
from gitrack.store.repository import Repository

_RESUMES = ("allow", "must", "never", "auto")
_MEET_SECONDS, _POLL_SECONDS = 30.0, 0.05
_WANDB_MODES = {"dryrun": "offline", "shared": "online", "run": "online"}


@dataclass(frozen=True)
class Wish:
    """
    What ``init`` was asked for.

    Attributes
    ----------
    id, project, entity, name, group, job_type, notes, tags, mode, branch : Any
        As given.
    dir : path or None
        A folder inside the repository.
    resume, resume_from, fork_from : Any
        As given.
    settings : mapping or other
        Settings by their names in ``gitrack.toml``; anything else says nothing.
    """

    id: Any = None
    project: Any = None
    entity: Any = None
    name: Any = None
    group: Any = None
    job_type: Any = None
    notes: Any = None
    tags: Any = None
    mode: Any = None
    branch: Any = None
    dir: str | os.PathLike[str] | None = None
    resume: Any = None
    resume_from: Any = None
    fork_from: Any = None
    settings: Any = None


@dataclass(frozen=True)
class Kinds:
    """The classes that runs are made of: one for those that are recorded, one for others."""

    run: type[Run] = Run
    disabled: type[DisabledRun] = DisabledRun


def begin_run(wish: Wish, kinds: Kinds | None = None) -> Run:
    """Begin what was asked for, or what comes closest; never raises."""
    kinds = kinds or Kinds()
    repository, reason = _repository_around(wish.dir or os.environ.get("GITRACK_DIR"))
    settings = _own_settings(_settings_of(repository), wish.settings)
    try:
        learn(settings.secrets)
    except GitrackError as error:
        warn_once("secrets", str(error))
    identity = _identity(wish, settings, repository)
    rank = rank_from()
    if _mode(wish, settings) == "disabled" or (rank and rank.rank and settings.ranks == "zero"):
        return kinds.disabled(identity)
    if rank is not None and settings.ranks == "group":
        identity = _ranked(identity, rank)
    identity = Identity(**redacted_texts(vars(identity)))
    begin = _Begin(settings, identity, wish, kinds)
    if repository is not None:
        try:
            if rank is not None and settings.ranks == "shared":
                return begin.together(repository, rank)
            return begin.at(repository)
        except OSError as error:
            reason = f"{repository.common_dir} cannot be written ({explain(error)})"
    try:
        store = Repository.own_store()
        run = begin.at(store, repository)
    except (GitrackError, OSError) as error:
        tell(f"{reason}, and nothing is recorded: {explain(error)}")
        return kinds.disabled(identity)
    tell(f"{reason}: recording in your own store, {store.common_dir}")
    return run


def join_run(run_id: str, kinds: Kinds | None = None) -> Run | None:
    """Record into a run that another process of this machine began; None where there is none."""
    repository, _ = _repository_around(os.environ.get("GITRACK_DIR"))
    try:
        repository = repository or Repository.own_store()
        folder = RunFolder.join(repository, check_run_id(run_id), os.getpid())
    except (GitrackError, OSError, TimeoutError):
        return None
    settings = _settings_of(repository)
    identity = _identity(Wish(id=run_id), settings, repository)
    kinds = kinds or Kinds()
    return kinds.run(repository, identity, None, settings, None, folder)


class _Begin:
    """Beginning a run in one place or another."""

    def __init__(self, settings: Settings, identity: Identity, wish: Wish, kinds: Kinds) -> None:
        self._settings = settings
        self._kinds = kinds
        self._identity = identity
        self._wish = wish

    def at(self, repository: Repository, code: Repository | None = None) -> Run:
        """
        Begin here.

        Raises
        ------
        OSError
            If the repository cannot be written.
        """
        identity, past, memory = self._identity, None, None
        try:
            identity, past, memory = self._going_on(repository)
        except (GitrackError, ValueError, OSError) as error:
            tell(f"{explain(error)}: this run begins anew")
        try:
            run = self._kinds.run(repository, identity, code, self._settings, past)
        except NameRefusedError as error:
            other = replace(identity, id=new_run_id(identity.created), own_id=False)
            tell(f"{error}; this one is {other.id}")
            run = self._kinds.run(repository, other, code, self._settings)
        if memory is not None:
            _remember(memory, run)
        if self._settings.push or _mode(self._wish, self._settings) == "online":
            run.at_end(lambda: push_beside(repository))
            if failure := failed_push(repository):
                tell(failure)
        return run

    def together(self, repository: Repository, rank: Rank) -> Run:
        """
        Begin a run that all ranks record: rank 0 begins it and tells the others its id.

        Raises
        ------
        OSError
            If the repository cannot be written.
        """
        meeting = repository.own_dir / "ranks" / rank.meeting
        if rank.rank == 0:
            run = self.at(repository)
            meeting.parent.mkdir(parents=True, exist_ok=True)
            partial = meeting.with_suffix(".partial")
            partial.write_text(run.id, "utf-8")
            partial.replace(meeting)
            run.at_end(lambda: meeting.unlink(missing_ok=True))
            return run
        run_id = self._settings.run_id
        for _ in range(int(_MEET_SECONDS / _POLL_SECONDS)):
            with suppress(OSError, GitrackError, TimeoutError):
                found = run_id or check_run_id(meeting.read_text("utf-8").strip())
                folder = RunFolder.join(repository, found, rank.rank)
                identity = replace(self._identity, id=found, own_id=True)
                return self._kinds.run(repository, identity, None, self._settings, None, folder)
            time.sleep(_POLL_SECONDS)
        tell("rank 0 cannot be met here: this rank has a run of its own in the group")
        ranked = _ranked(self._identity, rank)
        return _Begin(self._settings, ranked, self._wish, self._kinds).at(repository)

    def _going_on(self, repository: Repository) -> tuple[Identity, Past | None, Path | None]:
        """Find what the run goes on from, and the identity that follows from it."""
        wish, identity = self._wish, self._identity
        for kind, text in (("rewind", wish.resume_from), ("fork", wish.fork_from)):
            if text is not None:
                run_id, step = moment_from(text)
                _recover_first(repository, run_id)
                past = Past(repository, find_origin(repository, run_id, kind, step))
                # A rewound run is a new record too: the old one stays as it was.
                fresh = identity.id == run_id or not identity.own_id
                if fresh:
                    identity = replace(identity, id=new_run_id(identity.created), own_id=False)
                return identity, past, None
        resume, memory = _resume_from(wish.resume, self._settings), None
        if resume == "auto":
            memory = _memory(repository)
            if not identity.own_id and (last := _remembered(memory)):
                identity = replace(identity, id=last, own_id=True)
        if resume is None or not identity.own_id:
            return identity, None, memory
        _recover_first(repository, identity.id)
        try:
            origin = find_origin(repository, identity.id, "resume")
        except RunNotFoundError:
            if resume == "must":
                tell(f"resume='must', but there is no run {identity.id}: it begins now")
            return identity, None, memory
        if resume == "never":
            other = replace(identity, id=new_run_id(identity.created), own_id=False)
            tell(f"resume='never', and run {identity.id} is there: this one is {other.id}")
            return other, None, None
        past = Past(repository, origin)
        return self._resumed(identity, past), past, memory

    def _resumed(self, identity: Identity, past: Past) -> Identity:
        """Take over who the run was, except where this session says otherwise."""
        before, wish = past.record.run, self._wish
        return replace(
            identity,
            id=before.id,
            own_id=True,
            project=before.project,
            created=before.created,
            name=identity.name if wish.name else before.name,
            entity=identity.entity or before.entity,
            group=identity.group or before.group,
            job_type=identity.job_type or before.job_type,
            notes=identity.notes or before.notes,
            tags=tuple(dict.fromkeys((*before.tags, *identity.tags))),
            branch=past.branch,
        )


def _identity(wish: Wish, settings: Settings, repository: Repository | None) -> Identity:
    created = time.time()
    own_project = settings.project or (repository.name if repository else "runs")
    identity = Identity(
        id=new_run_id(created),
        created=created,
        name="",
        project=folder_from_project(_text(wish.project) or own_project),
        entity=_text(wish.entity) or settings.entity,
        group=_text(wish.group) or settings.group,
        job_type=_text(wish.job_type) or settings.job_type,
        notes=_text(wish.notes) or settings.notes,
        tags=tags_from(wish.tags) or tuple(settings.tags),
        branch=settings.branch,
        sweep=settings.sweep and redact(settings.sweep),
    )
    run_id = settings.run_id if wish.id is None else wish.id
    if run_id is not None:
        identity = _checked(identity, lambda: {"id": check_run_id(run_id), "own_id": True})
    if wish.branch is not None:
        identity = _checked(identity, lambda: {"branch": check_branch(text_from(wish.branch))})
    name = _text(wish.name) or settings.name or name_from_id(identity.id)
    return replace(identity, name=name)


def _checked(identity: Identity, check: Callable[[], dict[str, Any]]) -> Identity:
    try:
        return replace(identity, **check())
    except GitrackError as error:
        tell(str(error))
        return identity


def _mode(wish: Wish, settings: Settings) -> str:
    mode = _WANDB_MODES.get(wish.mode, wish.mode) if isinstance(wish.mode, str) else wish.mode
    if mode is not None and mode not in MODES:
        tell(f"mode {mode!r} is not one of {', '.join(MODES)}: recording as usual")
        mode = None
    return mode or settings.mode


def _ranked(identity: Identity, rank: Rank) -> Identity:
    """Give each process of a training a run of its own in one group."""
    return replace(
        identity,
        group=identity.group or f"job-{rank.job}",
        name=f"{identity.name}-rank{rank.rank}",
        id=f"{identity.id}-rank{rank.rank}"[-128:] if identity.own_id else identity.id,
    )


def _resume_from(resume: Any, settings: Settings) -> str | None:
    if resume is None or resume is False:
        return settings.resume
    if resume is True:
        return "auto"
    if resume in _RESUMES:
        return str(resume)
    tell(f"resume {resume!r} is not one of {', '.join(_RESUMES)}, True: not resumed")
    return None


def _recover_first(repository: Repository, run_id: str) -> None:
    """Commit what an earlier session of the run left behind when it died."""
    if (repository.own_dir / "runs" / run_id).is_dir():
        recover(repository)


def _memory(repository: Repository) -> Path:
    """Return where it is remembered which run this command, in this work tree, began last."""
    words = [str(repository.work_tree), *(getattr(sys, "orig_argv", None) or sys.argv)]
    digest = hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()
    return repository.own_dir / "resume" / digest[:32]


def _remembered(memory: Path) -> str | None:
    try:
        return check_run_id(memory.read_text("utf-8").strip())
    except (OSError, GitrackError):
        return None


def _remember(memory: Path, run: Run) -> None:
    """Note the run until it ends well."""
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(run.id, "utf-8")
        run.at_end(lambda: memory.unlink(missing_ok=True), only_well=True)


def _repository_around(start: str | os.PathLike[str] | None) -> tuple[Repository | None, str]:
    """Find the repository to record in, or say why there is none."""
    try:
        return Repository.around(None if start is None else Path(start)), "no git repository here"
    except (GitrackError, OSError, TypeError, ValueError) as error:
        return None, explain(error)


def _settings_of(repository: Repository | None) -> Settings:
    """Read the settings; where the file is broken the environment still counts."""
    for folder in (repository.work_tree if repository else None, None):
        try:
            return read_settings(folder)
        except GitrackError as error:
            warn_once(str(error), f"{error}; what it sets is not used")
    return Settings()


def _own_settings(settings: Settings, given: Any) -> Settings:
    """Put what one run asks for above what holds for all; what cannot be used is named."""
    for key, value in given.items() if isinstance(given, Mapping) else ():
        try:
            settings = replace(settings, **{key: checked_setting(key, value, "settings")})
        except GitrackError as error:
            warn_once(f"setting {key}", f"{error}; it is not used")
    return settings


def _text(value: Any) -> str | None:
    return None if value is None else redact(text_from(value))
