"""Pages of other sites may read here, as nobody: never with a cookie.

Every answer allows any origin and none allows credentials (Fetch standard,
"CORS protocol"), so that a browser sends no cookie along, or shows the page
no answer if it did. A page that knows a token may send it.
"""

from __future__ import annotations

from flask import Response, request

from onrecord.web.standing_headers import EXPOSED

_ASKED = (
    "Accept, Accept-Datetime, Accept-Language, Authorization, Content-Encoding, Content-Type, If-Match, "
    "If-Modified-Since, If-None-Match, If-Unmodified-Since, Slug"
)
_DAY = 86_400


def allow_origins(response: Response) -> None:
    """The headers that let pages of other sites read `response`; a preflight is answered whole."""
    if request.method == "OPTIONS" and response.status_code < 300:
        response.status_code = 204
        response.set_data(b"")
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = _ASKED
        response.headers["Access-Control-Max-Age"] = str(_DAY)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
