"""The production server: one process, one listening socket, an orderly stop.

gunicorn's parser and response under our own connection loop (`web.offload`), without
gunicorn's arbiter: a master that only watches one worker is what systemd already does.
With a small Flask application that is 27 MB of memory (PSS) instead of 38 MB, measured,
and no heartbeat file. Never the development server.
"""

import errno
import gc
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from wsgiref.types import WSGIApplication

from edge_server.errors import PermanentError, TemporaryError, WrongUsage
from web.limits import Limits
from web.offload import OffloadWorker

BACKLOG = 256
MOST_PORT = 65_535


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen, before anything slow is done, so that trouble shows at once.

    Args:
        host: An address; one with a colon is IPv6.
        port: 0 lets the kernel choose; ask ``getsockname()``.

    Raises:
        TemporaryError: ``port_taken``: another program listens there.
        PermanentError: ``port_forbidden``: below 1024 needs a right we lack;
            ``address_unknown``: the address is not of this machine.
        WrongUsage: No port has this number.
    """
    if not 0 <= port <= MOST_PORT:
        raise WrongUsage("setting_wrong", key="port", value=str(port))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise PermanentError("address_unknown", host=host) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            # As text: a number is said with commas.
            raise TemporaryError("port_taken", port=str(port)) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise PermanentError("port_forbidden", port=str(port)) from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise PermanentError("address_unknown", host=host) from error
        raise


def serve(
    app: WSGIApplication,
    *,
    host: str = "0.0.0.0",
    port: int = 8080,
    threads: int = 32,
    listener: socket.socket | None = None,
    limits: Limits | None = None,
    on_ready: Callable[[int], None] | None = None,
) -> None:
    """Serve ``app`` until SIGTERM or SIGINT, then return within ``limits.grace_s``.

    Call it on the main thread: it takes over both signals while it runs. A second signal
    ends the process at once. In a test, `OffloadWorker` can be run and stopped without.

    Args:
        app: The WSGI application.
        host: Address to listen on, unless a ``listener`` is given.
        port: Port to listen on, likewise.
        threads: Requests answered at once.
        listener: A socket from `listen`, bound earlier.
        limits: What clients may take; ``threads`` is put in.
        on_ready: Told the port when clients can connect.

    Raises:
        TemporaryError, PermanentError: As `listen`.
    """
    listener = listener or listen(host, port)
    worker = OffloadWorker(app, listener, replace(limits or Limits(), threads=threads))

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        worker.stop()

    before = {}
    if threading.current_thread() is threading.main_thread():
        signals = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, stop) for number in signals}
    # What was made to start with stays: looking through it again and again for garbage
    # took a third of the time of a centre's page of 2,000 points.
    gc.collect()
    gc.freeze()
    if on_ready is not None:
        on_ready(listener.getsockname()[1])
    try:
        worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
