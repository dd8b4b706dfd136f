"""Forms that change something carry a token made from the sender's cookie.

Checked in one place for every request that a cookie vouches for: a cookie
travels with any form that another page sends here, this token does not.
A script sends it as the header X-CSRF-Token.
"""

from __future__ import annotations

from io import BytesIO

from flask import request
from markupsafe import Markup

from onrecord.errors import RefusedError
from onrecord.identity.sessions import form_token, is_form_token, is_secret
from onrecord.web.protocol import FORM, parse_form, read_body

FIELD = "_csrf"
HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS")


class ForgedFormError(RefusedError):
    """A form without the token that this server's own pages put into it."""

    title = "This form is not from here"
    code = "form-token"


def form_field(secret: str) -> Markup:
    """The hidden field that a form of the holder of the cookie `secret` carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token(secret))


def require_form_token(secret: str, longest: int) -> None:
    """Let the request go on only if it carries the form token of the cookie `secret`.

    A form's body is read (at most `longest` bytes) and put back for the route.
    Raises ForgedFormError, TooLargeError, and RequestError for a malformed body.
    """
    given = [request.headers[HEADER]] if HEADER in request.headers else _in_form(longest)
    if not is_secret(secret) or len(given) != 1 or not is_form_token(given[0], secret):
        raise ForgedFormError(
            "This form carries no token of your session. Open the page again and send it from there; "
            f"a script sends the value of the field {FIELD} as {HEADER}."
        )


def _in_form(longest: int) -> list[str]:
    if request.mimetype != FORM:
        return []
    environ = request.environ
    body = read_body(environ, longest)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return [value for name, value in parse_form(body, "form") if name == FIELD]
