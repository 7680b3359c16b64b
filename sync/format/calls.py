"""What a box calls at the centre: addresses, and the JSON on both sides.

::

    GET  /machine/authority   certificate of the county's authority, DER; open to anybody
    POST /machine/enrol       `EnrolRequest` -> `EnrolAnswer`; the code is what vouches
    POST /machine/batch       a `batch` document, signed (`signing`) -> `BatchAnswer`

Where the centre refuses, the answer is a `Refusal` under a status of 400 or above.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from edge_server.errors import EdgeError, PermanentError, TemporaryError, Value
from sync.format.documents import DocumentDamaged
from sync.format.fields import Fields
from sync.format.signing import KEY_BYTES

AUTHORITY = "/machine/authority"
ENROL = "/machine/enrol"
BATCH = "/machine/batch"

MOST_JSON_BYTES = 64 << 10
"""Of each JSON here, asked or answered."""
MOST_BATCH_BYTES = 1 << 20
"""Of a batch as it travels."""

VERDICTS = ("have", "gap", "forked")


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """A box wants to join."""

    secret: str
    """Of the one-time code, see `codes`."""
    box_id: str
    """32 hex digits; one that joined before keeps its own."""
    public_key: bytes
    """Ed25519, 32 bytes."""
    program: str
    """Version of the box's program."""

    def to_json(self) -> bytes:
        """Return the body of the call."""
        return _json(
            secret=self.secret,
            box_id=self.box_id,
            public_key=_text(self.public_key),
            program=self.program,
        )

    @classmethod
    def from_json(cls, data: bytes) -> "EnrolRequest":
        """Read the body of a call.

        Raises:
            DocumentDamaged: It is not one.
        """
        taken = _fields(data, "enrol-request")
        key = _data(taken, "public_key")
        if len(key) != KEY_BYTES:
            raise taken.refuse("public_key")
        box_id = taken.text("box_id")
        if len(box_id) != 32 or not set(box_id) <= set("0123456789abcdef"):
            raise taken.refuse("box_id")
        return cls(taken.text("secret"), box_id, key, taken.text("program", ""))


@dataclass(frozen=True, slots=True)
class EnrolAnswer:
    """The box has joined."""

    point: str
    """What the centre calls the place where the box stands."""
    root: bytes
    """The county's first root of trust, see `trust.first`."""
    tree: str
    """Address of the published tree: ``http://192.0.2.1:8000/published``."""
    now_at: float
    """Unix seconds, UTC, by the centre's clock."""
    counter: int
    """Highest counter that the centre has seen of this box; its next call is above."""
    centre: str = ""
    """What the centre calls itself; empty: it does not say."""

    def to_json(self) -> bytes:
        """Return the answer."""
        return _json(
            point=self.point,
            root=_text(self.root),
            tree=self.tree,
            now_at=self.now_at,
            counter=self.counter,
            **({"centre": self.centre} if self.centre else {}),
        )

    @classmethod
    def from_json(cls, data: bytes) -> "EnrolAnswer":
        """Read an answer.

        Raises:
            DocumentDamaged: It is not one.
        """
        taken = _fields(data, "enrol-answer")
        return cls(
            point=taken.text("point"),
            root=_data(taken, "root"),
            tree=taken.text("tree"),
            now_at=taken.real("now_at"),
            counter=taken.whole("counter"),
            centre=taken.text_or_none("centre") or "",
        )


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What the centre has after a batch."""

    verdict: Literal["have", "gap", "forked"]
    upto_seq: int
    """``have``: everything up to it is there for good. ``gap``: send what comes after it.
    ``forked``: the last row both have; what comes after it gets a new epoch."""
    now_at: float
    """Unix seconds, UTC, by the centre's clock."""

    def to_json(self) -> bytes:
        """Return the answer."""
        return _json(verdict=self.verdict, upto_seq=self.upto_seq, now_at=self.now_at)

    @classmethod
    def from_json(cls, data: bytes) -> "BatchAnswer":
        """Read an answer.

        Raises:
            DocumentDamaged: It is not one.
        """
        taken = _fields(data, "batch-answer")
        verdict = taken.text("verdict")
        if verdict not in VERDICTS:
            raise taken.refuse("verdict")
        return cls(
            verdict=cast(Literal["have", "gap", "forked"], verdict),
            upto_seq=taken.whole("upto_seq"),
            now_at=taken.real("now_at"),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the centre does not do what was asked."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    later: bool = False
    """It may work later."""

    @classmethod
    def of(cls, error: EdgeError) -> "Refusal":
        """Return an error of the centre as its answer."""
        return cls(error.reason, error.values, isinstance(error, TemporaryError))

    def error(self) -> PermanentError | TemporaryError:
        """Return the answer as an error of the box."""
        family = TemporaryError if self.later else PermanentError
        return family(self.code, **self.values)

    def to_json(self) -> bytes:
        """Return the answer."""
        return _json(code=self.code, values=dict(self.values), later=self.later)

    @classmethod
    def from_json(cls, data: bytes) -> "Refusal":
        """Read an answer.

        Raises:
            DocumentDamaged: It is not one: somebody else answered, a proxy or a portal.
        """
        taken = _fields(data, "refusal")
        values = taken.plain("values")
        if any(isinstance(value, list | dict) for value in values.values()):
            raise taken.refuse("values")
        return cls(taken.text("code"), values, taken.yes("later"))


def _json(**values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def _fields(data: bytes, kind: str) -> Fields:
    try:
        if len(data) > MOST_JSON_BYTES:
            raise ValueError("too long")
        return Fields(json.loads(data), DocumentDamaged, kind=kind)
    except (ValueError, RecursionError) as error:
        raise DocumentDamaged(kind=kind, size_bytes=len(data)) from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _data(taken: Fields, name: str) -> bytes:
    try:
        return base64.b64decode(taken.text(name), validate=True)
    except (ValueError, binascii.Error) as error:
        raise taken.refuse(name) from error
