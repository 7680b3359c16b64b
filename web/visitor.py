"""Who is asking: language, size of letters, session; known for each request.

Preferences are cookies of the phone (language, 大字), because a phone in a village school
has one owner and no account. The language is the cookie's, else Chinese: a phone set to
English by its maker is no reason to greet a teacher in English.

The session is looked up only when a route or a page asks for it: what a page asks by
itself, such as the state of the box, must neither cost a row nor keep a session alive.
"""

import secrets
from functools import cached_property
from urllib.parse import urlsplit

from flask import Request, g

from edge_server.language import LANGUAGES, Words
from edge_server.records import accounts
from edge_server.records.accounts import Session
from web import safety
from web.site import Site

LANGUAGE, LARGE, SESSION, FORM = "lang", "large", "session", "form"
KEEP_S = 400 * 86_400
"""How long browsers keep a cookie at most; the box decides itself how long it counts."""
FORM_COOKIE_LENGTH = 32


class Visitor:
    """One request's visitor.

    Args:
        site: The site.
        request: The request.
    """

    def __init__(self, site: Site, request: Request) -> None:
        self._site = site
        self.token = request.cookies.get(SESSION)
        self.words = Words(request.cookies.get(LANGUAGE, LANGUAGES[0]))
        self.large = request.cookies.get(LARGE) == "1"
        self.client = request.remote_addr or ""
        """Network address."""
        address = request.full_path if request.query_string else request.path
        form = urlsplit(request.referrer or "").path
        self.back = address if request.method == "GET" else inside(form)
        """The page asked for, or the one whose form was sent, to come back to it."""
        self.form_cookie = request.cookies.get(FORM, "")
        """Binds the tokens of forms to this browser."""
        self.new_form_cookie = False
        """A form was drawn for a browser that does not have the cookie yet."""

    @property
    def lang(self) -> str:
        """``zh`` or ``en``."""
        return self.words.lang

    @property
    def other_lang(self) -> str:
        """The language to switch to."""
        return "en" if self.lang == "zh" else "zh"

    @cached_property
    def session(self) -> Session | None:
        """What this phone may do beside browsing."""
        box = self._site.box
        return accounts.session(box.db, box.clock, self.token)

    @property
    def full(self) -> bool:
        """Whether the PIN was given lately."""
        return self.session is not None and self.session.rights == "full"

    def form_token(self) -> str:
        """Return the token for a form that is being drawn."""
        if len(self.form_cookie) != FORM_COOKIE_LENGTH:
            self.form_cookie = secrets.token_hex(FORM_COOKIE_LENGTH // 2)
            self.new_form_cookie = True
        return safety.form_token(self._site.secret, self.form_cookie)


def here() -> Visitor:
    """Return the visitor of the present request."""
    visitor: Visitor = g.visitor
    return visitor


def inside(back: str | None) -> str:
    """Return an address of ours to go back to; the home page for any other."""
    if not back or not back.startswith("/") or back.startswith("//") or "\\" in back:
        return "/"
    parts = urlsplit(back)
    return back if back.isprintable() and not (parts.scheme or parts.netloc) else "/"
