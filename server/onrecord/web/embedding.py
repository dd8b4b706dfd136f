"""Results in frames of other pages: who may frame them, and oEmbed 1.0 for those who do."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue

from onrecord.errors import NotFoundError, RequestError
from onrecord.web.access import allows
from onrecord.web.editor_facts import PERMALINKS
from onrecord.web.site import site
from onrecord.web.standing_headers import EMBEDDED_POLICY

VIEW = "embed"
"""The value of `view=` that asks for a page without head and foot."""
WIDTH, HEIGHT = 640, 480
_LEAST = 200

blueprint = Blueprint("embedding", __name__)


def is_embedded() -> bool:
    """Whether the request asks for a page that stands in a frame."""
    return request.method == "GET" and request.args.get("view") == VIEW


def let_frame() -> None:
    """Let other sites frame the answer to this request.

    It holds no form, and a frame on another site is sent no cookie: nobody acts in it under a reader's name.
    """
    g.policy = EMBEDDED_POLICY


def title_of(text: str) -> str:
    """What a query calls itself: its first comment that is no hint to a program; empty without one.

    >>> title_of("#defaultView:Map\\n# Where the quay lies\\nSELECT * {}")
    'Where the quay lies'
    >>> title_of("SELECT * {} # all")
    ''
    """
    for line in text.splitlines():
        if not (comment := re.match(r"\s*#(?![+!])\s*(.*)", line)):
            if line.strip():
                return ""
        elif comment[1] and not re.match(r"\w+:\S", comment[1]):
            return comment[1].strip()[:200]
    return ""


@blueprint.get("/oembed")
@allows("query")
def describe() -> ResponseReturnValue:
    """The frame for an address of this server that shows a query: /sparql?query=... or /s/HASH."""
    here = site()
    wanted = request.args.get("format", "json")
    if wanted != "json":
        raise RequestError(f'oEmbed is answered as JSON here, not as "{wanted[:40]}"; leave format out.')
    url = request.args.get("url", "")
    root = (here.settings.public_url or request.url_root).rstrip("/")
    if not url:
        raise RequestError('There is no parameter "url"; it names the page that is to be embedded.')
    parts = urlsplit(url)
    if not url.startswith(f"{root}/"):
        raise NotFoundError(f'"{url[:200]}" is no page of this server; its addresses begin with {root}/.')
    path = parts.path.removeprefix(urlsplit(root).path)
    pairs = [(name, value) for name, value in parse_qsl(parts.query) if name != "view"]
    text = _text_of(path, dict(pairs))
    framed = f"{root}{path}?{urlencode([*pairs, ('view', VIEW)])}" + (
        f"#{parts.fragment}" if parts.fragment else ""
    )
    title = title_of(text) or here.title
    width, height = _size("maxwidth", WIDTH), _size("maxheight", HEIGHT)
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": here.title,
        "provider_url": f"{root}/",
        "width": width,
        "height": height,
        "html": (
            f'<iframe src="{escape(framed)}" title="{escape(title)}" width="{width}" height="{height}" '
            'loading="lazy"></iframe>'
        ),
    }


def _text_of(path: str, parameters: dict[str, str]) -> str:
    """The query that a page of this server shows. Raises NotFoundError for any other page."""
    if path == "/sparql" and parameters.get("query", "").strip():
        return parameters["query"]
    digest = path.removeprefix("/s/")
    permalinks = current_app.extensions.get(PERMALINKS)
    if path.startswith("/s/") and permalinks is not None:
        kept = permalinks.shelf.find(digest)
        if kept is not None:
            return str(kept.text)
    raise NotFoundError(f'"{path[:200]}" shows no query; /sparql?query=... and /s/HASH are embedded.')


def _size(name: str, usual: int) -> int:
    told = request.args.get(name)
    if told is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,5}", told):
        raise RequestError(f'The parameter "{name}" is a number of pixels, not "{told[:40]}".')
    return max(_LEAST, min(usual, int(told)))
