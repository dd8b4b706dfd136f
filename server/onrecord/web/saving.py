"""What a team saves, as one part of the application."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from onrecord.saved.team import QueryShelf
from onrecord.web import history_routes, saving_routes, shared_queries
from onrecord.web.site import Site

_ROUTES = (saving_routes, history_routes)


def install(app: Flask, site: Site, state: Path | None) -> None:
    """Serve what is saved in the state directory `state`; without one only the folder's queries are found."""
    shelf = QueryShelf(state) if state is not None else None
    app.extensions[shared_queries.KEY] = shared_queries.SharedQueries(shelf, site)
    for module in _ROUTES:
        app.register_blueprint(module.blueprint)
