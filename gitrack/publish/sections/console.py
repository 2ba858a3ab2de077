"""What a run printed."""

from gitrack.publish.sections.base import Section, Source
from gitrack.store.layout import CONSOLE_FILE


def console_section(source: Source) -> Section | None:
    """Hand over the console's text, whole as it was recorded."""
    content = source.read(CONSOLE_FILE)
    if not content:
        return None
    lines = content.decode("utf-8", "replace").rstrip("\n").split("\n")
    word = "line" if len(lines) == 1 else "lines"
    return Section("console", "Console", source.script({"lines": lines}), len(lines), word)
