"""What can go wrong, as codes and values, in two families.

An error carries a *code* and what was found or expected as *values*. Its sentence, and
what to do next, stand in `edge_server.language` in both languages: no sentence is ever
stored or raised. The family alone decides what the worker does: a `TemporaryError` is
tried again later, a `PermanentError` sets the thing aside with its reason.
"""

from typing import ClassVar

Value = str | int | float | bool | None
"""What an error may carry: it is kept in a row as JSON."""


class EdgeError(Exception):
    """The base of both families; never raised itself.

    Args:
        code: Key of the sentence in `edge_server.language`; a subclass may have one of
            its own, so that it need not be said.
        values: What was found, what was expected. Units stand in the names.
    """

    code: ClassVar[str] = ""

    def __init__(self, code: str = "", /, **values: Value) -> None:
        self.reason = code or type(self).code
        if not self.reason:
            raise ValueError("an error needs a code")
        self.values: dict[str, Value] = values
        super().__init__(self.reason, values)

    def __str__(self) -> str:
        told = " ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.reason} {told}".rstrip()


class TemporaryError(EdgeError):
    """It may work later: a full disk, a busy file, a stick pulled out."""


class PermanentError(EdgeError):
    """It will fail the same way each time: damaged, hostile or impossible."""


class Refused(PermanentError):
    """Something from outside that is not taken in; it is kept aside with this reason."""


class DiskFull(TemporaryError):
    """There is no room for ``needed_bytes`` beside floor and reservations."""

    code = "disk_full"


class WrongUsage(PermanentError):
    """A command, a form or a setting that does not fit; exit status 2."""


class Busy(TemporaryError):
    """Somebody else holds it; exit status 75."""

    code = "busy"


class Killed(TemporaryError):
    """A program that worked for us was ended by somebody else: a person, or the kernel for
    want of memory. Nothing is known of its input, so it is tried again, but not for ever.
    """

    code = "converter_killed"


class Stopped(TemporaryError):
    """Asked to stop in the middle: shutting down, or something more urgent waits."""

    code = "stopped"
