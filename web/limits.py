"""How much of the box one client, or all of them together, can hold.

The numbers are for a school: forty tablets with six connections each do not reach them,
and a program that wants to hold everything gets little.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the box one client, or all of them, can hold."""

    threads: int = 32
    """Pages and event streams answered at once; files need none."""
    connections: int = 256
    header_bytes: int = 16 * 1024
    line_bytes: int = 8190
    """Of the request line, and of one header; gunicorn allows no more."""
    header_s: float = 10.0
    """From the first byte of a request to the end of its head."""
    body_s: float = 20.0
    """Longest pause while a request's body is read or a page is written."""
    idle_s: float = 30.0
    """How long a kept-alive connection waits for a next request."""
    linger_s: float = 2.0
    stood_still_s: float = 30.0
    """A reader that took nothing for so long may be cut when others wait for its place."""
    grace_s: float = 5.0
    """How long responses may go on after the signal to stop."""
