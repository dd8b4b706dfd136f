"""Text spans against each other, and against the text of their source where it is at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pyoxigraph

from onrecord.checking.findings import Finding
from onrecord.checking.places import Places
from onrecord.checking.reading import Contents
from onrecord.checking.scan import key_of
from onrecord.errors import FolderError, Position
from onrecord.terms import RDF, RDFS, REC

_LONGEST_TEXT = 50_000_000
_WORDS_SHOWN = 3


@dataclass
class _Record:
    """What is said of one subject, by property: the objects' values, with file and keys of the triple."""

    values: dict[str, list[tuple[str, str, tuple[str, str, str]]]] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        found = self.values.get(name)
        return found[0][0] if found else None

    def number(self, name: str) -> int | None:
        value = self.first(name)
        return int(value) if value is not None and value.lstrip("+-").isdecimal() else None


class SpanCheck:
    """Sources, text spans, and the records that rest on them."""

    def __init__(self, contents: Contents, places: Places) -> None:
        self._places = places
        self._space = contents.space
        self._records: dict[str, _Record] = {}
        for reading in contents.readings:
            for quad in () if reading.is_shapes else reading.quads:
                if isinstance(quad.subject, pyoxigraph.NamedNode):
                    self._add(reading.name, quad)

    def check_repetitions(self) -> Iterator[Finding]:
        """Two spans for the same words of one source."""
        first: dict[tuple[str, int, int], str] = {}
        for name, span in self._typed("TextSpan"):
            source, start, end = span.first("inSource"), span.number("start"), span.number("end")
            if source is None or start is None or end is None:
                continue
            owner = first.setdefault((source, start, end), name)
            if owner != name:
                told = f"{self._show(name)} is the same stretch of the text as {self._show(owner)}."
                yield self._finding(name, "start", "span-twice", told, "Keep one, and use it for both.")

    def check_texts(self, directory: Path) -> Iterator[Finding]:
        """Spans and sources against the texts in `directory`, found by their SHA-256.

        Raises FolderError when there is no such directory.
        """
        texts = _find_texts(directory, {str(r.first("sha256")) for _, r in self._typed("Source")})
        found: dict[str, str] = {}
        for name, source in self._typed("Source"):
            digest = str(source.first("sha256"))
            if digest not in texts:
                told = f"No file in {directory} has the SHA-256 of {self._show(name)}, {digest[:12]}..."
                remedy = "Put the text there as it was read, byte for byte, or correct rec:sha256."
                yield self._finding(name, "sha256", "source-text", told, remedy)
                continue
            text = found[name] = texts[digest]
            if source.number("characters") != len(text):
                told = f"{self._show(name)} has {len(text)} code points."
                remedy = f"Write rec:characters {len(text)}."
                yield self._finding(name, "characters", "source-length", told, remedy)
        for name, span in self._typed("TextSpan"):
            if (text_of := found.get(str(span.first("inSource")))) is not None:
                yield from self._check_span(name, span, text_of)
        yield from self._check_labels(found)

    def _check_span(self, name: str, span: _Record, text: str) -> Iterator[Finding]:
        start, end = span.number("start"), span.number("end")
        if start is None or end is None or not 0 <= start < end:
            return
        words = text[start:end]
        if end > len(text):
            told = f"{self._show(name)} ends at {end}, and its source has {len(text)} code points."
            yield self._finding(name, "end", "span-offsets", told, "Correct rec:start and rec:end.")
        elif _digest(words) != span.first("sha256"):
            moved = _locate(text, start, end, str(span.first("sha256")))
            told = f"The words from {start} to {end} have another SHA-256 than {self._show(name)} tells."
            if moved is None:
                remedy = f"Correct the offsets, or write {_digest(words)}."
                yield self._finding(name, "sha256", "span-hash", told, remedy)
            else:
                remedy = f"Words with that SHA-256 stand from {moved[0]} to {moved[1]}."
                prop = "start" if moved[0] != start else "end"
                yield self._finding(name, prop, "span-offsets", told, remedy)
        elif (anchor := span.first("anchor")) is not None and not _begins(words, anchor):
            shown = " ".join(words.split()[:_WORDS_SHOWN])
            told = f"{self._show(name)} does not begin with its anchor."
            yield self._finding(name, "anchor", "span-anchor", told, f'It begins with "{shown}".')

    def _check_labels(self, found: dict[str, str]) -> Iterator[Finding]:
        for name, record in self._records.items():
            for span_name, _, _ in record.values.get("evidence", []):
                span = self._records.get(span_name, _Record())
                start, end = span.number("start"), span.number("end")
                text = found.get(str(span.first("inSource")))
                if text is None or start is None or end is None:
                    continue
                for label, file, keys in record.values.get("label", []):
                    if _folded(label) == _folded(text[start:end]):
                        yield Finding(
                            file,
                            self._places.in_file(file, *keys, point=keys[2]),
                            "label-is-text",
                            name,
                            f"The label of {self._show(name)} is the text of its span.",
                            "Write a paraphrase of your own: the article's sentences are not copied.",
                        )

    def _add(self, file: str, quad: pyoxigraph.Quad) -> None:
        predicate, target = quad.predicate.value, quad.object
        if not predicate.startswith((REC, RDF + "type", RDFS + "label")):
            return
        if isinstance(target, (pyoxigraph.NamedNode, pyoxigraph.Literal)):
            assert isinstance(quad.subject, pyoxigraph.NamedNode)
            keys = key_of(quad.subject), key_of(quad.predicate), key_of(target)
            local = predicate.rpartition("#")[2]
            record = self._records.setdefault(quad.subject.value, _Record())
            record.values.setdefault(local, []).append((target.value, file, keys))

    def _typed(self, cls: str) -> Iterator[tuple[str, _Record]]:
        for name, record in self._records.items():
            if any(value == REC + cls for value, _, _ in record.values.get("type", [])):
                yield name, record

    def _finding(self, name: str, prop: str, code: str, sentence: str, remedy: str) -> Finding:
        file, position = self._place(name, prop)
        return Finding(file, position, code, name, sentence, remedy)

    def _place(self, name: str, prop: str) -> tuple[str, Position | None]:
        values = self._records[name].values
        _, file, keys = (values.get(prop) or values["type"])[0]
        return file, self._places.in_file(file, *keys, point=keys[2])

    def _show(self, name: str) -> str:
        return self._space.shorten(name)


def _find_texts(directory: Path, wanted: set[str]) -> dict[str, str]:
    """The texts of the files below `directory` whose SHA-256 is `wanted`."""
    if not directory.is_dir():
        raise FolderError(f"There is no directory {directory}. Name one that holds the texts, with --source.")
    found: dict[str, str] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.stat().st_size <= _LONGEST_TEXT:
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            if digest in wanted:
                found[digest] = data.decode("utf-8", errors="replace")
    return found


def _locate(text: str, start: int, end: int, digest: str) -> tuple[int, int] | None:
    """Where words of that SHA-256 stand in `text`, if one offset is wrong or both by as much."""
    length = end - start
    tried = chain(
        ((start, other) for other in range(start + 1, len(text) + 1)),
        ((other, end) for other in range(end)),
        ((other, other + length) for other in range(len(text) - length + 1)),
    )
    return next((place for place in tried if _digest(text[slice(*place)]) == digest), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()


def _begins(words: str, anchor: str) -> bool:
    return " ".join(words.split()).startswith(" ".join(anchor.split()))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
