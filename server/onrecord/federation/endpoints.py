"""Which endpoints may be asked, under which names, and where a SERVICE IRI leads.

`--federate` takes the name of a known service, `NAME=URL` (that service at
another address: a mirror, a colleague's copy), or an exact origin. Nothing is
allowed by default, and what an endpoint says of itself allows nothing.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from onrecord.errors import EndpointRefusedError, SettingError
from onrecord.terms import PROJECT

SERVICE_SPACE = PROJECT + "service/"
"""`<https://w3id.org/onrecord/service/wikidata>` names a known service, wherever it is asked."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`]")


@dataclass(frozen=True)
class KnownService:
    """A public service: where it is asked, and under which addresses people name it.

    Services of the same `dataset` answer the same questions, so one can stand
    in for another that was allowed as well.
    """

    name: str
    dataset: str
    url: str
    aliases: tuple[str, ...] = ()


KNOWN_SERVICES = (
    KnownService(
        "wikidata",
        "wikidata",
        "https://query.wikidata.org/sparql",
        (
            "https://query.wikidata.org/bigdata/namespace/wdq/sparql",
            "https://query-main.wikidata.org/sparql",
            "http://query.wikidata.org/sparql",
            "https://query.wikidata.org/",
            "https://query.wikidata.org",
        ),
    ),
    KnownService(
        "wikidata-qlever",
        "wikidata",
        "https://qlever.dev/api/wikidata",
        ("https://qlever.cs.uni-freiburg.de/api/wikidata", "https://qlever.dev/wikidata"),
    ),
    KnownService("wikidata-scholarly", "wikidata-scholarly", "https://query-scholarly.wikidata.org/sparql"),
    KnownService("dbpedia", "dbpedia", "https://dbpedia.org/sparql", ("http://dbpedia.org/sparql",)),
    KnownService("commons", "commons", "https://commons-query.wikimedia.org/sparql"),
)


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port (RFC 6454), each in its normal form."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True)
class Target:
    """Where a request goes.

    `private_allowed` tells that this very origin was listed, so that it may
    lie on this machine or in a private network.
    """

    url: str
    origin: Origin
    name: str = ""
    private_allowed: bool = False

    @property
    def path(self) -> str:
        """Path and query of the URL, as a request line has them."""
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return quote(path, safe="/?:@!$&'()*+,;=-._~%")


def read_origin(url: str) -> Origin:
    """The origin of an http or https URL. Raises ValueError with the reason, a clause.

    >>> str(read_origin("HTTPS://Query.Wikidata.ORG:443/sparql"))
    'https://query.wikidata.org'
    >>> read_origin("file:///etc/passwd")
    Traceback (most recent call last):
    ValueError: its scheme is "file", and only http and https are asked
    """
    if _NOT_IN_URL.search(url):
        raise ValueError("it has a character that no address has")
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f'its scheme is "{parts.scheme[:20]}", and only http and https are asked')
    if parts.username is not None or parts.password is not None:
        raise ValueError("it carries a user name")
    if not parts.hostname:
        raise ValueError("it names no host")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("its port does not exist") from None
    if port == 0:
        raise ValueError("no server listens at port 0")
    return Origin(parts.scheme, _normal_host(parts.hostname), port or _DEFAULT_PORTS[parts.scheme])


class Endpoints:
    """The allow-list, from the values of `--federate` in their order, which is the order of preference.

    Raises SettingError for a value that is neither a known name nor an origin.
    """

    def __init__(self, federate: tuple[str, ...]) -> None:
        self.given = federate
        self._services: dict[str, tuple[KnownService, Target]] = {}
        self._origins: set[Origin] = set()
        for value in federate:
            self._allow(value)

    def __bool__(self) -> bool:
        return bool(self._services or self._origins)

    def targets(self, iri: str) -> tuple[Target, ...]:
        """Where SERVICE `iri` may be asked, best first; never empty.

        Raises EndpointRefusedError, which names the setting that would allow it.
        """
        known = _named(iri)
        if known is not None:
            found = self._standing_for(known, iri)
            if found:
                return found
        try:
            origin = read_origin(iri)
        except ValueError as error:
            raise EndpointRefusedError(f"SERVICE <{iri[:200]}> is not asked: {error}.") from None
        if origin in self._origins:
            return (Target(iri.partition("#")[0], origin, private_allowed=True),)
        value = known.name if known is not None else str(origin)
        allowed = ", ".join(self.given) or "none"
        raise EndpointRefusedError(
            f"SERVICE <{iri[:200]}> is not asked: this server may ask {allowed}. "
            f"Who runs it allows this one with: --federate {value}"
        )

    def is_allowed(self, iri: str) -> bool:
        """Whether `targets` would find one."""
        try:
            return bool(self.targets(iri))
        except EndpointRefusedError:
            return False

    def _standing_for(self, known: KnownService, iri: str) -> tuple[Target, ...]:
        """The named service alone when it was addressed by its name; otherwise all that hold its dataset."""
        exact = self._services.get(known.name)
        others = [t for service, t in self._services.values() if service.dataset == known.dataset]
        if known.name != known.dataset:
            return (exact[1],) if exact is not None else ()
        return tuple(others)

    def _allow(self, value: str) -> None:
        name, equals, url = value.partition("=")
        if equals and _NAME.fullmatch(name):
            service = _by_name(name)
            if service is None:
                raise SettingError(f'--federate "{value}": {_no_service(name)}')
            target = Target(url, _origin_setting(value, url), name, private_allowed=True)
            self._services[name] = (service, target)
            return
        service = _by_name(value)
        if service is not None:
            self._services[value] = (service, Target(service.url, read_origin(service.url), value))
            return
        if _NAME.fullmatch(value):
            raise SettingError(f'--federate "{value}": {_no_service(value)}')
        origin = _origin_setting(value, value)
        parts = urlsplit(value)
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise SettingError(
                f'--federate "{value}" is more than an origin. Write --federate {origin}, '
                "which allows every path there."
            )
        self._origins.add(origin)


def _by_name(name: str) -> KnownService | None:
    return next((service for service in KNOWN_SERVICES if service.name == name), None)


def _named(iri: str) -> KnownService | None:
    for service in KNOWN_SERVICES:
        if iri in (service.url, *service.aliases, SERVICE_SPACE + service.name):
            return service
    return None


def _no_service(name: str) -> str:
    known = ", ".join(service.name for service in KNOWN_SERVICES)
    return f'"{name}" is not known; known: {known}, or an origin as https://example.org.'


def _origin_setting(value: str, url: str) -> Origin:
    try:
        return read_origin(url)
    except ValueError as error:
        raise SettingError(
            f'--federate "{value}" is no origin: {error}. '
            "Write scheme, host and port, as in https://example.org or http://127.0.0.1:7878."
        ) from None


def _normal_host(host: str) -> str:
    """A host in lower case, without a last dot; an address in its normal form. Raises ValueError.

    >>> _normal_host("Example.ORG."), _normal_host("0:0::1")
    ('example.org', '::1')
    """
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    lowered = host.lower().rstrip(".")
    if re.fullmatch(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+))*", lowered):
        # "127.1" and "2130706433" mean an address to some resolvers.
        raise ValueError("its host is a number that is no address in full")
    try:
        ascii_host = lowered.encode("idna").decode()
    except UnicodeError:
        raise ValueError("its host is no name") from None
    if not ascii_host or ":" in ascii_host or "%" in ascii_host:
        raise ValueError("its host is no name")
    return ascii_host
