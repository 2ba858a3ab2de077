"""A host's web API: JSON there and back, under one token."""

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from gitrack.errors import HostError, UsageError

_SECONDS = 30.0
_MOST_ANSWER = 16 << 20  # bytes
_PAGE, _PAGES = 100, 50


class Api:
    """
    Requests to one host.

    Parameters
    ----------
    url : str
        Where the API begins.
    headers : mapping of str to str
        What each request carries, the token among them; a redirect to another host does not.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        if urlsplit(url).scheme not in ("https", "http"):
            raise UsageError(f"the host's API is at a web address, not at {url!r}")
        self._url = url.rstrip("/")
        self._headers = dict(headers)
        self._opener = build_opener(_Redirects(self._headers))

    def get(self, path: str, **query: Any) -> Any:
        """
        Return what is at a path.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        return self._json("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def pages(self, path: str) -> Iterator[Any]:
        """
        Yield the items of a list, over its pages.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        for number in range(1, _PAGES + 1):
            found = self.get(path, per_page=_PAGE, page=number)
            yield from found
            if len(found) < _PAGE:
                return

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """
        Send JSON, and return the answer.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        return self._json(method, path, json.dumps(body).encode())

    def download(self, path: str, most: int) -> bytes:
        """
        Return the bytes at a path, and at most one more than `most`.

        Raises
        ------
        HostError
            If the host does not answer, or refuses.
        """
        return self._ask("GET", path, None, most + 1)

    def _json(self, method: str, path: str, body: bytes | None) -> Any:
        answer = self._ask(method, path, body, _MOST_ANSWER)
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise HostError(method, path, "no JSON came back") from error

    def _ask(self, method: str, path: str, body: bytes | None, most: int) -> bytes:
        headers = {"Content-Type": "application/json", "User-Agent": "gitrack", **self._headers}
        request = Request(f"{self._url}/{path}", body, headers, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return bytes(answer.read(most))
        except HTTPError as error:
            with error:
                raise HostError(method, path, f"{error.code} {error.reason}") from error
        except (URLError, OSError, HTTPException) as error:
            raise HostError(method, path, str(getattr(error, "reason", error))) from error


class _Redirects(HTTPRedirectHandler):
    """Follows redirects, and tells another host nothing of ours."""

    def __init__(self, private: Mapping[str, str]) -> None:
        self._private = frozenset(name.lower() for name in private)

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Leave our headers out where the host is another one."""
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            for name in list(following.headers):
                if name.lower() in self._private:
                    following.remove_header(name)
        return following
