"""The centre's signing keys, and the chain of roots that says which of them count.

::

    keys/root-1.pem root-2.pem root-3.pem   two of them sign a root; kept elsewhere
    keys/release.pem                        signs what a publish says; locked by a passphrase
    keys/online.pem                         signs, every day, that it is still the newest
    keys/root/<n>.root.json                 which keys are in force, and were; public

`make` writes all of them once. The technician then moves the three root keys to sticks
that lie in different places: who steals the machine gets no root key, and one lost stick
stops nothing. `new_root` replaces keys that were lost or stolen: boxes follow from root to
root, and what a replaced key has signed, or will, counts for nothing. The first root's
SHA-256 is the publisher's name for ever.

Keys are Ed25519, in PKCS #8 PEM, readable by their owner only. OpenSSL's own way from a
passphrase to a key takes 2,048 rounds of a fast hash; so a passphrase first goes through
scrypt (32 MiB a guess), with a salt that stands in the line above the PEM.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata, Role, Root, Snapshot, Targets, Timestamp

from edge_server.errors import EdgeError, PermanentError, WrongUsage
from edge_server.ground import durable
from sync.centre import certificates
from sync.format import roles, tree, trust

FOLDER = "keys"
ROOT_KEYS = ("root-1", "root-2", "root-3")
RELEASE = "release"
ONLINE = "online"
KEYS = (*ROOT_KEYS, RELEASE, ONLINE)
"""The names that `new_root` can replace."""
ROOT_KEYS_NEEDED = 2
SALT = b"scrypt-salt"
"""Begins the file of a key that a passphrase locks."""
ROOT_LASTS = timedelta(days=3653)

_ROLES = {
    **dict.fromkeys(ROOT_KEYS, (Root.type,)),
    RELEASE: (Targets.type,),
    ONLINE: (Snapshot.type, Timestamp.type),
}


@dataclass(frozen=True, slots=True)
class Made:
    """What `make` or `new_root` has written."""

    issuer: str
    """SHA-256 of the first root."""
    root_number: int
    root_keys: tuple[Path, ...]
    """The root keys that lie in ``keys/`` now, to be moved to safe places."""


def make(
    folder: Path, passphrase: str | None, names: Iterable[str], *, now_at: float
) -> Made:
    """Make all keys, the first root and the certificates; a second call changes no key.

    Args:
        folder: The data folder; ``keys/`` in it exists.
        passphrase: Locks the release key; none or an empty one leaves it open.
        names: Host names and addresses of the centre, see `certificates`.
        now_at: Unix seconds, UTC.
    """
    certificates.server_certificate(folder, names, now_at=now_at)
    if not _path(folder, 1).exists():
        root = Root(
            expires=_date(now_at) + ROOT_LASTS,
            roles={role: Role([], 1) for role in
                   (Root.type, Targets.type, Snapshot.type, Timestamp.type)},
            consistent_snapshot=True,
        )  # fmt: skip
        root.roles[Root.type].threshold = ROOT_KEYS_NEEDED
        signers = []
        for name in KEYS:
            key = Ed25519PrivateKey.generate()
            signer = _signer(key)
            for role in _ROLES[name]:
                root.add_key(signer.public_key, role)
            _write_key(_key(folder, name), key, passphrase if name == RELEASE else None)
            if name in ROOT_KEYS:
                signers.append(signer)
        _write_root(folder, root, signers)
    return _made(folder)


def new_root(
    folder: Path,
    *,
    replace: Collection[str],
    root_keys: Iterable[Path],
    passphrase: str | None,
    now_at: float,
) -> Made:
    """Put new keys in the place of some, or only move the end of the root away.

    Boxes take it with the next head: `sign.release` when the release key is among them,
    else `sign.head`.

    Args:
        folder: The data folder.
        replace: Of `KEYS`, those that are lost, stolen or old. A number that a thief has
            signed with the release key is only forgotten with the online key as well.
        root_keys: Files of root keys in force, two at least.
        passphrase: Locks the release key if it is made anew.
        now_at: Unix seconds, UTC.

    Raises:
        WrongUsage: ``root_keys_missing``: too few of ``root_keys`` are in force.
        PermanentError: ``key_unreadable``, ``not_a_centre``.
    """
    old = newest_root(folder)
    signers = {signer.public_key.keyid: signer for signer in map(_read, root_keys)}
    in_force = [
        signers[keyid] for keyid in old.roles[Root.type].keyids if keyid in signers
    ]
    if len(in_force) < ROOT_KEYS_NEEDED:
        raise WrongUsage(
            "root_keys_missing", needed=ROOT_KEYS_NEEDED, found=len(in_force)
        )
    root = deepcopy(old)
    root.version += 1
    root.expires = _date(now_at) + ROOT_LASTS
    for name in sorted(replace):
        key = Ed25519PrivateKey.generate()
        signer = _signer(key)
        _exchange(root, name, signer.public_key)
        path = _key(folder, name, root.version)
        _write_key(path, key, passphrase if name == RELEASE else None)
        if name in ROOT_KEYS:
            in_force.append(signer)
    _write_root(folder, root, in_force)
    for name in sorted(replace):
        durable.move(_key(folder, name, root.version), _key(folder, name))
    return _made(folder)


def chain(folder: Path) -> list[bytes]:
    """Return every root, the first one first.

    Raises:
        PermanentError: ``not_a_centre``: there is none.
    """
    found = []
    for number in count(1):
        path = _path(folder, number)
        if not path.exists():
            break
        found.append(path.read_bytes())
    if not found:
        raise PermanentError("not_a_centre")
    return found


def newest_root(folder: Path) -> Root:
    """Return the root in force."""
    return roles.parsed(Root, "root", chain(folder)[-1]).signed


def issuer(folder: Path) -> str:
    """Return the publisher's name for ever."""
    return trust.issuer_of(chain(folder)[0])


def is_locked(folder: Path) -> bool:
    """Say whether the release key needs a passphrase."""
    path = _key(folder, RELEASE)
    return path.exists() and path.read_bytes().startswith(SALT)


def release(folder: Path, passphrase: str | None = None) -> CryptoSigner:
    """Return the release key in force.

    Raises:
        WrongUsage: ``release_key_locked`` without a passphrase, ``passphrase_wrong``.
        PermanentError: ``key_missing``: none lies here that the root names.
    """
    return _in_force(folder, RELEASE, passphrase)


def online(folder: Path) -> CryptoSigner:
    """Return the key that signs snapshot and timestamp.

    Raises:
        PermanentError: ``key_missing``: none lies here that the root names.
    """
    return _in_force(folder, ONLINE, None)


def _in_force(folder: Path, name: str, passphrase: str | None) -> CryptoSigner:
    wanted = newest_root(folder).roles[_ROLES[name][0]].keyids
    refusal: EdgeError = PermanentError("key_missing", key=name)
    # A run that was cut may have written the root and not yet named the key.
    for path in sorted((folder / FOLDER).glob(f"{name}.pem*")):
        try:
            signer = _read(path, passphrase)
        except EdgeError as error:
            refusal = error
            continue
        if signer.public_key.keyid in wanted:
            return signer
    raise refusal


def _exchange(root: Root, name: str, new: SSlibKey) -> None:
    """Put a key in the place of the one of that name, in every role that it has."""
    for role in _ROLES[name]:
        keyids = root.roles[role].keyids
        place = ROOT_KEYS.index(name) if name in ROOT_KEYS else 0
        old = keyids[place]
        root.revoke_key(old, role)
        root.add_key(new, role)
        keyids.insert(place, keyids.pop())


def _made(folder: Path) -> Made:
    paths = (_key(folder, name) for name in ROOT_KEYS)
    return Made(
        issuer=issuer(folder),
        root_number=len(chain(folder)),
        root_keys=tuple(path for path in paths if path.exists()),
    )


def _write_root(folder: Path, root: Root, signers: Iterable[CryptoSigner]) -> None:
    signed = Metadata(root)
    for signer in signers:
        signed.sign(signer, append=True)
    path = _path(folder, root.version)
    durable.make_folders(path.parent)
    durable.write(path, signed.to_bytes())


def _write_key(path: Path, key: Ed25519PrivateKey, passphrase: str | None) -> None:
    salt = secrets.token_bytes(16)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(_stretched(passphrase, salt))
        if passphrase
        else serialization.NoEncryption(),
    )
    above = b"%s %s\n" % (SALT, salt.hex().encode()) if passphrase else b""
    durable.write(path, above + pem, mode=certificates.OWNER_ONLY)


def _read(path: Path, passphrase: str | None = None) -> CryptoSigner:
    pem = path.read_bytes()
    locked = pem.startswith(SALT)
    if locked and not passphrase:
        raise WrongUsage("release_key_locked")
    secret = None
    try:
        if locked and passphrase:
            salt = bytes.fromhex(pem.split()[1].decode("ascii"))
            secret = _stretched(passphrase, salt)
        key = serialization.load_pem_private_key(pem, secret)
    except (ValueError, IndexError, TypeError, UnsupportedAlgorithm) as error:
        if secret:
            raise WrongUsage("passphrase_wrong") from error
        raise PermanentError("key_unreadable", path=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PermanentError("key_unreadable", path=str(path))
    return _signer(key)


def _stretched(passphrase: str, salt: bytes) -> bytes:
    made = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=64 << 20, dklen=32
    )
    return made.hex().encode()


def _signer(key: Ed25519PrivateKey) -> CryptoSigner:
    return CryptoSigner(key, SSlibKey.from_crypto(key.public_key()))


def _path(folder: Path, number: int) -> Path:
    return folder / FOLDER / tree.root_name(number)


def _key(folder: Path, name: str, root_number: int | None = None) -> Path:
    """Return where a key lies; one whose root is not written yet is named after it."""
    ending = "" if root_number is None else f".{root_number}"
    return folder / FOLDER / f"{name}.pem{ending}"


def _date(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
