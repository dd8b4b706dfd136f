"""What is dated, in the order of time: contents of claims and the saying of statements, with open bounds."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.solutions import Reader
from onrecord.terms import REC


@dataclass(frozen=True)
class Moment:
    """A claim's content (`is_saying` false) or a statement's saying, in the time span `time`."""

    what: str
    is_saying: bool
    time: str
    not_before: str
    not_after: str
    fuzzy: bool


def find_moments(
    reader: Reader, page: int, size: int, *, sayings: bool, in_order: bool
) -> tuple[tuple[Moment, ...], bool]:
    """Page `page` of what happened, or of what was said, and whether there is another.

    In order means: by the earliest bound that is known, else by the latest.
    """
    prop = REC + ("saidDuring" if sayings else "happenedDuring")
    order = "ORDER BY (COALESCE(?from, ?to)) (COALESCE(?to, ?from)) ?time ?what " if in_order else ""
    text = (
        f"SELECT ?what ?time ?from ?to ?fuzzy {{ ?what <{prop}> ?time . "
        f"OPTIONAL {{ ?time <{REC}notBefore> ?from }} OPTIONAL {{ ?time <{REC}notAfter> ?to }} "
        f"OPTIONAL {{ ?time <{REC}fuzzy> ?fuzzy }} }} {order}LIMIT {size + 1} OFFSET {(page - 1) * size}"
    )
    rows = reader.select(text, size + 1).rows
    moments = tuple(
        Moment(
            row["what"].value,
            sayings,
            row["time"].value,
            row["from"].value if "from" in row else "",
            row["to"].value if "to" in row else "",
            "fuzzy" in row and row["fuzzy"].value in ("true", "1"),
        )
        for row in rows[:size]
    )
    return moments, len(rows) > size
