"""What is wrong with a file, with its place and the remedy."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.errors import Position


@dataclass(frozen=True)
class Finding:
    """Something that must be mended in a file.

    >>> str(Finding("queries/x.rq", Position(3, 5), "?who has no slot.", "Add VALUES ?who { UNDEF }."))
    'queries/x.rq:3:5: ?who has no slot. Add VALUES ?who { UNDEF }.'
    """

    path: str
    position: Position | None
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.position.line}:{self.position.column}" if self.position else self.path
        return f"{where}: {self.reason} {self.remedy}".rstrip()
