"""A first version of a report, which builds as it stands and is there to be rewritten."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gitrack.analysis.columns import number_of, text_of
from gitrack.analysis.goals import goal_of, key_metric
from gitrack.analysis.quantities import Quantities
from gitrack.analysis.query import columns_of
from gitrack.errors import UsageError
from gitrack.model.run import Record
from gitrack.publish.templates import Templates

_SETTINGS = 6


@dataclass(frozen=True, slots=True)
class FirstDraft:
    """
    What ``report.md.j2`` may use; names of columns are literals of Jinja2 and YAML already.

    Attributes
    ----------
    title, author, date, project, runs : str
        Its front matter.
    aggregate : str
        What is told of the key metric: "best", or "mean" where no direction is known.
    key, key_word : str
        The key metric as a literal, and for people; empty where there is none.
    claim, number : str
        A claim that holds today, as a literal, and its number.
    panel_key : str
        The key metric where a chart can draw it.
    settings : str
        The settings that differ, as a list of literals; empty where all are equal.
    """

    title: str
    author: str
    date: str
    project: str
    runs: str
    aggregate: str = "mean"
    key: str = ""
    key_word: str = ""
    claim: str = ""
    number: str = ""
    panel_key: str = ""
    settings: str = ""


def first_draft(
    path: Path, title: str, runs: str, records: Sequence[Record], author: str = ""
) -> None:
    """
    Write a report about some runs.

    Parameters
    ----------
    path : pathlib.Path
        Where to; what stands there is never overwritten.
    title : str
        Its title.
    runs : str
        The search line of its runs.
    records : sequence of Record
        All runs.
    author : str
        Who writes.

    Raises
    ------
    UsageError
        If there is a file already, or the line finds no run.
    """
    draft = _draft(title, runs, records, author)
    text = Templates().plain("report.md.j2", draft)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already: name another report, or edit it") from error


def _draft(title: str, runs: str, records: Sequence[Record], author: str) -> FirstDraft:
    quantities = Quantities(records, runs)
    found = quantities.runs()
    projects = {record.run.project for record in found}
    rows = [columns_of(record) for record in found]
    logged: dict[str, int] = {}
    for row in rows:
        for column, value in row.items():
            name = column.removeprefix("summary.")
            if name != column and not name.startswith("_") and number_of(value) is not None:
                logged[name] = logged.get(name, 0) + 1
    keys = sorted({key for row in rows for key in row if key.startswith("config.")})
    differ = [key[7:] for key in keys if len({text_of(row.get(key)) for row in rows}) > 1]
    head = FirstDraft(
        title=title,
        author=author,
        date=date.today().isoformat(),  # noqa: DTZ011  the author's own day
        project=projects.pop() if len(projects) == 1 else "",
        runs=runs,
        settings=f"[{', '.join(map(_literal, differ[:_SETTINGS]))}]" if differ else "",
    )
    key = key_metric(logged)
    if key is None:
        return head
    aggregate = "best" if goal_of(key) else "mean"
    number = f"{quantities.ask(aggregate, key).number:.4g}"
    # A name with a quote can stand in no claim.
    claim = "" if '"' in key else _literal(f'{aggregate} "{key}" = {number}')
    return FirstDraft(
        **{name: getattr(head, name) for name in head.__dataclass_fields__}
        | {
            "aggregate": aggregate,
            "key": _literal(key),
            "key_word": "".join(char if char.isalnum() or char in "/_- ." else " " for char in key),
            "claim": claim,
            "number": number,
            "panel_key": json.dumps(key, ensure_ascii=False) if key.isprintable() else "",
        }
    )


def _literal(text: str) -> str:
    """Write a text as Jinja2 reads it back."""
    return json.dumps(text, ensure_ascii=False)
