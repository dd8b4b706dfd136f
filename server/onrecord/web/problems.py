"""The one error handler: problem documents (RFC 9457), a page for browsers, or plain text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, render_template, request, url_for
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from onrecord.errors import (
    MediaTypeError,
    MethodError,
    NotAcceptableError,
    NotFoundError,
    OnrecordError,
    Position,
    QuerySyntaxError,
    RequestError,
    TooLargeError,
)
from onrecord.web.access import allows
from onrecord.web.coding import ACCEPTED
from onrecord.web.negotiation import HTML, Offer, choose

PROBLEM = Offer("problem", ("application/problem+json", "application/json"))
TEXT = Offer("text", ("text/plain",), explicit=True)

blueprint = Blueprint("problems", __name__)

ErrorPage = Callable[["Problem"], str]


@dataclass(frozen=True)
class Problem:
    """An error as its receiver sees it."""

    code: str
    title: str
    status: int
    detail: str
    position: Position | None = None
    caret: str = ""
    retry_after: int | None = None
    allow: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """The members of an RFC 9457 problem document."""
        members: dict[str, object] = {
            "type": f"{url_for('problems.catalogue')}#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.position is not None:
            members |= {"line": self.position.line, "column": self.position.column, "caret": self.caret}
        return members

    def text(self) -> str:
        """The problem as lines of plain text."""
        return "\n".join(filter(None, [f"{self.title} ({self.status})", self.detail, self.caret])) + "\n"


def on_error_page(render: ErrorPage) -> None:
    """Show errors of the current request on a page of its own, where HTML is preferred."""
    g.error_page = render


def handle_errors(app: Flask) -> None:
    """Render every error of `app`, expected or not."""
    app.register_error_handler(Exception, _answer)


@blueprint.get("/problems")
@allows("public")
def catalogue() -> str:
    """What each problem type means: the page that `type` points to."""
    return render_template(
        "problems.html", kinds=sorted(_kinds(OnrecordError), key=lambda k: (k.status, k.code))
    )


def describe_problem(error: Exception) -> Problem:
    """What to tell about `error`; nothing of the inside of an unexpected one."""
    if isinstance(error, QuerySyntaxError):
        return Problem(error.code, error.title, error.status, error.detail, error.position, error.caret())
    if isinstance(error, MethodError) and request.url_rule is not None:
        return _of(MethodError, error.detail, tuple(request.url_rule.methods or ()))
    if isinstance(error, OnrecordError):
        return Problem(error.code, error.title, error.status, error.detail, retry_after=error.retry_after)
    if isinstance(error, HTTPException):
        return _describe_http(error)
    return Problem(
        OnrecordError.code,
        OnrecordError.title,
        500,
        "Something here went wrong, not your request. The operator finds it in the log.",
    )


def _answer(error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return cast(Response, error.get_response(request.environ))
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, OnrecordError):
        error = error.original_exception  # an answer that failed while its response was being finished
    problem = describe_problem(error)
    g.problem_code = problem.code
    if problem.status == 500:
        _log(error)
    response = _render(problem)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        for challenge in _challenges(response):
            response.headers.add("WWW-Authenticate", challenge)
    if problem.allow:
        response.headers["Allow"] = ", ".join(sorted(problem.allow))
    if problem.code == MediaTypeError.code:
        response.headers["Accept-Encoding"] = ACCEPTED  # RFC 9110, section 12.5.3: what would be read
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _challenges(response: Response) -> tuple[str, ...]:
    """How to become known (RFC 9110, section 11.6.1)."""
    wrong = ', error="invalid_token"' if "Authorization" in request.headers else ""
    bearer = f'Bearer realm="onrecord"{wrong}'
    # A browser would answer Basic with a dialogue of its own, in front of our page.
    if response.mimetype == "text/html":
        return (bearer,)
    return bearer, 'Basic realm="onrecord", charset="UTF-8"'


def _render(problem: Problem) -> Response:
    try:
        offer = choose(request.headers.get("Accept"), (HTML, PROBLEM, TEXT))
    except NotAcceptableError:
        offer = PROBLEM
    if offer is HTML:
        return Response(_render_page(problem), problem.status, content_type="text/html; charset=utf-8")
    if offer is TEXT:
        return Response(problem.text(), problem.status, content_type="text/plain; charset=utf-8")
    body = json.dumps(problem.document(), ensure_ascii=False, indent=2) + "\n"
    return Response(body, problem.status, content_type="application/problem+json; charset=utf-8")


def _render_page(problem: Problem) -> str:
    render = cast("ErrorPage | None", g.get("error_page"))
    if render is not None:
        try:
            return render(problem)
        except Exception as error:  # the page of its own failed too: the plain one stands for it
            _log(error)
    return render_template("problem.html", problem=problem)


def _describe_http(error: HTTPException) -> Problem:
    status = error.code or 500
    if status == 404:
        return _of(NotFoundError, f"There is nothing at {request.path}.")
    if status == 405:
        allow = tuple(cast(Any, error).valid_methods or ())
        return _of(MethodError, f"{request.method} is not possible at {request.path}.", allow)
    if isinstance(error, RequestEntityTooLarge):
        return _of(TooLargeError, "The request is larger than what is read here.")
    if status < 500:
        name = error.name.lower().replace(" ", "-")
        return Problem(name, error.name, status, error.description or RequestError.title)
    return Problem(OnrecordError.code, OnrecordError.title, status, "The server cannot answer this request.")


def _of(kind: type[RequestError], detail: str, allow: tuple[str, ...] = ()) -> Problem:
    return Problem(kind.code, kind.title, kind.status, detail, allow=allow)


def _log(error: Exception) -> None:
    # The address only: query texts and clients are never logged.
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)


def _kinds(kind: type[OnrecordError]) -> Iterator[type[OnrecordError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)
