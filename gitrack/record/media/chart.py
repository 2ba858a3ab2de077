"""Charts of a run's own: a panel's description and the table that it draws."""

from typing import Any, ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.media.table import Table
from gitrack.record.redaction import redact_tree
from gitrack.record.values import plain


class Chart(Media):
    """
    A chart.

    Parameters
    ----------
    panel : mapping
        The description: ``chart`` (line, scatter, bar, histogram, confusion, pr, roc, table …),
        ``x``, ``y``, ``stroke``, ``title`` ….
    table : Table
        What it draws.
    facts : mapping, optional
        More to say of it.
    """

    type: ClassVar[str] = "chart"

    def __init__(
        self, panel: dict[str, Any], table: Table, facts: dict[str, Any] | None = None
    ) -> None:
        self.panel = {key: value for key, value in panel.items() if value is not None}
        self.table = table
        self._facts = facts or {}

    def spool(self, spool: Spool) -> Item:
        """Keep the table as it is now."""
        table = self.table.spool(spool)
        panel, facts = plain(self.panel, "chart"), plain(self._facts, "chart")
        made = {"type": self.type, "panel": panel, "facts": facts, "table": table}
        return made | {"spooled": table["spooled"]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the table."""
        table = Table.encode(item["table"], spool, files)
        made = {"type": cls.type, "panel": redact_tree(item["panel"]), **item["facts"]}
        return made | {key: table[key] for key in ("path", "sha256", "size", "rows", "columns")}
