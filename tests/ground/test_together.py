"""Several files made durable at once, seen through the system calls that it makes."""

import errno
import os

import pytest

from edge_server.errors import Busy, DiskFull
from edge_server.ground import durable
from edge_server.ground.together import Together


@pytest.fixture
def calls(monkeypatch):
    """Note what is synced and named, in order."""
    noted = []
    sync_file, sync_folder = durable.sync_file, durable.sync_folder
    rename, link = os.rename, os.link

    def note(what, call):
        def noting(path, *more):
            call(path, *more)
            noted.append((what, os.path.basename(more[0] if more else path)))

        return noting

    monkeypatch.setattr(durable, "sync_file", note("sync", sync_file))
    monkeypatch.setattr(durable, "sync_folder", note("sync folder", sync_folder))
    monkeypatch.setattr(
        durable, "sync_file_system", lambda descriptor: noted.append(("sync all", ""))
    )
    monkeypatch.setattr(os, "rename", note("name", rename))
    monkeypatch.setattr(os, "link", note("name", link))
    return noted


def test_every_file_is_synced_before_any_has_its_name_and_folders_last(tmp_path, calls):
    (tmp_path / "film").write_bytes(b"film")
    (tmp_path / "objects").mkdir()
    with Together() as together:
        together.write(tmp_path / "1.json", b"{}")
        together.link(tmp_path / "film", tmp_path / "objects" / "abcd")
        assert calls == []
        together.finish()

    kinds = [what for what, _ in calls]
    assert kinds == ["sync", "sync", "name", "name", "sync folder", "sync folder"]
    assert [name for what, name in calls if what == "name"] == ["1.json", "abcd"]
    synced = {name for what, name in calls if what == "sync folder"}
    assert synced == {tmp_path.name, "objects"}


def test_many_files_are_synced_at_once_before_and_after_they_have_names(
    tmp_path, calls
):
    (tmp_path / "film").write_bytes(b"film")
    with Together() as together:
        together.make_folders(tmp_path / "own" / "a")
        together.write(tmp_path / "own" / "a" / "1.json", b"{}")
        together.make_folders(tmp_path / "objects" / "ab")
        for name in "vwxyz":
            together.write(tmp_path / name, b"")
        together.link(tmp_path / "film", tmp_path / "objects" / "ab" / "abcd")
        assert calls == []
        together.finish()

    assert [what for what, _ in calls] == ["sync all", *["name"] * 7, "sync all"]
    assert {name for what, name in calls if what == "name"} == {
        "1.json",
        "abcd",
        *"vwxyz",
    }


def test_a_disk_that_fails_at_the_sync_of_many_acknowledges_nothing(
    tmp_path, monkeypatch
):
    def fail(descriptor):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(durable, "sync_file_system", fail)
    with pytest.raises(DiskFull), Together() as together:
        for number in range(9):
            together.write(tmp_path / f"{number}", b"1")
        together.finish()

    assert list(tmp_path.iterdir()) == []


def test_nothing_has_its_name_before_the_end(tmp_path):
    (tmp_path / "source").write_bytes(b"x" * 300_000)
    with Together() as together:
        together.write(tmp_path / "written", b"1")
        together.copy(tmp_path / "source", tmp_path / "copied", lambda count: None)
        together.link(tmp_path / "source", tmp_path / "linked")
        names = {path.name for path in tmp_path.iterdir()}
        assert not names & {"written", "copied", "linked"}
        together.finish()

    assert (tmp_path / "written").read_bytes() == b"1"
    assert (tmp_path / "copied").read_bytes() == (tmp_path / "source").read_bytes()
    assert (tmp_path / "linked").samefile(tmp_path / "source")


def test_what_was_not_finished_leaves_nothing_behind(tmp_path):
    with Together() as together:
        together.write(tmp_path / "written", b"1")

    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_do_not_take_each_others_place(tmp_path):
    with Together() as together:
        together.write(tmp_path / "1.json", b"first")
        with pytest.raises(Busy):
            together.write(tmp_path / "1.json", b"second")
        together.finish()

    assert (tmp_path / "1.json").read_bytes() == b"first"


def test_the_same_bytes_twice_are_one_file(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"same")
    for _ in range(2):  # the second time it is there already
        with Together() as together:
            together.link(tmp_path / "one", tmp_path / "kept")
            together.link(tmp_path / "two", tmp_path / "kept")
            together.finish()

    assert (tmp_path / "kept").samefile(tmp_path / "one")


def test_a_full_disk_is_said_and_nothing_gets_its_name(tmp_path, monkeypatch):
    def full(path):
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(durable, "sync_file", full)
    with Together() as together:
        together.write(tmp_path / "written", b"12345")
        with pytest.raises(DiskFull) as raised:
            together.finish()

    assert raised.value.values["needed_bytes"] == 5
    assert list(tmp_path.iterdir()) == []


def test_how_much_was_copied_is_told(tmp_path):
    (tmp_path / "source").write_bytes(b"x" * 20_000_000)
    told = []
    with Together() as together:
        together.copy(tmp_path / "source", tmp_path / "copy", told.append)
        together.finish()

    assert sum(told) == 20_000_000
    assert len(told) >= 3
