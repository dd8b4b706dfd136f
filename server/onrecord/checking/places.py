"""Where in the folder's files a triple, or at least a name, stands."""

from __future__ import annotations

from onrecord.checking.reading import Contents
from onrecord.checking.scan import Index, key_of, scan
from onrecord.errors import Position
from onrecord.sparql import position_at
from onrecord.terms import RDF

Where = tuple[str, Position | None]
"""A file, and the position in it where that is known."""

_TYPE = f"<{RDF}type>"


class Places:
    """Looks up keys (see `scan`) in the texts of `contents`; a file is read only when it is asked about."""

    def __init__(self, contents: Contents) -> None:
        self._readings = {reading.name: reading for reading in contents.readings}
        self._base = contents.space.base
        self._indexes: dict[str, Index] = {}
        self._about: dict[str, list[str]] | None = None

    def in_file(
        self, name: str, subject: str, predicate: str, target: str, point: str = ""
    ) -> Position | None:
        """Where the file `name` states the triple, else the nearest to it: its pair, its subject, `point`.

        With `point`, one of the three, the column is that term's.
        """
        index = self._index(name)
        place = index.triples.get((subject, predicate, target)) or index.pairs.get((subject, predicate))
        if place is not None:
            at_object = (subject, predicate, target) in index.triples and point == target
            offset = place.object if at_object else place.predicate
            return self._position(name, offset)
        offsets = (index.subjects.get(subject), index.mentions.get(point or subject))
        return next((self._position(name, o) for o in offsets if o is not None), None)

    def find(self, subject: str, predicate: str = "", target: str = "") -> Where | None:
        """Where the folder states the triple; else where it says what `subject` is, or mentions it."""
        files = self._files_about(subject)
        for name in files:
            if place := self._index(name).triples.get((subject, predicate, target)):
                return name, self._position(name, place.object)
        for wanted in (predicate, _TYPE):
            for name in files:
                if place := self._index(name).pairs.get((subject, wanted)):
                    return name, self._position(name, place.subject if wanted == _TYPE else place.predicate)
        for name in files:
            return name, self._position(name, self._index(name).subjects[subject])
        return self.mention(subject)

    def mention(self, key: str) -> Where | None:
        """Where the folder first mentions a name."""
        for name in self._readings:
            offset = self._index(name).mentions.get(key)
            if offset is not None:
                return name, self._position(name, offset)
        return None

    def _files_about(self, subject: str) -> list[str]:
        """The files in which `subject` is one, in their order; the folder's own first."""
        if self._about is None:
            self._about = {}
            for reading in sorted(self._readings.values(), key=lambda r: not r.is_own):
                for key in dict.fromkeys(key_of(quad.subject) for quad in reading.quads):
                    self._about.setdefault(key, []).append(reading.name)
        return [n for n in self._about.get(subject, []) if subject in self._index(n).subjects]

    def _index(self, name: str) -> Index:
        if name not in self._indexes:
            self._indexes[name] = scan(self._readings[name].text, self._base)
        return self._indexes[name]

    def _position(self, name: str, offset: int) -> Position:
        return position_at(self._readings[name].text, offset)
