"""The chunk list of a long object."""

import hashlib
import io

import pytest

from sync.format import chunks
from sync.format.documents import DocumentDamaged


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_each_four_mebibytes_have_their_hash(over: int):
    size = 2 * chunks.CHUNK_BYTES + over
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]

    found = chunks.check(chunks.list_of(io.BytesIO(data)), size)

    assert len(found) == chunks.count(size) == (3 if over > 0 else 2)
    for n, digest in enumerate(found):
        piece = data[n * chunks.CHUNK_BYTES : (n + 1) * chunks.CHUNK_BYTES]
        assert digest == hashlib.sha256(piece).digest()


def test_an_empty_object_has_an_empty_list():
    assert chunks.list_of(io.BytesIO()) == b""
    assert chunks.check(b"", 0) == []


@pytest.mark.parametrize("length", [0, 32, 63, 65, 96])
def test_a_list_of_another_length_is_refused(length: int):
    with pytest.raises(DocumentDamaged):
        chunks.check(bytes(length), chunks.CHUNK_BYTES + 1)
