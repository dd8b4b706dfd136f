"""What a team saves, as one part of the application."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from onrecord.identity.throttle import FailureCounter
from onrecord.saved.team import QueryShelf
from onrecord.saved.team.permalinks import PermalinkShelf
from onrecord.saved.team.sizes import SizeNotes
from onrecord.web import (
    citing_routes,
    compare_routes,
    editor_facts,
    history_routes,
    permalink_routes,
    result_sizes,
    saving_routes,
    shared_queries,
)
from onrecord.web.site import Site

_ROUTES = (saving_routes, history_routes, citing_routes, compare_routes, permalink_routes)


def install(app: Flask, site: Site, state: Path | None) -> None:
    """Serve what is saved in the state directory `state`; without one only the folder's queries are found."""
    shelf = QueryShelf(state) if state is not None else None
    app.extensions[shared_queries.KEY] = shared_queries.SharedQueries(shelf, site)
    if state is not None:
        permalinks = permalink_routes.Permalinks(PermalinkShelf(state), FailureCounter())
        app.extensions[result_sizes.KEY] = SizeNotes(state)
        app.extensions[editor_facts.PERMALINKS] = permalinks
    for module in _ROUTES:
        app.register_blueprint(module.blueprint)
