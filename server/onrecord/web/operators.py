"""/admin/queries: what runs and waits now, and ending it."""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from onrecord.errors import RequestError
from onrecord.web.access import allows
from onrecord.web.negotiation import HTML, Offer, choose
from onrecord.web.site import site

JSON = Offer("json", ("application/json",))
_LONGEST_NUMBER = 15

blueprint = Blueprint("operators", __name__)


@blueprint.get("/admin/queries")
@allows("operate")
def queries() -> Response:
    """The queries that run and wait, the oldest first; a page or JSON."""
    found = site().engine.queries()
    if choose(request.headers.get("Accept"), (JSON, HTML)) is HTML:
        body = render_template("admin-queries.html", queries=found)
        return Response(body, content_type="text/html; charset=utf-8")
    document = {"queries": [asdict(query) for query in found]}
    return Response(json.dumps(document, ensure_ascii=False) + "\n", content_type="application/json")


@blueprint.post("/admin/queries")
@allows("operate")
def end_query() -> BaseResponse:
    """End the query whose number the form names as `number`."""
    number = request.form.get("number", "")
    if not number.isascii() or not number.isdigit() or len(number) > _LONGEST_NUMBER:
        raise RequestError(f'number "{number[:40]}" is no number of a query; {request.path} lists them.')
    site().engine.end_query(int(number))
    if choose(request.headers.get("Accept"), (JSON, HTML)) is HTML:
        return redirect(url_for("operators.queries"), 303)
    return Response(json.dumps({"ended": int(number)}) + "\n", content_type="application/json")
