"""Turn a review's JSON that nobody vouches for into a comment, and post it."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from gitrack.errors import UsageError
from gitrack.record.notice import tell

_TOKENS = {"github": "GITHUB_TOKEN", "gitlab": "GITRACK_TOKEN"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "review",
        nargs="?",
        type=Path,
        metavar="REVIEW",
        help="the JSON of `gitrack review`, or an archive with it",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to, instead of stdout")
    parser.add_argument("--site-url", metavar="URL", help="where the site is published, for links")
    parser.add_argument(
        "--post", action="store_true", help="write it into the pull request of the workflow"
    )
    github = parser.add_argument_group("on GitHub, with --post")
    github.add_argument("--run", metavar="ID", help="the workflow's run that left the review")
    github.add_argument("--sha", metavar="COMMIT", help="what was reviewed")
    github.add_argument("--head", metavar="OWNER/NAME:BRANCH", help="where it comes from")


def run(options: argparse.Namespace) -> None:
    """Write, or post."""
    if not options.post:
        if options.review is None:
            raise UsageError("name the review's JSON: gitrack comment review.json")
        content = _text(_read(options.review), options).encode("utf-8", "replace")
        if options.out is not None:
            options.out.write_bytes(content)
        else:  # whatever the terminal's encoding: it goes to a file as a rule
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
    elif os.environ.get("CI_MERGE_REQUEST_IID"):
        _post_to_gitlab(options, os.environ)
    elif os.environ.get("GITHUB_REPOSITORY"):
        _post_to_github(options, os.environ)
    else:
        raise UsageError("--post works in a workflow of GitHub or a merge request's pipeline")


def _post_to_github(options: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from gitrack.review.host import GitHub, Head
    from gitrack.review.writing import review_from_json

    if not (options.sha and options.head and (options.run or options.review)):
        raise UsageError("on GitHub --post needs --sha, --head, and --run or a file")
    head = Head.parse(options.head, options.sha)
    url = environ.get("GITHUB_API_URL") or "https://api.github.com"
    host = GitHub(url, environ["GITHUB_REPOSITORY"], _token("github", environ))
    content = host.review_of(options.run) if options.review is None else _read(options.review)
    if content is None:
        tell("the review left nothing to say")
        return
    text = _text(content, options)
    number = host.pull_request(head)
    if number is None:
        tell("no open pull request stands at this commit: nothing is posted")
        return
    print(f"wrote {host.comment(number, text)}")
    host.check(head, review_from_json(content).outcome, text)


def _post_to_gitlab(options: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from gitrack.review.host import GitLab

    if options.review is None:
        raise UsageError("name the review's JSON: gitrack comment review.json --post")
    number = environ["CI_MERGE_REQUEST_IID"]
    place, project = environ.get("CI_API_V4_URL"), environ.get("CI_PROJECT_ID")
    if not (place and project and number.isdecimal()):
        raise UsageError("CI_API_V4_URL, CI_PROJECT_ID and CI_MERGE_REQUEST_IID name the place")
    host = GitLab(place, project, _token("gitlab", environ))
    print(f"wrote {host.comment(int(number), _text(_read(options.review), options))}")


def _read(path: Path) -> bytes:
    from gitrack.review.artifact import read_review

    return read_review(path)


def _text(content: bytes, options: argparse.Namespace) -> str:
    from gitrack.review.comment import comment_from_json

    return comment_from_json(content, site_url=options.site_url)


def _token(host: str, environ: Mapping[str, str]) -> str:
    name = _TOKENS[host]
    if token := environ.get(name):
        return token
    raise UsageError(f"{name} is not set: without it nothing can be posted")
