"""The watched folder's own watcher, from its start to its end."""

import logging
import threading

from watchdog.observers.inotify import InotifyWatchGroup

from sync.receivers.folder import FolderReceiver
from tests.boxes import make_box


def test_a_file_that_comes_while_it_stops_is_no_error_in_the_log(
    tmp_path, monkeypatch, caplog
):
    box = make_box(tmp_path / "box")
    read = InotifyWatchGroup.read_event
    seen, stopped = [], threading.Event()

    def read_late(group):
        """Hand the last event out once more when the watch is already gone."""
        event = read(group)
        if event is None:
            stopped.set()
            return seen[-1]
        seen.append(event)
        return event

    monkeypatch.setattr(InotifyWatchGroup, "read_event", read_late)
    stop = threading.Event()
    watching = threading.Thread(target=FolderReceiver(box).run, args=(stop,))
    watching.start()
    while not seen:
        (box.folder / "incoming" / "春晓.txt").write_text("春眠不觉晓")
        stop.wait(0.02)
    stop.set()
    watching.join()
    box.db.close()

    assert stopped.is_set()
    assert [
        one.getMessage() for one in caplog.records if one.levelno > logging.INFO
    ] == []
