"""The first steps of a sandbox that root starts: a stage, then away with root's power.

The kernel does not count the processes of real root, so a converter that root starts must
run as somebody else; but somebody else cannot pass a 0700 folder, and courseware, scratch
and the program itself may lie below one. So this small program, started as root in front
of bubblewrap, makes a mount namespace of its own, puts what is to be shown side by side
on a world-readable stage, and only then becomes uid 65534. Each piece is an *idmapped*
mount (Linux 5.12, mount_setattr(2)): inside it the owner of the piece is uid 65534, on
disk nothing changes, and what the converter writes belongs on disk to the folder's owner.

Where a file system knows no idmapped mounts (overlayfs, NFS), what others may read is
shown as it is, what they may not is copied onto the stage (memory, at most `COPY_BYTES`),
and the one writable folder is given to uid 65534.

It runs with ``python -I -S`` and imports nothing of ours: about 20 ms.

    stage.py ro:PATH rw:PATH ... -- COMMAND ARG...      piece number n is at STAGE/n
"""

import ctypes
import errno
import os
import stat
import struct
import sys

STAGE = "/tmp"
"""Where the stage is mounted, in this program's own namespace; its command sees it."""
USER = 65534
"""`nobody`: owns no file on the machine."""
COPY_BYTES = 512 * 2**20
FAILED = 125
"""Exit status when the stage could not be made; the reason is on stderr."""

_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000
_AT_FDCWD, _AT_EMPTY_PATH = -100, 0x1000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV, _ATTR_IDMAP = 1, 2, 4, 0x100000
# The same numbers on every architecture: they are younger than the common table.
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _user_namespace(owner: os.stat_result) -> int:
    """Return a descriptor of a user namespace that maps ``owner`` to `USER`."""
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _checked(_libc.unshare(_CLONE_NEWUSER))
            os.write(to_parent, b"made")
            os.close(to_child)
            os.read(from_parent, 1)
        finally:
            os._exit(0)
    os.close(to_parent)
    os.read(from_child, 4)
    try:
        for table, own in (("uid_map", owner.st_uid), ("gid_map", owner.st_gid)):
            with open(f"/proc/{child}/{table}", "w") as mapping:
                mapping.write(f"{own} {USER} 1")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
    finally:
        os.close(to_child)
        os.waitpid(child, 0)
        os.close(from_parent)
        os.close(from_child)


def _set_attributes(tree: int, attributes: int, user_namespace: int = 0) -> None:
    packed = struct.pack("QQQQ", attributes, 0, 0, user_namespace)
    _checked(
        _libc.syscall(_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, packed, len(packed))
    )


def _closed_to_others(path: str) -> bool:
    """Tell whether `USER` could not read all of ``path``."""
    mode = os.stat(path).st_mode
    if not stat.S_ISDIR(mode):
        return not mode & stat.S_IROTH
    if mode & 0o5 != 0o5:
        return True
    with os.scandir(path) as entries:
        return any(
            _closed_to_others(entry.path) for entry in entries if not entry.is_symlink()
        )


class _Piece:
    """A detached mount of one path, taken before the stage hides anything."""

    def __init__(self, path: str, writable: bool) -> None:
        flags = _OPEN_TREE_CLONE | os.O_CLOEXEC
        self.tree = _checked(
            _libc.syscall(_OPEN_TREE, _AT_FDCWD, os.fsencode(path), flags)
        )
        self.path = f"/proc/self/fd/{self.tree}"
        self.is_folder = os.path.isdir(self.path)
        self.copied = False
        attributes = _ATTR_NOSUID | _ATTR_NODEV | (0 if writable else _ATTR_RDONLY)
        owner = os.stat(self.path)
        namespace = _user_namespace(owner)
        try:
            _set_attributes(self.tree, attributes | _ATTR_IDMAP, namespace)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EPERM, errno.ENOSYS):
                raise
            _set_attributes(self.tree, attributes)
            if writable:
                os.chown(self.path, USER, USER)
            else:
                self.copied = _closed_to_others(self.path)
        finally:
            os.close(namespace)

    def put(self, target: str) -> None:
        """Attach, or copy, to ``target`` on the stage."""
        if self.copied:
            _copy(self.path, target)
            return
        if self.is_folder:
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        _checked(
            _libc.syscall(
                _MOVE_MOUNT,
                self.tree,
                b"",
                _AT_FDCWD,
                os.fsencode(target),
                _MOVE_MOUNT_F_EMPTY_PATH,
            )
        )


def _copy(source: str, target: str) -> None:
    """Copy a file or a tree, readable by all; links and special files stay away."""
    mode = os.stat(source).st_mode
    if stat.S_ISDIR(mode):
        os.mkdir(target)
        with os.scandir(source) as entries:
            for entry in entries:
                if not entry.is_symlink():
                    _copy(entry.path, os.path.join(target, entry.name))
    elif stat.S_ISREG(mode):
        with open(source, "rb") as reader, open(target, "wb") as writer:
            while piece := reader.read(2**20):
                writer.write(piece)


def main(arguments: list[str]) -> None:
    """Make the stage, drop root's power, become the command."""
    end = arguments.index("--")
    os.umask(0o022)
    os.chdir("/")
    _checked(_libc.unshare(_CLONE_NEWNS))
    _checked(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    pieces = [
        _Piece(path, way == "rw")
        for way, _, path in (argument.partition(":") for argument in arguments[:end])
    ]
    options = f"mode=755,size={COPY_BYTES}".encode()
    flags = _MS_NOSUID | _MS_NODEV
    _checked(_libc.mount(b"stage", STAGE.encode(), b"tmpfs", flags, options))
    for number, piece in enumerate(pieces):
        piece.put(f"{STAGE}/{number}")
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    os.execvp(arguments[end + 1], arguments[end + 1 :])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, ValueError) as failure:
        print(f"stage: {failure}", file=sys.stderr)
        sys.exit(FAILED)
