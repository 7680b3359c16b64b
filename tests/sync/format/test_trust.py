"""TUF's attacks by their names, and clocks: what is refused, and what must not be."""

import hashlib
import json
from calendar import timegm

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, TargetFile

from edge_server.errors import EdgeError, PermanentError, TemporaryError
from sync.format import roles, tree, trust
from tests.sync.format.county import DAY_S, INDEX, SIGNED_AT, County, when

SOON = SIGNED_AT + DAY_S


@pytest.fixture
def county():
    return County()


def look(county, state=None, *, now_at=SOON, offline=False):
    """Look at a tree as a box with a good clock and a line does."""
    state = county.first() if state is None else state
    return trust.verify(county.get, state, now_at=now_at, offline=offline)


def refused(county, state=None, **how) -> str:
    with pytest.raises(EdgeError) as caught:
        look(county, state, **how)
    return caught.value.reason


def test_an_honest_head_leads_to_its_root_index(county):
    seen = look(county)
    assert seen.root_index_id == hashlib.sha256(INDEX + b"1").hexdigest()
    assert seen.root_index_bytes == len(INDEX + b"1")
    assert (seen.version, seen.issued_at, seen.warnings) == (1, SIGNED_AT, ())
    assert seen.state.floor_at == SIGNED_AT


def test_a_publisher_is_named_by_its_first_root_whatever_comes_later(county):
    first = county.files[tree.root_name(1)]
    county.rotate(online=True)
    assert trust.issuer_of(first) == hashlib.sha256(first).hexdigest()


def test_nothing_new_asks_for_two_files_and_changes_nothing(county):
    state = look(county).state
    county.asked.clear()
    seen = look(county, state)
    assert county.asked == [state.next_root, tree.TIMESTAMP]
    assert seen.state == state


def test_what_is_held_is_not_asked_for_again_when_only_the_timestamp_is_new(county):
    state = look(county).state
    county.stamp(2, snapshot=1, at=SOON)
    county.asked.clear()
    assert look(county, state).state.floor_at == SOON
    assert county.asked == [tree.root_name(2), tree.TIMESTAMP]


def test_the_state_survives_its_row(county):
    state = look(county).state
    assert trust.State.from_json(state.to_json()) == state
    assert trust.State.from_json(county.first().to_json()) == county.first()


# Rollback


def test_rollback_of_the_timestamp(county):
    old = county.copy()
    county.stamp(2, snapshot=1, at=SOON)
    state = look(county).state
    assert refused(old, state) == "head_rolled_back"


def test_rollback_of_the_snapshot(county):
    county.publish(2, at=SOON)
    state = look(county).state
    county.stamp(3, snapshot=1, at=SOON)
    assert refused(county, state) == "head_rolled_back"


def test_rollback_of_the_targets(county):
    old = county.files[tree.targets_name(1)]
    county.publish(2, at=SOON)
    state = look(county).state
    county.snap(3, {1: old}, at=SOON)
    county.stamp(3, snapshot=3, at=SOON)
    assert refused(county, state) == "head_rolled_back"


def test_rollback_of_the_root(county):
    county.rotate()
    state = look(county).state
    county.files[tree.root_name(3)] = county.files[tree.root_name(2)]
    assert refused(county, state) == "head_rolled_back"


def test_a_root_that_skips_a_number(county):
    county.rotate()
    county.files[tree.root_name(2)] = county.files[tree.root_name(1)]
    assert refused(county) == "head_rolled_back"


def test_versions_need_no_clock(county):
    old = county.copy()
    county.publish(2, at=SOON)
    state = look(county, now_at=None).state
    assert refused(old, state, now_at=None, offline=True) == "head_rolled_back"


# Freeze


def test_freeze_by_a_mirror_shows_when_the_timestamp_ends(county):
    state = look(county).state
    frozen = SIGNED_AT + 15 * DAY_S
    with pytest.raises(TemporaryError) as caught:
        look(county, state, now_at=frozen)
    assert caught.value.reason == "head_stale"
    assert caught.value.values == {"role": "timestamp", "late_s": DAY_S}


def test_an_old_stick_is_taken_and_called_stale(county):
    county.publish(2, at=SIGNED_AT)
    seen = look(county, now_at=SIGNED_AT + 400 * DAY_S, offline=True)
    assert (seen.version, seen.warnings) == (2, (trust.STALE,))


def test_a_box_without_a_clock_is_served(county):
    county.publish(2, at=SIGNED_AT)
    seen = look(county, now_at=None)
    assert (seen.version, seen.warnings) == (2, ())


def test_a_later_stamp_of_the_same_county_shows_an_old_part_as_stale(county):
    """Without a clock too: the floor alone says that the snapshot's year is over."""
    state = look(county, now_at=None).state
    county.stamp(2, snapshot=1, at=SIGNED_AT + 400 * DAY_S)
    seen = look(county, state, now_at=None)
    assert seen.warnings == (trust.STALE,)


# Mix and match


def test_mix_and_match_of_snapshot_and_timestamp(county):
    old = county.files[tree.snapshot_name(1)]
    county.publish(2, at=SOON)
    county.files[tree.snapshot_name(2)] = old
    assert refused(county) == "head_forged"


def test_mix_and_match_of_targets_and_snapshot(county):
    old = county.files[tree.targets_name(1)]
    county.publish(2, at=SOON)
    county.files[tree.targets_name(2)] = old
    assert refused(county) == "head_forged"


def test_files_of_one_role_do_not_pass_for_another(county):
    county.files[tree.TIMESTAMP] = county.files[tree.snapshot_name(1)]
    assert refused(county) == "head_forged"


# Arbitrary install, wrong hash


def test_arbitrary_install_signed_by_a_stranger(county):
    stranger = CryptoSigner.generate_ed25519()
    county.release_key = stranger
    county.publish(2, at=SOON)
    assert refused(county) == "head_forged"


def test_wrong_hash_of_the_targets(county):
    county.files[tree.targets_name(1)] += b" "
    assert refused(county) == "head_forged"


@pytest.mark.parametrize(
    "target",
    [
        TargetFile(11, {"sha256": "../../../etc/passwd"}, tree.ROOT_INDEX_TARGET),
        TargetFile(11, {"sha512": "ab" * 64}, tree.ROOT_INDEX_TARGET),
        TargetFile(11, {"sha256": "ab" * 32}, "something-else"),
    ],
    ids=["a path", "another hash", "another name"],
)
def test_targets_that_name_no_root_index(county, target):
    county.publish(2, at=SOON, targets=target)
    assert refused(county) == "head_forged"


# Endless data


@pytest.mark.parametrize(
    "name",
    [
        tree.root_name(2),
        tree.TIMESTAMP,
        tree.snapshot_name(1),
        tree.targets_name(1),
    ],
)
def test_endless_data(county, name):
    county.files[name] = county.files.get(name, b"") + b" " * (roles.MOST_BYTES + 1)
    assert refused(county) == "head_too_long"


def test_an_endless_root_index(county):
    huge = TargetFile(1 << 40, {"sha256": "ab" * 32}, tree.ROOT_INDEX_TARGET)
    county.publish(2, at=SOON, targets=huge)
    assert refused(county) == "head_too_long"


def test_an_endless_chain_of_roots_is_followed_in_parts(county):
    roots = trust.MOST_NEW_ROOTS + 6
    for _ in range(roots):
        county.rotate()
    state = trust.follow_roots(county.get, county.first())
    assert len(county.asked) == trust.MOST_NEW_ROOTS
    assert look(county, state).version == 1
    assert len([name for name in county.asked if name.startswith("root/")]) == roots + 1


# Fast-forward, and the way out of it


def test_fast_forward_is_undone_by_a_new_online_key(county):
    thief = county.copy()
    thief.snap(roles.MOST_VERSION, {1: county.files[tree.targets_name(1)]}, at=SOON)
    thief.stamp(
        roles.MOST_VERSION, snapshot=roles.MOST_VERSION, at=SIGNED_AT + 9999 * DAY_S
    )
    state = look(thief).state
    county.publish(2, at=SOON)
    assert refused(county, state) == "head_rolled_back"

    county.rotate(online=True)
    county.publish(3, at=SOON)
    seen = look(county, state)
    assert (seen.version, seen.state.floor_at) == (3, SOON)
    assert refused(thief, seen.state) == "head_forged"


# Key compromise


def test_one_stolen_root_key_makes_no_root(county):
    forged = county._root(2)
    county.put_root(forged, [county.root_keys[0]])
    assert refused(county) == "head_forged"


def test_one_root_key_signing_twice_is_one(county):
    forged = county._root(2)
    data = json.loads(county.put(tree.root_name(2), forged, county.root_keys[0]))
    data["signatures"].append(dict(data["signatures"][0], keyid="another"))
    county.files[tree.root_name(2)] = json.dumps(data).encode()
    assert refused(county) == "head_forged"


def test_a_new_root_needs_the_keys_of_the_old_one(county):
    """Thieves who sign with keys of their own cannot make themselves the county."""
    thief = county.copy()
    thief.root_keys = [CryptoSigner.generate_ed25519() for _ in range(3)]
    thief.put_root(thief._root(2), thief.root_keys)
    assert refused(thief) == "head_forged"


def test_a_new_root_needs_the_keys_that_it_names(county):
    old = county.root_keys
    county.root_keys = [CryptoSigner.generate_ed25519() for _ in range(3)]
    county.put_root(county._root(2), old)
    assert refused(county) == "head_forged"


def test_a_stolen_online_key_publishes_nothing(county):
    thief = county.copy()
    thief.release_key = county.online_key
    thief.publish(2, at=SOON)
    assert refused(thief) == "head_forged"


def test_a_stolen_release_key_publishes_nothing_without_the_online_key(county):
    thief = county.copy()
    thief.online_key = CryptoSigner.generate_ed25519()
    thief.publish(2, at=SOON)
    assert refused(thief) == "head_forged"


def test_a_revoked_release_key_counts_no_more_also_for_what_is_held(county):
    state = look(county).state
    county.rotate(release=True)
    assert refused(county, state) == "head_forged"
    county.publish(2, at=SOON)
    assert look(county, state).version == 2


def test_a_revoked_key_stays_revoked_where_the_rest_of_the_head_was_refused(county):
    thief = county.copy()
    thief.publish(9, at=SOON)
    county.rotate(online=True)  # a root, and still the old head below it
    state = trust.follow_roots(county.get, county.first())
    with pytest.raises(PermanentError):
        trust.verify_head(county.get, state, now_at=SOON, offline=False)
    assert refused(thief, state) == "head_forged"
    assert look(thief).version == 9  # who had not seen the new root is taken in


def test_every_key_can_be_replaced_one_after_the_other(county):
    state = look(county).state
    for place in range(3):
        county.rotate(root_key=place)
    county.rotate(release=True, online=True)
    county.publish(2, at=SOON)
    seen = look(county, state)
    assert seen.version == 2
    assert seen.state.root == county.files[tree.root_name(5)]


# Clocks

YEARS = {
    year: timegm((year, 1, 1, 0, 0, 0)) for year in (1970, 2026, 2027, 2045, 2099, 9999)
}


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize("year", [1970, 2026, 2045, 2099, 9999])
def test_a_clock_of_another_time_refuses_nothing(county, year, offline):
    state = look(county).state
    county.publish(2, at=SOON)
    for held in (county.first(), state):
        seen = look(county, held, now_at=YEARS[year], offline=offline)
        assert (seen.version, seen.warnings) == (2, ())


def test_a_clock_of_another_time_does_not_move_the_floor(county):
    assert look(county, now_at=YEARS[2099]).state.floor_at == SIGNED_AT


def test_the_floor_never_goes_down(county):
    state = look(county).state
    county.stamp(2, snapshot=1, at=SOON)
    state = look(county, state).state
    county.stamp(3, snapshot=1, at=SIGNED_AT)  # the centre's clock was set back
    assert look(county, state).state.floor_at == SOON


def test_a_centre_that_signed_in_2099_by_mistake_is_no_dead_end(county):
    county.stamp(2, snapshot=1, at=YEARS[2099])
    state = look(county).state
    county.publish(3, at=SOON)
    seen = look(county, state)
    assert (seen.version, seen.warnings) == (3, (trust.STALE,))


def test_an_old_root_is_a_warning_and_no_refusal(county):
    long_after = SIGNED_AT + 4000 * DAY_S
    county.publish(2, at=long_after)
    seen = look(county, now_at=long_after)
    assert (seen.version, seen.warnings) == (2, (trust.STALE,))


# Whatever the bytes are


@pytest.mark.parametrize(
    "name", [tree.TIMESTAMP, tree.snapshot_name(1), tree.targets_name(1)]
)
def test_a_file_that_is_not_there_yet_is_asked_for_again(county, name):
    del county.files[name]
    with pytest.raises(TemporaryError) as caught:
        look(county)
    assert caught.value.reason == "head_incomplete"
    assert caught.value.values == {"file": name}


def test_what_is_no_root_is_no_beginning(county):
    for data in (b"", b"{}", county.files[tree.TIMESTAMP]):
        with pytest.raises(PermanentError) as caught:
            trust.first(data)
        assert caught.value.reason == "head_forged"
    unsigned = Metadata[Root].from_bytes(county.files[tree.root_name(1)])
    unsigned.signatures.popitem()
    with pytest.raises(PermanentError):
        trust.first(unsigned.to_bytes())


@pytest.mark.parametrize(
    "fields",
    [
        {"x-issued": "1790000000"},
        {"x-issued": True},
        {"x-issued": -1},
        {"x-issued": 10**12},
    ],
    ids=str,
)
def test_a_timestamp_that_says_no_moment(county, fields):
    county.stamp(2, snapshot=1, at=SOON, **fields)
    assert refused(county) == "head_forged"


COUNTY = County()
HONEST = look(COUNTY)
NAMES = sorted(set(COUNTY.files) - {tree.root_name(1)})


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    place=st.integers(0, 400),
    changed=st.binary(max_size=3),
)
def test_no_change_of_bytes_changes_what_is_believed(name, place, changed):
    mirror = COUNTY.copy()
    data = mirror.files[name]
    mirror.files[name] = data[:place] + changed + data[place + len(changed) :]
    try:
        seen = look(mirror)
    except EdgeError as error:
        assert error.reason in (
            "head_forged", "head_rolled_back", "head_incomplete", "head_too_long",
        )  # fmt: skip
    else:
        assert (seen.root_index_id, seen.version) == (HONEST.root_index_id, 1)


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from([*NAMES, tree.root_name(2)]),
    data=st.one_of(
        st.binary(max_size=200),
        st.sampled_from([b"[" * 60_000, b'{"signed":' * 6_000, b"1" * 60_000]),
    ),
)
def test_no_bytes_of_a_stranger_do_more_than_be_refused(name, data):
    mirror = COUNTY.copy()
    mirror.files[name] = data
    with pytest.raises(PermanentError) as caught:
        look(mirror)
    assert caught.value.reason == "head_forged"


SHAPES = {
    "a version that is text": ("version", "2"),
    "a version that is true": ("version", True),
    "a version beyond all": ("version", 1 << 60),
    "no date": ("expires", "never"),
    "a fraction": ("x-more", 0.5),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stolen_online_key_signs_strange_shapes(county, shape):
    field, value = SHAPES[shape]
    signed = json.loads(county.files[tree.TIMESTAMP])
    signed["signed"][field] = value
    try:
        payload = encode_canonical(signed["signed"]).encode()
    except FormatError:
        payload = json.dumps(signed["signed"]).encode()
    signature = county.online_key.sign(payload)
    signed["signatures"] = [signature.to_dict()]
    county.files[tree.TIMESTAMP] = json.dumps(signed).encode()
    assert refused(county) == "head_forged"


def test_dates_of_the_tests_are_what_they_say():
    assert when(SIGNED_AT).isoformat() == "2026-09-21T14:13:20+00:00"
