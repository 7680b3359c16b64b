"""What the centre signs is what a box believes, also after cuts, thefts and restores."""

import hashlib
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from edge_server.errors import Busy, EdgeError, PermanentError, WrongUsage
from edge_server.ground import prepare
from edge_server.ground.clock import Moment
from edge_server.ground.db import transaction
from sync.centre import keys, sign, tree
from sync.format import roles, trust
from sync.format import tree as names
from tests.boxes import make_box

NOW = 1_790_000_000.0
DAY_S = 86_400
PASSPHRASE = "梨花 开 2026"


class Clock:
    """A clock at the world's edge, which a test sets."""

    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at - NOW

    def moment(self):
        return Moment("boot", self.at - NOW, self.at)


@pytest.fixture
def centre(tmp_path):
    return make_centre(tmp_path / "centre")


def make_centre(folder, passphrase=None):
    box = make_box(folder, role="county-centre")
    keys.make(folder, passphrase, ["centre.example.cn"], now_at=NOW)
    return replace(box, clock=Clock())


def build(centre, number, content="content"):
    """Leave behind what `publish` leaves: a root index that waits to be signed."""
    data = f"{content} of {number}".encode()
    with transaction(centre.db) as tx:
        tx.execute(
            "insert into publishes (number, begun_at, state, root_index,"
            " root_index_bytes) values (?, ?, 'built', ?, ?)",
            (number, centre.clock.at, hashlib.sha256(data).hexdigest(), len(data)),
        )
    return hashlib.sha256(data).hexdigest()


def state_of(centre, number):
    return centre.db.value("select state from publishes where number = ?", (number,))


def begin(centre) -> trust.State:
    return trust.first(keys.chain(centre.folder)[0])


def look(centre, state=None, **how) -> trust.Verified:
    """Look at the tree as a box with a line and a good clock does."""
    return trust.verify(
        lambda name: tree.read(centre, name),
        state or begin(centre),
        **{"now_at": centre.clock.at, "offline": False} | how,
    )


def job():
    return SimpleNamespace(kind="resign", key="all")


def test_what_was_built_is_signed_and_a_box_believes_it(centre):
    index_id = build(centre, 1)
    assert sign.release(centre) == 1
    seen = look(centre)
    assert (seen.root_index_id, seen.version, seen.issued_at) == (index_id, 1, NOW)
    assert state_of(centre, 1) == "live"
    assert sorted(
        path.relative_to(tree.folder_of(centre)).as_posix()
        for path in tree.folder_of(centre).rglob("*.json")
    ) == [
        names.targets_name(1), names.snapshot_name(int(NOW)), names.root_name(1),
        names.TIMESTAMP,
    ]  # fmt: skip


def test_the_head_is_small_enough_for_one_packet(centre):
    build(centre, 1)
    sign.release(centre)
    sizes = {
        name: len(tree.read(centre, name))
        for name in (names.TIMESTAMP, names.snapshot_name(int(NOW)),
                     names.targets_name(1), names.root_name(1))
    }  # fmt: skip
    assert sizes[names.TIMESTAMP] <= 450
    assert sum(sizes.values()) <= 4000


def test_signing_again_moves_the_floor_and_nothing_else(centre):
    build(centre, 1)
    sign.release(centre)
    held = look(centre).state
    for day in range(1, 400, 7):
        centre.clock.at = NOW + day * DAY_S
        sign.resign(centre, job())
        seen = look(centre, held)
        assert (seen.version, seen.warnings) == (1, ())
        assert seen.state.floor_at == centre.clock.at
        held = seen.state
    snapshots = list((tree.folder_of(centre) / "meta").glob("*.snapshot.json"))
    assert len(snapshots) == 3, "only past half its life is it signed again"


def test_before_the_first_publish_there_is_nothing_to_sign(centre):
    sign.resign(centre, job())
    assert tree.read(centre, names.TIMESTAMP) is None
    with pytest.raises(WrongUsage) as caught:
        sign.release(centre)
    assert caught.value.reason == "nothing_to_sign"


def test_a_locked_release_key_waits_for_somebody_at_the_terminal(tmp_path):
    centre = make_centre(tmp_path / "centre", PASSPHRASE)
    build(centre, 1)
    sign.sign(centre, job())
    assert state_of(centre, 1) == "built"
    assert sign.release(centre, PASSPHRASE) == 1
    sign.resign(centre, job())
    assert look(centre).version == 1


def test_an_open_release_key_signs_by_itself(centre):
    build(centre, 1)
    sign.sign(centre, job())
    assert (state_of(centre, 1), look(centre).version) == ("live", 1)


def test_only_one_signs_at_a_time(centre):
    build(centre, 1)
    with prepare.lock(centre.folder, "sign"), pytest.raises(Busy):
        sign.release(centre)
    assert state_of(centre, 1) == "built"


class PowerCut(BaseException):
    """No code of ours catches it to tidy up."""


@pytest.mark.parametrize("write", range(1, 4))
def test_a_cut_between_any_two_files_leaves_the_old_head_or_the_new(
    centre, monkeypatch, write
):
    build(centre, 1)
    sign.release(centre)
    held = look(centre).state
    build(centre, 2)
    centre.clock.at += DAY_S
    done = []

    def cut(function):
        def cutting(*given):
            done.append(given)
            if len(done) == write:
                raise PowerCut
            function(*given)

        return cutting

    with monkeypatch.context() as power, pytest.raises(PowerCut):
        for name in ("put_bytes", "put_timestamp"):
            power.setattr(sign.tree, name, cut(getattr(tree, name)))
        sign.release(centre)
    assert look(centre, held).version == 1
    assert sign.release(centre) == 2
    assert (look(centre, held).version, state_of(centre, 2)) == (2, "live")


def test_a_restored_centre_signs_above_what_it_no_longer_remembers(centre, tmp_path):
    """Its database is of last night; a box and a mirror have seen more since."""
    build(centre, 1)
    sign.release(centre)
    shutil.copytree(tree.folder_of(centre), tmp_path / "last night")
    for number in (2, 3):
        centre.clock.at += 600
        build(centre, number)
        sign.release(centre)
    held = look(centre).state

    shutil.rmtree(tree.folder_of(centre))
    (tmp_path / "last night").rename(tree.folder_of(centre))
    with transaction(centre.db) as tx:
        tx.execute("delete from publishes where number > 1")
    centre.clock.at += DAY_S
    assert sign.next_number(centre) == 2
    assert sign.next_number(centre, above=3) == 4
    build(centre, 4)
    sign.release(centre)
    assert look(centre, held).version == 4


def test_the_live_tree_alone_says_which_numbers_are_used(centre):
    build(centre, 7)
    sign.release(centre)
    with transaction(centre.db) as tx:
        tx.execute("delete from publishes")
    assert sign.next_number(centre) == 8
    build(centre, 7, "something else")
    with pytest.raises(PermanentError) as caught:
        sign.release(centre)
    assert caught.value.reason == "number_used"
    assert caught.value.values == {"number": 7, "newest": 7}


def test_a_clock_set_back_at_the_centre_still_counts_up(centre):
    build(centre, 1)
    sign.release(centre)
    held = look(centre).state
    centre.clock.at = 1_780_000_000.0
    for _ in range(2):
        sign.resign(centre, job())
        held = look(centre, held).state
    assert held.floor_at == NOW


def rotate(centre, *replaced):
    keys.new_root(
        centre.folder,
        replace=replaced,
        root_keys=[centre.folder / "keys" / f"root-{n}.pem" for n in (1, 2, 3)],
        passphrase=None,
        now_at=centre.clock.at,
    )


@pytest.mark.parametrize("replaced", keys.KEYS)
def test_boxes_follow_a_replaced_key(centre, replaced):
    build(centre, 1)
    sign.release(centre)
    held = look(centre).state
    rotate(centre, replaced)
    sign.release(centre)
    seen = look(centre, held)
    assert seen.version == (2 if replaced == keys.RELEASE else 1)
    assert seen.root_index_id == look(centre).root_index_id
    assert seen.state.root == keys.chain(centre.folder)[-1]


def test_a_new_release_key_has_to_sign_before_the_daily_signature(centre):
    build(centre, 1)
    sign.release(centre)
    rotate(centre, keys.RELEASE)
    with pytest.raises(PermanentError) as caught:
        sign.resign(centre, job())
    assert caught.value.reason == "release_key_changed"
    assert look(centre).version == 1, "boxes go on with what they have"
    build(centre, 2)
    sign.release(centre)
    assert look(centre).version == 2


def test_who_stole_the_online_key_is_out_after_a_new_root(centre, tmp_path):
    build(centre, 1)
    sign.release(centre)
    thief = replace(make_centre(tmp_path / "thief"), clock=Clock())
    shutil.rmtree(thief.folder / "keys")
    shutil.copytree(centre.folder / "keys", thief.folder / "keys")
    shutil.copytree(tree.folder_of(centre), tree.folder_of(thief))
    thief.clock.at = NOW + 70 * 365 * DAY_S
    sign.head(thief)
    taken_in = look(thief, now_at=NOW).state
    assert taken_in.floor_at == thief.clock.at

    rotate(centre, keys.ONLINE)
    sign.head(centre)
    seen = look(centre, taken_in)
    assert (seen.version, seen.warnings, seen.state.floor_at) == (1, (), NOW)
    with pytest.raises(EdgeError) as caught:
        look(thief, seen.state)
    assert caught.value.reason == "head_forged"


def test_targets_are_signed_again_before_they_end(centre):
    build(centre, 1)
    sign.release(centre)
    centre.clock.at += 600 * DAY_S
    assert sign.release(centre) == 2
    assert look(centre).version == 2
    assert sign.release(centre) == 2


def test_a_torn_timestamp_on_the_centres_disk_is_written_anew(centre):
    build(centre, 1)
    sign.release(centre)
    held = look(centre).state
    (tree.folder_of(centre) / names.TIMESTAMP).write_bytes(b"\0" * 400)
    centre.clock.at += 1
    sign.head(centre)
    assert look(centre, held).version == 1


def test_files_have_the_limits_that_boxes_have(centre):
    build(centre, 1)
    sign.release(centre)
    for _ in range(20):
        rotate(centre, *keys.KEYS)
    sign.release(centre)
    largest = max(
        path.stat().st_size for path in tree.folder_of(centre).rglob("*.json")
    )
    assert largest < roles.MOST_BYTES / 10
    assert look(centre).version == 2
