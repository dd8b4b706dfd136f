"""Offsets in a text as line and column, the way the engine counts them.

Only a line feed ends a line (so a carriage return belongs to the line), and
columns count code points: both tried on pyoxigraph.
"""

from __future__ import annotations

from onrecord.errors import Position


def position_at(text: str, offset: int) -> Position:
    """The line and column of `offset`; an offset past the end is the end.

    >>> position_at("ASK\\n{ }", 4)
    Position(line=2, column=1)
    """
    offset = max(0, min(offset, len(text)))
    start = text.rfind("\n", 0, offset) + 1
    return Position(text.count("\n", 0, offset) + 1, offset - start + 1)


def offset_at(text: str, position: Position) -> int:
    """The offset of a line and column; a position outside the text becomes the nearest end.

    >>> offset_at("ASK\\n{ }", Position(2, 1))
    4
    """
    start = 0
    for _ in range(position.line - 1):
        following = text.find("\n", start)
        if following < 0:
            return len(text)
        start = following + 1
    end = text.find("\n", start)
    return min(start + max(position.column, 1) - 1, len(text) if end < 0 else end)


def line_at(text: str, line: int) -> str:
    """The text of a line, counted from 1, without its end; empty when there is no such line.

    >>> line_at("ASK\\n{ }", 2)
    '{ }'
    """
    lines = text.split("\n", line)
    return lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
