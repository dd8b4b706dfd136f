"""What the script of the editor is told: addresses, limits and prefixes, as JSON in the form."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import current_app, g, url_for

from onrecord.identity.sessions import form_token
from onrecord.terms import PREFIXES
from onrecord.web.catalogue_pages import may_save
from onrecord.web.site import Site

PERMALINKS = "onrecord.permalinks"
"""Where the application keeps the permalinks of its store, if it has one."""


def can_link() -> bool:
    """Whether a query can have a permalink here."""
    return PERMALINKS in current_app.extensions


def describe_page(here: Site, dataset: Sequence[tuple[str, str]]) -> str:
    """The facts as a JSON object; `dataset` are the parameters that name it.

    server/frontend/src/page.ts reads it.
    """
    space = here.space.base
    own = {"id": space + "id/"} if here.folder is not None else {}
    secret = g.get("session_secret", "")
    facts = {
        "base": space,
        "languages": here.languages,
        "prefixes": PREFIXES | own,
        "queryTimeout": here.settings.query_timeout,
        "federationTimeout": here.settings.federation_timeout,
        "addresses": {
            "root": url_for("home.index"),
            "sparql": url_for("sparql.answer"),
            "queries": url_for("queries.index"),
            "search": url_for("search.show"),
            "permalinks": url_for("permalinks.make") if can_link() else "",
            "save": url_for("saving.ask_new") if may_save() else "",
        },
        "formToken": form_token(secret) if secret else "",
        "dataset": dataset,
    }
    return json.dumps(facts, ensure_ascii=False)
