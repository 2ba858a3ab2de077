"""From a review's JSON to a comment, where the JSON came out of somebody else's pull request."""

from dataclasses import replace

from gitrack.review.escape import check_site_url
from gitrack.review.markdown import LIMIT, markdown
from gitrack.review.writing import review_from_json


def comment_from_json(content: bytes, limit: int = LIMIT, *, site_url: str | None = None) -> str:
    """
    Write the Markdown of a review that nobody vouches for.

    Nothing in it is run, fetched or followed. Its figures are its maker's, and so is its verdict;
    its texts are shown as they are and link nowhere.

    Parameters
    ----------
    content : bytes
        The JSON.
    limit : int
        Characters that the host takes.
    site_url : str, optional
        Where the site is published, as the caller knows it: the one in the JSON is not used.

    Returns
    -------
    str
        What ``gitrack review`` writes of the same review, the site's address aside.

    Raises
    ------
    FormatError
        If it is too large, no JSON, not of the form, or of a newer one.
    UsageError
        If the site's address is none, or the limit too small.
    """
    trusted = None if site_url is None else check_site_url(site_url)
    return markdown(replace(review_from_json(content), site_url=trusted), limit)
