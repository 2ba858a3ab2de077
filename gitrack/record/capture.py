"""What surrounds a run: code, machine, packages; looked up beside the training."""

import os
import platform
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gitrack.errors import GitrackError
from gitrack.record.redaction import redact, redact_command
from gitrack.record.values import text_from
from gitrack.settings import ci_branch
from gitrack.store.repository import Repository

_HEADS = "refs/heads/"
_DISTRIBUTION = re.compile(r"([A-Za-z0-9][\w.]*?)-([^-]+?)(?:-py[\d.]+)?\.(?:dist|egg)-info")


class Capture(threading.Thread):
    """
    Looks everything up once, in a thread of its own, and hands it over piece by piece.

    Parameters
    ----------
    repository : Repository
        Where the code lies.
    hand_over : callable
        Takes a piece's name and its plain value.
    afterwards : callable, optional
        Called when all is done.
    """

    def __init__(
        self,
        repository: Repository,
        hand_over: Callable[[str, Any], None],
        afterwards: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(name="gitrack-capture", daemon=True)
        self._repository = repository
        self._hand_over = hand_over
        self._afterwards = afterwards

    def run(self) -> None:
        """Capture, piece by piece; a piece that fails is named in the record."""
        pieces: dict[str, Callable[[], Any]] = {
            "code": lambda: capture_code(self._repository),
            "host": capture_host,
            "packages": capture_packages,
        }
        for name, look_up in pieces.items():
            try:
                self._hand_over("capture", {name: look_up()})
            except Exception as error:  # noqa: BLE001 - no capture may end a training
                reason = redact(f"{name}: {type(error).__name__}: {error}")
                self._hand_over("missing", reason)
        if self._afterwards is not None:
            self._afterwards()


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
        "remote": redact(remote) if remote else None,
    }


def capture_host() -> dict[str, Any]:
    """Return name, system, processor, cores, memory (bytes) and GPUs of the machine."""
    import psutil

    return {
        "name": platform.node() or None,
        "system": platform.platform(),
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "gpus": _gpus(),
    }


def capture_command() -> list[str]:
    """Return the command line behind the interpreter, secrets removed."""
    words = getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv]
    return ["python", *redact_command(words[1:])]


def capture_packages() -> list[str]:
    """Return installed packages as lines of a ``requirements.txt``, the first on the path wins."""
    found: dict[str, str] = {}
    for place in dict.fromkeys(sys.path):
        try:
            entries = sorted(os.listdir(place or "."))
        except OSError:
            continue
        for entry in entries:
            if match := _DISTRIBUTION.fullmatch(entry):
                name = re.sub(r"[-_.]+", "-", match[1]).lower()
                found.setdefault(name, f"{name}=={match[2]}")
    return [found[name] for name in sorted(found)]


def _processor() -> str | None:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor() or platform.machine() or None
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1] if match else platform.machine() or None


def _gpus() -> list[str]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return [_decoded(pynvml.nvmlDeviceGetName(handle)) for handle in handles]
    finally:
        pynvml.nvmlShutdown()


def _decoded(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


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
