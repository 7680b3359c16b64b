"""What an index lived through, and the fresh one that has only its end."""

from pathlib import Path

from indexer import fulltext
from indexer.fulltext import Entry, Words
from indexer.passages import Passage

Step = tuple[str, int, str]
"""``index``, ``remove`` or ``text``; which of the few things; the words."""


class History:
    """Steps done to an index, and what is to be in it after them."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._texts: dict[str, list[Passage]] = {}
        self._entries: dict[str, Entry] = {}

    def live(self, version: int, step: Step) -> None:
        """Do one step."""
        what, number, text = step
        object_id, resource_id = f"{number:064}", f"box/{number}"
        if what == "text":
            self._texts[object_id] = [Passage(text)]
            fulltext.keep_text(self.words, object_id, self._texts[object_id])
        elif what == "remove":
            self._entries.pop(resource_id, None)
            fulltext.remove(self.words, resource_id)
        else:
            objects = (object_id, f"{0:064}")
            entry = Entry(resource_id, version, text, text, objects=objects)
            self._entries[resource_id] = entry
            fulltext.index(self.words, entry)

    def fresh(self, folder: Path) -> Words:
        """Return a new index in a folder with what is left at the end."""
        words = fulltext.open_words(folder)
        for object_id, kept in self._texts.items():
            fulltext.keep_text(words, object_id, kept)
        for entry in self._entries.values():
            fulltext.index(words, entry)
        return words
