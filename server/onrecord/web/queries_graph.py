"""The graph of the team's public queries in the endpoint follows what is saved."""

from __future__ import annotations

from flask import current_app

from onrecord.engine import QueriesWrite
from onrecord.errors import OnrecordError
from onrecord.saved.executables import SPARQL_EXECUTABLE
from onrecord.saved.listing import TEAM_GRAPH, public_team_queries
from onrecord.solutions import Reader
from onrecord.terms import DCTERMS, RDF
from onrecord.web.shared_queries import shared_queries
from onrecord.web.site import Site

_MOST = 100_000
KEY = "onrecord.queries-graph"


def follow_saved(here: Site, by: str) -> None:
    """Have the graph made anew where it tells otherwise than the shelf; `by` is who saved.

    What is saved is saved: where the graph cannot be written now, that is
    logged, and tried again at the next occasion.
    """
    shelf = shared_queries().shelf
    if shelf is None or here.folder is None or not here.engine.generation().is_immutable:
        return
    try:
        if not shelf.records():  # nothing was ever saved
            current_app.extensions[KEY] = True
            return
        names = shared_queries()
        wanted = {
            (f"{here.space.base}queries/{query.name}", query.version)
            for query in public_team_queries(shelf)
            if not names.is_folder_name(query.name)
        }
        if _told(here) != wanted:
            here.engine.write(QueriesWrite(by))
        current_app.extensions[KEY] = True
    except OnrecordError as error:
        current_app.extensions[KEY] = False
        current_app.logger.error("the graph of the team's queries is not up to date: %s", error.detail)


def catch_up(here: Site) -> None:
    """Once in the life of a process, and after a failure: what was saved when the graph was not written."""
    if not current_app.extensions.get(KEY):
        follow_saved(here, "the server")


def _told(here: Site) -> set[tuple[str, str]]:
    """Address and version of each query that the graph tells of."""
    graph = here.space.graph(TEAM_GRAPH)
    text = (
        f"SELECT ?query ?version {{ GRAPH <{graph}> {{ ?query <{RDF}type> <{SPARQL_EXECUTABLE}> ; "
        f"<{DCTERMS}identifier> ?version }} }}"
    )
    rows = Reader(here.engine).select(text, _MOST).rows
    return {(row["query"].value, row["version"].value) for row in rows}
