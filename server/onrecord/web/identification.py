"""Who sent a request: by token in its header, or by the session of its cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, cast
from urllib.parse import urlsplit

from flask import Request, current_app, g, request

from onrecord.errors import TooManyFailuresError, UnauthenticatedError
from onrecord.identity.credentials import read_authorization
from onrecord.identity.register import Register
from onrecord.identity.roles import Identity
from onrecord.identity.throttle import MOST_FAILURES
from onrecord.identity.tokens import Token

KEY = "onrecord.register"


@dataclass(frozen=True)
class Sender:
    """A sender who is known; `session` is the secret of the cookie that told, empty for a token."""

    identity: Identity
    session: str = ""


def register() -> Register | None:
    """What the store knows of senders; None where there is no store."""
    return cast("Register | None", current_app.extensions.get(KEY))


def identify() -> Sender | None:
    """Who sent the current request; None without credentials.

    Raises UnauthenticatedError for a token that is of no use, and
    TooManyFailuresError when its address sent many. A cookie of no use is no credential.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        secret = read_authorization(header)
        if secret is None:
            refuse_credentials(
                "The Authorization header carries no token that can be read. "
                "Send: Authorization: Bearer TOKEN, or Basic with the token as password."
            )
        return Sender(know(secret).identity)
    return identify_by_session()


def know(secret: str) -> Token:
    """The token with that text. Raises UnauthenticatedError and TooManyFailuresError."""
    known = register()
    token = known.tokens.find(secret) if known is not None else None
    if known is None or token is None:
        # One sentence for both: it is nobody else's business whether a token has existed.
        refuse_credentials("This token is not known here, or it has expired.")
    known.tokens.note_use(token)
    return token


def refuse_credentials(sentence: str) -> NoReturn:
    """Raises UnauthenticatedError, or TooManyFailuresError when this address failed often."""
    g.has_wrong_credentials = True
    count_failure()
    raise UnauthenticatedError(sentence)


def count_failure() -> None:
    """Count a failure of the sender's address. Raises TooManyFailuresError when there were many."""
    known = register()
    if known is None:
        return
    address = request.remote_addr or ""
    failures = known.failures.count(address)
    # The log tells when it began, and no more: nobody fills the disk by being refused.
    g.is_silenced = failures > MOST_FAILURES + 1
    if failures > MOST_FAILURES:
        error = TooManyFailuresError("Too many requests without a good token came from your address.")
        error.retry_after = known.failures.seconds_left(address)
        raise error


def is_foreign(asked: Request, public_url: str) -> bool:
    """Whether a page of another site caused this request, as far as the browser tells."""
    site = asked.headers.get("Sec-Fetch-Site")
    if site in ("cross-site", "same-site"):
        # A link that somebody followed is a visit of theirs; nothing but reading happens by it.
        return asked.method not in ("GET", "HEAD") or asked.headers.get("Sec-Fetch-Mode") != "navigate"
    origin = asked.headers.get("Origin")
    if origin is None or (site == "same-origin" and origin == "null"):
        # Where a page sends no referrer, browsers hide its origin even from itself.
        return False
    here = urlsplit(public_url).netloc if public_url else asked.headers.get("Host", "")
    return urlsplit(origin).netloc != here


def identify_by_session() -> Sender | None:
    """Who sent the current request, by its cookie alone; None without one that is of use."""
    known = register()
    secret = request.cookies.get(known.cookie) if known is not None else None
    if known is None or not secret:
        return None
    if is_foreign(request, cast(str, current_app.config["PUBLIC_URL"])):
        return None
    session = known.sessions.find(secret)
    token = known.tokens.holder(session.token_id) if session is not None else None
    if token is None:
        return None
    known.tokens.note_use(token)
    return Sender(token.identity, secret)
