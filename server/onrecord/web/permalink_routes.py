"""/s/HASH: permalinks of ad-hoc queries. The same query has the same address, and it never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from onrecord.admission import admit
from onrecord.errors import NotFoundError, RefusedError, TooLargeError, TooManyRequestsError
from onrecord.identity.throttle import FailureCounter
from onrecord.saved.team.permalinks import LONGEST_TEXT, AdHocQuery, PermalinkShelf
from onrecord.web.access import allows, current_identity
from onrecord.web.asked_generation import choose_generation
from onrecord.web.csrf import ForgedFormError
from onrecord.web.editor_facts import PERMALINKS
from onrecord.web.identification import is_foreign
from onrecord.web.links import absolute
from onrecord.web.protocol import ProtocolRequest, read_request
from onrecord.web.site import site
from onrecord.web.sparql_routes import answer_kept

MOST_A_MINUTE = 30
"""Permalinks that one address may make in a minute, in each web process."""

blueprint = Blueprint("permalinks", __name__)


@dataclass(frozen=True)
class Permalinks:
    """The permalinks of a store, and how many each address made lately."""

    shelf: PermalinkShelf
    made: FailureCounter


@blueprint.post("/s")
@allows("query")
def make() -> ResponseReturnValue:
    """Keep a query under an address of its own; 201 with it, or for a form the address itself."""
    here = site()
    known = cast("Permalinks | None", current_app.extensions.get(PERMALINKS))
    if known is None:
        raise RefusedError("This server has no store, so it keeps no permalinks.")
    if is_foreign(request, here.settings.public_url):
        raise ForgedFormError("This form was sent by a page of another site. Open the query here first.")
    asked = read_request(request.environ, min(here.settings.query_bytes, LONGEST_TEXT))
    if asked.query is None or not asked.query.strip():
        raise NotFoundError('There is no query to link to. Send it as the parameter "query".')
    if here.settings.permalinks == "token" and current_identity().is_anonymous:
        raise RefusedError("Permalinks are made here by whoever has a token. Sign in first.")
    kept = AdHocQuery(asked.query, asked.default_graphs or (), asked.named_graphs or ())
    if len(kept.document.encode()) > 2 * LONGEST_TEXT:
        raise TooLargeError(f"A permalink holds at most {LONGEST_TEXT:,} bytes. Save the query under a name.")
    admit(kept.text, here.settings.query_bytes, federates=True)
    if known.shelf.find(kept.hash) is None:
        _count(known.made)
        known.shelf.keep(kept)
    address = url_for("permalinks.show", digest=kept.hash)
    if request.accept_mimetypes.accept_html and "text/html" in request.headers.get("Accept", ""):
        return redirect(address, 303)
    location = absolute(address, here.settings.public_url)
    return {"address": location}, 201, {"Location": location}


@blueprint.get("/s/<digest>")
@allows("query")
def show(digest: str) -> ResponseReturnValue:
    """The query of a permalink in the editor, with its result; for other clients the result, by Accept."""
    known = cast("Permalinks | None", current_app.extensions.get(PERMALINKS))
    kept = known.shelf.find(digest) if known is not None else None
    if kept is None:
        raise NotFoundError(f'There is no permalink "{digest[:60]}".')
    here = site()
    options = read_request(
        {"REQUEST_METHOD": "GET", "QUERY_STRING": request.query_string.decode("latin-1")},
        here.settings.query_bytes,
    )
    choose_generation(here, options.generation)
    asked = ProtocolRequest(
        kept.text,
        default_graphs=kept.default_graphs or None,
        named_graphs=kept.named_graphs or None,
        formats=options.formats,
        generation=options.generation,
    )
    return answer_kept(asked, kept.text)


def _count(made: FailureCounter) -> None:
    address = request.remote_addr or ""
    if made.count(address) > MOST_A_MINUTE:
        error = TooManyRequestsError(
            f"Your address made more than {MOST_A_MINUTE} permalinks in a minute. Wait a moment."
        )
        error.retry_after = made.seconds_left(address)
        raise error
