"""Roles and the actions that each allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Action = Literal["public", "read", "query", "federate", "write", "operate"]
"""What a route does; "public" is what a sender must be able to do to become known."""

Role = Literal["reader", "editor", "admin"]

ROLES: dict[Role, frozenset[Action]] = {
    "reader": frozenset({"public", "read", "query", "federate"}),
    "editor": frozenset({"public", "read", "query", "federate", "write"}),
    "admin": frozenset({"public", "read", "query", "federate", "write", "operate"}),
}


@dataclass(frozen=True)
class Identity:
    """Who asks; `role` and `token_id` are empty for a sender without credentials."""

    name: str = "anonymous"
    role: Role | Literal[""] = ""
    actions: frozenset[Action] = ROLES["reader"]
    token_id: str = ""

    @property
    def is_anonymous(self) -> bool:
        return not self.token_id


ANONYMOUS = Identity()
"""A sender without credentials where reading is open."""

STRANGER = Identity(actions=frozenset({"public"}))
"""A sender without credentials where reading needs a token."""


def limit_federation(identity: Identity, federating: str) -> Identity:
    """`identity`, without the action "federate" where the setting `--federating` withholds it.

    >>> [may(limit_federation(ANONYMOUS, setting), "federate") for setting in ("open", "token")]
    [True, False]
    """
    is_let = federating == "open" or (
        not identity.is_anonymous and (federating == "token" or identity.role in ("editor", "admin"))
    )
    return identity if is_let else replace(identity, actions=identity.actions - {"federate"})


def may(identity: Identity, action: Action) -> bool:
    """Whether `identity` may do `action`.

    >>> may(ANONYMOUS, "query"), may(ANONYMOUS, "write"), may(STRANGER, "read")
    (True, False, False)
    """
    return action in identity.actions
