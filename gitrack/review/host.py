"""Where a review is shown: one comment that is kept up to date, and a check."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from gitrack.errors import FormatError, UsageError
from gitrack.review.api import Api
from gitrack.review.artifact import review_in
from gitrack.review.markdown import MARKER
from gitrack.review.model import Outcome
from gitrack.review.writing import MOST_BYTES

_ARTIFACT = "gitrack-review"
_CHECK = "gitrack review"
_BOT = "github-actions[bot]"
_REPOSITORY = re.compile(r"(?!\.+/)[\w.-]{1,100}/(?!\.+$)[\w.-]{1,100}", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_TITLES: Mapping[Outcome, str] = {
    "pass": "Every required rule holds",
    "fail": "A required rule does not hold",
}


@dataclass(frozen=True, slots=True)
class Head:
    """
    What a workflow reviewed, as the host tells it.

    Attributes
    ----------
    repository, branch : str
        Where it comes from: ``owner/name``, a fork's perhaps, and the branch there.
    sha : str
        Its commit.
    """

    repository: str
    branch: str
    sha: str

    @classmethod
    def parse(cls, place: str, sha: str) -> "Head":
        """
        Read ``owner/name:branch`` and a commit.

        Raises
        ------
        UsageError
            If it is none.
        """
        repository, _, branch = place.partition(":")
        if not _REPOSITORY.fullmatch(repository) or not branch:
            raise UsageError(f"--head takes owner/name:branch, not {place!r}")
        if not _SHA.fullmatch(sha):
            raise UsageError(f"--sha takes a whole commit id, not {sha!r}")
        return cls(repository, branch, sha)


class GitHub:
    """
    A repository on GitHub.

    Parameters
    ----------
    url : str
        Where the API is.
    repository : str
        ``owner/name``.
    token : str
        What may comment there.

    Raises
    ------
    UsageError
        If that is no repository.
    """

    def __init__(self, url: str, repository: str, token: str) -> None:
        if not _REPOSITORY.fullmatch(repository):
            raise UsageError(f"{repository!r} is no owner/name of a repository")
        self.repository = repository
        accept = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        self._api = Api(url, {"Authorization": f"Bearer {token}", **accept})
        self._top = f"repos/{repository}"

    def review_of(self, run: str) -> bytes | None:
        """
        Return the review that a workflow's run left, None where there is none.

        Raises
        ------
        FormatError
            If it is larger than any review.
        HostError
            If the host does not answer, or refuses.
        """
        if not _NUMBER.fullmatch(run):
            raise UsageError(f"--run takes the number of a workflow's run, not {run!r}")
        found = self._api.get(f"{self._top}/actions/runs/{run}/artifacts", name=_ARTIFACT)
        left = [one for one in found["artifacts"] if one["name"] == _ARTIFACT]
        if not left:
            return None
        newest = max(left, key=lambda one: int(one["id"]))
        if int(newest["size_in_bytes"]) > MOST_BYTES:
            raise FormatError(_ARTIFACT, f"is longer than {MOST_BYTES} bytes, the most")
        place = f"{self._top}/actions/artifacts/{int(newest['id'])}/zip"
        return review_in(self._api.download(place, MOST_BYTES), _ARTIFACT)

    def pull_request(self, head: Head) -> int | None:
        """
        Find the open pull request that stands at a commit, None where it moved on or is closed.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        owner = head.repository.partition("/")[0]
        found = self._api.get(
            f"{self._top}/pulls", state="open", head=f"{owner}:{head.branch}", per_page=100
        )
        for one in found:
            there = one["head"]
            name = (there["repo"] or {}).get("full_name")  # the fork may be gone
            if there["sha"] == head.sha and name == head.repository:
                return int(one["number"])
        return None

    def comment(self, number: int, text: str) -> str:
        """
        Write the one comment of a pull request, in place of what it said before.

        Returns
        -------
        str
            Where it is.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        for one in self._api.pages(f"{self._top}/issues/{number}/comments"):
            # Anybody may write the marker; what others wrote is not ours to change.
            if one["user"]["login"] == _BOT and (one["body"] or "").startswith(MARKER):
                place = f"{self._top}/issues/comments/{int(one['id'])}"
                return str(self._api.send("PATCH", place, {"body": text})["html_url"])
        place = f"{self._top}/issues/{number}/comments"
        return str(self._api.send("POST", place, {"body": text})["html_url"])

    def check(self, head: Head, outcome: Outcome, text: str) -> None:
        """
        Put a check on a commit.

        A fork's own word that all is well is no success, since it ran its own workflow.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        stranger = head.repository != self.repository
        good = "neutral" if stranger else "success"
        title = _TITLES[outcome]
        body = {
            "name": _CHECK,
            "head_sha": head.sha,
            "status": "completed",
            "conclusion": good if outcome == "pass" else "failure",
            "output": {"title": f"{title}, the fork says" if stranger else title, "summary": text},
        }
        self._api.send("POST", f"{self._top}/check-runs", body)


class GitLab:
    """
    A project on GitLab.

    Parameters
    ----------
    url : str
        Where the API is.
    project : str
        Its number, or its path.
    token : str
        What may write notes there.
    """

    def __init__(self, url: str, project: str, token: str) -> None:
        self._api = Api(url, {"PRIVATE-TOKEN": token})
        self._top = f"projects/{quote(project, safe='')}"

    def comment(self, number: int, text: str) -> str:
        """
        Write the one note of a merge request, in place of what it said before.

        Returns
        -------
        str
            Which it is.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        me = self._api.get("user")["id"]
        place = f"{self._top}/merge_requests/{number}/notes"
        for one in self._api.pages(place):
            if one["author"]["id"] == me and one["body"].startswith(MARKER):
                self._api.send("PUT", f"{place}/{int(one['id'])}", {"body": text})
                return f"note {int(one['id'])} of !{number}"
        made = self._api.send("POST", place, {"body": text})
        return f"note {int(made['id'])} of !{number}"
