"""A real nginx on loopback with the shipped configuration, before a running server."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.web.serving import PROJECT, Running
from web.server import listen

PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"
SHIPPED = PROJECT / "scripts" / "nginx" / "edge-server.conf"
# What Debian's own nginx.conf would say, kept inside one folder. The test's folders are
# closed to other users, so nginx stays who it is.
AROUND = """\
daemon off;
user root;
worker_processes 1;
pid @OWN@/pid;
error_log @OWN@/error.log;
events {}
http {
    access_log off;
    include /etc/nginx/mime.types;
    client_body_temp_path @OWN@/body;
    proxy_temp_path @OWN@/proxy;
    fastcgi_temp_path @OWN@/fastcgi;
    uwsgi_temp_path @OWN@/uwsgi;
    scgi_temp_path @OWN@/scgi;
    include @OWN@/site.conf;
}
"""


@contextmanager
def nginx(own: Path, data: Path, behind: Running) -> Iterator[Running]:
    """Start nginx before ``behind``, with ``data`` as the box's data folder."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    own.mkdir()
    values = {
        "@LISTEN@": f"127.0.0.1:{port}",
        "@PORT@": str(behind.port),
        "@DATA@": str(data),
        "@OWN@": str(own),
    }
    for name, text in (("nginx.conf", AROUND), ("site.conf", SHIPPED.read_text())):
        for mark, value in values.items():
            text = text.replace(mark, value)
        (own / name).write_text(text)
    process = subprocess.Popen(
        [PROGRAM, "-p", str(own), "-c", str(own / "nginx.conf"), "-e", "stderr"],
        text=True,
    )
    try:
        _wait_for(port)
        yield replace(behind, process=process, port=port)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 5.0
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until, "nginx did not start"
            time.sleep(0.02)
        else:
            return
