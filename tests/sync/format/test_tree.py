"""Names in the published tree are made of numbers and hashes, of nothing else."""

from collections.abc import Callable

import pytest

from sync.format import tree

A, B = "ab" * 32, "cd" * 32


def test_names_are_those_of_the_design():
    assert tree.TIMESTAMP == "timestamp.json"
    assert tree.root_name(1) == "root/1.root.json"
    assert tree.snapshot_name(12) == "meta/12.snapshot.json"
    assert tree.targets_name(3) == "meta/3.targets.json"
    assert tree.index_name(A) == f"i/{A}"
    assert tree.delta_name(A, B) == f"i/{A}-{B}"
    assert tree.object_name(A) == f"o/ab/{A}"
    assert tree.pack_name(A) == f"k/ab/{A}"
    assert tree.patch_name(A) == f"p/ab/{A}"


@pytest.mark.parametrize(
    "sha256",
    [
        "",
        "../../etc/passwd",
        A[:-1],
        A + "a",
        A.upper(),
        A + "\n",
        "٣" * 64,
        A[:-1] + "/",
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        tree.index_name,
        tree.object_name,
        tree.pack_name,
        tree.patch_name,
        lambda bad: tree.delta_name(bad, A),
        lambda bad: tree.delta_name(A, bad),
    ],
)
def test_what_is_no_hash_never_becomes_a_path(name: Callable[[str], str], sha256: str):
    with pytest.raises(ValueError, match="not a SHA-256"):
        name(sha256)


@pytest.mark.parametrize("number", [0, -1, True, "1", 1.0])
@pytest.mark.parametrize(
    "name", [tree.root_name, tree.snapshot_name, tree.targets_name]
)
def test_what_is_no_version_never_becomes_a_path(name, number):
    with pytest.raises(ValueError, match="not a version"):
        name(number)
