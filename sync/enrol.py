"""Joining the county: an address and a one-time code, and the box belongs to a point.

The order keeps the code safe: the authority's certificate is asked for openly, must fit
the code, and only then is the code's secret said, over TLS that this authority vouches
for. The box's key is durable before the centre hears of it; asking again with the same
code and key gets the same answer, so a cut anywhere is mended by doing it again.
"""

from importlib import metadata
from pathlib import Path

from edge_server.errors import Refused
from edge_server.ground import durable
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import identity
from sync import calling
from sync.arrivals import head
from sync.arrivals.head import Centre
from sync.calling import Caller
from sync.format import calls, codes, signing, trust

MACHINE_PORT = 8443


class AuthorityUnfit(Refused):
    """Who answers at the address is not the county that the code is of."""

    code = "authority_unfit"


def join(box: Box, address: str, typed_code: str) -> Centre:
    """Join a county centre, or join again: the box keeps its id and its key.

    Args:
        box: The box.
        address: What somebody typed: a host, with or without port.
        typed_code: The one-time code.

    Raises:
        CodeUnreadable: It is no code.
        AuthorityUnfit: Another county answers, or somebody in between.
        CentreUnreachable: Nobody does.
        PermanentError: The centre refuses: the code was used, is too old, is unknown.
    """
    code = codes.parse_code(typed_code)
    url = calling.full_address(address, MACHINE_PORT)
    authority_der = calling.authority_at(url)
    if not codes.fits(code, authority_der):
        raise AuthorityUnfit(address=url)
    private = key(box)
    caller = Caller(url, authority_der)
    try:
        request = calls.EnrolRequest(
            secret=code.secret,
            box_id=identity.box_id(box.db),
            public_key=signing.public_of(private),
            program=metadata.version("edge-server"),
        )
        answer = calls.EnrolAnswer.from_json(
            caller.post(calls.ENROL, request.to_json())
        )
    finally:
        caller.close()
    joined = Centre(
        address=url,
        tree=answer.tree,
        issuer=trust.issuer_of(answer.root),
        authority=authority_der,
        point=answer.point,
        trust=trust.first(answer.root),
        name=answer.centre,
    )
    with transaction(box.db) as tx:
        head.join(tx, box.clock, joined, counter=answer.counter)
    return joined


def key(box: Box) -> bytes:
    """Return the box's private key, 32 bytes, made at the first time."""
    path = _path(box)
    if not path.exists():
        durable.make_folders(path.parent)
        durable.write(path, signing.new_key(), mode=0o600)
    return path.read_bytes()


def _path(box: Box) -> Path:
    return box.folder / "keys" / "box.key"
