"""The address of the box, as text and as a QR code that a phone's camera reads."""

import io

import segno

from edge_server.cli.terminal import Terminal
from edge_server.ground import lan
from edge_server.ground.config import Config


def local(settings: Config) -> str:
    """Return the address on this machine itself."""
    return f"http://localhost{_port(settings)}"


def of_lan(settings: Config) -> str | None:
    """Return the address for phones, by IP, or None: there is no network."""
    if settings.host not in ("0.0.0.0", "::"):
        return f"http://{settings.host}{_port(settings)}"
    found = [ip for ip in lan.addresses() if not ip.startswith("127.")]
    return f"http://{found[0]}{_port(settings)}" if found else None


def show(terminal: Terminal, settings: Config) -> None:
    """Print where the box is."""
    url = of_lan(settings)
    terminal.say("在这台机器上：%(url)s", url=local(settings))
    if url is not None:
        terminal.say("手机和大屏：%(url)s", url=url)
        picture = io.StringIO()
        segno.make(url, error="l").terminal(picture, compact=True, border=1)
        print(picture.getvalue(), flush=True)


def _port(settings: Config) -> str:
    return "" if settings.port == 80 else f":{settings.port}"
