"""Who may ask for what: every route says so, and one that does not is closed to all.

At a school anyone on the LAN may browse and play. A phone that gave the teacher's PIN
may upload. Whoever gave it just now may withdraw; such a route is open to the former too,
because it asks for the PIN again itself. At a county centre nobody is just anyone: only
the door stands open, and every page behind it needs the account.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

View = Callable[..., Any]


class Right(Enum):
    """What a route asks of its visitor."""

    DOOR = "door"
    """Nothing, anywhere: the look, the language, signing in."""
    ANYONE = "anyone"
    """Nothing at a school; the account at a county centre."""
    TEACHER = "teacher"
    """A session of a phone that gave the PIN."""
    FULL = "full"
    """The PIN was given lately; the route asks for it where it was not."""


class Proof(Enum):
    """How a request that changes something proves where it comes from."""

    FORM = "form"
    """Our origin and the form's token in its body."""
    ADDRESS = "address"
    """Our origin and the token in the address: the body is too long to read first."""
    JSON = "json"
    """Our origin and a JSON body, for what needs no session at all."""


def open_to(
    right: Right, *, most_bytes: int | None = None, proof: Proof = Proof.FORM
) -> Callable[[View], View]:
    """Say who may call a view.

    Args:
        right: What it asks.
        most_bytes: Longest body it reads; None: the site's short default.
        proof: How it is protected against other pages when it changes something.
    """

    def mark(view: View) -> View:
        vars(view).update(right=right, most_bytes=most_bytes, proof=proof)
        return view

    return mark


def right_of(view: View) -> Right | None:
    """Return what a view asks; None: nobody said, so nobody may."""
    found: Right | None = getattr(view, "right", None)
    return found


def most_bytes_of(view: View) -> int | None:
    """Return the longest body a view reads, None for the site's default."""
    found: int | None = getattr(view, "most_bytes", None)
    return found


def proof_of(view: View) -> Proof:
    """Return how a view is protected against other pages."""
    found: Proof = getattr(view, "proof", Proof.FORM)
    return found
