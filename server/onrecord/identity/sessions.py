"""Sessions of browsers: signed in by token, known by a random cookie, kept as hashes on disk.

::

    STORE/identity/sessions/DIGEST.json    mode 0600: the token's id and when the session ends

Any web front finds a session there, sign-out removes it everywhere at once,
and a session is worth no more than its token: revoked with it, expired with it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from onrecord.identity.files import locked, make_private, write_private
from onrecord.identity.tokens import DIRECTORY, Token, digest_of

LIFETIME = timedelta(hours=12)
MOST_SESSIONS = 1000
"""Sessions that a store keeps; the oldest goes when one more is begun."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Session:
    """A session that is alive."""

    token_id: str
    expires: datetime


class SessionShelf:
    """The sessions of a state directory. Safe to use from any number of threads and processes."""

    def __init__(self, state: Path) -> None:
        self._directory = state / DIRECTORY / "sessions"

    def begin(self, token: Token) -> tuple[Session, str]:
        """Sign the holder of `token` in; returns the session and the cookie's value.

        Raises StoreError.
        """
        now = _now()
        secret = new_secret()
        expires = min(now + LIFETIME, token.expires or datetime.max.replace(tzinfo=UTC))
        session = Session(token.id, expires)
        make_private(self._directory)
        with locked(self._directory):
            self._make_room(now)
            document = {"token": token.id, "expires": expires.isoformat()}
            write_private(self._path(secret), json.dumps(document) + "\n")
        return session, secret

    def find(self, secret: str) -> Session | None:
        """The session of a cookie's value; None when it is unknown or over."""
        if not is_secret(secret):
            return None
        # Found by its hash: how long that takes tells nothing about a secret.
        session = _read(self._path(secret))
        return session if session is not None and _now() < session.expires else None

    def end(self, secret: str) -> None:
        """Sign out; from now on the cookie's value is unknown everywhere."""
        if is_secret(secret):
            self._path(secret).unlink(missing_ok=True)

    def _make_room(self, now: datetime) -> None:
        alive = []
        for path in self._directory.glob("*.json"):
            session = _read(path)
            if session is None or session.expires <= now:
                path.unlink(missing_ok=True)
            else:
                alive.append((session.expires, path))
        for _, path in sorted(alive)[: max(0, len(alive) - MOST_SESSIONS + 1)]:
            path.unlink(missing_ok=True)

    def _path(self, secret: str) -> Path:
        return self._directory / f"{digest_of(secret)}.json"


def new_secret() -> str:
    """256 random bits as they stand in a cookie."""
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Whether `text` looks like a secret of ours.

    >>> is_secret(new_secret()), is_secret("")
    (True, False)
    """
    return _SECRET.fullmatch(text) is not None


def form_token(secret: str) -> str:
    """What the forms of whoever has the cookie `secret` carry (a CSRF token).

    Made from the cookie, so nothing is kept; nobody makes the cookie from it.

    >>> len(form_token("a")), form_token("a") == form_token("b")
    (64, False)
    """
    return hmac.new(secret.encode(errors="replace"), b"onrecord form", hashlib.sha256).hexdigest()


def is_form_token(given: str, secret: str) -> bool:
    """Whether `given` is the form token of `secret`, compared in constant time."""
    return hmac.compare_digest(given.encode(errors="replace"), form_token(secret).encode())


def _now() -> datetime:
    return datetime.now(UTC)


def _read(path: Path) -> Session | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        expires = datetime.fromisoformat(document["expires"])
        # One that is spoilt is as good as none: its owner signs in again.
        return Session(str(document["token"]), expires) if expires.tzinfo is not None else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
