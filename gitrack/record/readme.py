"""What a git host draws of a run's folder: its README with small curves, its results as CSV."""

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitrack.model.run import Run
from gitrack.model.text import span_text
from gitrack.record.sparkline import sparkline_png
from gitrack.store.history import HistoryBuilder
from gitrack.store.layout import CURVES, README_FILE, SUMMARY_TABLE

_CURVES, _ROWS, _TEXT = 4, 40, 60
_MOST = 4_000  # bytes of a table; what is larger is for run.json's readers
#: What a spreadsheet would take for a formula begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def readme_files(
    run: Run, config: Mapping[str, Any], summary: Mapping[str, Any], history: HistoryBuilder
) -> dict[str, bytes]:
    """
    Return the files by which a host shows a run, by their paths inside its folder.

    They say what stands when the run is committed; later edits change ``run.json`` alone. All
    together have some kilobytes, and the same run gives the same bytes.

    Parameters
    ----------
    run : Run
        The run.
    config, summary : mapping of str to Any
        Nested as logged; what is no plain value is left to other files.
    history : HistoryBuilder
        Its rows.
    """
    results = dict(_plain(summary))
    files: dict[str, bytes] = {}
    pictures: dict[str, str] = {}
    for key in results:
        if len(pictures) == _CURVES:
            break
        if picture := sparkline_png(history.numbers(key)):
            path = f"{CURVES}/{len(pictures) + 1}.png"
            files[path] = picture
            pictures[key] = path
    files[README_FILE] = _readme(run, dict(_plain(config)), results, pictures).encode()
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(("metric", "value"))
    rows.writerows((_cell(key), _cell(value)) for key, value in results.items())
    content = table.getvalue().encode("utf-8", "replace")
    if results and len(content) <= _MOST:
        files[SUMMARY_TABLE] = content
    return files


def _readme(
    run: Run, config: Mapping[str, Any], results: Mapping[str, Any], pictures: Mapping[str, str]
) -> str:
    began = time.strftime("%Y-%m-%d %H:%M", time.gmtime(run.created))
    took = "" if run.duration is None else f", {run.duration:.0f} s"
    lines = [f"# {_code(run.name)}", "", f"**{run.state}**, began {began} UTC{took}"]
    if run.error:
        lines += ["", _code(run.error, 3 * _TEXT)]
    if results:
        lines += ["", "| result | value | |", "|---|---:|---|"]
        drawn = (
            f"| {_code(key)} | {_value(value)} | {_picture(pictures.get(key))} |"
            for key, value in results.items()
        )
        lines += _most(drawn, len(results), "metrics.json")
    if config:
        lines += ["", "<details><summary>Config</summary>", "", "| setting | value |", "|---|---|"]
        rows = (f"| {_code(key)} | {_value(value)} |" for key, value in config.items())
        lines += [*_most(rows, len(config), "params.yaml"), "", "</details>"]
    if run.command:
        lines += ["", _code(" ".join(run.command), 3 * _TEXT)]
    lines += ["", "As it was recorded; `run.json` has all of it, and later edits."]
    return "\n".join(lines) + "\n"


def _most(rows: Iterator[str], count: int, where: str) -> list[str]:
    """Take the first rows of a table, and say where the others are."""
    taken: list[str] = []
    size = 0
    for row in rows:
        size += len(row.encode())
        if len(taken) == _ROWS or size > _MOST:
            return [*taken, "", f"… and {count - len(taken)} more in `{where}`"]
        taken.append(row)
    return taken


def _plain(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the plain values of a tree, their keys joined by dots."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            if "_type" in value:  # media, which media.jsonl tells of
                continue
            yield from _plain(value, f"{prefix}{key}.")
        elif isinstance(value, bool | int | float | str):
            yield f"{prefix}{key}", value
        elif isinstance(value, Sequence) and all(isinstance(v, int | float | str) for v in value):
            yield f"{prefix}{key}", ", ".join(map(str, value))


def _picture(path: str | None) -> str:
    return f"![curve]({path})" if path else ""


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else _code(str(value))


def _code(text: str, most: int = _TEXT) -> str:
    """Show a text in a code span, in which hosts look for no mention, link or HTML."""
    shown = span_text(text, most)
    return f"`{shown}`" if shown else "–"


def _cell(value: Any) -> str:
    text = repr(value) if isinstance(value, float) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
