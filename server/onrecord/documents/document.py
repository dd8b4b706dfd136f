"""One answer to be written down, and the writer of each format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from onrecord.documents.excel import write_excel
from onrecord.documents.fragment import write_boolean_fragment, write_fragment
from onrecord.documents.geojson import write_geojson
from onrecord.documents.graphml import write_graphml, write_links
from onrecord.documents.markdown import write_boolean, write_markdown
from onrecord.formats import FRAGMENT, GEOJSON, GRAPHML, MARKDOWN, XLSX, Format
from onrecord.solutions import SolutionSequence


@dataclass(frozen=True)
class Document:
    """What a document tells: a title, where it came from (`facts`, name to value), and the answer.

    One of `solutions`, `boolean` and `ntriples` is there.
    """

    title: str
    facts: dict[str, str] = field(default_factory=dict)
    solutions: SolutionSequence | None = None
    boolean: bool | None = None
    ntriples: bytes | None = None


def write_document(document: Document, format: Format) -> bytes:
    """The document as `format`. Raises NotAcceptableError when this answer has nothing to show in it."""
    if document.ntriples is not None:
        return write_graphml(document.ntriples, document.facts)
    if document.boolean is not None:
        write = write_boolean_fragment if format is FRAGMENT else write_boolean
        return write(document.title, document.boolean, document.facts)
    assert document.solutions is not None
    return _WRITERS[format.name](document.title, document.solutions, document.facts)


_WRITERS: dict[str, Callable[[str, SolutionSequence, dict[str, str]], bytes]] = {
    XLSX.name: write_excel,
    MARKDOWN.name: write_markdown,
    FRAGMENT.name: write_fragment,
    GEOJSON.name: write_geojson,
    GRAPHML.name: write_links,
}
