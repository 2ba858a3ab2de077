"""A work tree's reports as they were written: front matter, text, and the blocks in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gitrack.analysis.panel import nearest, search_line
from gitrack.errors import ConfigError, GitrackError, ReportError, UsageError
from gitrack.model.names import check_path
from gitrack.settings import read_settings
from gitrack.store.schema import config_from_yaml

SUFFIX = ".md"
_LARGEST = 1 << 20  # bytes of a report
_MOST = 500  # reports
_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]+?)[ \t#]*\n")
_KNOWN = ("title", "author", "date", "description", "project", "runs", "pin")
_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"))
_OPENING = re.compile(r"(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)")
_BARE_DAY = re.compile(r"^((?:date|pin):[ \t]*)(\d{4}-\d\d-\d\d[^\s\"']*)[ \t]*$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.+Z-]+)?")


@dataclass(frozen=True, slots=True)
class Source:
    """
    One report as it stands in the work tree.

    Attributes
    ----------
    name : str
        Its file's, without the suffix.
    place : str
        Its path in the repository, for people.
    title, author, date, description : str
        What its front matter says; the title is the first heading or the name otherwise.
    project : str
        The project whose runs its panels draw; told by the runs where empty.
    runs : str
        The search line that counts where none is given.
    pin : str
        The revision of the records that it is about, as `branches_at` takes it; the site's own
        where empty.
    text : str
        The Markdown below the front matter.
    first : int
        The line of the file that it begins at.
    """

    name: str
    place: str
    title: str
    author: str
    date: str
    description: str
    project: str
    runs: str
    pin: str
    text: str
    first: int

    @property
    def page(self) -> str:
        """Its page, relative to the site's root."""
        return f"reports/{self.name}.html"


class Sources(NamedTuple):
    """Reports by name, and what cannot be read, a line each."""

    good: Sequence[Source] = ()
    damaged: Sequence[str] = ()


class Block(NamedTuple):
    """
    A fenced block.

    Attributes
    ----------
    whole : str
        As it stands, fences and all.
    content : str
        What stands between them.
    is_panel : bool
        Whether it is one of ours.
    line : int
        The line of the text that its content begins at, from 1 on.
    """

    whole: str
    content: str
    is_panel: bool
    line: int


def reports_folder(work_tree: Path | None) -> Path | None:
    """Return where reports stand; None without a work tree, and where it is a link."""
    if work_tree is None:
        return None
    folder = work_tree
    for part in read_settings(work_tree).reports.split("/"):
        folder /= part
        # A link could lead to any file of this machine, and a site is public.
        if folder.is_symlink():
            return None
    return folder


def read_reports(work_tree: Path | None) -> Sources:
    """Read the reports of a work tree; one that is damaged is named and costs no other."""
    good: list[Source] = []
    damaged: list[str] = []
    for path in report_files(work_tree)[:_MOST]:
        try:
            good.append(read_report(path, place_of(path, work_tree)))
        except GitrackError as error:
            damaged.append(str(error))
    return Sources(good, damaged)


def report_files(work_tree: Path | None) -> list[Path]:
    """Return the files of a work tree that are a report each, by name."""
    folder = _folder(work_tree)
    return sorted(folder.glob(f"*{SUFFIX}")) if folder is not None else []


def report_pictures(work_tree: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield the pictures beside the reports, with their paths below the reports' folder."""
    folder = _folder(work_tree)
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        place = path.relative_to(folder or path).as_posix()
        plain = path.suffix.lower() in _PICTURES and not path.is_symlink() and path.is_file()
        if plain and path.resolve().is_relative_to((folder or path).resolve()):
            yield place, path


def _folder(work_tree: Path | None) -> Path | None:
    try:
        return reports_folder(work_tree)
    except ConfigError:  # which is told where dashboards are read
        return None


def place_of(path: Path, work_tree: Path | None) -> str:
    """Name a file of the work tree for people."""
    return path.relative_to(work_tree).as_posix() if work_tree else path.name


def check_name(name: str) -> str:
    """
    Take a report's name, or refuse it.

    Raises
    ------
    UsageError
        If it cannot be a file's name.
    """
    plain = name.removesuffix(SUFFIX)
    if not re.fullmatch(r"[\w][\w .-]{0,99}", plain) or plain == "index":
        raise UsageError(f"{name!r} is no name of a report: letters, digits, -, _ and . make one")
    check_path(plain)
    return plain


def read_report(path: Path, place: str) -> Source:
    """
    Read one report.

    Raises
    ------
    ReportError
        If it is no plain file, too large, or its front matter is not what it should be.
    """
    try:
        name = check_name(path.name)
    except UsageError as error:
        raise ReportError(place, str(error)) from error
    if path.is_symlink() or not path.is_file():
        raise ReportError(place, "is no plain file")
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ReportError(place, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ReportError(place, "is no UTF-8 text") from error
    if len(content) > _LARGEST:
        raise ReportError(place, f"is larger than {_LARGEST:,} bytes")
    return _source(name, place, text)


def _source(name: str, place: str, text: str) -> Source:
    front = _FRONT.match(text)
    said = _front(front["yaml"] or "", place) if front else {}
    body = text[front.end() :] if front else text
    first = 1 + (text[: front.end()].count("\n") if front else 0)
    heading = _HEADING.match(body)
    if heading and said.get("title", heading["title"]) == heading["title"]:
        first += body[: heading.end()].count("\n")
        body = body[heading.end() :]
    else:
        heading = None
    title = said.get("title") or (heading["title"] if heading else name)
    pin = said.get("pin", "")
    return Source(
        name=name,
        place=place,
        title=title,
        author=said.get("author", ""),
        date=said.get("date", ""),
        description=said.get("description", ""),
        project=said.get("project", ""),
        runs=search_line(said.get("runs", ""), f"{place}: runs"),
        pin=f"@{{{pin}}}" if _DAY.fullmatch(pin) else pin,
        text=body,
        first=first,
    )


def _front(yaml: str, place: str) -> Mapping[str, str]:
    said: dict[str, str] = {}
    yaml = _BARE_DAY.sub(r'\1"\2"', yaml)  # a day of YAML is no text, and says no more
    for key, value in config_from_yaml(yaml.encode(), f"{place}: front matter").items():
        if key not in _KNOWN:
            raise ReportError(place, f"a report has no {key!r}{nearest(key, _KNOWN)}")
        if value is not None:
            said[key] = _line(value, f"{place}: {key}")
    return said


def _line(value: Any, place: str) -> str:
    if isinstance(value, dict | list | bool):
        raise ReportError(place, "expected one line of text")
    text = str(value).strip()
    if not text.isprintable() or len(text) > 1000:  # noqa: PLR2004  characters
        raise ReportError(place, "expected one line of text")
    return text


def split_blocks(text: str) -> list[str | Block]:
    r"""
    Cut a text at its fenced blocks, which are nobody's to fill in.

    Examples
    --------
    >>> [part if isinstance(part, str) else part.content for part in split_blocks(
    ...     "a\n```gitrack\nchart: code\n```\nb\n")]
    ['a\n', 'chart: code\n', 'b\n']
    """
    parts: list[str | Block] = []
    lines = text.splitlines(keepends=True)
    plain: list[str] = []
    at = 0
    while at < len(lines):
        opening = _OPENING.match(lines[at])
        end = _closing(lines, at, opening["fence"]) if opening else None
        if opening is None or end is None:
            plain.append(lines[at])
            at += 1
            continue
        words = opening["info"].split()
        is_panel = bool(words) and words[0].strip("{}.") == "gitrack"
        indent = opening["indent"]
        content = "".join(line.removeprefix(indent) for line in lines[at + 1 : end])
        parts += ["".join(plain)] if plain else []
        parts.append(Block("".join(lines[at : end + 1]), content, is_panel, at + 2))
        plain = []
        at = end + 1
    return [*parts, "".join(plain)] if plain else parts


def _closing(lines: Sequence[str], at: int, fence: str) -> int | None:
    for end in range(at + 1, len(lines)):
        line = lines[end].strip(" \t>\n")
        if line and set(line) == {fence[0]} and len(line) >= len(fence):
            return end
    return None
