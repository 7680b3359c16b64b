"""What is said to people, in Chinese and English: pages, terminal, reasons of errors.

Chinese is the source. A sentence of a page or the terminal stands in the code as it is
read, in Chinese, and is its own key in the gettext catalogue; English is looked up in
``locales/en``. A missing English sentence fails a test, not a teacher: she would read it
in Chinese. Sentences that belong to an error's code stand in `sentences`, one table a
room, because rows keep codes and the sentence may change after the row was written.

The compiled catalogue is not kept with the source: set-up runs ``pybabel compile``. Where
that was forgotten, English fails loudly at once instead of quietly speaking Chinese.
"""

import gettext
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edge_server.errors import EdgeError, PermanentError, Value
from edge_server.language import say, sentences
from edge_server.language.sentence import Sentence

LANGUAGES = ("zh", "en")
LOCALES = Path(__file__).parent / "locales"
DOMAIN = "pages"


class NotCompiled(PermanentError):
    """Set-up has not compiled the catalogue of a language."""

    code = "language_not_compiled"


@dataclass(frozen=True, slots=True)
class Told:
    """An error in words."""

    what: str
    """What happened and what is safe."""
    do: str
    """What to do next; empty where nothing needs doing."""


class Words:
    """Everything that is said in one language.

    Args:
        lang: ``zh`` or ``en``; anything else is spoken to in Chinese.

    Raises:
        NotCompiled: English is asked for and its catalogue was never compiled.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self._catalogue = _catalogue(self.lang)

    @property
    def html_lang(self) -> str:
        """The value of the ``lang`` attribute of a page."""
        return "zh-CN" if self.lang == "zh" else "en"

    def _(self, message: str, /, **values: object) -> str:
        """Say a sentence; ``%(names)s`` in it are filled from ``values``."""
        said = self._catalogue.gettext(message)
        return said % values if values else said

    def ngettext(self, one: str, many: str, num: int, /, **values: object) -> str:
        """Say a sentence that counts; ``%(num)s`` in it is the number."""
        said = self._catalogue.ngettext(one, many, num)
        return said % {"num": self.number(num), **values}

    def join(self, *sentences: str) -> str:
        """Say sentences one after the other; empty ones are left out."""
        between = "" if self.lang == "zh" else " "
        return between.join(one for one in sentences if one)

    def told(self, code: str, values: Mapping[str, Value] | None = None) -> Told:
        """Say what an error's code means and what to do about it."""
        return sentence(code, values or {}, self.lang)

    def number(self, value: int) -> str:
        """Say a whole number: ``12,345``."""
        return f"{value:,}"

    def size(self, size_bytes: float) -> str:
        """Say a length in bytes: ``86 MB``, ``1.4 GB``."""
        return say.size(size_bytes)

    def clock(self, seconds: float) -> str:
        """Say a place in a film: ``12:04``, ``1:02:33``."""
        return say.clock(seconds)

    def duration(self, seconds: float) -> str:
        """Say how long something takes: ``6 分 12 秒``."""
        return say.duration(seconds, self.lang)

    def when(self, at: float, now: float) -> str:
        """Say a moment as people do: ``今天 02:14``, ``昨晚``, ``星期三``, ``11月25日``."""
        return say.when(at, now, self.lang)

    def ahead(self, at: float, now: float) -> str:
        """Say a moment within the week to come: ``今晚 22:00``, ``星期三 06:00``."""
        return say.ahead(at, now, self.lang)

    def day(self, at: float) -> str:
        """Say a day of the year: ``11月25日``."""
        return say.day(at, self.lang)

    def weekday(self, at: float) -> str:
        """Say a day of the week: ``星期三``."""
        return say.weekday(at, self.lang)


def sentence(code: str, values: Mapping[str, Value], lang: str) -> Told:
    """Put an error's code and values into words.

    A value whose name ends in ``_bytes`` is said as a size and one in ``_s`` as a
    duration. A code of a newer program, read back from a row, has no sentence here: it is
    said as it is rather than hidden.
    """
    found = all_sentences().get(code)
    if found is None:
        return Told(what=code, do="")
    spoken = _Spoken(
        {name: _spoken(name, value, lang) for name, value in values.items()}
    )
    what, do = (found.zh, found.zh_do) if lang == "zh" else (found.en, found.en_do)
    return Told(what.format_map(spoken), do.format_map(spoken))


def of_error(error: EdgeError, lang: str) -> Told:
    """Put a raised error into words."""
    return sentence(error.reason, error.values, lang)


@cache
def all_sentences() -> Mapping[str, Sentence]:
    """Return the sentences of every room by code; a test sees to it that none is twice."""
    found: dict[str, Sentence] = {}
    for table in tables().values():
        found.update(table)
    return found


@cache
def tables() -> Mapping[str, Mapping[str, Sentence]]:
    """Return the table of each room."""
    return {
        room.name: importlib.import_module(
            f"{sentences.__name__}.{room.name}"
        ).SENTENCES
        for room in pkgutil.iter_modules(sentences.__path__)
    }


class _Spoken(dict[str, str]):
    """Values of a sentence; one that the row did not keep is left open, not an error."""

    def __missing__(self, name: str) -> str:
        return "…"


def _spoken(name: str, value: Value, lang: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if name.endswith("_bytes"):
            return say.size(value)
        if name.endswith("_s"):
            return say.duration(value, lang)
        return f"{value:,}"
    return "…" if value is None else str(value)


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    if lang == "zh":
        return gettext.NullTranslations()
    try:
        return gettext.translation(DOMAIN, LOCALES, [lang])
    except FileNotFoundError as error:
        raise NotCompiled(lang=lang) from error
