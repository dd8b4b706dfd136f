"""Signing in by token in a browser, and out again."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from onrecord.errors import RefusedError, TooManyFailuresError, UnauthenticatedError
from onrecord.identity.sessions import LIFETIME, Session, is_secret, new_secret
from onrecord.web.access import allows, current_identity
from onrecord.web.csrf import ForgedFormError, form_field, require_form_token
from onrecord.web.identification import is_foreign, know, register
from onrecord.web.links import path_prefix
from onrecord.web.problems import describe_problem
from onrecord.web.site import site

_FORM_COOKIE = "-form"
_LONGEST_FORM = 10_000
_LONGEST_ADDRESS = 2000
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@allows("public")
def ask() -> Response:
    """The form; it asks for a token."""
    return _page(local_path(request.args.get("next", "")))


@blueprint.post("/sign-in")
@allows("public")
def begin() -> BaseResponse:
    """Sign in: a session by cookie, then back to where the sender was."""
    known = register()
    if known is None:
        raise RefusedError("This server has no store, so it knows no tokens.")
    if is_foreign(request, site().settings.public_url):
        raise ForgedFormError("This form was sent by a page of another site. Open the sign-in page itself.")
    if not g.session_secret:  # a session's own form was checked before this route was asked
        require_form_token(request.cookies.get(known.cookie + _FORM_COOKIE, ""), _LONGEST_FORM)
    target = local_path(request.form.get("next", ""))
    try:
        token = know(request.form.get("token", "").strip())
    except (UnauthenticatedError, TooManyFailuresError) as error:
        response = _page(target, error)
        response.status_code = error.status
        g.problem_code = error.code
        response.headers["WWW-Authenticate"] = 'Bearer realm="onrecord"'
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    session, secret = known.sessions.begin(token)
    answer = redirect(target, 303)
    _set_cookie(answer, known.cookie, secret, session)
    answer.delete_cookie(known.cookie + _FORM_COOKIE, path=_cookie_path())
    return answer


@blueprint.post("/sign-out")
@allows("public")
def end() -> BaseResponse:
    """Sign out: the session is over in every web process."""
    known = register()
    answer = redirect(url_for("home.index"), 303)
    if known is not None and g.session_secret:
        known.sessions.end(g.session_secret)
        answer.delete_cookie(known.cookie, path=_cookie_path())
    return answer


def local_path(text: str) -> str:
    """`text` if it is a path on this server, else the first page: nobody is sent elsewhere by us."""
    return text if _LOCAL.fullmatch(text) is not None else url_for("home.index")


def sender_for_pages() -> dict[str, object]:
    """What every template may ask: who is signed in, and the hidden field of forms."""
    secret = g.get("session_secret", "")
    return {
        "signed_in": current_identity() if secret else None,
        "form_token": form_field(secret) if secret else Markup(""),
        "can_sign_in": register() is not None,
        "here": _here(),
    }


def _here() -> str:
    """The address of this page, to come back to; empty where that makes no sense."""
    if request.method not in ("GET", "HEAD") or request.endpoint == "sign_in.ask":
        return ""
    whole = request.script_root + request.full_path.removesuffix("?")
    return whole if len(whole) <= _LONGEST_ADDRESS else request.script_root + request.path


def _page(target: str, error: UnauthenticatedError | TooManyFailuresError | None = None) -> Response:
    known = register()
    given = request.cookies.get(known.cookie + _FORM_COOKIE, "") if known is not None else ""
    secret = g.session_secret or (given if is_secret(given) else new_secret())
    problem = describe_problem(error) if error is not None else None
    body = render_template("sign-in.html", field=form_field(secret), target=target, problem=problem)
    response = Response(body, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if known is not None and not g.session_secret:
        _set_cookie(response, known.cookie + _FORM_COOKIE, secret)
    return response


def _set_cookie(response: BaseResponse, name: str, value: str, session: Session | None = None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=LIFETIME if session is not None else None,
        expires=session.expires if session is not None else None,
        path=_cookie_path(),
        secure=urlsplit(site().settings.public_url).scheme == "https",
        httponly=True,
        samesite="Lax",
    )


def _cookie_path() -> str:
    return path_prefix(site().settings.public_url) or "/"
