"""The tables of the stand-in: gitrack's, with what W&B's have beside."""

from collections.abc import Callable
from typing import Any

from gitrack.record.media.table import Table as OwnTable
from gitrack.record.notice import warn_once


class Table(OwnTable):
    """A table that scripts for W&B can talk to: see `gitrack.Table`."""

    MAX_ROWS = 10_000
    MAX_ARTIFACT_ROWS = 200_000

    def add_computed_columns(self, fn: Callable[[int, dict[str, Any]], dict[str, Any]]) -> None:
        """
        Append columns computed from each row.

        Parameters
        ----------
        fn : callable
            Takes a row's place and its values by column; returns new values by new column.
        """
        rows = [dict(zip(self.columns, row, strict=True)) for _, row in self.iterrows()]
        made = [fn(place, row) for place, row in enumerate(rows)]
        for name in made[0] if made else ():
            self.add_column(name, [row[name] for row in made])

    def cast(self, col_name: str, dtype: Any, optional: bool = False) -> None:
        """Do nothing: a column keeps whatever it is given."""

    def set_pk(self, col_name: str) -> None:  # noqa: ARG002
        """Do nothing: the comparison joins tables by any column."""
        warn_once("set_pk", "Table.set_pk(): the comparison joins tables by any column")

    def set_fk(self, col_name: str, table: Any, table_col: str) -> None:  # noqa: ARG002
        """Do nothing: the comparison joins tables by any column."""
        warn_once("set_pk", "Table.set_fk(): the comparison joins tables by any column")
