"""The history of a saved query, and the difference between two versions of its text."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request, url_for

from onrecord.errors import NotFoundError, ParameterError
from onrecord.saved.team import QueryRecord, QueryVersion
from onrecord.saved.team.differences import compare_texts
from onrecord.web.access import allows, current_identity, may
from onrecord.web.links import absolute
from onrecord.web.negotiation import HTML, Offer, choose
from onrecord.web.shared_queries import shared_queries
from onrecord.web.site import site

blueprint = Blueprint("history", __name__)

OFFERS = (HTML, Offer("json", ("application/json",)))


@blueprint.get("/queries/<name>/history")
@allows("read")
def show(name: str) -> Response:
    """Every version with who, when and why, and whatever else happened; also of an archived query."""
    record = find_record(name)
    shelf = shared_queries().shelf
    assert shelf is not None
    versions, events = shelf.history(record)
    if choose(request.headers.get("Accept"), OFFERS) is HTML:
        newest = site().newest()
        body = render_template(
            "query-history.html",
            newest=newest.number if newest.is_immutable else 0,
            record=record,
            versions=versions,
            events=events,
            may_write=may(current_identity(), "write"),
            is_current=record.origin == "team" or shared_queries().is_folder_name(name),
        )
        return Response(body, content_type="text/html; charset=utf-8")
    public_url = site().settings.public_url
    document = {
        "name": record.name,
        "origin": record.origin,
        "author": record.author,
        "archived": record.is_archived,
        "forkedFrom": record.forked_from or None,
        "versions": [
            {
                "version": v.number,
                "hash": v.hash,
                "saved": v.saved,
                "who": v.who or None,
                "message": v.message,
                "generation": v.generation or None,
                "commit": v.commit or None,
                "address": absolute(url_for("queries.show", address=f"{record.name}@{v.number}"), public_url),
            }
            for v in versions
        ],
        "events": [
            {"happened": e.happened, "who": e.who, "what": e.what, "message": e.message} for e in events
        ],
    }
    return _json(document)


@blueprint.get("/queries/<name>/diff")
@allows("read")
def diff(name: str) -> Response:
    """The difference between the texts of the versions `from` and `to`, line by line."""
    record = find_record(name)
    for key in request.args:
        if key not in ("from", "to", "_lang"):
            raise ParameterError(f'Parameter "{key[:60]}" is not known; known: from, to.')
    after = _version(record, request.args.get("to", ""))
    before = _version(record, request.args.get("from", "") or _before(record, after))
    lines = compare_texts(before.text, after.text)
    if choose(request.headers.get("Accept"), OFFERS) is HTML:
        body = render_template("query-diff.html", record=record, before=before, after=after, lines=lines)
        return Response(body, content_type="text/html; charset=utf-8")
    return _json(
        {
            "name": record.name,
            "from": before.number,
            "to": after.number,
            "same": before.text == after.text,
            "lines": [
                {
                    "mark": line.mark,
                    "before": line.before or None,
                    "after": line.after or None,
                    "text": line.text,
                }
                for line in lines
            ],
        }
    )


def find_record(name: str) -> QueryRecord:
    """What is kept of a query that the sender is shown, also when it is archived.

    Raises NotFoundError, and RequestRedirect for a name of old.
    """
    shared = shared_queries()
    if shared.is_folder_name(name):
        record = shared.folder_record(name)
    else:
        record = shared.team_record(name) or shared.folder_record(name)
    if record is None:
        shared.find(name)  # raises for a name that is not known
        raise NotFoundError(f"Nothing is kept of the history of {name}: this server has no store.")
    return record


def _version(record: QueryRecord, which: str) -> QueryVersion:
    shelf = shared_queries().shelf
    assert shelf is not None
    version = shelf.version(record, which)
    if version is None:
        raise NotFoundError(
            f'There is no version "{which[:60]}" of {record.name}; the newest is {record.newest}.'
        )
    return version


def _before(record: QueryRecord, after: QueryVersion) -> str:
    """The number of the version before `after`; its own when it is the first."""
    shelf = shared_queries().shelf
    assert shelf is not None
    older = [v.number for v in shelf.history(record)[0] if v.number < after.number]
    return str(max(older, default=after.number))


def _json(document: dict[str, object]) -> Response:
    body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return Response(body, content_type="application/json; charset=utf-8")
