"""Who may do what: every request passes `may`, and a route without an action is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec, TypeVar

from flask import Flask, g, request
from flask.typing import ResponseReturnValue

from onrecord.errors import RefusedError

Action = Literal["read", "query", "write", "operate"]
_P = ParamSpec("_P")
_R = TypeVar("_R", bound=ResponseReturnValue)

_ACTIONS: dict[str, Action] = {}


@dataclass(frozen=True)
class Identity:
    """Who asks; a request without credentials is anonymous."""

    name: str = "anonymous"
    actions: frozenset[Action] = frozenset({"read", "query"})


ANONYMOUS = Identity()


def may(identity: Identity, action: Action) -> bool:
    """Whether `identity` may do `action`.

    >>> may(ANONYMOUS, "query"), may(ANONYMOUS, "write")
    (True, False)
    """
    return action in identity.actions


def require(action: Action) -> None:
    """Raises RefusedError unless the sender of the current request may do `action`."""
    if may(current_identity(), action):
        return
    if action == "write":
        raise RefusedError(
            "This server answers queries and takes no updates over HTTP. "
            "Change the files of its folder, then start it again."
        )
    raise RefusedError(f'"{action}" is not allowed to {current_identity().name} senders.')


def current_identity() -> Identity:
    """Who sent the current request."""
    found = g.get("identity", ANONYMOUS)
    return found if isinstance(found, Identity) else ANONYMOUS


def allows(action: Action) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Declares the action of a route; it stands directly above the view function."""

    def declare(view: Callable[_P, _R]) -> Callable[_P, _R]:
        _ACTIONS[f"{view.__module__}.{view.__qualname__}"] = action
        return view

    return declare


def guard(app: Flask) -> None:
    """Ask `may` before every request of `app`; fails closed."""

    def check() -> None:
        g.identity = ANONYMOUS
        if request.endpoint is None or request.method == "OPTIONS":
            return  # no such address, or a question about methods: nothing is done
        view = app.view_functions[request.endpoint]
        action = _ACTIONS.get(f"{view.__module__}.{view.__qualname__}")
        if action is None:
            raise RefusedError(f"{request.path} declares no action, so nobody may use it.")
        require(action)

    app.before_request(check)
