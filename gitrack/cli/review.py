"""Compare the runs that a branch added with another's: what is better, and is it real."""

import argparse
import sys
from pathlib import Path

from gitrack.cli.place import add_place, repository_from
from gitrack.record.notice import progress, tell

_FAILED = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--base", required=True, metavar="REF", help="what is compared with: main, origin/main"
    )
    parser.add_argument(
        "--head", required=True, metavar="REF", help="whose new runs are looked at: feature/x"
    )
    parser.add_argument(
        "--format", choices=("markdown", "json"), default="markdown", help="what is written"
    )
    parser.add_argument(
        "--json", action="store_const", dest="format", const="json", help="as --format json"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to, instead of stdout")
    parser.add_argument("--site-url", metavar="URL", help="where the site is published, for links")
    parser.add_argument(
        "--limit", type=int, metavar="N", help="characters that the host takes (default: 65536)"
    )
    add_place(parser)


def run(options: argparse.Namespace) -> int:
    """
    Write a review.

    Returns
    -------
    int
        0, or 2 where a required rule does not hold.
    """
    from gitrack.review.engine import review
    from gitrack.review.escape import check_site_url
    from gitrack.review.markdown import LIMIT, check_limit, markdown
    from gitrack.review.rules import read_rules
    from gitrack.review.writing import review_to_json

    limit = check_limit(LIMIT if options.limit is None else options.limit)
    site_url = options.site_url and check_site_url(options.site_url)
    repository = repository_from(options)
    settings = read_rules(repository.work_tree)
    with progress() as show:
        found = review(
            repository, options.base, options.head, settings, site_url=site_url, progress=show
        )
    if options.format == "json":
        content = review_to_json(found)
    else:
        content = markdown(found, limit).encode("utf-8", "replace")
    if options.out is not None:
        options.out.write_bytes(content)
    else:  # whatever the terminal's encoding: it goes to a file or a host as a rule
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    if found.outcome == "pass":
        return 0
    failed = [rule.metric for rule in found.rules if rule.required and rule.outcome == "fail"]
    tell(f"a required rule does not hold: {', '.join(dict.fromkeys(failed))}")
    return _FAILED
