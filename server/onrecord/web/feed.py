"""Atom (RFC 4287): what changed of the saved queries. Knows no Flask."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

from onrecord.saved.standing import Book

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_START = "1970-01-01T00:00:00Z"


def write_feed(book: Book, title: str, address: str, page: str, link: Callable[[str], str]) -> bytes:
    """The changes of `book`, the newest first; `link` gives the page of a query by its name.

    `address` is the feed's own absolute URL, `page` that of the catalogue.
    """
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")

    def add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        element.text = _printable(text) or None
        return element

    add(feed, "id", address)
    add(feed, "title", f"Saved queries: {title}")
    add(feed, "updated", book.changes[-1].time if book.changes else _START)
    add(feed, "link", rel="self", href=address, type="application/atom+xml")
    add(feed, "link", rel="alternate", href=page, type="text/html")
    add(add(feed, "author"), "name", title)
    for change in reversed(book.changes):
        entry = add(feed, "entry")
        add(entry, "id", f"{address}#{change.number}")
        add(entry, "title", f"{change.name} {change.what}")
        add(entry, "updated", change.time)
        add(entry, "link", rel="alternate", href=link(change.name), type="text/html")
        add(entry, "content", f"{change.detail} (generation {change.generation})".strip(), type="text")
    ElementTree.indent(feed)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _printable(text: str) -> str:
    """`text` without what XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
