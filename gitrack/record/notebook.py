"""A run in a notebook: a small page of its own, and an end that waits for the kernel's."""

import html
import sys
from collections.abc import Mapping
from typing import Any

_ROWS = 40
_TEXT = 200  # characters of a value


def in_notebook() -> bool:
    """Tell whether this is IPython, where an exception in a cell ends nothing."""
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def show(page: str) -> bool:
    """Show HTML below the cell; False where there is no notebook."""
    if not in_notebook():
        return False
    from IPython.display import HTML, display

    display(HTML(page))
    return True


def run_page(
    title: str,
    config: Mapping[str, Any],
    summary: Mapping[str, Any],
    height: int = 420,
    *,
    hidden: bool = False,
) -> str:
    """
    Return a run as HTML that needs nothing else; everything in it is escaped.

    Parameters
    ----------
    title : str
        Who it is and how it stands.
    config, summary : mapping
        Its settings and results.
    height : int
        Pixels after which it scrolls.
    hidden : bool
        Whether it is folded until it is asked for.
    """
    body = "".join(
        f"<h4>{name}</h4>{_table(values)}"
        for name, values in (("Config", config), ("Summary", summary))
        if values
    )
    style = f"max-height:{int(height)}px;overflow:auto;font-family:sans-serif"
    opened = "" if hidden else " open"
    head = f"<summary><b>{html.escape(title)}</b></summary>"
    return f'<details{opened} style="{style}">{head}{body}</details>'


def _table(values: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td>{html.escape(str(value)[:_TEXT])}</td></tr>"
        for name, value in list(values.items())[:_ROWS]
    ]
    if len(values) > _ROWS:
        rows.append(f"<tr><td colspan=2>… {len(values) - _ROWS} more</td></tr>")
    return f"<table>{''.join(rows)}</table>"
