"""A teacher's phone: pages, uploads and usage events over real HTTP.

Whatever has not been answered did not happen: the phone keeps it and says it again, as the
pages' own script does. A request on a connection that breaks raises `NoAnswer`.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode

PATIENCE_S = 30.0
_TOKEN = re.compile(r'name="csrf"[^>]* value="([0-9a-f]+)"|[?&]csrf=([0-9a-f]+)')


class NoAnswer(Exception):
    """The box was away, or went away before it had answered."""


@dataclass(slots=True)
class Phone:
    """One browser with its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        address: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send one request on a connection of its own; return status and body.

        Raises:
            NoAnswer: There was none, or not all of it.
        """
        own = f"127.0.0.1:{self.port}"
        told = {"Host": own, "Origin": f"http://{own}", **(headers or {})}
        if self.cookies:
            told["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        client = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            client.request(method, address, body or None, told)
            answer = client.getresponse()
            said = answer.read()
        except (OSError, HTTPException) as error:
            raise NoAnswer(address) from error
        finally:
            client.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value
        return answer.status, said

    def sign_in(self, pin: str) -> bool:
        """Give the PIN; return whether it was taken."""
        form = {"pin": pin, "csrf": self._token("/signin")}
        return self._post("/signin", form) == 302 and "session" in self.cookies

    def upload(self, name: str, data: bytes) -> bool:
        """Send a file; return whether the box said that it has it."""
        edge = secrets.token_hex(12)
        body = (
            f"--{edge}\r\nContent-Disposition: form-data; name=file;"
            f' filename="{name}"\r\n\r\n'.encode()
            + data
            + f"\r\n--{edge}--\r\n".encode()
        )
        status, said = self.ask(
            "POST",
            f"/upload?csrf={self._token('/upload')}",
            body,
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "Accept": "application/json",
            },
        )
        return status == 200 and "next" in json.loads(said)

    def tell(self, events: Sequence[Mapping[str, object]]) -> bool:
        """Send usage events; return whether the box has kept each of them."""
        status, said = self.ask(
            "POST",
            "/usage",
            json.dumps({"events": events}).encode(),
            {"Content-Type": "application/json"},
        )
        return status == 200 and json.loads(said)["kept"] == len(events)

    def sees(self, id_on_disk: str) -> bool:
        """Return whether the page of a resource is there."""
        return self.ask("GET", f"/resource/{id_on_disk}")[0] == 200

    def finds(self, words: str, id_on_disk: str) -> bool:
        """Return whether a search shows a resource."""
        status, said = self.ask("GET", f"/search?q={quote(words)}")
        return status == 200 and f"/resource/{id_on_disk}".encode() in said

    def withdraw(self, id_on_disk: str, pin: str) -> bool:
        """Take a resource out of the library; return whether the box said so."""
        address = f"/withdraw/{id_on_disk}"
        form = {"pin": pin, "csrf": self._token(address)}
        return self._post(address, form) == 302

    def _post(self, address: str, form: Mapping[str, str]) -> int:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", address, urlencode(form).encode(), kind)[0]

    def _token(self, address: str) -> str:
        found = _TOKEN.search(self.ask("GET", address)[1].decode())
        return (found[1] or found[2]) if found else ""
