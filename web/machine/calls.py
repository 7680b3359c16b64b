"""The machine calls: a box joins, a box reports. Each body is judged before it is believed.

A plain WSGI application in front of the desk's pages, on the TLS port of a centre. What it
refuses it says by a code, so that a box can tell its teacher why.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from edge_server.errors import EdgeError, PermanentError, Refused, TemporaryError
from edge_server.ground.box import Box
from sync.centre import certificates, keys
from sync.centre.ledger import Ledger
from sync.format import batch, calls, signing
from sync.format.calls import EnrolAnswer, EnrolRequest, Refusal

PREFIX = "/machine/"
MOST_WRONG_CODES = 20
"""From one address within `WITHIN_S`; after that it has to wait."""
WITHIN_S = 600.0
MOST_ADDRESSES = 10_000

log = logging.getLogger(__name__)


class MachineCalls:
    """Answers below ``/machine/``; everything else is the application's.

    Args:
        app: The application behind: the desk.
        box: The centre.
        ledger: Its book of points.
        tree: Returns the address of the published tree for who called by a host name.
    """

    def __init__(
        self,
        app: WSGIApplication,
        box: Box,
        ledger: Ledger,
        tree: Callable[[str], str],
    ) -> None:
        self._app = app
        self._box = box
        self._ledger = ledger
        self._tree = tree
        self._wrong: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def __call__(  # noqa: D102 - what a WSGI application does
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._app(environ, start_response)
        try:
            body, kind = self._answer(environ, path)
            status = HTTPStatus.OK
        except EdgeError as error:
            body, kind = Refusal.of(error).to_json(), "application/json"
            status = _status(error)
        except Exception:
            log.exception("a machine call failed: %s", path)
            failed = Refusal.of(TemporaryError("page_failed"))
            body, kind = failed.to_json(), "application/json"
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        start_response(
            f"{status.value} {status.phrase}",
            [("Content-Type", kind), ("Content-Length", str(len(body)))],
        )
        return [body]

    def _answer(self, environ: WSGIEnvironment, path: str) -> tuple[bytes, str]:
        method = environ["REQUEST_METHOD"]
        if (method, path) == ("GET", calls.AUTHORITY):
            return certificates.authority(self._box.folder), "application/pkix-cert"
        if (method, path) == ("POST", calls.ENROL):
            return self._enrol(environ), "application/json"
        if (method, path) == ("POST", calls.BATCH):
            return self._batch(environ), "application/json"
        raise Refused("page_not_found")

    def _enrol(self, environ: WSGIEnvironment) -> bytes:
        client = str(environ.get("REMOTE_ADDR", ""))
        self._may_try(client)
        asked = EnrolRequest.from_json(_body(environ, calls.MOST_JSON_BYTES))
        at = self._box.clock.moment().at
        try:
            joined = self._ledger.enrol(
                secret=asked.secret, box_id=asked.box_id, public_key=asked.public_key,
                at=at,
            )  # fmt: skip
        except PermanentError:
            self._was_wrong(client)
            raise
        known = self._ledger.box(asked.box_id)
        return EnrolAnswer(
            point=joined.about.name,
            root=keys.chain(self._box.folder)[0],
            tree=self._tree(str(environ.get("HTTP_HOST", ""))),
            now_at=at,
            counter=known.counter if known else 0,
            centre=self._box.config.name,
        ).to_json()

    def _batch(self, environ: WSGIEnvironment) -> bytes:
        signature = signing.read(environ.get(_environ_name(signing.HEADER)))
        box = self._ledger.box(signature.box_id)
        if box is None:
            raise PermanentError("box_unknown", box=signature.box_id)
        body = _body(environ, calls.MOST_BATCH_BYTES)
        signing.verify(box.public_key, signature, "POST", calls.BATCH, body)
        at = self._box.clock.moment().at
        if box.revoked_at is not None:
            self._ledger.note_refused(box.box_id, at=at)
            raise PermanentError("box_revoked", box=box.box_id)
        if not self._ledger.hear(box.box_id, signature.counter, at=at):
            newest = self._ledger.box(box.box_id)
            raise PermanentError(
                "call_repeated", counter=newest.counter if newest else box.counter
            )
        read = batch.decode(body)
        if read.box_id != box.box_id:
            raise Refused("signature_wrong", box=box.box_id)
        return self._ledger.take_batch(read, at=at).to_json()

    def _may_try(self, client: str) -> None:
        with self._lock:
            count, since_s = self._wrong.get(client, (0, 0.0))
        if count >= MOST_WRONG_CODES and time.monotonic() - since_s < WITHIN_S:
            raise TemporaryError("too_many_codes", wait_s=int(WITHIN_S))

    def _was_wrong(self, client: str) -> None:
        now_s = time.monotonic()
        with self._lock:
            count, since_s = self._wrong.get(client, (0, now_s))
            if now_s - since_s >= WITHIN_S:
                count, since_s = 0, now_s
            if len(self._wrong) >= MOST_ADDRESSES:
                self._wrong.clear()
            self._wrong[client] = (count + 1, since_s)


def _body(environ: WSGIEnvironment, most_bytes: int) -> bytes:
    told = environ.get("CONTENT_LENGTH") or ""
    if not told.isdigit() or int(told) > most_bytes:
        raise Refused("too_long_to_send")
    data: bytes = environ["wsgi.input"].read(int(told))
    return data


def _status(error: EdgeError) -> HTTPStatus:
    if isinstance(error, TemporaryError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if error.reason == "page_not_found":
        return HTTPStatus.NOT_FOUND
    refused = error.reason in ("box_unknown", "box_revoked", "signature_wrong")
    return HTTPStatus.FORBIDDEN if refused else HTTPStatus.BAD_REQUEST


def _environ_name(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")
