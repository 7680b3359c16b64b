"""Calls of boxes: signed, coded, and read strictly on both sides."""

import json
import random
import time
from collections.abc import Callable

import pytest

from edge_server.errors import PermanentError, Refused, TemporaryError, WrongUsage
from sync.format import calls, codes, signing
from sync.format.calls import BatchAnswer, EnrolAnswer, EnrolRequest, Refusal
from sync.format.codes import Code
from sync.format.documents import DocumentDamaged

BOX = "0123456789abcdef" * 2
AUTHORITY = b"a certificate of 800 bytes" * 30
CALL = ("POST", "/machine/batch", b"the body")

# --- signatures


def test_a_call_is_believed_when_the_box_it_names_has_signed_it():
    private = signing.new_key()
    method, path, body = CALL
    header = signing.sign(private, BOX, method, path, 7, body)

    found = signing.read(header)
    signing.verify(signing.public_of(private), found, method, path, body)

    assert (found.box_id, found.counter) == (BOX, 7)
    assert header.startswith(f"{BOX} 7 ")


@pytest.mark.parametrize(
    "change",
    [
        ("GET", "/machine/batch", b"the body"),
        ("POST", "/machine/enrol", b"the body"),
        ("POST", "/machine/batch?x", b"the body"),
        ("POST", "/machine/batch", b"the body "),
        ("POST", "/machine/batch", b""),
    ],
)
def test_another_call_is_not_believed(change: tuple[str, str, bytes]):
    private = signing.new_key()
    found = signing.read(signing.sign(private, BOX, *CALL[:2], 7, CALL[2]))
    with pytest.raises(signing.SignatureWrong):
        signing.verify(signing.public_of(private), found, *change)


def test_neither_box_nor_counter_nor_key_can_be_another():
    private = signing.new_key()
    header = signing.sign(private, BOX, *CALL[:2], 7, CALL[2])
    box, counter, signature = header.split()
    for other in (f"{BOX[::-1]} {counter} {signature}", f"{box} 8 {signature}"):
        with pytest.raises(signing.SignatureWrong):
            signing.verify(signing.public_of(private), signing.read(other), *CALL)
    with pytest.raises(signing.SignatureWrong):
        signing.verify(
            signing.public_of(signing.new_key()), signing.read(header), *CALL
        )


def test_no_bit_of_a_header_can_flip():
    private = signing.new_key()
    public = signing.public_of(private)
    header = signing.sign(private, BOX, *CALL[:2], 7, CALL[2]).encode()
    for at in range(8 * len(header)):
        flipped = bytearray(header)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(signing.SignatureWrong):
            signing.verify(public, signing.read(flipped.decode("latin-1")), *CALL)


@pytest.mark.parametrize(
    "header",
    [
        None, "", " ", BOX, f"{BOX} 1", f"{BOX} 1 ", f"{BOX} 0 {'A' * 86}==",
        f"{BOX} 01 {'A' * 86}==", f"{BOX} -1 {'A' * 86}==", f"{BOX} ٣ {'A' * 86}==",
        f"{BOX} {'9' * 17} {'A' * 86}==", f"{BOX} 1 {'A' * 85}==", f"{BOX} 1 {'!' * 86}==",
        f"{BOX.upper()} 1 {'A' * 86}==", f"{BOX}  1 {'A' * 86}==",
        f"{BOX} 1 {'A' * 86}==\n", "x" * 1_000_000,
    ],
)  # fmt: skip
def test_what_is_no_signature_is_refused(header: str | None):
    with pytest.raises(Refused) as caught:
        signing.read(header)
    assert caught.value.reason == "signature_wrong"


@pytest.mark.parametrize(
    ("box_id", "counter", "path"),
    [("no box", 1, "/x"), (BOX, 0, "/x"), (BOX, 10**16, "/x"), (BOX, 1, "/x\nPOST")],
)
def test_what_could_not_be_read_back_is_not_signed(box_id, counter, path):
    with pytest.raises(ValueError, match=r"no box id|line break"):
        signing.sign(signing.new_key(), box_id, "POST", path, counter, b"")


# --- one-time codes


def test_a_code_is_typed_back_as_people_type():
    code = codes.make_code(AUTHORITY)
    text = str(code)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in text)

    assert len(text) == 19 and text.count("-") == 3
    for typed in (text, text.lower(), text.replace("-", ""), f" {text} ", wide,
                  text.replace("-", "—"), text.replace("0", "o").replace("1", "l")):  # fmt: skip
        assert codes.parse_code(typed) == code
    assert codes.fits(code, AUTHORITY)


def test_a_code_fits_no_other_authority():
    code = codes.make_code(AUTHORITY)
    assert not codes.fits(code, AUTHORITY + b"x")
    assert not codes.fits(Code(code.secret, code.secret), AUTHORITY)


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-EFGH-JKMN-PQR", "ABCD-EFGH-JKMN-PQRS-T",
              "ABCD-EFGH-JKMN-PQRU", "ABCD-EFGH-JKMN-PQR!", "一二三四" * 4, "\0" * 16],
)  # fmt: skip
def test_what_is_no_code_is_refused(typed: str):
    with pytest.raises(WrongUsage) as caught:
        codes.parse_code(typed)
    assert caught.value.reason == "code_unreadable"


def test_two_thousand_codes_are_made_in_a_moment_and_differ():
    codes.make_code(AUTHORITY)
    began = time.monotonic()
    made = {codes.make_code(AUTHORITY).secret for _ in range(2000)}
    assert time.monotonic() - began < 5
    assert len(made) == 2000


# --- the JSON

SAID = (
    EnrolRequest("ABCDEFGH", BOX, b"k" * 32, "0.1.0"),
    EnrolAnswer("向阳小学教学点", b'{"signed": {}}', "http://192.0.2.1:8000/published",
                1_790_000_000.5, 12),
    EnrolAnswer("向阳小学教学点", b"{}", "http://192.0.2.1/published", 0.5, 0, "向阳县电教馆"),
    BatchAnswer("gap", 0, 1_790_000_000.0),
    Refusal("code_used", {"point": "向阳", "at": 1.5, "n": 3, "x": True}, later=True),
)  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=lambda one: type(one).__name__)
def test_what_is_said_is_understood(said: EnrolRequest | EnrolAnswer):
    assert type(said).from_json(said.to_json()) == said
    later = json.loads(said.to_json()) | {"a field of tomorrow": [1]}
    assert type(said).from_json(json.dumps(later).encode()) == said


def test_a_refusal_is_the_same_error_on_the_box():
    for error in (PermanentError("box_revoked", box=BOX), TemporaryError("busy")):
        said = Refusal.from_json(Refusal.of(error).to_json()).error()
        assert (type(said), said.reason, said.values) == (
            type(error),
            error.reason,
            error.values,
        )


BAD_FIELDS = {
    EnrolRequest: [
        {"secret": ""}, {"box_id": "../x"}, {"box_id": BOX.upper()}, {"box_id": 5},
        {"public_key": "x"}, {"public_key": "AAAA"}, {"public_key": None},
    ],
    EnrolAnswer: [
        {"point": None}, {"root": "?"}, {"tree": 5}, {"now_at": "now"}, {"now_at": -1},
        {"now_at": True}, {"counter": -1}, {"counter": 1.5}, {"counter": 10**400},
    ],
    BatchAnswer: [
        {"verdict": "maybe"}, {"verdict": None}, {"upto_seq": -1}, {"upto_seq": "5"},
        {"now_at": None},
    ],
    Refusal: [{"code": ""}, {"values": []}, {"values": {"x": [1]}}, {"later": 1}],
}  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=lambda one: type(one).__name__)
def test_a_field_that_is_not_as_it_should_be_is_refused(said):
    for fields in BAD_FIELDS[type(said)]:
        data = json.dumps(json.loads(said.to_json()) | fields).encode()
        with pytest.raises(DocumentDamaged):
            type(said).from_json(data)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html>please sign in</html>", b"[1]", b"null", b"\xff\xfe", b"{",
        b'{"now_at": NaN}', b"[" * 60_000, b'{"a":' * 20_000, b"9" * 60_000,
        b'{"code": "x", "values": {"x": 1e999}}',
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
@pytest.mark.parametrize("read", [type(said).from_json for said in SAID])
def test_a_portals_page_is_no_answer(read: Callable[[bytes], object], data: bytes):
    with pytest.raises(DocumentDamaged):
        read(data)


@pytest.mark.parametrize("said", SAID, ids=lambda one: type(one).__name__)
def test_an_answer_that_goes_on_and_on_is_refused(said):
    longest = said.to_json().ljust(calls.MOST_JSON_BYTES)
    assert type(said).from_json(longest) == said
    with pytest.raises(DocumentDamaged):
        type(said).from_json(longest + b" ")


@pytest.mark.parametrize("said", SAID, ids=lambda one: type(one).__name__)
def test_a_torn_answer_is_never_another(said):
    whole = said.to_json()
    r = random.Random(11)
    for cut in range(len(whole)):
        with pytest.raises(DocumentDamaged):
            type(said).from_json(whole[:cut])
    for _ in range(500):
        bent = bytearray(whole)
        bent[r.randrange(len(bent))] ^= 1 << r.randrange(8)
        try:
            type(said).from_json(bytes(bent))
        except DocumentDamaged:
            continue
