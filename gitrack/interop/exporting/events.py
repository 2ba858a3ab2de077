"""A run as an event file of TensorBoard."""

import math
import struct
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitrack.interop.exporting.runs import columns_of, flat_settings
from gitrack.model.run import Record, State
from gitrack.record.tensorboard.records import framed
from gitrack.record.wire import BYTES, EIGHT, FOUR, VARINT, field
from gitrack.store.history import RESERVED, RUNTIME, STEP, TIMESTAMP

if TYPE_CHECKING:
    import pyarrow as pa

_VERSION = "brain.Event:2"
#: Numbers of the fields of an event, a summary's value, its metadata, and the hparams plugin.
_WALL_TIME, _STEP, _FILE_VERSION, _SUMMARY = 1, 2, 3, 5
_TAG, _SIMPLE, _METADATA = 1, 2, 9
_START, _END = 3, 4
_STATUS = {State.FINISHED: 1, State.RUNNING: 3}
_FAILED = 2
_PREFIX = "_hparams_/session"


def event_file(record: Record, table: "pa.Table") -> bytes:
    """
    Write a run's numbers and settings as an event file.

    An event is a row. Numbers are of single precision, as TensorBoard keeps scalars; NaN and
    infinities stay. Texts and lists are left out.

    Parameters
    ----------
    record : Record
        The run.
    table : pyarrow.Table
        Its history.
    """
    run = record.run
    events = [
        _event(run.created, 0, field(_FILE_VERSION, BYTES, _VERSION)),
        _summary(run.created, 0, _hparams(f"{_PREFIX}_start_info", _START, _settings(record))),
    ]
    columns = columns_of(table)
    steps, times = columns[STEP], columns[TIMESTAMP]
    metrics = {name: values for name, values in columns.items() if name not in RESERVED}
    for place, step in enumerate(steps):
        row = ((name, values[place]) for name, values in metrics.items())
        if values := b"".join(_scalar(name, one) for name, one in row if _is_number(one)):
            events.append(_summary(times[place], step, values))
    if run.state is not State.RUNNING:
        ended = run.ended or run.created + (columns[RUNTIME][-1] if steps else 0.0)
        status = field(1, VARINT, _STATUS.get(run.state, _FAILED)) + field(2, EIGHT, ended)
        events.append(_summary(ended, 0, _hparams(f"{_PREFIX}_end_info", _END, status)))
    return b"".join(map(framed, events))


def event_name(record: Record) -> str:
    """Name an event file so that TensorBoard finds it."""
    return f"events.out.tfevents.{int(record.run.created)}.gitrack"


def _event(wall_time: float, step: int, content: bytes) -> bytes:
    return field(_WALL_TIME, EIGHT, wall_time) + field(_STEP, VARINT, step) + content


def _summary(wall_time: float, step: int, values: bytes) -> bytes:
    return _event(wall_time, step, field(_SUMMARY, BYTES, values))


def _scalar(tag: str, number: float) -> bytes:
    plain = tag.encode("utf-8", "backslashreplace")
    value = field(_TAG, BYTES, plain) + field(_SIMPLE, FOUR, _single(number))
    return field(1, BYTES, value)


def _single(number: float) -> float:
    """Return what a float32 can hold: what is too large for it is infinite."""
    try:
        struct.pack("<f", number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
    return float(number)


def _hparams(tag: str, place: int, content: bytes) -> bytes:
    plugin = field(1, BYTES, "hparams") + field(2, BYTES, field(place, BYTES, content))
    value = field(_TAG, BYTES, tag) + field(_METADATA, BYTES, field(1, BYTES, plugin))
    return field(1, BYTES, value)


def _settings(record: Record) -> bytes:
    entries = _map(dict(flat_settings(record.config)))
    group = record.run.group or record.run.id
    return entries + field(4, BYTES, _text(group)) + field(5, EIGHT, record.run.created)


def _map(settings: Mapping[str, Any]) -> bytes:
    """Encode settings as a map of names to `google.protobuf.Value`."""
    return b"".join(
        field(1, BYTES, field(1, BYTES, _text(name)) + field(2, BYTES, b"".join(_value(value))))
        for name, value in settings.items()
    )


def _value(value: Any) -> Iterable[bytes]:
    if value is None:
        yield field(1, VARINT, 0)
    elif isinstance(value, bool):
        yield field(4, VARINT, value)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53):
        yield field(2, EIGHT, value)
    else:
        yield field(3, BYTES, _text(str(value)))


def _text(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float)
