"""The workflows that publish a site and review a pull request, as files of the user's own."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gitrack.errors import ConfigError, UsageError
from gitrack.resources import data_dir
from gitrack.settings import Settings
from gitrack.version import VERSION

if TYPE_CHECKING:
    import jinja2

Host = Literal["github", "gitlab"]
#: Each action by the commit that its version's tag stood at.
ACTIONS = {
    "checkout": "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
    "setup_python": "a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0",
    "cache": "5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3",
    "upload_artifact": "ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
    "configure_pages": "983d7736d9b0ae728b81ab479565c72886d7745b # v5.0.0",
    "upload_pages_artifact": "7b1f4a764d45c48632c6b24a0339c27f5614fb0b # v4.0.0",
    "deploy_pages": "d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5",
}
SETTINGS_FILE = "gitrack.toml"
_INCLUDE = "include:\n  - local: .gitlab/gitrack.yml\n"
_FILES: Mapping[str, Mapping[str, str]] = {
    "github": {
        f".github/workflows/gitrack-{name}.yml": f"github/{name}.yml.j2"
        for name in ("publish", "review", "comment", "merge")
    },
    "gitlab": {".gitlab/gitrack.yml": "gitlab/gitrack.yml.j2"},
}
_MARK = re.compile(r"# Made by gitrack init, ([0-9a-f]{16})\. .*\n")
# neither a host's expressions nor its patterns have a place in them
_INSTALL = re.compile(r"[A-Za-z0-9._\[\]=<>!~,@:/+ -]{1,200}")
_BRANCH = re.compile(r"[\w./-]{1,200}")


@dataclass(frozen=True, slots=True)
class WorkflowPage:
    """
    What a workflow's template may use; texts are quoted for YAML and TOML.

    Attributes
    ----------
    branch : str
        The code branch whose pushes publish.
    publish : {"artifact", "pages", "none"}
        What is done with the site, unquoted in workflows.
    install : str
        What pip installs.
    branch_workflow : bool
        Whether experiments branches carry a workflow of their own.
    actions : mapping of str to str
        The commit of each action, with its version.
    """

    branch: str
    publish: str
    install: str
    branch_workflow: bool
    actions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """
    A file that is not as it should be.

    Attributes
    ----------
    path : str
        Below the top of the work tree.
    old, new : str or None
        What it holds, and what it should; None for a file that is not there.
    kept : bool
        Whether it was changed by hand and stays.
    """

    path: str
    old: str | None
    new: str | None
    kept: bool = False

    def difference(self) -> str:
        """Return the unified difference; empty if there is none to see."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.old, self.new))
        before = "/dev/null" if self.old is None else f"a/{self.path}"
        after = "/dev/null" if self.new is None else f"b/{self.path}"
        return "".join(unified_diff(old, new, before, after))


def plan_workflows(
    work_tree: Path, host: Host, settings: Settings, *, force: bool = False
) -> Iterator[Change]:
    """
    Yield what is to change in a work tree, so that it has the workflows that the settings ask for.

    A file that was made here and changed since stays as it is, as does one that never was; it is
    named if what would be made today is not what was made then.

    Parameters
    ----------
    work_tree : pathlib.Path
        Where they are.
    host : {"github", "gitlab"}
        Which host's.
    settings : Settings
        What ``gitrack.toml`` says, or is to say.
    force : bool
        Whether files are replaced that were changed by hand.

    Raises
    ------
    ConfigError
        If a setting has no place in a workflow.
    UsageError
        If a file is a link, or lies behind one.
    """
    for path, template in _FILES[host].items():
        wanted = None
        if settings.publish != "none" or not path.endswith("-publish.yml"):
            wanted = _marked(_render(template, settings))
        change = _change(work_tree, path, wanted, force=force)
        if change is not None:
            yield change
    if host == "gitlab":
        entry = ".gitlab-ci.yml"
        old = read_plain(work_tree, entry)
        if old is None:
            yield Change(entry, None, _INCLUDE)
        elif ".gitlab/gitrack.yml" not in old:
            yield Change(entry, old, f"{old.rstrip()}\n\n{_INCLUDE}", kept=True)


def _change(work_tree: Path, path: str, wanted: str | None, *, force: bool) -> Change | None:
    old = read_plain(work_tree, path)
    if old is None:
        return None if wanted is None else Change(path, None, wanted)
    mark = _MARK.match(old)
    ours = mark is not None and mark[1] == _digest(old[mark.end() :])
    if wanted is None:
        return Change(path, old, None) if ours else None
    if old == wanted or (mark and not force and not ours and mark[1] == _made_as(wanted)):
        return None
    return Change(path, old, wanted, kept=not ours and not force)


def settings_text(old: str | None, settings: Settings, asked: Mapping[str, str]) -> str:
    """
    Return a ``gitrack.toml`` that says what was asked for.

    Parameters
    ----------
    old : str or None
        What stands there; all else of it stays.
    settings : Settings
        What a new file begins with.
    asked : mapping of str to str
        Settings to write, by name.

    Raises
    ------
    ConfigError
        If the file is written in a way that cannot be changed line by line.
    """
    import tomllib

    if old is None:
        return _render("gitrack.toml.j2", settings)
    text = old
    for key, value in asked.items():
        text = _with_line(text, key, f"{key} = {json.dumps(value)}\n")
    try:
        changed = tomllib.loads(text) == {**tomllib.loads(old), **asked}
    except tomllib.TOMLDecodeError:
        changed = False
    if not changed:
        lines = ", ".join(f"{key} = {json.dumps(value)}" for key, value in asked.items())
        raise ConfigError(SETTINGS_FILE, f"cannot be changed line by line: write {lines} yourself")
    return text


def _with_line(text: str, key: str, line: str) -> str:
    """Put a line in place of a setting's, or at the end of those that stand above the tables."""
    table = re.search(r"^\s*\[", text, re.MULTILINE)
    top, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
    top, count = re.subn(rf"^{key}[ \t]*=.*(\n|\Z)", lambda _: line, top, flags=re.MULTILINE)
    return (top if count else f"{_ended(top)}{line}") + rest


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def read_plain(work_tree: Path, path: str) -> str | None:
    """
    Read a file of the work tree, None if it is not there.

    Raises
    ------
    UsageError
        If it is no plain text file, or a link leads to it.
    """
    place = work_tree
    for part in path.split("/"):
        place /= part
        if place.is_symlink():
            raise UsageError(f"{path}: {part} is a link, which is not followed")
    if not place.exists():
        return None
    try:
        return place.read_text("utf-8")
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise UsageError(f"{path} is no text file") from error


def write_change(work_tree: Path, change: Change) -> None:
    """Write or remove a file, whole or not at all."""
    place = work_tree / change.path
    if change.new is None:
        place.unlink()
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{place.name}.part")
    unfinished.write_text(change.new, "utf-8", newline="\n")
    unfinished.replace(place)


def _render(template: str, settings: Settings) -> str:
    install = settings.publish_install or f"gitrack=={VERSION}"
    if not _INSTALL.fullmatch(install) or install.startswith("-"):
        raise ConfigError("publish_install", f"pip is not given {install!r} by a workflow")
    if not _BRANCH.fullmatch(settings.publish_branch):
        raise ConfigError("publish_branch", f"no workflow names {settings.publish_branch!r}")
    quoted = template.endswith(".toml.j2")
    page = WorkflowPage(
        branch=json.dumps(settings.publish_branch),
        publish=json.dumps(settings.publish) if quoted else settings.publish,
        install=json.dumps(install),
        branch_workflow=settings.branch_workflow,
        actions=ACTIONS,
    )
    return _environment().get_template(f"workflows/{template}").render(page=page)


def _environment() -> "jinja2.Environment":
    import jinja2

    # `{{` is the hosts' own.
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_dir("templates")),
        autoescape=False,  # noqa: S701 - YAML; what is filled in is quoted for it
        undefined=jinja2.StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _marked(body: str) -> str:
    rule = "Change gitrack.toml and run it again; a file that you change is yours, and stays."
    return f"# Made by gitrack init, {_digest(body)}. {rule}\n{body}"


def _made_as(text: str) -> str | None:
    mark = _MARK.match(text)
    return mark and mark[1]


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]
