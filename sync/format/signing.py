"""Signed calls: a box says who it is by its own Ed25519 key, made when it joined.

One header, ``Edge-Signature: <box id> <counter> <signature, base64>``, over method, path,
counter and the SHA-256 of the body. The counter only grows, so a call that somebody kept
is worth nothing later; who is called keeps the highest counter of each box.

What is signed begins with words of its own and one field a line, so that no signature
made here means anything elsewhere, and no two calls are signed alike.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from edge_server.errors import Refused

HEADER = "Edge-Signature"
KEY_BYTES = 32
_FORM = re.compile(r"([0-9a-f]{32}) ([1-9][0-9]{0,15}) ([A-Za-z0-9+/]{85}[AQgw]==)")
"""64 bytes have one base64: the last letter before ``==`` carries two bits."""


class SignatureWrong(Refused):
    """A call that is not signed, or not by whom it says, or not as it came."""

    code = "signature_wrong"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the header of a call says; true only once `verify` has said so."""

    box_id: str
    """32 hex digits."""
    counter: int
    signature: bytes


def new_key() -> bytes:
    """Return a new private key, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """Return the public key of a private one, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(
    private: bytes, box_id: str, method: str, path: str, counter: int, body: bytes
) -> str:
    """Return the value of the header for a call.

    Args:
        private: The box's key.
        box_id: 32 hex digits.
        method: ``POST`` …
        path: As it is asked for, with its query.
        counter: Above that of every call before; 1 to 9,999,999,999,999,999.
        body: What is sent.
    """
    key = Ed25519PrivateKey.from_private_bytes(private)
    signature = key.sign(_signed(box_id, method, path, counter, body))
    told = f"{box_id} {counter} {base64.b64encode(signature).decode()}"
    if not _FORM.fullmatch(told):
        raise ValueError(f"no box id or no counter: {box_id!r}, {counter!r}")
    return told


def read(header: str | None) -> Signature:
    """Return what a header says, before anything of it is believed.

    Raises:
        SignatureWrong: There is no header, or it is not of this form.
    """
    found = _FORM.fullmatch(header or "")
    if found is None:
        raise SignatureWrong()
    return Signature(found[1], int(found[2]), base64.b64decode(found[3]))


def verify(
    public: bytes, signature: Signature, method: str, path: str, body: bytes
) -> None:
    """Believe a call, or raise.

    Args:
        public: Key of the box that the signature names.
        signature: What `read` found.
        method: As called.
        path: As called, with its query.
        body: As received.

    Raises:
        SignatureWrong: It was not made by this key over this call.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            signature.signature,
            _signed(signature.box_id, method, path, signature.counter, body),
        )
    except InvalidSignature as error:
        raise SignatureWrong(box=signature.box_id) from error


def _signed(box_id: str, method: str, path: str, counter: int, body: bytes) -> bytes:
    fields = (box_id, method, path, str(counter), hashlib.sha256(body).hexdigest())
    if any("\n" in one for one in fields):
        raise ValueError("a line break in what is signed")
    return "\n".join(("edge-server call 1", *fields)).encode()
