"""What a team saves: its queries with every version of them, and the history of the folder's."""

from __future__ import annotations

from onrecord.saved.team.composing import compose, normalize, split
from onrecord.saved.team.records import (
    VISIBILITIES,
    QueryEvent,
    QueryRecord,
    QueryVersion,
    Visibility,
    is_visible,
)
from onrecord.saved.team.shelf import QueryShelf

__all__ = [
    "VISIBILITIES",
    "QueryEvent",
    "QueryRecord",
    "QueryShelf",
    "QueryVersion",
    "Visibility",
    "compose",
    "is_visible",
    "normalize",
    "split",
]
