"""The table of settings, and what none of them may be."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from onrecord.errors import SettingError

_CONTACT = re.compile(r"(mailto:)?[!-'*+\--9=?A-Z^-~]+@[A-Za-z0-9.-]+|https?://[!-'*-;=?-\[\]_a-~]+")
_NEVER_IN_IRI = re.compile(r"[\x00-\x20\x7f<>\"{}|^`\\]")


def _setting(default: object, help_text: str, *, metavar: str = "", choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": help_text, "metavar": metavar, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """What can be set, each as `--option` and as `ONRECORD_...`; the option wins."""

    host: str = _setting("127.0.0.1", "Address to listen on.", metavar="ADDRESS")
    port: int = _setting(8000, "Port to listen on; 0 takes a free one.", metavar="PORT")
    store: Path | None = _setting(
        None,
        "Directory of the store; by default one for each folder in the user's data directory.",
        metavar="DIR",
    )
    engine: str = _setting(
        "",
        "Query endpoint of a SPARQL 1.1 server or cluster that answers in place of the embedded engine.",
        metavar="URL",
    )
    engine_update: str = _setting("", "Its update endpoint, where that is another.", metavar="URL")
    engine_graph_store: str = _setting(
        "", "Its Graph Store Protocol, if it has one: graphs are then sent whole.", metavar="URL"
    )
    engine_credentials: Path | None = _setting(
        None, "File with user:password, or Bearer and a token, for the engine.", metavar="FILE"
    )
    engine_graph: tuple[str, ...] = _setting(
        (), "Another graph of the engine that is shown here, and not written; repeatable.", metavar="IRI"
    )
    empty: bool = _setting(False, "Serve an empty store without a folder; implies --default-graph plain.")
    default_graph: str = _setting(
        "union",
        "What a query without a dataset clause sees: the union of all graphs, or the unnamed graph alone.",
        choices=("union", "plain"),
    )
    reading: str = _setting(
        "open",
        "Who may read and query: everybody (open), or whoever has a token (token).",
        choices=("open", "token"),
    )
    permalinks: str = _setting(
        "open",
        "Who may make permalinks of queries: whoever may query (open), or whoever has a token (token).",
        choices=("open", "token"),
    )
    query_timeout: float = _setting(30.0, "Seconds that a query may work.", metavar="SECONDS")
    query_memory: int = _setting(1024, "Megabytes of memory that a query may take.", metavar="MB")
    total_memory: int = _setting(
        1200, "Megabytes of memory that all running queries may take together.", metavar="MB"
    )
    update_timeout: float = _setting(
        60.0,
        "Seconds that a write may work: once when it is tried, once when it is applied.",
        metavar="SECONDS",
    )
    workers: int = _setting(4, "Query workers, each a process.", metavar="N")
    fronts: int = _setting(1, "Web processes.", metavar="N")
    queue_timeout: float = _setting(10.0, "Seconds that a query may wait for a worker.", metavar="SECONDS")
    cache_memory: int = _setting(
        64, "Megabytes of answers that each web process keeps; 0 keeps none.", metavar="MB"
    )
    query_bytes: int = _setting(1_000_000, "Longest SPARQL text that is read, in bytes.", metavar="BYTES")
    stop_timeout: float = _setting(
        8.0,
        "Seconds that running queries and writes are given to end when the server is stopped.",
        metavar="SECONDS",
    )
    log_format: str = _setting("text", "How the log on standard error is written.", choices=("text", "json"))
    request_log: str = _setting(
        "off",
        "Lines in the log for requests: none, without (plain) or with query texts, with clients' addresses, "
        "or with both (full).",
        choices=("off", "plain", "queries", "clients", "full"),
    )
    keep_generations: int = _setting(20, "Generations that are kept at least: the newest ones.", metavar="N")
    most_pins: int = _setting(50, "Generations that may be pinned: kept for good.", metavar="N")
    keep_minutes: float = _setting(
        1.0, "Minutes for which every generation is kept at least.", metavar="MINUTES"
    )
    upload_bytes: int = _setting(
        256_000_000, "Largest body of data that is read over HTTP, in bytes.", metavar="BYTES"
    )
    public_url: str = _setting(
        "", "Address under which readers reach this server, with any path prefix.", metavar="URL"
    )
    federate: tuple[str, ...] = _setting(
        (),
        "Endpoint that a query may ask with SERVICE: wikidata or another known name, NAME=URL, or an origin; "
        "repeatable, best first.",
        metavar="ENDPOINT",
    )
    federating: str = _setting(
        "open",
        "Whose queries may ask them: everybody's (open), those of tokens (token) or of editors (editor).",
        choices=("open", "token", "editor"),
    )
    federation_contact: str = _setting(
        "", "Mail address or URL that other endpoints are told; without it none is asked.", metavar="CONTACT"
    )
    federation_timeout: float = _setting(
        120.0, "Seconds that a query may spend on other endpoints.", metavar="SECONDS"
    )
    federation_requests: int = _setting(
        200, "Requests that a query may send to other endpoints.", metavar="N"
    )
    federation_megabytes: int = _setting(
        256, "Megabytes that a query may receive from other endpoints.", metavar="MB"
    )
    federation_client_requests: int = _setting(
        600, "Requests a minute to other endpoints for one client; 0 sets no limit.", metavar="N"
    )
    federation_cache_hours: float = _setting(
        24.0, "Hours that an answer of another endpoint is good for.", metavar="HOURS"
    )
    federation_cache_megabytes: int = _setting(
        256, "Megabytes of other endpoints' answers that are kept.", metavar="MB"
    )

    source: Path | None = _setting(
        None,
        "Directory with texts of articles; their passages stand beside the claims for this machine alone.",
        metavar="DIR",
    )

    def __post_init__(self) -> None:
        """Raises SettingError for a value out of range, naming it and the remedy."""
        if not 0 <= self.port <= 65535:
            raise SettingError(f"Port {self.port} does not exist; --port takes 0 to 65535.")
        least_values = {
            "workers": 1,
            "fronts": 1,
            "query_memory": 64,
            "total_memory": 64,
            "cache_memory": 0,
            "query_bytes": 1000,
            "upload_bytes": 1000,
            "keep_generations": 1,
            "most_pins": 0,
            "federation_requests": 1,
            "federation_megabytes": 1,
            "federation_client_requests": 0,
            "federation_cache_megabytes": 1,
        }
        for name, least in least_values.items():
            value = getattr(self, name)
            if value < least:
                raise SettingError(f"{option(name)} {value} is too small; the least is {least}.")
        if not 0 <= self.keep_minutes <= 5_256_000:
            raise SettingError(f"--keep-minutes {self.keep_minutes:g} must lie between 0 and 5256000.")
        for name in ("query_timeout", "update_timeout", "queue_timeout", "federation_timeout"):
            if not 0 < getattr(self, name) <= 86_400:
                raise SettingError(
                    f"{option(name)} {getattr(self, name)} must lie between 0 and 86400 seconds."
                )
        if not 0 <= self.stop_timeout <= 86_400:
            raise SettingError(f"--stop-timeout {self.stop_timeout:g} must lie between 0 and 86400 seconds.")
        for row in dataclasses.fields(self):
            choices, value = row.metadata["choices"], getattr(self, row.name)
            if choices and value not in choices:
                raise SettingError(f'{option(row.name)} "{value}" is not known; known: {", ".join(choices)}.')
        self._check_engine()
        if self.source is not None and (self.public_url or not _is_loopback(self.host)):
            raise SettingError(
                f"--source {self.source} shows texts that are others' to publish, so it works on this "
                "machine alone: leave --public-url out and take a --host such as 127.0.0.1."
            )
        if self.public_url and not _is_address(self.public_url):
            raise SettingError(
                f'--public-url "{self.public_url}" is no address; it must start with http:// or https:// '
                "and name a host, as https://example.org/graph does."
            )

        if not 0 <= self.federation_cache_hours <= 87_600:
            raise SettingError(
                f"--federation-cache-hours {self.federation_cache_hours} must lie between 0 and 87600."
            )
        if self.federation_contact and not _CONTACT.fullmatch(self.federation_contact):
            raise SettingError(
                f'--federation-contact "{self.federation_contact}" is neither a mail address nor a URL; '
                "write desk@example.org or https://example.org/contact."
            )

    def _check_engine(self) -> None:
        if not self.engine:
            for name in ("engine_update", "engine_graph_store", "engine_credentials", "engine_graph"):
                if getattr(self, name):
                    raise SettingError(f"{option(name)} needs --engine, the endpoint that it belongs to.")
            return
        if self.empty or self.default_graph == "plain":
            raise SettingError(
                "--engine serves the union of a folder's graphs, so leave --empty and "
                "--default-graph plain out: "
                "what the unnamed graph of another server is differs from server to server."
            )
        for iri in self.engine_graph:
            if ":" not in iri or _NEVER_IN_IRI.search(iri):
                raise SettingError(f'--engine-graph "{iri[:100]}" is not an absolute IRI.')

    @property
    def union_default_graph(self) -> bool:
        return self.default_graph == "union" and not self.empty


def option(name: str) -> str:
    """The command line's name of a setting.

    >>> option("query_timeout")
    '--query-timeout'
    """
    return "--" + name.replace("_", "-")


def _is_loopback(host: str) -> bool:
    """Whether `host` is this machine, seen by itself.

    >>> _is_loopback("127.0.0.1"), _is_loopback("0.0.0.0")
    (True, False)
    """
    return host in ("localhost", "::1", "[::1]") or host.startswith("127.")


def _is_address(url: str) -> bool:
    """Whether `url` is of the web, names a host, and can stand in an IRI.

    >>> _is_address("https://example.org/graph"), _is_address("https://")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not _NEVER_IN_IRI.search(url)
