"""What `onrecord check` reports: one thing to mend, with its place and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onrecord.errors import Position

Progress = Callable[[str], None]
"""Told what is being done, in a few words."""


@dataclass(frozen=True)
class Finding:
    """Something that must be mended in a file of the folder.

    `file` is the path in the folder, with `/`; `position` is None where only
    the file is known. `code` names the rule and stays the same between
    versions; `term` is the IRI that the finding is about, or empty.

    >>> str(Finding("triples/x.ttl", Position(3, 5), "syntax", "", "A dot is missing.", "Add it."))
    'triples/x.ttl:3:5: syntax: A dot is missing. Add it.'
    """

    file: str
    position: Position | None
    code: str
    term: str
    sentence: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.position.line}:{self.position.column}" if self.position else self.file
        return f"{where}: {self.code}: {self.message}"

    @property
    def message(self) -> str:
        """The sentence and the remedy."""
        return f"{self.sentence} {self.remedy}".rstrip()

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """By file, then from top to bottom; what concerns a whole file comes first."""
        line, column = (self.position.line, self.position.column) if self.position else (0, 0)
        return self.file, line, column, self.code, self.sentence
