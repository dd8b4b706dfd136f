"""Which network addresses may be connected to, and connecting to exactly the one that was checked.

A name is resolved once, every address that it has is checked, and the
connection goes to a checked address, never to the name again: a name server
that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable

from onrecord.errors import EndpointRefusedError, RemoteTimeoutError, RemoteUnreachableError
from onrecord.federation.endpoints import Target

Resolver = Callable[[str, int], list[str]]
"""(host, port) -> addresses as text. Raises OSError."""
Connector = Callable[[str, int, float], socket.socket]
"""(address, port, seconds) -> a connected socket. Raises OSError."""
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("64:ff9b:1::/48", "2001::/32", "fec0::/10", "::/96", "5f00::/16", "100::/64")
)
"""NAT64 for local use, Teredo, site-local, v4-compatible, segment routing, discard-only."""
_NEVER_V4 = tuple(
    ipaddress.IPv4Network(text) for text in ("100.64.0.0/10", "192.88.99.0/24", "192.0.0.0/24", "0.0.0.0/8")
)
"""Shared by carriers (CGNAT), 6to4 relays, protocol assignments, "this network"."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host` from the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection to an address (never a name)."""
    ipaddress.ip_address(address)
    return socket.create_connection((address, port), seconds)


def is_public(address: IpAddress) -> bool:
    """Whether `address`, and the IPv4 address inside it if it carries one, is of the public internet.

    >>> [is_public(ipaddress.ip_address(a)) for a in ("91.198.174.192", "10.0.0.1", "100.64.0.1")]
    [True, False, False]
    >>> is_public(ipaddress.ip_address("::ffff:127.0.0.1")), is_public(ipaddress.ip_address("64:ff9b::a00:1"))
    (False, False)
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in net for net in _NEVER_V4)
    inner = embedded(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not any(address in net for net in _NEVER_V6)


def embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a v4-mapped, 6to4 or NAT64 address leads to, or None.

    >>> str(embedded(ipaddress.IPv6Address("64:ff9b::7f00:1")))
    '127.0.0.1'
    """
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def check_addresses(target: Target, addresses: list[str]) -> list[str]:
    """`addresses` when every one may be connected to for `target`.

    One bad address refuses them all: a name that leads to the outside and to
    the inside is not a name to be tried. Raises EndpointRefusedError.
    """
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        if "%" in text or not _may_connect(target, address):
            remedy = (
                "No setting allows this address."
                if target.private_allowed
                else f"If that is meant, start with --federate {target.origin} itself."
            )
            raise EndpointRefusedError(
                f"SERVICE <{target.url}> is not asked: {target.origin.host} leads to {text}, "
                f"which is no address of the public internet. {remedy}"
            )
    return addresses


def resolve_and_check(target: Target, resolver: Resolver, seconds: float) -> list[str]:
    """The addresses of `target`'s host, resolved once and all checked.

    Raises EndpointRefusedError, RemoteUnreachableError, and RemoteTimeoutError after `seconds`.
    """
    host, port = target.origin.host, target.origin.port
    try:
        return check_addresses(target, [str(ipaddress.ip_address(host))])
    except ValueError:
        pass  # a name
    found: list[str] = []
    failure: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.extend(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failure.append(error)

    # The system's resolver knows no time limit; a thread that it keeps is left behind.
    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise RemoteTimeoutError(
            f"{target.url}: the name {host} was not resolved within {seconds:.0f} s. Check the name server.",
            target.url,
        )
    if failure or not found:
        raise RemoteUnreachableError(
            f"{target.url}: the name {host} has no address. Check its spelling and the name server.",
            target.url,
        )
    return check_addresses(target, found)


def _may_connect(target: Target, address: IpAddress) -> bool:
    if is_public(address):
        return True
    if not target.private_allowed:
        return False
    bare = embedded(address) if isinstance(address, ipaddress.IPv6Address) else None
    inner = address if bare is None else bare
    if inner.is_multicast or inner.is_unspecified or inner.is_reserved:
        return False
    # Link-local addresses hold what hands out a cloud's secrets: only ever by their number.
    return not inner.is_link_local or target.origin.host == str(address)
