"""Preview the site here, and build it again when a run lands."""

import argparse
from pathlib import Path

from gitrack.cli.build import default_out
from gitrack.cli.place import add_place, repository_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("-p", "--port", type=int, default=8000, help="0 takes any free one")
    parser.add_argument("-o", "--out", type=Path, help="where to build (default: _site)")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    from gitrack.publish.serve import serve

    repository = repository_from(options)
    serve(repository, options.out or default_out(repository), port=options.port)
