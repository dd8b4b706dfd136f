"""What is kept of a saved query: who made it, who may see it, and each of its texts for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from onrecord.identity.roles import Identity

Origin = Literal["team", "folder"]
Visibility = Literal["private", "team", "public"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)


@dataclass(frozen=True)
class QueryRecord:
    """One saved query through all its versions.

    `author` is the name of the identity that made it. `revision` counts every
    change, of its text or of what is told about it. `forked_from` is
    `name@number` of the version that it began as, or empty.
    """

    line: int
    origin: Origin
    name: str
    author: str
    visibility: Visibility
    is_archived: bool
    forked_from: str
    revision: int
    newest: int
    """Number of its newest version."""


@dataclass(frozen=True)
class QueryVersion:
    """One text of a saved query, which never changes; `saved` is the time (UTC) at which it was kept.

    Of a folder's query, `generation` is the one in which the text was first
    seen, and `commit` that of the folder's repository, if git knew the text.
    """

    number: int
    text: str
    hash: str
    saved: str
    who: str
    message: str
    generation: str = ""
    commit: str = ""


@dataclass(frozen=True)
class QueryEvent:
    """Something that happened to a saved query: `what` is a verb in the past, `message` says more."""

    happened: str
    who: str
    what: str
    message: str = ""


def is_visible(record: QueryRecord, identity: Identity) -> bool:
    """Whether `identity`, who may read, is shown the query `record`.

    >>> from onrecord.identity.roles import ANONYMOUS
    >>> of_the_team = QueryRecord(1, "team", "x", "ines", "team", False, "", 1, 1)
    >>> is_visible(of_the_team, ANONYMOUS)
    False
    """
    if record.origin == "folder" or record.visibility == "public":
        return True
    if identity.is_anonymous:
        return False
    return record.visibility == "team" or identity.name == record.author or identity.role == "admin"
