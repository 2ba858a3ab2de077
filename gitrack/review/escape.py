"""
What a branch says, in a comment of a host: shown as it is, and never acted upon.

Names, settings, paths and errors are written by whoever opened the pull request. They stand in
code spans alone, in which GitHub and GitLab look for no mention, reference, link, emoji or HTML,
and never begin a line, where GitLab looks for its quick actions.
"""

import re
from urllib.parse import quote

from gitrack.errors import NameRefusedError, UsageError
from gitrack.model.names import check_run_id, folder_from_project
from gitrack.model.text import span_text

MISSING = "\N{EN DASH}"
_MOST = 80
#: Between two characters it shows nothing, and makes them no command of a workflow's log.
_JOINER = "\N{WORD JOINER}"
_SITE = re.compile(r"https?://[A-Za-z0-9.-]{1,200}(:\d{1,5})?(/[A-Za-z0-9._~/%-]{0,200})?")


def code(text: str | None, most: int = _MOST) -> str:
    r"""
    Show a text of somebody else's.

    Parameters
    ----------
    text : str or None
        Anything.
    most : int
        Characters; what is longer is cut.

    Returns
    -------
    str
        A code span in one line; a dash of nothing.

    Examples
    --------
    >>> code("@team"), code("a|b` <b>"), code(""), code("a\nb")
    ('`@team`', '`a¦bˋ <b>`', '–', '`a b`')
    """
    shown = re.sub(r"([:#])(?=\1)", rf"\1{_JOINER}", span_text(text or "", most))
    return f"`{shown}`" if shown else MISSING


def label(text: str, most: int = 40) -> str:
    """
    Return what may stand in a diagram's text: letters, digits and a few signs.

    Examples
    --------
    >>> label('val/acc"] click A "javascript:x"')
    'val/acc click A javascript x'
    """
    kept = "".join(c if c.isalnum() or c in "/._-" else " " for c in text[: 10 * most])
    return " ".join(kept.split())[:most]


def check_site_url(url: str) -> str:
    """
    Take the address of a published site, or refuse it.

    Raises
    ------
    UsageError
        If it is no plain http(s) address.
    """
    if not _SITE.fullmatch(url):
        raise UsageError(f"--site-url takes a plain https:// address, not {url!r}")
    return url.rstrip("/")


def project_url(site_url: str | None, project: str, *parts: str) -> str | None:
    """Return a page below a project's, None where there is no site or the names are none."""
    if site_url is None or not _SITE.fullmatch(site_url):
        return None
    if not project or folder_from_project(project) != project:
        return None
    return "/".join((site_url.rstrip("/"), "projects", quote(project, safe=""), *parts))


def run_url(site_url: str | None, project: str, run: str) -> str | None:
    """Return a run's page."""
    return project_url(site_url, project, "runs", f"{run}.html") if is_run_id(run) else None


def is_run_id(text: str) -> bool:
    """Tell whether a text is a run's id, which may stand in an address."""
    try:
        check_run_id(text)
    except NameRefusedError:
        return False
    return True
