"""What surrounds a run: code, machine, packages; looked up beside the training."""

import platform
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError
from gitrack.record.folder import RECORD
from gitrack.record.packages import capture_locks, capture_packages
from gitrack.record.redaction import redact, redact_command
from gitrack.record.snapshot import take_snapshot
from gitrack.record.surroundings import capture_environment, capture_hardware, capture_host
from gitrack.record.values import text_from
from gitrack.settings import ci_branch
from gitrack.store.layout import PATCH_FILE
from gitrack.store.repository import Repository

_HEADS = "refs/heads/"
_PATCH = 1 << 20  # bytes of a patch that are kept


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """
    What is looked up.

    Attributes
    ----------
    code : {"snapshot", "patch", "commit", "off"}
        How much of the code.
    max_file, max_total : int
        Bytes of the largest changed file that a snapshot takes, and of all together.
    environment : sequence of str
        More variables that are allowed in.
    """

    code: str = "snapshot"
    max_file: int = 1 << 20
    max_total: int = 50 << 20
    environment: Sequence[str] = ()


class Capture(threading.Thread):
    """
    Looks everything up once, in a thread of its own, and hands it over piece by piece.

    Parameters
    ----------
    repository : Repository
        Where the code lies.
    folder : pathlib.Path
        The run's folder, for what is a file.
    hand_over : callable
        Takes an event's name and its plain value.
    settings : CaptureSettings
        What to look up.
    afterwards : callable, optional
        Called when all is done.
    """

    def __init__(
        self,
        repository: Repository,
        folder: Path,
        hand_over: Callable[[str, Any], None],
        settings: CaptureSettings,
        afterwards: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(name="gitrack-capture", daemon=True)
        self._repository = repository
        self._record = folder / RECORD
        self._hand_over = hand_over
        self._settings = settings
        self._afterwards = afterwards

    def run(self) -> None:
        """Capture, piece by piece; a piece that fails is named in the record."""
        pieces: dict[str, Callable[[], Any]] = {
            "code": self._code,
            "snapshot": self._snapshot,
            "host": capture_host,
            "hardware": capture_hardware,
            "environment": lambda: capture_environment(self._settings.environment),
            "packages": capture_packages,
        }
        for name, look_up in (*pieces.items(), ("locks", self._locks)):
            try:
                if (found := look_up()) is not None:
                    self._hand_over("capture", {name: found})
            except Exception as error:  # noqa: BLE001 - no capture may end a training
                reason = redact(f"{name}: {type(error).__name__}: {error}")
                self._hand_over("missing", reason)
        if self._afterwards is not None:
            self._afterwards()

    def _code(self) -> dict[str, Any] | None:
        return None if self._settings.code == "off" else capture_code(self._repository)

    def _snapshot(self) -> dict[str, Any] | None:
        settings, repository = self._settings, self._repository
        if settings.code in ("off", "commit") or repository.personal or not repository.work_tree:
            return None
        found = take_snapshot(
            repository.git,
            keep=settings.code == "snapshot",
            max_file=settings.max_file,
            max_total=settings.max_total,
        )
        if found.patch:
            content = found.patch.encode("utf-8", "replace")
            if len(content) > _PATCH:
                left = f"\n… {len(content) - _PATCH:,} bytes left out …\n".encode()
                content = content[:_PATCH] + left
            self._write(PATCH_FILE, content)
        left_out = [[redact(path), reason] for path, reason in found.left_out]
        return {"commit": found.commit, "left_out": left_out}

    def _locks(self) -> None:
        for name, content in capture_locks(self._repository.work_tree, self._settings.max_file):
            self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        """Put a file into the record, whole or not at all."""
        self._record.mkdir(exist_ok=True)
        partial = self._record.with_name("capturing")
        partial.write_bytes(content)
        partial.replace(self._record / name)


def head_branch(repository: Repository) -> str | None:
    """
    Return the code branch by reading HEAD alone.

    With a detached HEAD it is the branch that CI says it checked out, if any. None where the
    file does not tell, as with reftable.
    """
    try:
        head = (repository.git_dir / "HEAD").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    if not head.startswith("ref: "):
        return ci_branch()
    branch = head.removeprefix(f"ref: {_HEADS}")
    return branch if branch not in (head, ".invalid") else None


def capture_code(repository: Repository) -> dict[str, Any]:
    """Return commit, branch, dirty state and remote of the code."""
    if repository.personal:
        return {}
    git = repository.git
    ref = git.ask("symbolic-ref", "--quiet", "HEAD")
    remote = git.ask("config", "--get", "remote.origin.url")
    changes = None
    if repository.work_tree is not None:
        changes = git.ask("status", "--porcelain", "--untracked-files=normal")
    return {
        "commit": git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
        "branch": ref.removeprefix(_HEADS) if ref else ci_branch(),
        "dirty": None if changes is None else bool(changes),
        "remote": redact(remote, "code.remote") if remote else None,
    }


def capture_command() -> list[str]:
    """Return the command line behind the interpreter, secrets removed."""
    words = getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv]
    return ["python", *redact_command(words[1:])]


def explain(error: BaseException) -> str:
    """Return an error in one line: ours as it stands, others with their kind."""
    lines = text_from(error).strip().splitlines()
    text = lines[-1] if lines else ""
    if isinstance(error, GitrackError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def python_version() -> str:
    """Return the interpreter's version."""
    return platform.python_version()
