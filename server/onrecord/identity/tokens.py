"""Tokens: made by the operator, hashed on disk, read anew by every process when the file changes.

::

    STORE/identity/          mode 0700
      tokens.json            mode 0600: id, name, role, SHA-256, when made, when it ends
      used/ID                an empty file; its time tells when the token was last used
      lock                   held while tokens.json is rewritten

A token is 256 random bits, so a plain SHA-256 hides it: there is nothing to
guess and no table to make, and a slow hash would only cost each request.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast, get_args

from onrecord.errors import SettingError, StoreDamagedError
from onrecord.identity.files import locked, make_private, write_private
from onrecord.identity.roles import ROLES, Identity, Role

DIRECTORY = "identity"
"""Name of the directory in the state directory."""
PREFIX = "onrecord_"
"""Every token starts so: scanners for leaked secrets can know it."""
USE_NOTED_EVERY = timedelta(hours=1)
"""The time of last use is this coarse, so that use writes next to nothing."""

_SECRET_BYTES = 32
_LONGEST_SECRET = 200
_NAME = re.compile(r"[^\x00-\x20\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]{0,62}[^\x00-\x20\x7f-\x9f])?")
_DURATION = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3650)


@dataclass(frozen=True)
class Token:
    """What is known of a token; `digest` is the SHA-256 of its text in hexadecimal."""

    id: str
    name: str
    role: Role
    digest: str
    created: datetime
    expires: datetime | None

    def is_expired(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.role, ROLES[self.role], self.id)


class TokenBook:
    """The tokens of a state directory. Safe to use from any number of threads and processes."""

    def __init__(self, state: Path) -> None:
        self._directory = state / DIRECTORY
        self._path = self._directory / "tokens.json"
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._tokens: tuple[Token, ...] = ()
        self._used: dict[str, datetime] = {}

    def create(
        self, role: Role, name: str | None = None, lifetime: timedelta | None = None
    ) -> tuple[Token, str]:
        """Make a token; returns what is kept of it, and its text, which is kept nowhere.

        The state directory is made if absent. Raises SettingError for a name
        that is malformed or taken, and StoreError.
        """
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        made = _now()
        make_private(self._directory)
        with locked(self._directory):
            tokens = self.tokens()
            identifier = _new_id(tokens)
            chosen = f"{role}-{identifier}" if name is None else name
            _check_name(chosen, tokens)
            expires = made + lifetime if lifetime is not None else None
            token = Token(identifier, chosen, role, digest_of(secret), made, expires)
            self._write((*tokens, token))
        return token, secret

    def revoke(self, which: str) -> Token:
        """Remove the token with that name or id; from now on it is unknown everywhere.

        Raises SettingError, naming those that are known, when there is none.
        """
        if not self._path.exists():
            raise SettingError(f'There is no token "{which}": {self._directory.parent} has none.')
        with locked(self._directory):
            tokens = self.tokens()
            found = next((t for t in tokens if which in (t.id, t.name)), None)
            if found is None:
                known = ", ".join(t.name for t in tokens) or "none"
                raise SettingError(f'There is no token "{which}"; known: {known}.')
            self._write(tuple(t for t in tokens if t is not found))
            (self._directory / "used" / found.id).unlink(missing_ok=True)
        return found

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, also expired ones, oldest first. Raises StoreDamagedError."""
        with self._lock:
            # A rewritten file is another inode, so a change is never missed.
            try:
                status = os.stat(self._path)
            except FileNotFoundError:
                self._seen, self._tokens = None, ()
                return ()
            except OSError as error:
                raise StoreDamagedError(f"{self._path} cannot be read: {error.strerror}.") from error
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._tokens = _read(self._path)
                self._seen = seen
            return self._tokens

    def find(self, secret: str) -> Token | None:
        """The token with that text, None when it is unknown or expired. Raises StoreDamagedError."""
        if len(secret) > _LONGEST_SECRET:
            return None
        digest = digest_of(secret)
        found = None
        for token in self.tokens():
            # Every one is compared, each in constant time: how long it takes tells nothing.
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found if found is not None and not found.is_expired(_now()) else None

    def holder(self, identifier: str) -> Token | None:
        """The token with that id, None when it was revoked or has expired. Raises StoreDamagedError."""
        found = next((t for t in self.tokens() if t.id == identifier), None)
        return found if found is not None and not found.is_expired(_now()) else None

    def note_use(self, token: Token) -> None:
        """Remember on disk that `token` was used, at most once an hour. Never fails."""
        now = _now()
        last = self._used.get(token.id)
        if last is not None and now - last < USE_NOTED_EVERY:
            return
        self._used[token.id] = now
        try:
            path = self._directory / "used" / token.id
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch(0o600)
        except OSError:
            pass  # a full disk must not keep anybody out

    def last_use(self, token: Token) -> datetime | None:
        """When `token` was last used, to the hour; None when never."""
        try:
            seconds = os.stat(self._directory / "used" / token.id).st_mtime
        except OSError:
            return None
        return datetime.fromtimestamp(seconds, UTC)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        document = {"layout": 1, "tokens": [_to_json(token) for token in tokens]}
        write_private(self._path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def digest_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hexadecimal.

    >>> digest_of("onrecord_x")[:8]
    '73588d4f'
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def parse_lifetime(text: str) -> timedelta:
    """How long a token lives. Raises SettingError for anything but a number and a unit.

    >>> parse_lifetime("30d")
    datetime.timedelta(days=30)
    """
    match = _DURATION.fullmatch(text)
    lifetime = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta(0)
    if not timedelta(0) < lifetime <= _LONGEST:
        raise SettingError(
            f'--expires "{text}" is no time of life; write a number and s, m, h, d or w, '
            f"as 30d, of at most {_LONGEST.days} days."
        )
    return lifetime


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id(tokens: tuple[Token, ...]) -> str:
    taken = {t.id for t in tokens} | {t.name for t in tokens}
    while (identifier := secrets.token_hex(4)) in taken:
        pass
    return identifier


def _check_name(name: str, tokens: tuple[Token, ...]) -> None:
    if _NAME.fullmatch(name) is None:
        raise SettingError(
            f"The name {name!r} cannot be used: 1 to 64 characters, no control characters, "
            "no space at its ends."
        )
    if any(name in (t.name, t.id) for t in tokens):
        raise SettingError(f'There is a token "{name}" already. Choose another --name, or revoke that one.')


def _to_json(token: Token) -> dict[str, str | None]:
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "sha256": token.digest,
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat() if token.expires is not None else None,
    }


def _read(path: Path) -> tuple[Token, ...]:
    try:
        return tuple(_from_json(entry) for entry in json.loads(path.read_text(encoding="utf-8"))["tokens"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreDamagedError(f"{path} cannot be read: {error!r}. Nobody is let in by it.") from error


def _from_json(entry: dict[str, object]) -> Token:
    role, expires = entry["role"], entry["expires"]
    if role not in get_args(Role):
        raise ValueError(f"role {role!r}")
    return Token(
        str(entry["id"]),
        str(entry["name"]),
        cast(Role, role),
        str(entry["sha256"]),
        _time(entry["created"]),
        _time(expires) if expires is not None else None,
    )


def _time(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"time {text!r} has no zone")
    return moment
