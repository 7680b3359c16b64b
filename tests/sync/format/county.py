"""A county in memory that signs whatever a test asks for, honest or not."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from sync.format import tree, trust

DAY_S = 86_400
SIGNED_AT = 1_790_000_000
"""21 September 2026, when the first head was signed."""
INDEX = b"root index "
ROLES = ("root", "timestamp", "snapshot", "targets")


def when(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class County:
    """Keys, and a tree of signed files as a mirror would hold them."""

    def __init__(self):
        self.root_keys = [CryptoSigner.generate_ed25519() for _ in range(3)]
        self.release_key = CryptoSigner.generate_ed25519()
        self.online_key = CryptoSigner.generate_ed25519()
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.root = self._root(1)
        self.put_root(self.root, self.root_keys[:2])
        self.publish(1, at=SIGNED_AT)

    def _root(self, version: int) -> Root:
        root = Root(
            version=version,
            expires=when(SIGNED_AT) + timedelta(days=3653),
            roles={role: Role([], 1) for role in ROLES},
        )
        root.roles["root"].threshold = 2
        for signer in self.root_keys:
            root.add_key(signer.public_key, "root")
        root.add_key(self.release_key.public_key, "targets")
        root.add_key(self.online_key.public_key, "snapshot")
        root.add_key(self.online_key.public_key, "timestamp")
        return root

    def first(self) -> trust.State:
        return trust.first(self.files[tree.root_name(1)])

    def get(self, name: str) -> bytes | None:
        self.asked.append(name)
        return self.files.get(name)

    def put(self, name, signed, *signers) -> bytes:
        metadata = Metadata(signed)
        for signer in signers:
            metadata.sign(signer, append=True)
        self.files[name] = metadata.to_bytes()
        return self.files[name]

    def put_root(self, root, signers) -> None:
        self.put(tree.root_name(root.version), root, *signers)

    def rotate(self, *, release=False, online=False, root_key=None) -> None:
        """Replace keys, in a new root that the old root keys have signed too."""
        signers = list(self.root_keys)
        if release:
            self.release_key = CryptoSigner.generate_ed25519()
        if online:
            self.online_key = CryptoSigner.generate_ed25519()
        if root_key is not None:
            self.root_keys[root_key] = CryptoSigner.generate_ed25519()
            signers.append(self.root_keys[root_key])
        self.root = self._root(self.root.version + 1)
        self.put_root(self.root, signers)

    def publish(self, number: int, *, at: float, targets: TargetFile | None = None):
        """Sign a whole head of one number."""
        index = INDEX + str(number).encode()
        target = targets or TargetFile.from_data(tree.ROOT_INDEX_TARGET, index)
        signed = Targets(
            version=number,
            expires=when(at) + timedelta(days=1096),
            targets={target.path: target},
        )
        data = self.put(tree.targets_name(number), signed, self.release_key)
        self.snap(number, {number: data}, at=at)
        self.stamp(number, snapshot=number, at=at)

    def snap(self, number: int, targets: dict[int, bytes], *, at: float, signer=None):
        [(version, data)] = targets.items()
        meta = {"targets.json": MetaFile.from_data(version, data, ["sha256"])}
        snapshot = Snapshot(
            version=number, expires=when(at) + timedelta(days=366), meta=meta
        )
        self.put(tree.snapshot_name(number), snapshot, signer or self.online_key)

    def stamp(self, number: int, *, snapshot: int, at: float, signer=None, **fields):
        stamp = Timestamp(
            version=number,
            expires=when(at) + timedelta(days=14),
            snapshot_meta=MetaFile(snapshot),
            unrecognized_fields={"x-issued": int(at)} | fields,
        )
        self.put(tree.TIMESTAMP, stamp, signer or self.online_key)

    def copy(self) -> "County":
        """Return a mirror as it is now: what is signed later does not reach it."""
        mirror = deepcopy(self.files)
        held = County.__new__(County)
        held.__dict__ |= self.__dict__ | {"files": mirror, "asked": []}
        return held
