"""Preview the site here, running runs too, and build it again when a run lands."""

import argparse

from gitrack.cli.build import add_out, add_shown, default_out, workers_from
from gitrack.cli.place import add_place, repository_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("-p", "--port", type=int, default=8000, help="0 takes any free one")
    add_out(parser)
    add_shown(parser)
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    from gitrack.publish.serve import Preview, serve

    repository = repository_from(options)
    out = options.out or default_out(repository)
    preview = Preview(
        repository,
        out,
        port=options.port,
        only=options.only,
        archived=options.all,
        workers=workers_from(repository, options.jobs),
    )
    serve(preview)
