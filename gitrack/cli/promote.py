"""Give a version of an artifact an alias, in one commit that can be reviewed."""

import argparse

from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.model.names import check_alias
from gitrack.record.redaction import redact
from gitrack.record.versions import change_aliases
from gitrack.store.artifacts import Artifacts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "version", metavar="NAME:VERSION", help="[[project/]type/]name:version or alias[@branch]"
    )
    parser.add_argument("alias", metavar="ALIAS", help="what it is to be called, production say")
    parser.add_argument("-m", "--message", metavar="TEXT", help="why; it stands in the commit")
    parser.add_argument("--remove", action="store_true", help="take the alias away")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Promote, and say what the alias meant before."""
    if ":" not in options.version:
        raise UsageError(f"{options.version} names no version: {options.version}:v<N>")
    alias = check_alias(options.alias)
    repository = repository_from(options)
    artifacts = Artifacts(repository)
    stored = artifacts.find(options.version)
    label = stored.manifest.label
    before = artifacts.aliases(stored.shelf).get(alias)
    named = before == stored.manifest.version
    if options.remove and not named:
        raise UsageError(f"{label} is not called {alias} on {stored.shelf.branch}")
    if not options.remove and named:
        print(f"{label} is {alias} already, on {stored.shelf.branch}")
        return
    message = redact(options.message, "message") if options.message else None
    change = {"add": [], "remove": [alias]} if options.remove else {"add": [alias], "remove": []}
    branch = change_aliases(repository, stored, **change, message=message)
    was = "" if before is None or named else f", and v{before} is not any more"
    print(f"{label} is {'not ' if options.remove else ''}{alias} on {branch}{was}")
