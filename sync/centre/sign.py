"""Signing a head: the release key says what, the online key says that it is the newest.

`release` signs what `publish` has built as ``targets`` with the release key, in the
terminal when a passphrase locks it, else as the step `sign`. `head` signs ``snapshot``
and ``timestamp`` with the online key and puts the new roots into the tree before them;
the step `resign` does so every day, so that boxes see that nobody holds newer heads back.
``timestamp.json`` is written last: whatever a cut leaves, a box sees the old head or the
new one, and the next run ends what was begun.

Numbers only go up. ``targets`` has the publish's; snapshot and timestamp have the second
in which they were signed, or one more than the last, so that a centre restored from last
night signs above what it no longer remembers.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from edge_server.errors import PermanentError, WrongUsage
from edge_server.ground import prepare
from edge_server.ground.box import Box
from edge_server.ground.db import Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.together import Together
from edge_server.ground.worker import WriteDown
from sync.centre import keys, tree
from sync.format import roles
from sync.format import tree as names
from sync.format.roles import HeadForged

TARGETS_LAST = timedelta(days=1096)
SNAPSHOT_LASTS = timedelta(days=366)
TIMESTAMP_LASTS = timedelta(days=14)


def sign(box: Box, job: Job) -> WriteDown:
    """Sign what was built, unless the release key waits for its passphrase."""
    if not keys.is_locked(box.folder):
        release(box)
    return _nothing


def resign(box: Box, job: Job) -> WriteDown:
    """Sign again that the newest head is the newest; before the first there is nothing."""
    head(box)
    return _nothing


def next_number(box: Box, *, above: int = 0) -> int:
    """Return the number of the next publish: above every one that was ever signed.

    Args:
        box: The centre.
        above: The highest that is known from elsewhere: a box's heartbeat, a mirror. A
            centre restored from last night must not sign a number again.
    """
    known = box.db.value("select max(number) from publishes") or 0
    return max(int(known), _newest_number(box), above) + 1


def release(box: Box, passphrase: str | None = None) -> int:
    """Sign with the release key what needs it, then the head; returns its number.

    That is what was built and waits; or the newest content once more, when the release
    key has been replaced or the signature nears its end.

    Raises:
        WrongUsage: ``release_key_locked``, ``passphrase_wrong``, ``nothing_to_sign``.
        PermanentError: ``key_missing``; ``number_used``: another content has the number.
        Busy: Somebody else is signing.
    """
    signer = keys.release(box.folder, passphrase)
    with prepare.lock(box.folder, "sign"):
        built = box.db.one(
            "select number, root_index, root_index_bytes from publishes"
            " where state = 'built'"
        )
        newest = _newest_number(box)
        if built is not None:
            number = int(built["number"])
            target = TargetFile(
                int(built["root_index_bytes"]),
                {"sha256": built["root_index"]},
                names.ROOT_INDEX_TARGET,
            )
            _sign_targets(box, signer, number, target, newest)
        elif newest == 0:
            raise WrongUsage("nothing_to_sign")
        elif _is_spent(box, newest):
            number = next_number(box)
            target = _targets(box, newest).targets[names.ROOT_INDEX_TARGET]
            _sign_targets(box, signer, number, target, newest)
        else:
            number = newest
        _sign_head(box, number)
    with transaction(box.db) as tx:
        tx.execute(
            "update publishes set state = 'live' where number = ? and state = 'built'",
            (number,),
        )
    return number


def head(box: Box) -> int | None:
    """Sign snapshot and timestamp for the newest targets; None before the first.

    Raises:
        PermanentError: ``release_key_changed``: `release` has to sign first;
            ``key_missing``.
        Busy: Somebody else is signing.
    """
    with prepare.lock(box.folder, "sign"):
        number = _newest_number(box)
        if number == 0:
            return None
        _sign_head(box, number)
    return number


def _sign_targets(
    box: Box, signer: CryptoSigner, number: int, target: TargetFile, newest: int
) -> None:
    if number == newest and _targets(box, newest).targets == {target.path: target}:
        return  # it was cut between targets and head
    if number <= newest:
        raise PermanentError("number_used", number=number, newest=newest)
    targets = Targets(
        version=number,
        expires=_now(box) + TARGETS_LAST,
        targets={target.path: target},
    )
    signed = Metadata(targets)
    signed.sign(signer)
    with Together() as together:
        tree.put_bytes(box, names.targets_name(number), signed.to_bytes(), together)
        together.finish()


def _sign_head(box: Box, number: int) -> None:
    root = keys.newest_root(box.folder)
    targets = tree.read(box, names.targets_name(number)) or b""
    if roles.still_signed(root, Targets, targets) is None:
        raise PermanentError("release_key_changed")
    now = _now(box)
    signer = keys.online(box.folder)
    old = _old_timestamp(box)
    snapshot, snapshot_data = _snapshot(
        box, root, signer, old, MetaFile.from_data(number, targets, ["sha256"]), now
    )
    timestamp = Timestamp(
        version=_above(old.version if old else 0, now),
        expires=now + TIMESTAMP_LASTS,
        # No hash: the same key has signed the snapshot, and every byte is asked for daily.
        snapshot_meta=MetaFile(snapshot.version),
        unrecognized_fields={roles.ISSUED: int(now.timestamp())},
    )
    signed = Metadata(timestamp)
    signed.sign(signer)
    with Together() as together:
        for n, data in enumerate(keys.chain(box.folder), start=1):
            tree.put_bytes(box, names.root_name(n), data, together)
        tree.put_bytes(
            box, names.snapshot_name(snapshot.version), snapshot_data, together
        )
        together.finish()
    tree.put_timestamp(box, signed.to_bytes())


def _snapshot(
    box: Box,
    root: Root,
    signer: CryptoSigner,
    old: Timestamp | None,
    targets: MetaFile,
    now: datetime,
) -> tuple[Snapshot, bytes]:
    """Return the snapshot in the tree if it still says what is so, else a new one."""
    version = old.snapshot_meta.version if old else 0
    data = tree.read(box, names.snapshot_name(version)) if old else None
    known = roles.still_signed(root, Snapshot, data or b"")
    if (
        known is not None
        and data is not None
        and known.meta == {"targets.json": targets}
        and known.expires - now > SNAPSHOT_LASTS / 2
    ):
        return known, data
    made = Snapshot(
        version=_above(version, now),
        expires=now + SNAPSHOT_LASTS,
        meta={"targets.json": targets},
    )
    signed = Metadata(made)
    signed.sign(signer)
    return made, signed.to_bytes()


def _old_timestamp(box: Box) -> Timestamp | None:
    """Return the timestamp in the tree, whoever has signed it: its numbers are used up."""
    data = tree.read(box, names.TIMESTAMP)
    if data is None:
        return None
    try:
        return roles.parsed(Timestamp, names.TIMESTAMP, data).signed
    except HeadForged:
        return None


def _targets(box: Box, number: int) -> Targets:
    name = names.targets_name(number)
    return roles.parsed(Targets, name, tree.read(box, name) or b"").signed


def _is_spent(box: Box, number: int) -> bool:
    """Say whether the newest targets are of a replaced key, or past half their life."""
    data = tree.read(box, names.targets_name(number)) or b""
    known = roles.still_signed(keys.newest_root(box.folder), Targets, data)
    return known is None or known.expires - _now(box) < TARGETS_LAST / 2


def _newest_number(box: Box) -> int:
    """Return the number of the newest targets in the tree, 0 before the first."""
    folder = (tree.folder_of(box) / names.targets_name(1)).parent
    said = (path.name.split(".")[0] for path in folder.glob("*.targets.json"))
    return max((int(number) for number in said if number.isdecimal()), default=0)


def _above(last: int, now: datetime) -> int:
    return max(last + 1, int(now.timestamp()))


def _now(box: Box) -> datetime:
    return datetime.fromtimestamp(box.clock.moment().at, UTC)


def _nothing(tx: Tx) -> Iterable[str]:
    return ()
