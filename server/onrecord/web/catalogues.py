"""The languages that pages are written in: English, the source, and one catalogue of messages for each other.

A catalogue is `translations/LANGUAGE.po`. It is read when the server starts and
compiled in memory, so a further language is one file and no build step.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from onrecord.web.names import direction


@dataclass(frozen=True)
class Tongue:
    """A language that pages are written in: its tag, its name in itself, `ltr` or `rtl`."""

    code: str
    name: str
    direction: str


ENGLISH = Tongue("en", "English", "ltr")


def mark(message: str) -> str:
    """`message` itself: tells who collects messages that this one is shown on pages, translated there.

    >>> mark("Claims with this term")
    'Claims with this term'
    """
    return message


class Catalogues:
    """The messages of every language, by its tag."""

    def __init__(self, folder: Path) -> None:
        read = {path.stem: _read(path) for path in sorted(folder.glob("*.po"))}
        self._messages: dict[str, NullTranslations] = {ENGLISH.code: NullTranslations(), **read}
        self.tongues = (ENGLISH, *(_name(code) for code in read))
        """English first, the others by tag."""

    def find(self, code: str) -> Tongue | None:
        """The language with that tag, if pages are written in it."""
        return next((tongue for tongue in self.tongues if tongue.code == code), None)

    def messages(self, tongue: Tongue) -> NullTranslations:
        """What pages say in `tongue`; a message that it does not have is said in English."""
        return self._messages[tongue.code]


def _read(path: Path) -> Translations:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _name(code: str) -> Tongue:
    locale = Locale.parse(code)
    return Tongue(code, locale.get_display_name(code) or code, direction(code))
