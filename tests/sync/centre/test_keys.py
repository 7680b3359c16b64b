"""The centre's keys: made once, kept apart, replaced without losing a box."""

import stat

import pytest

from edge_server.errors import PermanentError, WrongUsage
from sync.centre import keys
from sync.format import tree, trust

NOW = 1_790_000_000.0
NAMES = ("centre.example.cn", "192.0.2.1")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o700)
    return tmp_path


def make(folder, passphrase=None):
    return keys.make(folder, passphrase, NAMES, now_at=NOW)


def replace(folder, names, root_keys, passphrase=None):
    return keys.new_root(
        folder, replace=names, root_keys=root_keys, passphrase=passphrase, now_at=NOW
    )


def move_away(made, stick):
    """Move the root keys to a stick, as the technician is told to."""
    stick.mkdir()
    return [path.rename(stick / path.name) for path in made.root_keys]


def follow(folder) -> trust.State:
    """Follow the roots as a box that joined at the first one does."""
    roots = keys.chain(folder)
    files = {tree.root_name(n): data for n, data in enumerate(roots, start=1)}
    state = trust.follow_roots(files.get, trust.first(roots[0]))
    assert state.root == roots[-1]
    return state


def test_all_keys_are_made_once_and_only_their_owner_may_read_them(folder):
    made = make(folder)
    assert make(folder) == made
    assert made.issuer == trust.issuer_of(keys.chain(folder)[0])
    assert [path.name for path in made.root_keys] == [
        "root-1.pem", "root-2.pem", "root-3.pem",
    ]  # fmt: skip
    pems = sorted((folder / "keys").glob("*.pem"))
    assert len(pems) == 7
    assert {stat.S_IMODE(path.stat().st_mode) for path in pems} == {0o600}


def test_what_a_cut_run_has_left_is_made_anew(folder):
    make(folder)
    (folder / "keys" / tree.root_name(1)).unlink()
    (folder / "keys" / "online.pem").unlink()
    make(folder)
    assert keys.online(folder) and keys.release(folder)
    follow(folder)


def test_the_release_key_is_locked_by_its_passphrase_and_no_other_key_is(folder):
    make(folder, "梨花 开 2026")
    assert keys.is_locked(folder)
    keys.online(folder)
    for passphrase, code in ((None, "release_key_locked"), ("", "release_key_locked"),
                             ("梨花", "passphrase_wrong")):  # fmt: skip
        with pytest.raises(WrongUsage) as caught:
            keys.release(folder, passphrase)
        assert caught.value.reason == code
    assert keys.release(folder, "梨花 开 2026").public_key.keyid in (
        keys.newest_root(folder).roles["targets"].keyids
    )


def test_a_key_without_a_passphrase_needs_none(folder):
    make(folder, "")
    assert not keys.is_locked(folder)
    assert keys.release(folder) and keys.release(folder, "said all the same")


@pytest.mark.parametrize("name", keys.KEYS)
def test_any_key_can_be_replaced_with_two_root_keys(folder, tmp_path, name):
    sticks = move_away(make(folder), tmp_path / "stick")
    issuer = keys.issuer(folder)
    before = {role: list(found.keyids) for role, found in roles_of(folder)}
    made = replace(folder, [name], sticks[:2])
    assert (made.issuer, made.root_number) == (issuer, 2)
    follow(folder)
    assert keys.online(folder) and keys.release(folder)
    changed = {
        role: [old == new for old, new in zip(before[role], found.keyids, strict=True)]
        for role, found in roles_of(folder)
    }
    expected = {role: [True] * len(keyids) for role, keyids in before.items()}
    if name in keys.ROOT_KEYS:
        expected["root"][keys.ROOT_KEYS.index(name)] = False
        assert made.root_keys == (folder / "keys" / f"{name}.pem",)
    elif name == keys.RELEASE:
        expected["targets"] = [False]
    else:
        expected["snapshot"] = expected["timestamp"] = [False]
    assert changed == expected
    assert not list((folder / "keys").glob("*.pem.*"))


def roles_of(folder):
    return keys.newest_root(folder).roles.items()


def test_every_root_key_can_be_replaced_in_turn_and_the_old_ones_count_no_more(
    folder, tmp_path
):
    old = move_away(make(folder), tmp_path / "old")
    made = replace(folder, ["root-1"], old[1:])
    new = [made.root_keys[0].rename(tmp_path / "new-1.pem")]
    made = replace(folder, ["root-2", "root-3"], [*new, old[2]])
    new += made.root_keys
    follow(folder)
    with pytest.raises(WrongUsage) as caught:
        replace(folder, ["online"], old)
    assert caught.value.reason == "root_keys_missing"
    assert caught.value.values == {"needed": 2, "found": 0}
    assert replace(folder, ["online"], new[1:]).root_number == 4
    follow(folder)


def test_one_root_key_changes_nothing_also_when_it_is_shown_twice(folder, tmp_path):
    sticks = move_away(make(folder), tmp_path / "stick")
    for shown in ([], sticks[:1], [sticks[0], sticks[0]]):
        with pytest.raises(WrongUsage) as caught:
            replace(folder, ["online"], shown)
        assert caught.value.reason == "root_keys_missing"
    assert len(keys.chain(folder)) == 1
    assert keys.online(folder)


def test_the_end_of_the_root_is_moved_without_new_keys(folder, tmp_path):
    sticks = move_away(make(folder), tmp_path / "stick")
    later = NOW + 9 * 365 * 86_400
    keys.new_root(
        folder, replace=(), root_keys=sticks[1:], passphrase=None, now_at=later
    )
    root = keys.newest_root(folder)
    assert root.expires.timestamp() - later == keys.ROOT_LASTS.total_seconds()
    follow(folder)


@pytest.mark.parametrize("passphrase", [None, "梨花"])
def test_a_cut_between_new_root_and_new_name_of_a_key_loses_nothing(
    folder, tmp_path, monkeypatch, passphrase
):
    class PowerCut(BaseException):
        pass

    def cut(*paths):
        raise PowerCut

    sticks = move_away(make(folder, passphrase), tmp_path / "stick")
    with monkeypatch.context() as power, pytest.raises(PowerCut):
        power.setattr(keys.durable, "move", cut)
        replace(folder, ["online", "release"], sticks, passphrase)
    assert len(keys.chain(folder)) == 2
    assert keys.online(folder) and keys.release(folder, passphrase)
    replace(folder, ["online"], sticks, passphrase)
    assert keys.online(folder) and keys.release(folder, passphrase)
    follow(folder)


def test_a_lost_key_and_a_folder_of_a_school_are_told_apart(folder):
    with pytest.raises(PermanentError) as caught:
        keys.online(folder)
    assert caught.value.reason == "not_a_centre"
    make(folder)
    (folder / "keys" / "online.pem").unlink()
    with pytest.raises(PermanentError) as caught:
        keys.online(folder)
    assert (caught.value.reason, caught.value.values) == (
        "key_missing", {"key": "online"},
    )  # fmt: skip


def test_a_file_that_is_no_key_is_named(folder, tmp_path):
    make(folder)
    wrong = tmp_path / "root-1.pem"
    for data in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                 (folder / "keys" / "server.pem").read_bytes()):  # fmt: skip
        wrong.write_bytes(data)
        with pytest.raises(PermanentError) as caught:
            replace(folder, ["online"], [wrong])
        assert caught.value.reason == "key_unreadable"
        assert caught.value.values == {"path": str(wrong)}
