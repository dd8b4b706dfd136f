"""Whether this server knows an IRI, and what it tells when it does not or no longer does."""

from __future__ import annotations

from flask import request

from onrecord.entities import Neighbourhood, find_neighbourhood
from onrecord.errors import GoneError, NotFoundError
from onrecord.solutions import Reader
from onrecord.web.labels import reader
from onrecord.web.links import is_absolute_iri
from onrecord.web.site import Site


def find_described(
    asking: Reader, iri: str, page: int, *, own_page: int = 1, most_outgoing: int, most_incoming: int
) -> Neighbourhood:
    """A page of the neighbourhood of `iri`.

    Raises NotFoundError when nothing tells of it (or the page is past the
    last), GoneError when all that is left is what supersedes it.
    """
    found = find_neighbourhood(
        asking, iri, page, own_page=own_page, most_outgoing=most_outgoing, most_incoming=most_incoming
    )
    if page == 1 and not found.outgoing and found.newer:
        newer = ", ".join(f"<{name}>" for name in found.newer)
        raise GoneError(f"<{iri}> is recorded no longer; {newer} supersedes it.")
    if found.is_empty:
        raise nothing_at(iri)
    return found


def is_known(here: Site, iri: str) -> bool:
    """Whether any triple tells of `iri`, or it is a named graph."""
    if not is_absolute_iri(iri):
        return False
    text = f"SELECT (1 AS ?found) {{ {{ <{iri}> ?p ?o }} UNION {{ ?s ?p <{iri}> }} }} LIMIT 1"
    return bool(reader(here).select(text, 1).rows) or iri in here.engine.status().graphs


def nothing_at(iri: str) -> NotFoundError:
    """The error for an address at which nothing is recorded."""
    return NotFoundError(f"There is nothing at {request.path}: nothing is recorded of <{iri}>.")
