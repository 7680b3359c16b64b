"""What the pages of the desk share: the ledger, asking again before a change, the log."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError, Value
from edge_server.ground import lan
from edge_server.ground.db import transaction
from edge_server.language import of_error
from edge_server.records import audit
from sync.centre.ledger import Ledger
from web import safety, visitor
from web.front import HERE
from web.page import draw
from web.shown import Field, Link
from web.signin import give_pin, remember
from web.site import Site


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is changed."""

    title: str
    lead: str
    word: str
    """On the button."""
    back: str
    """Where who does not want it goes."""
    bread: tuple[Link, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """One county centre as its pages see it."""

    site: Site
    ledger: Ledger

    def ask(self, question: Question) -> Response:
        """Ask whether something is meant, and for the PIN where it was not given lately."""
        return _asked(self.site, question)

    def confirmed(self, question: Question, act: Callable[[], Response]) -> Response:
        """Do what was asked, once the PIN was given; a wrong one asks again.

        Args:
            question: What was asked.
            act: Does it and answers; what it raises is shown as any error of a page.
        """
        try:
            token = self.prove()
        except EdgeError as error:
            return _asked(self.site, question, error)
        return self.with_session(act(), token)

    def with_session(self, answer: Response, token: str | None) -> Response:
        """Return an answer that gives the browser the session that `prove` began."""
        return remember(answer, token) if token else answer

    def prove(self) -> str | None:
        """Check the PIN of the form that was sent, where it was not given lately.

        Returns:
            The token of a new session for the browser; None: it has full rights.

        Raises:
            Refused: ``pin_wrong``.
            TooManyTries: Wait first.
        """
        return None if visitor.here().full else give_pin(self.site, request.form)

    def note(self, what: str, **values: Value) -> None:
        """Write down who did what, in the log that nobody can change unseen."""
        met = visitor.here()
        with transaction(self.site.box.db) as tx:
            audit.note(
                tx,
                self.site.box.clock,
                who=met.session.account.name if met.session else "",
                client=met.client,
                what=what,
                values=values,
            )

    def address(self) -> str:
        """Return host and port as a box is told them: what the technician types there.

        The first of the names that were set; else what this browser calls us by; else
        this machine's address in the LAN.
        """
        config = self.site.box.config
        host = safety.name_of(request.host).strip("[]")
        if config.names:
            host = config.names.split()[0]
        elif host in (*HERE, "localhost"):
            host = lan.addresses()[0]
        return (
            f"[{host}]:{config.machine_port}"
            if ":" in host
            else (f"{host}:{config.machine_port}")
        )


def unkept(answer: Response) -> Response:
    """Have no browser keep a page: it shows what is shown once."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def pin_field(error: EdgeError | None = None) -> Field:
    """Return the field for the PIN, with what was wrong with the last one."""
    told = of_error(error, visitor.here().lang) if error else None
    return Field("pin", wrong=f"{told.what} {told.do}".strip() if told else "")


def _asked(site: Site, question: Question, error: EdgeError | None = None) -> Response:
    return draw(
        site,
        "centre/ask.html",
        status=400 if error else 200,
        bread=question.bread,
        question=question,
        ask_pin=not visitor.here().full,
        pin_field=pin_field(error),
    )
