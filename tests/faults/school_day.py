"""A day at a teaching point, all at once: files dropped, sent and withdrawn, lessons used.

Four threads do what four people and programs do at the same time, and write down each
promise at the moment it was given. A promise is one line of JSON:

    {"given": {path, sha256, ...}}               durable in incoming/, or upload answered
    {"shown": path}                              its page was answered
    {"event": visit}                             its post was answered
    {"withdrawing": path} {"withdrawn": path}    before the request; once answered

What is not answered is asked again, for ever, with the same visit or the same bytes.
"""

import hashlib
import json
import os
import random
import secrets
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from edge_server.records import catalogue
from tests.boxes import PIN
from tests.faults.material import Material, Piece
from tests.faults.phone import NoAnswer, Phone

AGAIN_S = 0.3
EVENTS_AT_ONCE = 3

Ack = Callable[[str], None]


class SchoolDay:
    """What happens at one box until it is told to stop.

    Args:
        data: Its data folder.
        port: Where its pages are.
        box_id: Its id, which begins the id of every resource of its own.
        ack: Takes one line for each promise.
        material: Where files come from.
        seed: Decides order and pauses.
        drop_s: A file is dropped about so often.
        upload_s: A file is sent about so often.
        event_s: Events are posted about so often.
        withdraw_s: A resource is withdrawn about so often.
        enough: True while the box has so much to do that nothing new is given to it.
    """

    def __init__(
        self,
        data: Path,
        port: int,
        box_id: str,
        ack: Ack,
        material: Material,
        *,
        seed: int,
        drop_s: float,
        upload_s: float,
        event_s: float,
        withdraw_s: float,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        self.data = data
        self.port = port
        self.box_id = box_id
        self._ack = ack
        self._material = material
        self._enough = enough
        self._making = threading.Lock()
        self._rnd = random.Random(seed)
        self._given: deque[str] = deque()
        self._id_paths: dict[str, str] = {}
        self._shown: list[str] = []
        self._stopping = threading.Event()
        self._failed: list[BaseException] = []
        doings = (
            (self._drop, drop_s),
            (self._upload, upload_s),
            (self._use, event_s),
            (self._look, event_s),
            (self._withdraw, withdraw_s),
        )
        self._threads = [
            threading.Thread(target=self._again_and_again, args=doing, daemon=True)
            for doing in doings
        ]
        self._teacher = Phone(port)

    def begin(self) -> None:
        """Begin all of it."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop asking for anything new; what was begun is brought to its end or dropped."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def id_on_disk(self, path: str) -> str:
        """Return how the resource of a path is called in addresses."""
        return catalogue.disk_id(f"{self.box_id}/{self._id_paths[path]}")

    def _again_and_again(self, do: Callable[[], None], pause_s: float) -> None:
        try:
            while not self._stopping.wait(self._rnd.uniform(0.5, 1.5) * pause_s):
                do()
        except BaseException as error:
            self._failed.append(error)

    def _until_answered(self, ask: Callable[[], bool]) -> bool:
        """Ask until the answer is yes; False when the day ended before."""
        while not self._stopping.is_set():
            try:
                if ask():
                    return True
            except NoAnswer:
                pass
            self._stopping.wait(AGAIN_S)
        return False

    def _say(self, **promise: object) -> None:
        self._ack(json.dumps(promise, ensure_ascii=False))

    def _drop(self) -> None:
        if self._enough():
            return
        with self._making:
            kind = self._rnd.random()
            if kind < 0.1:
                name, packed, inside = self._material.archive()
                carrier = hashlib.sha256(packed).hexdigest()
                self._put(name, packed)
            elif kind < 0.25:
                # By a program that does not sync. Nothing is promised of these, but what
                # teachers see of them must be whole.
                for piece in self._material.heap():
                    path = self.data / "incoming" / piece.path
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(piece.data)
                return
            else:
                inside, carrier = [self._material.piece()], None
                self._put(inside[0].path, inside[0].data)
        self._give(inside, carrier)

    def _put(self, path: str, data: bytes) -> None:
        """Write a file into incoming/ as a careful program does."""
        target = self.data / "incoming" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f"{target.name}.part")
        with new.open("wb", buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())
        new.rename(target)
        folder = target.parent
        while True:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(descriptor)
            os.close(descriptor)
            if folder == self.data:
                return
            folder = folder.parent

    def _upload(self) -> None:
        if self._enough():
            return
        with self._making:
            piece = self._material.piece()
        name = piece.path.rpartition("/")[2]
        sent = Piece(name, piece.data, piece.word, piece.text_word)

        def send() -> bool:
            signed_in = "session" in self._teacher.cookies
            if not signed_in and not self._teacher.sign_in(PIN):
                return False
            return self._teacher.upload(sent.path, sent.data)

        if self._until_answered(send):
            self._give([sent], None)

    def _give(self, pieces: list[Piece], carrier: str | None) -> None:
        for piece in pieces:
            given = {
                "path": piece.path,
                "sha256": piece.sha256,
                "word": piece.word,
                "text_word": piece.text_word,
                "carrier": carrier,
            }
            self._say(given=given)
            self._id_paths[piece.path] = piece.id_path
            self._given.append(piece.path)

    def _use(self) -> None:
        if not self._shown:
            return
        path = self._rnd.choice(self._shown)
        view = secrets.token_hex(8)
        events = [
            {"kind": kind, "visit": f"{view}-{n}", "resource": self.id_on_disk(path)}
            for n, kind in enumerate(("opened", "played", "finished"))
        ][: self._rnd.randint(1, EVENTS_AT_ONCE)]
        events.append({"kind": "searched", "visit": f"{view}-s", "words": "古诗"})
        phone = Phone(self.port)

        def tell() -> bool:
            # Of a withdrawn resource nothing is kept, and nothing is promised.
            return phone.tell(events) or not phone.sees(self.id_on_disk(path))

        if self._until_answered(tell) and path in self._shown:
            for event in events:
                self._say(event=event["visit"])

    def _look(self) -> None:
        """Ask for the page of what was given, the oldest first, until it is there."""
        if not self._given:
            return
        path = self._given.popleft()
        try:
            if Phone(self.port).sees(self.id_on_disk(path)):
                self._say(shown=path)
                self._shown.append(path)
                return
        except NoAnswer:
            pass
        self._given.append(path)

    def _withdraw(self) -> None:
        if len(self._shown) < 5:
            return
        path = self._shown.pop(self._rnd.randrange(len(self._shown)))
        phone = Phone(self.port)
        self._say(withdrawing=path)
        one = self.id_on_disk(path)
        if self._until_answered(
            lambda: phone.withdraw(one, PIN) or not phone.sees(one)
        ):
            self._say(withdrawn=path)
