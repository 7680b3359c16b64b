"""The county's own authority, and the certificate of the centre's server.

::

    keys/authority.pem authority.crt   pinned by each box when it joins, never changed
    keys/server.pem server.crt         the server's key, and its certificate with the
                                       authority's behind it: what TLS servers read

No public authority is asked: most centres have no name in the DNS. A box checks names and
signatures and disregards dates, since it may believe it is 1970; browsers of the desk do
look at dates, and at most 825 days ahead. So the authority lasts 20 years, and the
server's certificate is made anew, with the key it has, when the names change or it has
less than a year to go.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_server.errors import PermanentError, WrongUsage
from edge_server.ground import durable

FOLDER = "keys"
AUTHORITY_LASTS = timedelta(days=7305)
SERVER_LASTS = timedelta(days=820)
SERVER_RENEWED = timedelta(days=365)
"""Before its end."""
BEGAN_BEFORE = timedelta(days=2)
"""So that a clock a little behind does not refuse it."""
OWNER_ONLY = 0o600
HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


@dataclass(frozen=True, slots=True)
class Server:
    """What a TLS server reads."""

    certificate: Path
    """PEM: the server's, then the authority's."""
    key: Path


def authority(folder: Path) -> bytes:
    """Return the certificate of the county's authority, DER.

    Args:
        folder: The data folder.

    Raises:
        PermanentError: ``not_a_centre``: there is none.
    """
    path = folder / FOLDER / "authority.crt"
    if not path.exists():
        raise PermanentError("not_a_centre")
    return _der(x509.load_pem_x509_certificate(path.read_bytes()))


def server_certificate(folder: Path, names: Iterable[str], *, now_at: float) -> Server:
    """Return a certificate for these names, made anew where the one there does not do.

    Args:
        folder: The data folder; ``keys/`` in it exists.
        names: Host names, IPv4 and IPv6 addresses under which boxes and desks call.
        now_at: Unix seconds, UTC.

    Raises:
        WrongUsage: ``server_name_wrong``.
    """
    keys = folder / FOLDER
    now = datetime.fromtimestamp(now_at, UTC)
    wanted = x509.SubjectAlternativeName(_general(name) for name in sorted(set(names)))
    issuer, issuer_key = _authority(keys, now)
    made = Server(certificate=keys / "server.crt", key=keys / "server.pem")
    if made.certificate.exists():
        known = x509.load_pem_x509_certificates(made.certificate.read_bytes())
        same_names = _names(known[0]) == wanted
        if (
            same_names
            and known[-1] == issuer
            and known[0].not_valid_after_utc - now > SERVER_RENEWED
        ):
            return made
    key = _key(made.key)
    server = (
        _builder("edge-server", issuer.subject, key, now, SERVER_LASTS)
        .add_extension(wanted, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    durable.write(made.certificate, _pem(server) + _pem(issuer))
    return made


def _authority(
    keys: Path, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    path = keys / "authority.crt"
    key = _key(keys / "authority.pem")
    if path.exists():
        return x509.load_pem_x509_certificate(path.read_bytes()), key
    name = "edge-server county authority"
    made = (
        _builder(name, _named(name), key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    durable.write(path, _pem(made))
    return made, key


def _builder(
    subject: str,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEGAN_BEFORE)
        .not_valid_after(now + lasts)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        if HOST_NAME.fullmatch(name) is None:
            raise WrongUsage("server_name_wrong", name=name) from None
        return x509.DNSName(name)


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key that lies there, made where there is none."""
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise PermanentError("key_unreadable", path=str(path))
        return key
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    durable.write(path, pem, mode=OWNER_ONLY)
    return key


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
