"""A few runs beside one another: what tells their settings, results and packages apart."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitrack.analysis.columns import flatten, number_of
from gitrack.model.run import Record

_PACKAGE = re.compile(r"(?:# )?([A-Za-z0-9][\w.-]*)(?:==| @ )(\S+)")


@dataclass(frozen=True, slots=True)
class Row:
    """
    One setting, result or package of several runs.

    Attributes
    ----------
    key : str
        Its name.
    values : sequence of Any
        One a run, in the order of the runs; None where a run lacks it.
    present : sequence of bool
        Whether each run has it: a setting may be None.
    """

    key: str
    values: Sequence[Any]
    present: Sequence[bool]

    @property
    def differs(self) -> bool:
        """Whether the runs do not all have the same of it."""
        first = self.values[0]
        return len(set(self.present)) > 1 or any(
            value != first and not (value != value and first != first)  # noqa: PLR0124  NaN
            for value in self.values
        )

    @property
    def differences(self) -> list[float | None]:
        """Each value less the first run's; None where either is no number."""
        numbers = [number_of(value) for value in self.values]
        base = numbers[0]
        return [None if n is None or base is None else n - base for n in numbers]


def setting_rows(records: Sequence[Record]) -> list[Row]:
    """Return the settings of runs, a row a key, in the order that they came in."""
    return _rows([flatten(record.config) for record in records])


def result_rows(records: Sequence[Record]) -> list[Row]:
    """Return the results of runs, a row a metric, in the order that they came in."""
    return _rows([flatten(record.summary) for record in records])


def package_rows(contents: Iterable[bytes | None]) -> list[Row]:
    """Return the packages of runs, a row a name, from each one's ``requirements.txt``."""
    found = _rows([packages_from(content or b"") for content in contents])
    return sorted(found, key=lambda row: row.key)


def packages_from(requirements: bytes) -> dict[str, str]:
    r"""
    Read what a run recorded of its packages.

    Examples
    --------
    >>> packages_from(b"numpy==2.1.0\n# lab==0.1 from a folder of the machine\nx @ git+u@1\n")
    {'numpy': '2.1.0', 'lab': '0.1', 'x': 'git+u@1'}
    """
    lines = requirements.decode("utf-8", "replace").splitlines()
    return {match[1]: match[2] for line in lines if (match := _PACKAGE.match(line))}


def _rows(columns: Sequence[Mapping[str, Any]]) -> list[Row]:
    keys = dict.fromkeys(key for column in columns for key in column)
    return [
        Row(key, [column.get(key) for column in columns], [key in column for column in columns])
        for key in keys
    ]
