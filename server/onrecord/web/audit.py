"""What requests leave in the audit log, and the page on which admins read it.

Whatever was refused for its credentials, and whatever asked `require("write")`
or `require("operate")` to change something, is recorded when it is answered.
A route that writes calls `note_text` with what it was sent; `mark` tells the
generation that came of it. That is all a write path does for the log.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, render_template, request, url_for

from onrecord.errors import StoreError
from onrecord.web.access import allows, current_identity
from onrecord.web.csrf import SAFE
from onrecord.web.identification import register
from onrecord.web.negotiation import HTML, Offer, choose

MOST_ENTRIES = 100
JSON = Offer("json", ("application/json",))
_CHANGING = ("write", "operate")

blueprint = Blueprint("audit", __name__)


def note_text(text: bytes) -> None:
    """Have the size and the SHA-256 of what the sender wrote stand in this request's line."""
    g.audit_size = len(text)
    g.audit_sha256 = hashlib.sha256(text).hexdigest()


def record_request(response: Response) -> None:
    """Add this request's line, if it is one that leaves a line. A full disk is told to the operator."""
    known = register()
    asked = g.get("asked", "")
    changes = asked in _CHANGING and request.method not in SAFE
    is_refused = g.get("has_wrong_credentials", False) or (
        asked in _CHANGING and response.status_code in (401, 403, 409)
    )
    if known is None or not (changes or is_refused) or g.get("is_silenced", False):
        return
    try:
        known.audit.record(
            current_identity(),
            asked,
            response.status_code,
            method=request.method,
            path=request.path,
            code=g.get("problem_code", ""),
            generation=response.headers.get("Onrecord-Generation", "") if response.status_code < 400 else "",
            size=g.get("audit_size", request.content_length),
            sha256=g.get("audit_sha256", ""),
        )
    except StoreError as error:
        current_app.logger.error("the audit log lacks a line: %s", error.detail)


@blueprint.get("/admin/audit")
@allows("operate")
def show() -> Response:
    """The newest entries of the audit log, or those before `before`; a page or JSON."""
    known = register()
    assert known is not None, "without a register nobody may operate"
    page = known.audit.page(MOST_ENTRIES, request.args.get("before", ""))
    older = url_for("audit.show") + "?" + urlencode({"before": page.older}) if page.older else ""
    if choose(request.headers.get("Accept"), (JSON, HTML)) is HTML:
        body = render_template("audit.html", page=page, older=older, first="before" not in request.args)
        return Response(body, content_type="text/html; charset=utf-8")
    document = {"entries": page.entries, "older": older or None, "unreadable": page.unreadable}
    return Response(json.dumps(document, ensure_ascii=False) + "\n", content_type="application/json")
