"""What a hostile file in a converter cannot do, whoever started the sandbox.

Each probe runs twice: as we are (in CI that is root, below pytest's private folders),
and as an ordinary user, uid 65534, in a process of its own.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_server.errors import EdgeError, Killed, PermanentError, TemporaryError
from edge_server.guard import sandbox, watch
from edge_server.guard.sandbox import Finished, Limits

PROJECT = Path(sandbox.__file__).parents[2]
SERVER = """
import json, sys
from pathlib import Path
from edge_server.errors import EdgeError
from edge_server.guard import sandbox
for line in sys.stdin:
    argv, inputs, out, limits = json.loads(line)
    inputs = {name: Path(path) for name, path in inputs.items()}
    try:
        done = sandbox.run(argv, inputs=inputs, out=Path(out), limits=sandbox.Limits(**limits))
        answer = ["finished", done.exit_status, done.output.decode(), done.errors]
    except EdgeError as error:
        answer = [type(error).__name__, error.reason, error.values]
    print(json.dumps(answer), flush=True)
"""

Bash = Callable[..., Finished]


def ask_here(argv: list[str], work: Path, limits: dict[str, Any]) -> Finished:
    return sandbox.run(
        argv, inputs={"input": work / "in"}, out=work / "out", limits=Limits(**limits)
    )


@pytest.fixture(scope="module")
def ordinary_user() -> Iterator[tuple[Path, Callable[..., Finished]]]:
    """Give a folder of uid 65534 and a way to ask a process of that user."""
    folder = Path(tempfile.mkdtemp(prefix="guard-"))
    folder.chmod(0o755)
    package = folder / "lib" / "edge_server"
    package.mkdir(parents=True)
    for source in ("__init__.py", "errors.py", "guard"):
        path = PROJECT / "edge_server" / source
        (shutil.copytree if path.is_dir() else shutil.copy)(path, package / source)
    drop: list[str] = []
    if os.geteuid() == 0:
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    child = subprocess.Popen(
        [*drop, "/usr/bin/python3", "-B", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder / "lib",
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    answers = child.stdout

    def ask(argv: list[str], work: Path, limits: dict[str, Any]) -> Finished:
        inputs = {"input": str(work / "in")}
        question = json.dumps([argv, inputs, str(work / "out"), limits])
        print(question, file=child.stdin, flush=True)
        kind, *told = json.loads(answers.readline())
        if kind == "finished":
            return Finished(told[0], told[1].encode(), told[2])
        raise {"PermanentError": PermanentError, "TemporaryError": TemporaryError}[
            kind
        ](told[0], **told[1])

    yield folder, ask
    child.stdin.close()
    child.wait()
    child.stdout.close()
    shutil.rmtree(folder)


@pytest.fixture(params=["as we are", "as an ordinary user"])
def scene(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[Path, Callable[..., Finished]]:
    """A folder with an input, a neighbour and an empty output; and who asks."""
    if request.param == "as we are":
        work, ask = tmp_path, ask_here
        assert os.stat(work).st_mode & 0o777 == 0o700
    else:
        folder, ask = request.getfixturevalue("ordinary_user")
        work = Path(tempfile.mkdtemp(dir=folder))
        work.chmod(0o755)
    (work / "in").write_text("words")
    (work / "other").write_text("secret")
    (work / "out").mkdir()
    if request.param != "as we are" and os.geteuid() == 0:
        os.chown(work / "out", 65534, 65534)
    return work, ask


@pytest.fixture
def bash(scene: tuple[Path, Callable[..., Finished]]) -> Bash:
    work, ask = scene

    def run(command: str, **limits: Any) -> Finished:
        return ask(["bash", "-c", command.format(work=work)], work, limits)

    return run


def test_it_works_here() -> None:
    assert sandbox.missing() is None


def test_a_child_reads_its_input_and_its_output_is_ours(
    scene: tuple[Path, Callable[..., Finished]], bash: Bash
) -> None:
    work, _ = scene
    (work / "in").chmod(0o600 if work.stat().st_mode & 0o777 == 0o700 else 0o644)

    finished = bash("cat /in/input; mkdir -m 700 /out/f; cat /in/input > /out/f/x")

    assert (finished.exit_status, finished.output) == (0, b"words")
    made = work / "out" / "f" / "x"
    assert made.read_text() == "words"
    assert made.stat().st_uid == (work / "out").stat().st_uid
    shutil.rmtree(work / "out")


@pytest.mark.parametrize(
    ("command", "limits"),
    [
        pytest.param("cat /etc/passwd", {}, id="reads /etc/passwd"),
        pytest.param("cat '{work}/other'", {}, id="sees another file"),
        pytest.param(
            "ls -d /home /root /var /tmp/[0-9]* | grep .", {}, id="sees other folders"
        ),
        pytest.param("echo x >> /in/input", {}, id="writes to its input"),
        pytest.param("rm -f /in/input", {}, id="removes its input"),
        pytest.param("touch /usr/x", {}, id="writes to /usr"),
        pytest.param(
            "tail -n +3 /proc/net/dev | grep -v lo:", {}, id="has a network interface"
        ),
        pytest.param("exec 3<> /dev/tcp/198.51.100.1/80", {}, id="connects"),
        pytest.param(
            '[ "$(ls /proc | grep -c "^[0-9]")" -gt 6 ]', {}, id="sees other processes"
        ),
        pytest.param("mount -t tmpfs x /tmp", {}, id="mounts"),
        pytest.param("unshare -U true", {}, id="makes a user namespace"),
        pytest.param(
            "dd if=/dev/zero of=/dev/null bs=2G count=1", {}, id="takes 2 GB of memory"
        ),
        pytest.param(
            "dd if=/dev/zero of=/out/big bs=1M count=30",
            {"file_bytes": 20_000_000},
            id="writes 30 MB, 20 allowed",
        ),
        pytest.param(
            "for n in 1 2 3 4; do dd if=/dev/zero of=/tmp/$n bs=1M count=90 || exit 1; done",
            {},
            id="fills memory through /tmp",
        ),
        pytest.param("while :; do :; done", {"cpu_s": 1}, id="computes for ever"),
        pytest.param(
            "for i in {{1..100}}; do sleep 0.5 & done 2> /out/forks; ! grep -q . /out/forks",
            {},
            id="makes 100 processes, 64 allowed",
        ),
        pytest.param("ulimit -u 1000", {}, id="raises its own limits"),
        pytest.param("env | grep -v -e ^PATH= -e ^HOME= -e ^LANG= -e ^PWD= -e ^SHLVL= -e ^_=", {}, id="reads our environment"),
        pytest.param(
            "ls /proc/self/fd | grep -v -x -e 0 -e 1 -e 2 -e 3",
            {},
            id="inherits open files",
        ),
    ],
)  # fmt: skip
def test_a_child_is_refused_what_it_does_not_need(
    bash: Bash, command: str, limits: dict[str, Any]
) -> None:
    assert bash(command, **limits).exit_status != 0


def test_a_child_that_sleeps_too_long_is_ended_and_leaves_nothing(bash: Bash) -> None:
    began = time.monotonic()

    with pytest.raises(EdgeError) as caught:
        bash("sleep 12.345 & sleep 12.345", wall_s=0.6)

    assert caught.value.reason == "converter_too_long"
    assert caught.value.values == {"limit_s": 0.6}
    assert time.monotonic() - began < 3
    assert not running("sleep 12.345")


def test_sixty_processes_are_allowed_however_many_the_user_has(bash: Bash) -> None:
    others = [subprocess.Popen(["sleep", "5"]) for _ in range(10)]
    try:
        finished = bash("for i in {{1..60}}; do sleep 0.1 & done; wait")
    finally:
        for other in others:
            other.kill()
            other.wait()

    assert (finished.exit_status, finished.errors) == (0, "")


def test_no_process_is_left_at_the_moment_the_command_has_ended(bash: Bash) -> None:
    # One of them could still write to the output while we look at it.
    for _ in range(5):
        bash("for i in {{1..50}}; do sleep 56.789 >& /dev/null & done; sleep 0.1")

        assert not running("sleep 56.789")


def test_a_child_that_shouts_is_heard_only_to_the_limit(tmp_path: Path) -> None:
    with pytest.raises(PermanentError) as caught:
        sandbox.run(["yes"], inputs={}, output_bytes=100_000)

    assert caught.value.reason == "converter_too_much"


def test_a_flood_of_complaints_leaves_its_end_and_blocks_nobody() -> None:
    command = "head -c 3000000 /dev/zero >&2; echo the end >&2; echo said"

    finished = sandbox.run(["bash", "-c", command], inputs={})

    assert finished.output == b"said\n"
    assert finished.errors.endswith("\0the end\n")
    assert len(finished.errors) == watch.ERRORS_BYTES


def test_each_line_is_told_when_it_is_said() -> None:
    heard: list[tuple[str, float]] = []

    finished = sandbox.run(
        ["bash", "-c", "echo one; sleep 0.4; printf 'two\\r\\n\\nhalf'"],
        inputs={},
        on_line=lambda line: heard.append((line, time.monotonic())),
        output_bytes=0,
    )

    assert [line for line, _ in heard] == ["one", "two", "", "half"]
    assert heard[1][1] - heard[0][1] > 0.3
    assert finished.output == b""


def test_a_line_without_end_is_told_in_pieces() -> None:
    heard: list[str] = []

    sandbox.run(
        ["bash", "-c", "head -c 200000 /dev/zero | tr '\\0' x"],
        inputs={},
        on_line=heard.append,
    )

    assert sum(map(len, heard)) == 200_000
    assert max(map(len, heard)) == watch.LINE_BYTES


def test_a_child_is_ended_within_a_second_when_it_should_stop() -> None:
    asked: list[float] = []

    def should_stop() -> bool:
        asked.append(time.monotonic())
        return len(asked) == 2

    began = time.monotonic()
    with pytest.raises(sandbox.Stopped) as caught:
        sandbox.run(["sleep", "23.456"], inputs={}, should_stop=should_stop)

    assert caught.value.reason == "stopped"
    assert 0.9 < time.monotonic() - began < 2.5
    assert not running("sleep 23.456")


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = "from edge_server.guard import sandbox; sandbox.run(['sleep', '34.567'], inputs={})"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
    wait_until(lambda: running("sleep 34.567"))

    parent.kill()
    parent.wait()

    wait_until(lambda: not running("sleep 34.567"))


def test_a_child_lives_as_long_as_the_pool_thread_that_waits_for_it() -> None:
    # PR_SET_PDEATHSIG watches the thread: threads that come and go must not matter.
    ended: list[int] = []

    def work() -> None:
        ended.append(sandbox.run(["sleep", "0.5"], inputs={}).exit_status)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
        other = threading.Thread(target=lambda: None)
        other.start()
        other.join()
    for thread in threads:
        thread.join()

    assert ended == [0, 0, 0]


def test_a_callback_that_fails_ends_the_child() -> None:
    def fail(line: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sandbox.run(["bash", "-c", "echo x; sleep 45.678"], inputs={}, on_line=fail)

    assert not running("sleep 45.678")


def test_a_folder_is_an_input_and_further_paths_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / "book" / "deep").mkdir(parents=True, mode=0o700)
    (tmp_path / "book" / "deep" / "a").write_text("x")
    (tmp_path / "shown").write_text("y")

    finished = sandbox.run(
        ["cat", "/in/book/deep/a", str(tmp_path / "shown")],
        inputs={"book": tmp_path / "book"},
        shown=[tmp_path / "shown", tmp_path / "is not there"],
        environment={"WORD": "z"},
    )

    assert (finished.output, finished.errors) == (b"xy", "")


@pytest.mark.parametrize("name", ["a/b", "..", ""])
def test_an_input_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        sandbox.run(["true"], inputs={name: tmp_path})


def test_the_status_of_the_command_comes_back() -> None:
    assert sandbox.run(["bash", "-c", "exit 7"], inputs={}).exit_status == 7
    assert sandbox.run(["no-such-program"], inputs={}).exit_status == 127


def test_our_own_modules_run_inside_and_see_only_their_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "visitor"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "work.py").write_text(
        "import sys, pathlib, defusedxml.ElementTree\n"
        "from edge_server.errors import Refused\n"
        "print(pathlib.Path('/in/page').read_text(), sys.argv[1:], Refused('x'))\n"
        "print(sorted(path.name for path in pathlib.Path('/program').iterdir()))\n"
    )
    (tmp_path / "page").write_text("字")
    (tmp_path / "json.py").write_text("the working folder holds no modules")
    monkeypatch.syspath_prepend(tmp_path)

    finished = sandbox.run_python(
        "visitor.work", ["-a", "b c"], inputs={"page": tmp_path / "page"}, out=tmp_path
    )

    assert finished.errors == ""
    assert finished.output.decode() == (
        "字 ['-a', 'b c'] x\n['edge_server', 'visitor']\n"
    )


@pytest.mark.lab("root", "namespaces")
def test_root_can_run_it_on_a_file_system_without_idmapped_mounts(
    tmp_path: Path,
) -> None:
    code = """
import os
from pathlib import Path
from edge_server.guard import sandbox
os.umask(0o077)
work = Path(os.sys.argv[1])
for folder in ("book", "out"):
    (work / folder).mkdir()
(work / "book" / "page").write_text("words")
command = ["bash", "-c", "cat /in/book/page; echo made > /out/x; ! touch /in/book/y"]
finished = sandbox.run(command, inputs={"book": work / "book"}, out=work / "out")
print(finished.exit_status, finished.output, (work / "out" / "x").read_text())
"""
    script = 'mount -t ramfs none "$1" && exec "$2" -c "$3" "$1"'
    told = subprocess.run(
        [
            "unshare",
            "--mount",
            "bash",
            "-c",
            script,
            "",
            tmp_path,
            sys.executable,
            code,
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "0 b'words' made\n\n"


def test_without_bubblewrap_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(TemporaryError) as caught:
        sandbox.run(["true"], inputs={})

    assert caught.value.reason == "no_sandbox"
    assert caught.value.values == {"why": "sandbox_not_installed"}
    assert sandbox.missing() == "sandbox_not_installed"


def test_a_sandbox_that_cannot_be_made_is_not_the_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        sandbox, "_command", lambda *_: ["bash", "-c", "echo no namespaces >&2; exit 1"]
    )

    with pytest.raises(TemporaryError) as caught:
        sandbox.run(["true"], inputs={})

    assert caught.value.reason == "no_sandbox"
    assert caught.value.values["why"] == "sandbox_not_allowed"
    assert caught.value.values["told"] == "no namespaces\n"
    assert sandbox.missing() == "sandbox_not_allowed"


def test_one_bad_moment_does_not_keep_a_process_from_its_work_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as bad:
        bad.setattr(sandbox, "_command", lambda *_: ["bash", "-c", "exit 1"])
        with pytest.raises(TemporaryError):
            sandbox.run(["true"], inputs={})

    assert sandbox.run(["true"], inputs={}).exit_status == 0


def test_starting_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    spent = []
    for _ in range(9):
        began = time.monotonic()
        sandbox.run(["true"], inputs={})
        spent.append(time.monotonic() - began)

    with capsys.disabled():
        print(f" [sandbox: {sorted(spent)[4] * 1000:.0f} ms]", end="")
    assert min(spent) < 0.5


def test_a_device_is_there_only_for_who_is_to_use_it() -> None:
    look = ["bash", "-c", "test -c /dev/kmsg"]

    assert sandbox.run(look, inputs={}).exit_status == 1
    shown = [Path("/dev/kmsg"), Path("/dev/not-there")]
    assert sandbox.run(look, inputs={}, devices=shown).exit_status == 0


@pytest.mark.parametrize("victim", ["the command", "the sandbox around it"])
def test_a_child_that_somebody_kills_says_nothing_of_its_input(victim: str) -> None:
    def kill() -> None:
        wait_until(lambda: running("sleep 67.891"))
        for pid in descendants(os.getpid()):
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            if name == ("sleep" if victim == "the command" else "bwrap"):
                os.kill(pid, signal.SIGKILL)
                return

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(Killed):
        sandbox.run(["sleep", "67.891"], inputs={})

    killer.join()
    assert not running("sleep 67.891")


@pytest.mark.parametrize("listens", [True, False])
def test_computing_too_long_is_the_inputs_own_fault(listens: bool) -> None:
    # Ended by the soft limit it listens to, or by its own exit; never told as `Killed`.
    trap = "" if listens else "trap 'exit 3' XCPU; "

    finished = sandbox.run(
        ["bash", "-c", f"{trap}while :; do :; done"],
        inputs={},
        limits=Limits(cpu_s=1, wall_s=30),
    )

    assert finished.exit_status == (128 + signal.SIGXCPU if listens else 3)


def descendants(pid: int) -> list[int]:
    """Return the processes below one, each after its parent."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def running(command: str) -> bool:
    """Tell whether a process with this command line runs on the machine."""
    wanted = command.replace(" ", "\0").encode() + b"\0"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == wanted:
                return True
        except OSError:
            continue
    return False


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
