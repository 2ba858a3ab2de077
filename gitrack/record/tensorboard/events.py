"""
TensorBoard's event files, read without TensorBoard.

References
----------
https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gitrack.record.tensorboard.records import Damage, RecordFile
from gitrack.record.tensorboard.values import Value, value_from
from gitrack.record.wire import (
    BYTES,
    FOUR,
    Content,
    WireError,
    fields,
    number,
    octets,
    signed,
    text,
    varint,
)

#: What the name of an event file holds.
EVENTS = "tfevents"
_WALL_TIME, _STEP, _SUMMARY, _VALUE = 1, 2, 5, 1
_TAG, _SIMPLE, _METADATA = 1, 2, 9
#: The keys of fields as they stand in a message: number and wire type.
_TIME_KEY, _STEP_KEY, _SUMMARY_KEY = 0x09, 0x10, 0x2A
_VALUE_KEY, _TAG_KEY, _SIMPLE_KEY = 0x0A, 0x0A, 0x15
_DOUBLE, _FLOAT = struct.Struct("<d"), struct.Struct("<f")


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event.

    Attributes
    ----------
    wall_time : float
        Seconds since the epoch, UTC.
    step : int
        The step; 0 where none is named.
    values : mapping of str to Value
        What it says, by tag; nothing for an event without a summary. float32 values are given as
        the doubles that they are exactly.
    """

    wall_time: float
    step: int
    values: Mapping[str, Value] = field(default_factory=dict)


class EventFile:
    """
    An event file, read as far as it is complete, and further once it has grown.

    What is damaged is noted and passed over; see `RecordFile`.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Examples
    --------
    A file that somebody writes is followed by asking again::

        file = EventFile(path)
        while training:
            for event in file.events():
                ...
    """

    def __init__(self, path: Path) -> None:
        self._records = RecordFile(path)
        self._plugins: dict[str, str] = {}  # told with a tag's first value alone

    @property
    def path(self) -> Path:
        """The file."""
        return self._records.path

    @property
    def offset(self) -> int:
        """Where the next event begins, in bytes."""
        return self._records.offset

    @property
    def damage(self) -> list[Damage]:
        """What was passed over so far."""
        return self._records.damage

    @property
    def left(self) -> int:
        """How many bytes at the end belong to an event that is not complete."""
        return self._records.left

    def events(self) -> Iterator[Event]:
        """
        Yield the events that are complete and were not yielded before.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        for offset, content in self._records.records():
            try:
                event = _scalar(content) or self._event(content)
            except WireError as error:
                self.damage.append(Damage(offset, f"an event cannot be read: {error}"))
            else:
                yield event

    def _event(self, content: bytes) -> Event:
        wall_time, step = 0.0, 0
        values: dict[str, Value] = {}
        for place, kind, part in fields(content):
            if place == _WALL_TIME:
                wall_time = number(kind, part)
            elif place == _STEP:
                step = signed(part)
            elif place == _SUMMARY:
                for inner, _, message in fields(octets(part)):
                    if inner == _VALUE:
                        self._value(octets(message), values)
        return Event(wall_time, step, values)

    def _value(self, message: bytes, values: dict[str, Value]) -> None:
        found: dict[int, tuple[int, Content]] = {}
        for place, kind, content in fields(message):
            found[place] = kind, content
        tag = text(found[_TAG][1]) if _TAG in found else ""
        simple = found.get(_SIMPLE)
        if simple is not None and simple[0] == FOUR and _METADATA not in found:
            values[tag] = number(*simple)
            return
        plugin, content_of_plugin = "", b""
        if _METADATA in found:
            plugin, content_of_plugin = _plugin(octets(found[_METADATA][1]))
            self._plugins.setdefault(tag, plugin)
        value = value_from(found, plugin or self._plugins.get(tag, ""), content_of_plugin)
        if value is not None:
            values[tag] = value


def _scalar(content: bytes) -> Event | None:
    """
    Read an event that holds one plain number and nothing else, as most do, at a third of the cost.

    None for any other event, a damaged one too.
    """
    try:
        if content[0] != _TIME_KEY:
            return None
        (wall_time,) = _DOUBLE.unpack_from(content, 1)
        at, step = 9, 0
        if content[at] == _STEP_KEY:
            step, at = varint(content, at + 1)
        # A summary in the event, a value in the summary: each reaches to the end.
        for key in (_SUMMARY_KEY, _VALUE_KEY):
            if content[at] != key:
                return None
            size, at = varint(content, at + 1)
            if at + size != len(content):
                return None
        if content[at] != _TAG_KEY:
            return None
        size, at = varint(content, at + 1)
        end = at + size
        if content[end] != _SIMPLE_KEY or end + 5 != len(content):
            return None
        (value,) = _FLOAT.unpack_from(content, end + 1)
    except (IndexError, struct.error, WireError):
        return None
    return Event(wall_time, signed(step), {text(content[at:end]): value})


def _plugin(metadata: bytes) -> tuple[str, bytes]:
    """Return the plugin's name, and what it says of a tag."""
    name, content = "", b""
    for place, kind, part in fields(metadata):
        if place == 1 and kind == BYTES:
            for inner, _, piece in fields(octets(part)):
                if inner == 1:
                    name = text(piece)
                elif inner == 2:  # noqa: PLR2004 - a field's number
                    content = octets(piece)
    return name, content
