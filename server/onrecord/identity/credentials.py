"""The token in an Authorization header (RFC 6750 Bearer, RFC 7617 Basic)."""

from __future__ import annotations

import base64
import binascii


def read_authorization(header: str) -> str | None:
    """The token that `header` carries; None when it carries none that can be read.

    Clients that know only Basic send the token as the password; the user name is not looked at.

    >>> read_authorization("Bearer onrecord_x"), read_authorization("Basic YW55Om9ucmVjb3JkX3g=")
    ('onrecord_x', 'onrecord_x')
    """
    scheme, _, rest = header.strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest or None
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    _, colon, password = pair.partition(":")
    return password if colon and password else None
