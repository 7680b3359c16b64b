"""Video clients for a bench: many connections that read at the pace of a film.

Run as a process of its own, so that its cost is not the server's::

    python paced.py PORT PATH CLIENTS BYTES_PER_S SECONDS FILE_BYTES

Each client asks for the rest of the file from a place of its own, as a player that seeks
does. Bytes are taken with ``MSG_TRUNC``: the kernel counts them and copies nothing, so
the client's core is not the bottleneck. Prints ``started`` when all play, and in the end
one line of JSON: ``bytes`` taken, ``behind`` = how many clients got less than 90 % of
their pace.
"""

import json
import socket
import sys
import time
from contextlib import suppress

TICK_S = 0.02
RECEIVE_BUFFER_BYTES = 512 * 1024


def main() -> None:
    """Play as the command line says and print what was taken, as JSON."""
    port, path, count, rate, seconds, size = sys.argv[1:]
    clients = [
        start(int(port), path, number * int(size) // (2 * int(count)))
        for number in range(int(count))
    ]
    print("started", flush=True)
    taken = play(clients, int(rate), float(seconds))
    enough = 0.9 * int(rate) * float(seconds)
    behind = sum(got < enough for got in taken)
    print(json.dumps({"bytes": sum(taken), "behind": behind}), flush=True)


def start(port: int, path: str, offset: int) -> socket.socket:
    """Ask for the file from ``offset`` on and read the head of the answer."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    sock.connect(("127.0.0.1", port))
    sock.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes={offset}-\r\n\r\n".encode()
    )
    head = sock.recv(4096, socket.MSG_PEEK)
    assert head.startswith(b"HTTP/1.1 206"), head[:100]
    sock.setblocking(False)
    return sock


def play(clients: list[socket.socket], rate: int, seconds: float) -> list[int]:
    """Take ``rate`` bytes a second from each client; return what each one got."""
    taken = [0] * len(clients)
    buffer = bytearray(4 << 20)
    began = time.perf_counter()
    passed = 0.0
    while passed < seconds:
        time.sleep(TICK_S)
        passed = min(time.perf_counter() - began, seconds)
        for number, sock in enumerate(clients):
            due = int(rate * passed) - taken[number]
            if due > 0:
                with suppress(BlockingIOError):
                    taken[number] += sock.recv_into(buffer, due, socket.MSG_TRUNC)
    return taken


if __name__ == "__main__":
    main()
