"""One address of the published tree over HTTP, and which of its answers are believed.

Names are hashes, so no validator is sent with a range (RFC 9110's ``If-Range`` guards
against a file that changed; ours cannot), and whatever answers is judged by what it sends:
the page of a portal, a proxy's error, a body that is too long, too short or drips are
errors with a bounded cost, never content.

A proxy comes from the usual environment variables or is told; this machine itself is
never asked for through one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse, HTTPResponse

from edge_server.errors import TemporaryError
from sync.link import STEP_BYTES

LOGIN_NEEDED = 511
"""RFC 6585, 6: what a portal should answer, and seldom does."""
BUSY = frozenset((408, 429, 500, 502, 503, 504))
"""Who should answer is not well: as if nobody had answered."""


class LinkDown(TemporaryError):
    """The line, or who should answer at its end, does not."""

    code = "link_down"


class AnswerWrong(TemporaryError):
    """Something answers, but not with what was asked for: a proxy, a liar."""

    code = "answer_wrong"


class PortalPage(AnswerWrong):
    """The network wants somebody to log in first, and answers with its own page."""

    code = "portal_page"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take."""

    connect_s: float = 15.0
    silent_s: float = 30.0
    """Without a single byte."""
    slow_s: float = 60.0
    """In this time of waiting for bytes `slow_bytes` must have come."""
    slow_bytes: int = 16 << 10


class Source:
    """Asks one address for files of the tree; safe to share between threads.

    Args:
        address: Of the tree, ``http://host:port/published``.
        connections: How many are kept alive.
        proxy: ``http://[user:password@]host:port``; None: as the environment says; empty:
            none whatever it says.
        patience: How long an answer may take.
    """

    def __init__(
        self,
        address: str,
        connections: int,
        *,
        proxy: str | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self._address = address.rstrip("/")
        self._patience = patience
        timeout = urllib3.Timeout(connect=patience.connect_s, read=patience.silent_s)
        through = _proxy_from_environment(self._address) if proxy is None else proxy
        self._http: urllib3.PoolManager
        if through:
            login = urlsplit(through)
            self._http = urllib3.ProxyManager(
                through,
                proxy_headers=urllib3.make_headers(
                    proxy_basic_auth=f"{login.username}:{login.password or ''}"
                    if login.username
                    else None
                ),
                maxsize=connections,
                timeout=timeout,
                retries=False,
            )
        else:
            self._http = urllib3.PoolManager(
                maxsize=connections, timeout=timeout, retries=False
            )

    def close(self) -> None:
        """Close all connections."""
        self._http.clear()

    def small(self, name: str, most_bytes: int) -> "Body | None":
        """Ask for a whole small file, None: there is none of that name.

        Raises:
            LinkDown: Nobody answers.
            AnswerWrong: It is longer than it may be, or no answer of a file server.
        """
        answer = self._ask(name, {})
        with _closed_on_error(answer):
            if answer.status == 404:
                answer.drain_conn()
                return None
            self._judge(name, answer, {200})
            told = answer.headers.get("Content-Length")
            if told is not None and not _up_to(told, most_bytes):
                raise AnswerWrong(name=name, status=answer.status)
            return Body(answer, name, most_bytes, None, self._patience)

    def piece(
        self,
        name: str,
        offset_bytes: int,
        size_bytes: int,
        whole_bytes: int | None,
        *,
        fresh: bool = False,
    ) -> "Body":
        """Ask for a piece of a file of the tree.

        Args:
            name: In the tree.
            offset_bytes: Where it begins.
            size_bytes: How long it is, not 0.
            whole_bytes: The size of the file, where that is known.
            fresh: Not out of the memory of a proxy, which was wrong before.

        Raises:
            LinkDown: Nobody answers.
            AnswerWrong: The answer is something else.
        """
        last = offset_bytes + size_bytes - 1
        headers = {"Range": f"bytes={offset_bytes}-{last}"}
        if fresh:
            headers["Cache-Control"] = "no-cache"
        answer = self._ask(name, headers)
        with _closed_on_error(answer):
            self._judge(name, answer, {200, 206})
            length = answer.headers.get("Content-Length")
            if answer.status == 206:
                said, _, whole = answer.headers.get("Content-Range", "").partition("/")
                fits = said == f"bytes {offset_bytes}-{last}"
                fits &= whole_bytes is None or whole in ("*", str(whole_bytes))
                fits &= length in (None, str(size_bytes))
            else:  # whoever does not know ranges sends all of it: its beginning will do
                fits = offset_bytes == 0 and (
                    length is None or whole_bytes is None or length == str(whole_bytes)
                )
            if not fits:
                raise AnswerWrong(name=name, status=answer.status)
            return Body(answer, name, size_bytes, size_bytes, self._patience)

    def _ask(self, name: str, headers: dict[str, str]) -> HTTPResponse:
        try:
            answer = self._http.request(
                "GET",
                f"{self._address}/{name}",
                headers={
                    "User-Agent": "edge-server",
                    "Accept-Encoding": "identity",
                    **headers,
                },
                preload_content=False,
                redirect=False,
            )
        except HTTPError as error:
            raise LinkDown(why=type(error).__name__) from error
        assert isinstance(answer, HTTPResponse)  # ours are no other
        return answer

    def _judge(self, name: str, answer: BaseHTTPResponse, good: set[int]) -> None:
        """Refuse an answer by its head alone.

        Nothing in the tree is a web page, so what calls itself one is a portal's or a
        proxy's; so is whoever sends us to another host.
        """
        if answer.status in BUSY:
            raise LinkDown(why=f"HTTP {answer.status}")
        media_type = answer.headers.get("Content-Type", "").lower()
        is_page = media_type.startswith(("text/html", "application/xhtml"))
        asked = f"{self._address}/{name}"
        sent_to = urljoin(asked, answer.headers.get("Location", ""))
        elsewhere = urlsplit(sent_to).hostname != urlsplit(asked).hostname
        if answer.status == LOGIN_NEEDED or (is_page and answer.status in good):
            raise PortalPage(name=name, status=answer.status)
        if 300 <= answer.status < 400 and elsewhere:
            raise PortalPage(name=name, status=answer.status)
        if answer.status not in good or answer.headers.get("Content-Encoding"):
            raise AnswerWrong(name=name, status=answer.status)


class Body:
    """The bytes of one answer, as they come; to be used in a ``with``.

    Leaving the block gives the connection back when all of it has been read, and closes
    it otherwise.
    """

    def __init__(
        self,
        answer: HTTPResponse,
        name: str,
        most_bytes: int,
        exactly_bytes: int | None,
        patience: Patience,
    ) -> None:
        self._answer = answer
        self._name = name
        self._most_bytes = most_bytes
        self._exactly_bytes = exactly_bytes
        self._patience = patience
        self._is_read = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_read:
            self._answer.release_conn()
        else:
            self._answer.close()

    def break_off(self) -> None:
        """Have whoever reads it read no more; for another thread."""
        with suppress(ValueError, RuntimeError, OSError):  # it has ended in this moment
            self._answer.shutdown()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes.

        Raises:
            LinkDown: It ended too early, or is too slow.
            AnswerWrong: It is longer than it may be.
        """
        left_bytes = self._most_bytes
        waited_s, window_bytes = 0.0, 0
        while True:
            began_s = time.monotonic()
            # One byte more than may come, so that what has no end shows itself.
            data = self._read(min(STEP_BYTES, left_bytes) or 1)
            waited_s += time.monotonic() - began_s
            window_bytes += len(data)
            if not data:
                break
            if len(data) > left_bytes:
                if self._answer.status == 200 and self._exactly_bytes is not None:
                    return  # all of a file was sent, its beginning was asked for
                raise AnswerWrong(name=self._name, status=self._answer.status)
            left_bytes -= len(data)
            yield data
            if waited_s >= self._patience.slow_s:
                if window_bytes < self._patience.slow_bytes:
                    raise LinkDown(why="slow")
                waited_s, window_bytes = 0.0, 0
        if self._exactly_bytes is not None and left_bytes:
            raise LinkDown(why="short")
        self._is_read = True

    def _read(self, most_bytes: int) -> bytes:
        try:
            return self._answer.read1(most_bytes)
        except HTTPError as error:
            raise LinkDown(why=type(error).__name__) from error


@contextmanager
def _closed_on_error(answer: HTTPResponse) -> Iterator[None]:
    try:
        yield
    except BaseException:
        answer.close()
        raise


def _up_to(told: str, most_bytes: int) -> bool:
    return told.isascii() and told.isdigit() and int(told) <= most_bytes


def _proxy_from_environment(address: str) -> str:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host == "localhost" or _is_loopback(host) or proxy_bypass(host):
        return ""
    proxies = getproxies()
    return proxies.get(parts.scheme, proxies.get("all", ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
