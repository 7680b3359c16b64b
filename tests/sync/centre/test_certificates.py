"""The county's authority, as boxes and browsers see it: through real TLS."""

import hashlib
import socket
import ssl
import stat
import threading

import pytest
from cryptography import x509

from edge_server.errors import PermanentError, WrongUsage
from sync.centre import certificates

NOW = 1_790_000_000.0
DAY_S = 86_400
NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL: what a box sets."""
NAMES = ("centre.example.cn", "127.0.0.1", "2001:db8::1")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "keys").mkdir(mode=0o700)
    return tmp_path


def shake_hands(folder, name, *, now_at=NOW, names=NAMES, pinned=None, flags=0):
    """Greet a server under a name and return its certificate, DER."""
    made = certificates.server_certificate(folder, names, now_at=now_at)
    here, there = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.verify_flags |= ssl.VERIFY_X509_STRICT | flags
    client.load_verify_locations(cadata=pinned or certificates.authority(folder))

    def answer():
        try:
            server.wrap_socket(there, server_side=True).close()
        except OSError:
            there.close()

    answering = threading.Thread(target=answer)
    answering.start()
    try:
        with client.wrap_socket(here, server_hostname=name) as shaken:
            return shaken.getpeercert(binary_form=True)
    finally:
        here.close()
        answering.join()


@pytest.mark.parametrize("name", NAMES)
def test_a_box_that_pinned_the_authority_knows_the_server_by_each_name(folder, name):
    assert shake_hands(folder, name, flags=NO_CHECK_TIME)


@pytest.mark.parametrize("name", ["other.example.cn", "192.0.2.9"])
def test_another_name_is_another_server(folder, name):
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(folder, name, flags=NO_CHECK_TIME)


@pytest.mark.parametrize("made_at", [0, 2_400_000_000, 4_070_908_800])
def test_dates_do_not_matter_to_a_box(folder, made_at):
    """Made in 1970, 2046 and 2099 by the centre's clock: not in force, by ours."""
    assert shake_hands(folder, NAMES[0], now_at=made_at, flags=NO_CHECK_TIME)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(folder, NAMES[0], now_at=made_at)


def test_the_authority_of_another_county_vouches_for_nothing(folder, tmp_path):
    other = tmp_path / "other"
    (other / "keys").mkdir(parents=True)
    certificates.server_certificate(other, NAMES, now_at=NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(
            folder, NAMES[0], pinned=certificates.authority(other), flags=NO_CHECK_TIME
        )


def test_new_names_get_a_new_certificate_below_the_same_authority(folder):
    made = certificates.server_certificate(folder, NAMES, now_at=NOW)
    before = made.certificate.read_bytes(), made.key.read_bytes()
    authority = certificates.authority(folder)
    certificates.server_certificate(folder, reversed(NAMES), now_at=NOW)
    assert (made.certificate.read_bytes(), made.key.read_bytes()) == before
    shake_hands(folder, "new.example.cn", names=("new.example.cn",),
                flags=NO_CHECK_TIME)  # fmt: skip
    assert certificates.authority(folder) == authority
    assert made.certificate.read_bytes() != before[0]


def test_it_is_made_anew_a_year_before_its_end(folder):
    def server():
        made = certificates.server_certificate(folder, NAMES, now_at=at)
        return x509.load_pem_x509_certificates(made.certificate.read_bytes())

    at = NOW
    first, authority = server()
    lasts = first.not_valid_after_utc - first.not_valid_before_utc
    assert lasts.days <= 825, "browsers take no longer one"
    assert (authority.not_valid_after_utc - authority.not_valid_before_utc).days > 7300
    at = NOW + 400 * DAY_S
    assert server() == [first, authority]
    at = NOW + 460 * DAY_S
    assert server()[0] != first


def test_the_server_hands_out_the_authority_that_a_code_names(folder):
    made = certificates.server_certificate(folder, NAMES, now_at=NOW)
    chain = x509.load_pem_x509_certificates(made.certificate.read_bytes())
    named = hashlib.sha256(certificates.authority(folder)).digest()
    assert chain[1].fingerprint(certificates.hashes.SHA256()) == named


def test_keys_are_their_owners(folder):
    certificates.server_certificate(folder, NAMES, now_at=NOW)
    for name in ("authority.pem", "server.pem"):
        assert stat.S_IMODE((folder / "keys" / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "县中心", "a b", "http://x", "x" * 300])
def test_what_is_no_name_is_said(folder, name):
    with pytest.raises(WrongUsage) as caught:
        certificates.server_certificate(folder, (name,), now_at=NOW)
    assert caught.value.reason == "server_name_wrong"


def test_a_school_has_no_authority(folder):
    with pytest.raises(PermanentError) as caught:
        certificates.authority(folder)
    assert caught.value.reason == "not_a_centre"
