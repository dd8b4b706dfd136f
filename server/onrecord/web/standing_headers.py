"""Headers that every answer carries, whoever writes it: Flask's routes or the hot path before them."""

from __future__ import annotations

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
EMBEDDED_POLICY = POLICY.replace("frame-ancestors 'self'", "frame-ancestors *").replace(
    "form-action 'self'", "form-action 'none'"
)
"""That of pages which other sites may frame; they hold no form."""
EXPOSED = (
    "Accept-Post, Allow, Content-Disposition, ETag, Link, Location, Memento-Datetime, Onrecord-Federation, "
    "Onrecord-Generation, Onrecord-Rows, Onrecord-Truncated, Onrecord-Unknown, Retry-After, WWW-Authenticate"
)
"""Headers that scripts of other sites may read."""
# Readers may be journalists: no other server learns what they looked at here.
REFERRERS = "same-origin"

ANSWER_HEADERS = (
    (b"cache-control", b"no-cache"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", REFERRERS.encode()),
    (b"vary", b"Accept, Accept-Encoding, Accept-Datetime, Authorization, Cookie"),
)
"""What a query's answer carries beside what depends on it; a test compares it with what Flask sends."""
