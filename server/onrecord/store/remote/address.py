"""Where the remote engine is asked, and as whom."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import SettingError
from onrecord.federation.endpoints import Target, read_origin

_LARGEST_FILE = 10_000


@dataclass(frozen=True)
class EngineAddress:
    """The addresses of one SPARQL server, and the value of Authorization, empty for none.

    `graph_store` is None where the server has none, or none was named.
    """

    query: Target
    update: Target
    graph_store: Target | None
    authorization: str = ""

    def __repr__(self) -> str:
        """Without what must not stand in a log."""
        return f"EngineAddress({self.query.url})"


def read_engine_address(settings: Settings) -> EngineAddress:
    """What `--engine` and its companions name.

    Raises SettingError for what is no address, and for credentials that cannot be read.
    """
    query = _target("engine", settings.engine)
    return EngineAddress(
        query,
        _target("engine-update", settings.engine_update) if settings.engine_update else query,
        _target("engine-graph-store", settings.engine_graph_store) if settings.engine_graph_store else None,
        _read_credentials(settings.engine_credentials) if settings.engine_credentials else "",
    )


def _target(option: str, url: str) -> Target:
    try:
        # Whoever starts the server names this very address, so it may be a private one.
        return Target(url, read_origin(url), private_allowed=True)
    except ValueError as error:
        remedy = "Write it as in https://example.org/sparql"
        if "user name" in str(error):
            # The address itself is not repeated: it holds a password.
            raise SettingError(
                f"--{option} carries a user name. Write both into a file and name that by "
                "--engine-credentials."
            ) from None
        raise SettingError(f'--{option} "{url}" is no address: {error}. {remedy}.') from None


def _read_credentials(path: Path) -> str:
    """The value of Authorization: `user:password` becomes Basic, `Bearer TOKEN` stays."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_FILE).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingError(f"--engine-credentials {path} cannot be read: {reason}.") from None
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "bearer" and rest and rest.isascii() and rest.isprintable():
        return f"Bearer {rest}"
    if ":" in text and "\n" not in text:
        return "Basic " + base64.b64encode(text.encode()).decode()
    raise SettingError(
        f"--engine-credentials {path} must hold one line, either user:password or Bearer and a token."
    )
