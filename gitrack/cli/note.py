"""Write a run's notes."""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from gitrack.cli.choose import told
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import RepositoryError, UsageError
from gitrack.record.edit import clean_edit
from gitrack.store.edit import edit_runs
from gitrack.store.holding import Holding, find_holding
from gitrack.store.reader import Reader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("run", metavar="RUN", help="id, unique beginning of an id, or name")
    parser.add_argument(
        "text",
        metavar="TEXT",
        nargs="?",
        help="the notes, '' for none, - to read them from stdin; git's editor opens without it",
    )
    parser.add_argument("--append", action="store_true", help="put TEXT below what is there")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Write the notes, and say which branches took them."""
    repository = repository_from(options)
    reader = Reader(repository)
    place = find_holding(reader, options.run)
    draft = None
    if options.text is None:
        draft, text = _written(reader, place, anew=options.append)
    else:
        text = _read_stdin() if options.text == "-" else options.text
    text = text.replace("\r\n", "\n").strip()
    edit = clean_edit(repository, **{"more_notes" if options.append else "notes": text})
    told("noted on", 1, edit_runs(repository, [place], edit))
    if draft is not None:
        draft.unlink(missing_ok=True)


def _read_stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError("stdin holds no text in UTF-8") from error


def _written(reader: Reader, place: Holding, *, anew: bool) -> tuple[Path, str]:
    """Let the person write in an editor; the draft is kept until the notes are committed."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("say the notes: gitrack note RUN TEXT, or - to read them from stdin")
    before = reader.find(place.id).run.notes or ""
    draft = reader.repository.own_dir / f"note-{place.id}.md"
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text("" if anew else before, "utf-8")
    editor = shlex.split(reader.git.text("var", "GIT_EDITOR"))
    try:
        status = subprocess.run([*editor, str(draft)], check=False).returncode
    except OSError as error:
        raise UsageError(f"{editor[0]} cannot be started: set EDITOR") from error
    if status:
        draft.unlink()
        raise UsageError(f"{editor[0]} ended with status {status}: nothing is changed")
    if not anew and (Reader(reader.repository).find(place.id).run.notes or "") != before:
        raise RepositoryError(f"the notes were changed meanwhile; yours are in {draft}")
    try:
        return draft, draft.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{draft} is no text in UTF-8") from error
