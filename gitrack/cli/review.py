"""Compare the runs that a branch added with another's: what is better, and is it real."""

import argparse
import sys
from pathlib import Path
from typing import Any

from gitrack.cli.place import add_place, repository_from
from gitrack.errors import UsageError
from gitrack.record.notice import progress, tell
from gitrack.settings import read_table

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
    parser.add_argument(
        "--rules", type=Path, metavar="FILE", help="whose [review] holds, instead of the base's"
    )
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
    from gitrack.review.rules import rules_for, rules_from
    from gitrack.review.writing import review_to_json

    limit = check_limit(LIMIT if options.limit is None else options.limit)
    site_url = options.site_url and check_site_url(options.site_url)
    repository = repository_from(options)
    if options.rules is None:
        settings, other = rules_for(repository, options.base)
    else:
        settings, other = rules_from(_table_of(options.rules).get("review")), False
    with progress() as show:
        found = review(
            repository,
            options.base,
            options.head,
            settings,
            other_rules=other,
            site_url=site_url,
            progress=show,
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


def _table_of(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UsageError(f"no rules: there is no {path}")
    return read_table(path)
