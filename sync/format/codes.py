"""One-time codes: what a technician types into a box so that it joins its county.

Sixteen letters, ``XXXX-XXXX-XXXX-XXXX``, in Crockford's base32 (no I, L, O, U). The first
eight are a secret of 40 bits. The last eight are a fingerprint of the county's TLS
authority, the same on each of its codes: the box learns the authority's certificate over
the open network, sees that it fits what was typed, and says the secret only to a server
that this authority vouches for.

Forty bits of a plain hash are found again within the hour on a graphics card, and who
stands between box and centre could then be the centre. So the fingerprint is taken with
scrypt: 32 MB and a tenth of a second a try, which makes years of it.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache

from edge_server.errors import WrongUsage

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HALF = 8
"""Letters of each half; five bits each."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = "-‐‑‒–—−_. "


class CodeUnreadable(WrongUsage):
    """Not sixteen letters of the alphabet."""

    code = "code_unreadable"


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code."""

    secret: str
    """Eight letters that only the centre and who got the code know."""
    authority: str
    """Eight letters: fingerprint of the county's authority."""

    def __str__(self) -> str:
        letters = self.secret + self.authority
        return "-".join(letters[at : at + 4] for at in range(0, 2 * HALF, 4))


def make_code(authority_der: bytes) -> Code:
    """Return a new code.

    Args:
        authority_der: Certificate of the county's authority.
    """
    secret = "".join(secrets.choice(ALPHABET) for _ in range(HALF))
    return Code(secret, _fingerprint(authority_der))


def parse_code(typed: str) -> Code:
    """Read a code as people type it: any case and width, with or without dashes.

    Raises:
        CodeUnreadable: There are not sixteen letters, or others than a code has.
    """
    text = unicodedata.normalize("NFKC", typed).upper()
    letters = "".join(c for c in text if c not in _BETWEEN).translate(_READ_AS)
    if len(letters) != 2 * HALF or not set(letters) <= set(ALPHABET):
        raise CodeUnreadable(letters=len(letters))
    return Code(letters[:HALF], letters[HALF:])


def fits(code: Code, authority_der: bytes) -> bool:
    """Say whether a certificate is that of the authority which a code names."""
    return secrets.compare_digest(code.authority, _fingerprint(authority_der))


@cache
def _fingerprint(authority_der: bytes) -> str:
    """Return 40 bits of a certificate; cached, since 2,000 codes are made at once."""
    forty_bits = int.from_bytes(
        hashlib.scrypt(
            authority_der,
            salt=b"edge-server authority 1",
            n=1 << 15,
            r=8,
            p=1,
            maxmem=64 << 20,
            dklen=5,
        )
    )
    return "".join(
        ALPHABET[forty_bits >> shift & 31] for shift in range(5 * (HALF - 1), -1, -5)
    )
