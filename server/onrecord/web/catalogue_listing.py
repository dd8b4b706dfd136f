"""The catalogue as somebody asks for it: searched, narrowed by tags, sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from onrecord.errors import ParameterError
from onrecord.saved.team.sizes import ResultSize
from onrecord.search.folding import fold
from onrecord.web.shared_queries import SharedQuery

Sizes = Mapping[tuple[str, str], ResultSize]

SORTS = {
    "name": "by name",
    "title": "by title",
    "author": "by author",
    "changed": "newest first",
    "size": "largest first",
}


@dataclass(frozen=True)
class Listing:
    """What is asked of the catalogue: words that all must occur, tags that all must be there, an order."""

    words: str = ""
    tags: tuple[str, ...] = ()
    sort: str = "name"

    def choose(self, queries: Sequence[SharedQuery], sizes: Sizes) -> list[SharedQuery]:
        """Those of `queries` that are asked for, in the order that is asked for."""
        wanted = fold(self.words).split()
        found = [
            shared
            for shared in queries
            if set(self.tags) <= set(shared.query.header.tags)
            and all(word in _searchable(shared) for word in wanted)
        ]
        by_name = sorted(found, key=lambda shared: shared.query.name)
        if self.sort == "title":
            return sorted(by_name, key=lambda shared: fold(shared.query.title))
        if self.sort == "author":
            return sorted(by_name, key=lambda shared: (not shared.author, fold(shared.author)))
        if self.sort == "size":
            return sorted(by_name, key=lambda shared: -_size(shared, sizes))
        if self.sort == "changed":
            return sorted(by_name, key=lambda shared: shared.saved, reverse=True)
        return by_name


def read_listing() -> Listing:
    """What the address of the current request asks for. Raises ParameterError."""
    sort = request.args.get("sort") or "name"
    if sort not in SORTS:
        raise ParameterError(f'"sort" has the value "{sort[:60]}"; known: {", ".join(SORTS)}.')
    tags = tuple(dict.fromkeys(tag for tag in request.args.getlist("tag") if tag))
    return Listing(request.args.get("q", "")[:500], tags, sort)


def _searchable(shared: SharedQuery) -> str:
    header = shared.query.header
    name = shared.query.name
    told = (name, name.replace("-", " "), header.summary, header.description, *header.tags, shared.author)
    return "\n".join(fold(text) for text in told)


def _size(shared: SharedQuery, sizes: Sizes) -> int:
    found = sizes.get((shared.query.name, shared.query.version))
    return found.size if found is not None else -1
