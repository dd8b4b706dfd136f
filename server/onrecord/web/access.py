"""Who may do what: every request passes `may`, and a route without an action is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from onrecord.config import Settings
from onrecord.errors import RefusedError, UnauthenticatedError
from onrecord.identity.roles import ANONYMOUS, STRANGER, Action, Identity, limit_federation, may
from onrecord.identity.sessions import form_token
from onrecord.web.csrf import SAFE, require_form_token
from onrecord.web.identification import Sender, count_failure, identify, identify_by_session

__all__ = [
    "ANONYMOUS",
    "Action",
    "Identity",
    "allows",
    "current_identity",
    "guard",
    "may",
    "page_scope",
    "require",
]

_P = ParamSpec("_P")
_R = TypeVar("_R", bound=ResponseReturnValue)

_ACTIONS: dict[str, Action] = {}
_HARMLESS: tuple[Action, ...] = ("public", "read", "query", "federate")
_FORM_OVERHEAD = 65_536
_NEEDED: dict[Action, str] = {
    "public": "reader",
    "read": "reader",
    "query": "reader",
    "federate": "reader",
    "write": "editor",
    "operate": "admin",
}
_WHAT: dict[Action, str] = {
    "public": "This",
    "read": "Reading",
    "query": "A query",
    "federate": "Asking other endpoints (SERVICE)",
    "write": "Writing",
    "operate": "Operating this server",
}


def require(action: Action) -> None:
    """Let the current request go on only if its sender may do `action`.

    Raises UnauthenticatedError for a sender without credentials (TooManyFailuresError
    when there were many such), and RefusedError.
    """
    identity = current_identity()
    g.asked = action
    if may(identity, action):
        return
    role = "editor" if action == "federate" and g.federating == "editor" else _NEEDED[action]
    remedy = (
        f"{_WHAT[action]} needs {'a' if role == 'reader' else 'an'} {role}'s token. Whoever runs this server "
        f"makes one with: onrecord token create --role {role}"
    )
    if identity.is_anonymous:
        if action not in _HARMLESS:
            count_failure()
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


def page_scope() -> str:
    """What pages of this sender hold that those of others do not: part of their ETag."""
    return form_token(secret) if (secret := g.get("session_secret", "")) else current_identity().token_id


def guard(app: Flask, settings: Settings) -> None:
    """Ask `may` before every request of `app`; fails closed.

    Senders without credentials may read where reading is open, and nothing else.
    """
    stranger = ANONYMOUS if settings.reading == "open" else STRANGER
    longest_form = 3 * settings.query_bytes + _FORM_OVERHEAD

    def check() -> None:
        g.identity, g.session_secret, g.federating = STRANGER, "", settings.federating
        if request.method == "OPTIONS":
            return  # a question about methods: nothing is done
        if request.endpoint is None:
            # No such address; the page that says so still tells who is signed in.
            _welcome(identify_by_session() or Sender(stranger))
            return
        view = app.view_functions[request.endpoint]
        action = _ACTIONS.get(f"{view.__module__}.{view.__qualname__}")
        if action is None:
            raise RefusedError(f"{request.path} declares no action, so nobody may use it.")
        g.asked = action
        sender = identify() or Sender(stranger)
        _welcome(sender)
        require(action)
        if sender.session and request.method not in SAFE:
            require_form_token(sender.session, longest_form)

    def finish(response: Response) -> Response:
        response.vary.add("Authorization")
        response.vary.add("Cookie")
        if not current_identity().is_anonymous:
            # What one sender may see is kept by no cache between here and there.
            policy = response.headers.get("Cache-Control", "no-cache")
            response.headers["Cache-Control"] = f"private, {policy}"
        return response

    app.before_request(check)
    app.after_request(finish)


def _welcome(sender: Sender) -> None:
    g.identity, g.session_secret = limit_federation(sender.identity, g.federating), sender.session
