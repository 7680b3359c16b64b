"""The one way to start a converter, or a parser of a hostile format.

A child sees its inputs (read-only, at ``/in/<name>``), one writable folder (``/out``),
``/usr``, three pieces of ``/etc`` and an empty ``/tmp`` in memory. It has no network but
a dead loopback, no capability, no new user namespace, its own process list, an empty
environment; it runs at the lowest priority, idle for the disk, and is the first to go
when memory runs out. Limits are set *inside*, where the kernel (5.14 on) counts the
processes of this sandbox alone, so neither a desktop's hundred threads nor a second
converter eat them up.

bubblewrap does the work. Started as root, `stage` runs in front of it, because root's own
processes are not counted and uid 65534 cannot pass a private folder. Without bubblewrap
nothing is ever run: `missing` says why.

The child dies with the *thread* that started it: the kernel's PR_SET_PDEATHSIG, behind
bubblewrap's ``--die-with-parent``, watches the thread, not the process. So `run` starts
the child and waits for it in the caller's own thread, which therefore always outlives it,
in a thread pool too; never hand a running child to another thread. Who is killed while
bubblewrap is still beginning leaves a process behind all the same: `leftovers` ends it.

Costs about 20 ms as an ordinary user, 40 ms as root. Memory is limited per process
(address space); the sum of a sandbox is the service manager's to limit (``MemoryMax``).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edge_server.errors import Killed, TemporaryError
from edge_server.guard import leftovers, stage
from edge_server.guard.watch import Finished, Stopped, Watch

__all__ = ["Finished", "Limits", "Stopped", "missing", "run", "run_python"]

TMP_BYTES = 300_000_000
"""The size of the sandbox's own /tmp, which is memory."""
CPU_MORE_S = 5
"""SIGXCPU ends a child at its limit; one that does not listen is killed so much later."""
_ETC = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; over it, the kernel or `run` ends it."""

    cpu_s: int = 60
    """Computing time of each process, in seconds."""
    wall_s: float = 600
    """From start to end, in seconds; over it `run` raises ``converter_too_long``."""
    memory_bytes: int = 1_500_000_000
    """Address space of each process."""
    file_bytes: int = 500_000_000
    """The largest file it may write."""
    processes: int = 64
    """Processes and threads together, two of bubblewrap's own among them."""
    open_files: int = 64
    """Open files of each process."""


def missing() -> str | None:
    """Return the code that says why no sandbox can be had here, None when it works.

    Tries, really. Nothing is remembered: a trial that met a bad moment must not keep a
    process that runs for months from its work.
    """
    try:
        finished = run(["true"], inputs={})
    except Killed:  # it had begun
        return None
    except TemporaryError as error:
        return str(error.values["why"])
    return None if finished.exit_status == 0 else "sandbox_not_allowed"


def run(
    argv: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    out: Path | None = None,
    limits: Limits | None = None,
    shown: Sequence[Path] = (),
    devices: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    output_bytes: int = 4_000_000,
) -> Finished:
    """Run a command in the sandbox, and wait for its end.

    Args:
        argv: The command; its program is found in /usr/bin. Never a user's string.
        inputs: Files or folders, shown read-only at ``/in/<name>``.
        out: The one folder it may write to, at ``/out``, its working folder. What it
            makes there belongs to the owner of the folder.
        limits: What it may use; `Limits()` when None.
        shown: Further paths shown read-only where they are, like /etc/libreoffice;
            those that do not exist are passed over.
        devices: Device files, or folders of them, that it may open: none but the
            harmless ones (null, zero, random …) are there otherwise.
        environment: Besides PATH, HOME=/tmp and LANG=C.UTF-8.
        on_line: Called with each line of stdout, without its end, as it comes.
        should_stop: Asked twice a second; True ends the child.
        output_bytes: The most that stdout may be, where ``on_line`` is None.

    Returns:
        How it ended; a status other than 0 is no exception.

    Raises:
        TemporaryError: ``no_sandbox``: there is none here, ``why`` names the code.
        Stopped: ``should_stop`` said so.
        Killed: Somebody else ended it, or the machine had no memory left for it.
        PermanentError: ``converter_too_long``: still running after ``wall_s``;
            ``converter_too_much``: stdout was longer than ``output_bytes``.
        OSError: An input cannot be opened by us.
    """
    return _run(
        argv,
        inputs,
        out,
        limits or Limits(),
        shown,
        environment or {},
        on_line,
        should_stop,
        output_bytes,
        devices=devices,
    )


def run_python(
    module: str,
    args: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    out: Path | None = None,
    limits: Limits | None = None,
    should_stop: Callable[[], bool] | None = None,
    output_bytes: int = 4_000_000,
) -> Finished:
    """Run ``python -m module`` of our own program in the sandbox; otherwise like `run`.

    It sees this interpreter's library folders, the package of ``module`` and
    `edge_server`, so these are all that the module may import.
    """
    packages = {name: _package(name) for name in ("edge_server", module.split(".")[0])}
    libraries = {Path(sys.prefix), Path(sys.base_prefix)}
    return _run(
        # -P: the working folder, where hostile names may lie, is no place for modules.
        [sys.executable, "-B", "-P", "-s", "-m", module, *args],
        inputs,
        out,
        limits or Limits(),
        [path for path in sorted(libraries) if not path.is_relative_to("/usr")],
        {"PYTHONPATH": "/program", "PYTHONUTF8": "1"},
        None,
        should_stop,
        output_bytes,
        program=packages,
    )


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    return Path(next(iter(spec.submodule_search_locations)))


def _run(
    argv: Sequence[str],
    inputs: Mapping[str, Path],
    out: Path | None,
    limits: Limits,
    shown: Sequence[Path],
    environment: Mapping[str, str],
    on_line: Callable[[str], None] | None,
    should_stop: Callable[[], bool] | None,
    output_bytes: int,
    program: Mapping[str, Path] | None = None,
    devices: Sequence[Path] = (),
) -> Finished:
    if shutil.which("bwrap") is None:
        raise TemporaryError("no_sandbox", why="sandbox_not_installed")
    binds = [(path, str(path), "ro") for path in shown if path.exists()]
    for name, path in (program or {}).items():
        binds.append((path, f"/program/{name}", "ro"))
    for name, path in inputs.items():
        if "/" in name or name in ("", ".", ".."):
            raise ValueError(f"not a name for an input: {name!r}")
        binds.append((path, f"/in/{name}", "ro"))
    if out is not None:
        binds.append((out, "/out", "rw"))
    mark = leftovers.new_mark()
    status_reader, status_writer = os.pipe()
    with open(status_reader, "rb", buffering=0) as status:
        try:
            process = subprocess.Popen(
                _command(
                    argv, binds, devices, limits, environment, status_writer, mark
                ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(status_writer,),
                # A group of its own, so that one kill reaches all that is not yet bwrap.
                start_new_session=True,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            )
        finally:
            os.close(status_writer)
        watch = Watch(process, status.fileno(), limits.wall_s, mark)
        return watch.until_end(on_line, should_stop, output_bytes)


def _command(
    argv: Sequence[str],
    binds: Sequence[tuple[Path, str, str]],
    devices: Sequence[Path],
    limits: Limits,
    environment: Mapping[str, str],
    status_fd: int,
    mark: str,
) -> list[str]:
    """Return the whole chain, each exec'ing the next: one process for the kernel."""
    sources = [str(path.resolve(strict=True)) for path, _, _ in binds]
    chain = ["nice", "-n", "19", "ionice", "-c", "3", "choom", "-n", "800", "--"]
    if os.geteuid() == 0:
        pieces = [
            f"{way}:{source}"
            for source, (_, _, way) in zip(sources, binds, strict=True)
        ]
        interpreter = [sys.executable, "-I", "-S", stage.__file__]
        chain = [*interpreter, *pieces, "--", *chain]
        sources = [f"{stage.STAGE}/{number}" for number in range(len(binds))]
    # fmt: off
    chain += [
        "bwrap", *leftovers.options(mark), "--unshare-all", "--unshare-user", "--disable-userns",
        "--uid", "65534", "--gid", "65534", "--hostname", "box", "--cap-drop", "ALL",
        "--die-with-parent", "--new-session", "--json-status-fd", str(status_fd),
        "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
        "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
        "--proc", "/proc", "--dev", "/dev",
        "--size", str(TMP_BYTES), "--tmpfs", "/tmp", "--dir", "/etc",
    ]
    # fmt: on
    for device in devices:
        chain += ["--dev-bind-try", str(device), str(device)]
    for path in _ETC:
        chain += ["--ro-bind-try", path, path]
    for source, (_, target, way) in zip(sources, binds, strict=True):
        chain += ["--bind" if way == "rw" else "--ro-bind", source, target]
    chain += ["--chdir", "/out" if any(way == "rw" for *_, way in binds) else "/tmp"]
    variables = {"PATH": "/usr/bin", "HOME": "/tmp", "LANG": "C.UTF-8", **environment}
    chain.append("--clearenv")
    for name, value in variables.items():
        chain += ["--setenv", name, value]
    # fmt: off
    return [
        *chain, "prlimit", f"--cpu={limits.cpu_s}:{limits.cpu_s + CPU_MORE_S}",
        f"--as={limits.memory_bytes}", f"--fsize={limits.file_bytes}",
        f"--nofile={limits.open_files}",
        f"--nproc={limits.processes}", "--core=0", "--", *argv,
    ]
    # fmt: on
