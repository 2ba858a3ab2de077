"""The installed packages, and the lock files that chose them."""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from gitrack.record.redaction import redact

_DISTRIBUTION = re.compile(r"([A-Za-z0-9][\w.]*?)-([^-]+?)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_LOCKS = ("uv.lock", "pylock.toml", "poetry.lock", "pdm.lock", "conda-lock.yml", "environment.yml")


def capture_packages() -> list[str]:
    """
    Return installed packages as lines of a ``requirements.txt``; the first on the path wins.

    The stand-in for wandb stands as a comment, as it cannot be installed by that name. What was
    installed from an address stands with it, commit and all; a package installed from a
    folder of this machine stands as a comment with its version, since its path says nothing
    elsewhere.
    """
    found: dict[str, str] = {}
    for place in dict.fromkeys(sys.path):
        try:
            entries = sorted(os.listdir(place or "."))
        except OSError:
            continue
        for entry in entries:
            if match := _DISTRIBUTION.fullmatch(entry):
                name = re.sub(r"[-_.]+", "-", match[1]).lower()
                if name not in found:
                    found[name] = _line(name, match[2], Path(place or ".") / entry)
    return [found[name] for name in sorted(found)]


def capture_locks(top: Path | None, limit: int) -> Iterator[tuple[str, bytes]]:
    """
    Yield the project's lock files by name, and conda's packages as ``conda.txt``.

    Parameters
    ----------
    top : pathlib.Path or None
        The work tree.
    limit : int
        Bytes above which a file is left out.
    """
    for name in _LOCKS if top is not None else ():
        path = Path(top or ".") / name
        if path.is_file() and path.stat().st_size <= limit:
            yield name, redact(path.read_text("utf-8", "replace")).encode()
    meta = Path(os.environ.get("CONDA_PREFIX", "")) / "conda-meta"
    if os.environ.get("CONDA_PREFIX") and meta.is_dir():
        lines = []
        for path in sorted(meta.glob("*.json")):
            name, version, build = path.stem.rsplit("-", 2)
            lines.append(f"{name}={version}={build}\n")
        yield "conda.txt", "".join(lines).encode()


def _line(name: str, version: str, folder: Path) -> str:
    with suppress(OSError):
        if (folder / "INSTALLER").read_text("utf-8", "replace").strip() == "gitrack":
            return f"# {name}: the stand-in of gitrack for {version}"
    try:
        origin: dict[str, Any] = json.loads((folder / "direct_url.json").read_text("utf-8"))
        url = str(origin["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"{name}=={version}"
    if url.startswith("file:"):
        return f"# {name}=={version} from a folder of the machine"
    if vcs := origin.get("vcs_info"):
        return redact(f"{name} @ {vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}")
    return redact(f"{name} @ {url}")
