"""Who may do what: every request passes `may`, and a route without an action is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from onrecord.errors import RefusedError, UnauthenticatedError
from onrecord.identity.credentials import read_authorization
from onrecord.identity.roles import ANONYMOUS, STRANGER, Action, Identity, may
from onrecord.identity.tokens import TokenBook

__all__ = ["ANONYMOUS", "Action", "Identity", "allows", "current_identity", "guard", "may", "require"]

_P = ParamSpec("_P")
_R = TypeVar("_R", bound=ResponseReturnValue)

_ACTIONS: dict[str, Action] = {}
_NEEDED: dict[Action, str] = {
    "public": "reader",
    "read": "reader",
    "query": "reader",
    "write": "editor",
    "operate": "admin",
}
_WHAT: dict[Action, str] = {
    "public": "This",
    "read": "Reading",
    "query": "A query",
    "write": "Writing",
    "operate": "Operating this server",
}


def require(action: Action) -> None:
    """Let the current request go on only if its sender may do `action`.

    Raises UnauthenticatedError for a sender without credentials, and RefusedError.
    """
    identity = current_identity()
    if may(identity, action):
        return
    role = _NEEDED[action]
    remedy = (
        f"{_WHAT[action]} needs {'a' if role == 'reader' else 'an'} {role}'s token. Whoever runs this server "
        f"makes one with: onrecord token create --role {role}"
    )
    if identity.is_anonymous:
        raise UnauthenticatedError(f"{remedy} (send it as Authorization: Bearer TOKEN).")
    raise RefusedError(f'The token "{identity.name}" has the role {identity.role}. {remedy}')


def current_identity() -> Identity:
    """Who sent the current request."""
    found = g.get("identity", STRANGER)
    return found if isinstance(found, Identity) else STRANGER


def allows(action: Action) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Declares the action of a route; it stands directly above the view function."""

    def declare(view: Callable[_P, _R]) -> Callable[_P, _R]:
        _ACTIONS[f"{view.__module__}.{view.__qualname__}"] = action
        return view

    return declare


def guard(app: Flask, tokens: TokenBook | None, *, reading_open: bool) -> None:
    """Ask `may` before every request of `app`; fails closed.

    Senders are known by `tokens`; without one, only `reading_open` lets anybody in.
    """

    def check() -> None:
        g.identity = STRANGER
        if request.endpoint is None or request.method == "OPTIONS":
            return  # no such address, or a question about methods: nothing is done
        g.identity = _identify(tokens) or (ANONYMOUS if reading_open else STRANGER)
        view = app.view_functions[request.endpoint]
        action = _ACTIONS.get(f"{view.__module__}.{view.__qualname__}")
        if action is None:
            raise RefusedError(f"{request.path} declares no action, so nobody may use it.")
        require(action)

    def finish(response: Response) -> Response:
        response.vary.add("Authorization")
        if not current_identity().is_anonymous:
            # What one sender may see is kept by no cache between here and there.
            response.headers["Cache-Control"] = (
                f"private, {response.headers.get('Cache-Control', 'no-cache')}"
            )
        return response

    app.before_request(check)
    app.after_request(finish)


def _identify(tokens: TokenBook | None) -> Identity | None:
    """Who sent the request, None without credentials. Raises UnauthenticatedError for wrong ones."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    secret = read_authorization(header)
    if secret is None:
        raise UnauthenticatedError(
            "The Authorization header carries no token that can be read. "
            "Send: Authorization: Bearer TOKEN, or Basic with the token as password."
        )
    token = tokens.find(secret) if tokens is not None else None
    if tokens is None or token is None:
        # One sentence for both: it is nobody else's business whether a token has existed.
        raise UnauthenticatedError("This token is not known here, or it has expired.")
    tokens.note_use(token)
    return token.identity
