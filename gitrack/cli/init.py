"""Write gitrack.toml and the workflows that publish and review, or update them."""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from gitrack.cli.place import add_place, untouched_repository_from
from gitrack.errors import UsageError
from gitrack.model.text import printable
from gitrack.publish.workflows import (
    SETTINGS_FILE,
    Change,
    Host,
    plan_workflows,
    read_plain,
    settings_text,
    write_change,
)
from gitrack.record.notice import tell
from gitrack.settings import PUBLISH, Settings, read_settings
from gitrack.store.beginning import PUBLISHING
from gitrack.store.repository import Repository
from gitrack.store.workflow import branches_to_change, change_branch

_HOSTS = get_args(Host)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--host", choices=_HOSTS, help="whose workflows; the remote's unless given")
    parser.add_argument(
        "--publish", choices=PUBLISH, help="what is done with the site (default: artifact)"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="write without asking")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where something is old"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace files that were changed by hand, too"
    )
    add_place(parser)


def run(options: argparse.Namespace) -> int:
    """
    Show what is to change, and change it if told to.

    Returns
    -------
    int
        0, or 1 where ``--check`` finds something that is out of date.
    """
    repository = untouched_repository_from(options)
    work_tree = repository.work_tree
    if work_tree is None:
        raise UsageError("gitrack init writes into a work tree, and there is none here")
    settings = read_settings(work_tree, {})
    asked = {} if options.publish is None else {"publish": options.publish}
    settings = replace(settings, **asked)
    old = read_plain(work_tree, SETTINGS_FILE)
    if old is None:
        settings = replace(settings, publish_branch=_main_branch(repository))
    host = options.host or _host(repository, work_tree)
    text = settings_text(old, settings, asked)
    changes = [] if text == old else [Change(SETTINGS_FILE, old, text)]
    changes += plan_workflows(work_tree, host, settings, force=options.force)
    branches = branches_to_change(repository, host, settings)
    _show(changes, branches)
    if not changes and not branches:
        print("all is up to date")
        return 0
    if options.check:
        return 1
    if all(change.kept for change in changes) and not branches:
        return 0
    if not options.yes and not _agrees():
        print("nothing is written: gitrack init --yes writes it")
        return 0
    for change in changes:
        if not change.kept:
            write_change(work_tree, change)
            print(f"{'removed' if change.new is None else 'wrote'} {change.path}")
    for branch in branches:
        change_branch(repository, branch, host, settings)
        print(f"changed the workflow of {branch}")
    _tell_next(host, settings)
    return 0


def _show(changes: Sequence[Change], branches: Sequence[str]) -> None:
    for change in changes:
        for line in change.difference().splitlines():
            print(printable(line))
    for change in changes:
        if change.kept and change.path == ".gitlab-ci.yml":
            tell(f"{change.path} is yours: add the lines above to it")
        elif change.kept:
            tell(f"{change.path} was changed by hand and stays: --force replaces it")
    for branch in branches:
        print(f"{branch}: its own workflow, which asks the default branch's to publish")


def _agrees() -> bool:
    """Ask at a terminal; elsewhere nothing is written unasked."""
    if not sys.stdin.isatty():
        return False
    print("write this? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _tell_next(host: Host, settings: Settings) -> None:
    if host == "github" and settings.publish == "pages":
        print("Once, in the repository's settings: Pages, Source: GitHub Actions")
    if host == "gitlab":
        print("For notes and merges, once: a masked variable GITRACK_TOKEN, a project access token")
    print("Then: git add, git commit, git push, gitrack push")


def _main_branch(repository: Repository) -> str:
    """Name the default branch: the remote's, or else the one that is checked out."""
    git = repository.git
    if head := git.ask("symbolic-ref", "--quiet", f"refs/remotes/{_remote(repository)}/HEAD"):
        return head.removeprefix(f"refs/remotes/{_remote(repository)}/")
    branches = (git.ask("for-each-ref", "--format=%(refname:short)", "refs/heads/") or "").split()
    known = [name for name in ("main", "master") if name in branches]
    here = git.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    return known[0] if known else here or "main"


def _remote(repository: Repository) -> str:
    return read_settings(repository.work_tree, {}).remote


def _host(repository: Repository, work_tree: Path) -> Host:
    """Tell whose workflows are wanted, by those that are there, the remote or else by asking."""
    url = repository.git.ask("remote", "get-url", _remote(repository)) or ""
    server = re.sub(r"^\w+://", "", url).rpartition("@")[2].partition("/")[0].partition(":")[0]
    there = [h for h in _HOSTS if any((work_tree / path).is_file() for path in PUBLISHING[h])]
    found = there or [host for host in _HOSTS if host in server]
    if len(found) == 1:
        return cast("Host", found[0])
    if sys.stdin.isatty():
        print(f"whose workflows, {' or '.join(_HOSTS)}? ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline().strip().lower()
        if answer in _HOSTS:
            return cast("Host", answer)
    raise UsageError("name the host, which the remote's address does not: --host github or gitlab")
