"""Encoding media in a thread beside the training, and after it what is left."""

import contextlib
import importlib
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gitrack.record.media.base import Item, RecordFiles, Spool, encode_item
from gitrack.record.media.kinds import media_from
from gitrack.record.redaction import redact

_NICENESS = 10


class Encoder:
    """
    Takes media in at the call and turns it into files later, one after the other.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    write : callable
        Takes an event's name and value: ``encoded`` with the lines of ``media.jsonl`` by what
        they were made from.
    """

    def __init__(self, folder: Path, write: Callable[[str, Any], None]) -> None:
        self._folder = folder
        self._write = write
        self._spool = Spool(folder)
        self._files = RecordFiles(folder)
        self._waiting: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._left = 0
        self._now: str | None = None  # the kind that is being encoded
        self._warm: set[str] = set()  # kinds whose encoder has imported all that it needs

    def take(self, value: Any) -> dict[str, Any] | None:
        """
        Keep a value that is media, or a list of some, and return what stands for it in a row.

        None for a value that is no media.

        Raises
        ------
        Exception
            Whatever the kind raises when its content cannot be read or kept.
        """
        if isinstance(value, list | tuple):
            found = [media_from(one) for one in value]
            if not any(found):
                return None
            return {"media": [self._keep(one) for one in found if one is not None]}
        if (one := media_from(value)) is None:
            return None
        return {"media": self._keep(one)}

    @property
    def left(self) -> int:
        """How much media waits to be encoded."""
        return self._left

    def drain(self) -> None:
        """Wait until all is encoded, and end."""
        if self._thread is not None and self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()
        self._thread = None

    def settle(self, seconds: float) -> None:
        """Wait, before a fork, while a kind is encoded for the first time: it may import."""
        end = time.monotonic() + seconds
        while self._now and self._now not in self._warm and time.monotonic() < end:
            time.sleep(0.001)

    def _keep(self, media: Any) -> Item:
        item: Item = media.spool(self._spool)
        if "spooled" in item:
            self._left += 1
            self._waiting.put(item)
            if self._thread is None or not self._thread.is_alive():
                # Libraries import it, which fails once the interpreter has begun to end.
                importlib.import_module("concurrent.futures.thread")
                self._thread = threading.Thread(
                    target=self._run, name="gitrack-encoder", daemon=True
                )
                self._thread.start()
        return item

    def _run(self) -> None:
        _step_back()
        while (item := self._waiting.get()) is not None:
            self._now = item["type"]
            self._write("encoded", {spool_key(item): encode(item, self._spool, self._files)})
            clear(item, self._spool)
            self._warm.add(item["type"])
            self._now = None
            self._left -= 1


def encode(item: Item, spool: Spool, files: RecordFiles) -> Item:
    """Encode an item; what cannot be encoded is kept as it was spooled, with the reason."""
    try:
        made = encode_item(item, spool, files)
    except Exception as error:  # noqa: BLE001 - a stranger's content may break any encoder
        made = {**item, "error": redact(f"{type(error).__name__}: {error}")}
        made["spooled"] = [
            files.add(spool.path(name), ".raw")["path"]
            for name in item["spooled"]
            if spool.path(name).exists()
        ]
    return made


def clear(item: Item, spool: Spool) -> None:
    """Remove what an item was spooled as, once the journal says what was made of it."""
    for name in item["spooled"]:
        with contextlib.suppress(OSError):
            spool.path(name).unlink()


def spool_key(item: Item) -> str:
    """Return what an item is known by until it is encoded: the first of its spooled files."""
    return str(item["spooled"][0])


def _step_back() -> None:
    """Leave the processor to the training where both want it."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            # On Linux a thread has a priority of its own, by its native id.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
