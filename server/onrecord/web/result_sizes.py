"""How large results were, remembered for the catalogue."""

from __future__ import annotations

from typing import cast

from flask import current_app

from onrecord.engine import Generation
from onrecord.saved.team.sizes import ResultSize, SizeNotes
from onrecord.web.asked_query import AskedQuery
from onrecord.web.catalogue_listing import Sizes
from onrecord.web.site import Site, site

KEY = "onrecord.sizes"
"""Where the application keeps what is remembered of sizes."""


def known_sizes(here: Site) -> Sizes:
    """Sizes of results on this generation, where they are known."""
    notes = _notes()
    return notes.sizes(here.engine.generation().label) if notes is not None else {}


def note_size(asked: AskedQuery, generation: Generation, size: int, *, is_more: bool) -> None:
    """Remember how large the result is, when all of it was asked for and nothing was filled in."""
    notes = _notes()
    if generation != site().newest():
        return  # the catalogue tells sizes of the newest
    is_whole = not asked.pairs and asked.shared.is_newest and asked.options.limit is None
    if notes is not None and is_whole and not asked.options.offset:
        found = ResultSize(size, is_more)
        notes.note(asked.query.name, asked.query.version, generation.label, found)


def _notes() -> SizeNotes | None:
    return cast("SizeNotes | None", current_app.extensions.get(KEY))
