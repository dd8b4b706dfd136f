"""The server serves any folder: no name of the shipped article stands in its code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat

REPOSITORY = Path(__file__).resolve().parents[2]
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SPACE = "https://w3id.org/onrecord/ghouta/"

OF_THE_PROJECT = {"onrecord", "wikidata"}
OF_THE_ONTOLOGY = {"alliance", "government", "governorate"}
OF_PROCESSES = {"front", "state", "stopped", "talks", "unnamed", "writer"}
OF_STYLE_SHEETS = {"collapse", "counter"}
OF_ENGLISH = {
    "almost",
    "among",
    "capture",
    "continuing",
    "deals",
    "families",
    "foreign",
    "heaviest",
    "largest",
    "nearly",
    "other",
    "people",
    "reports",
    "rights",
    "seven",
    "weekly",
}
COMMON = OF_THE_PROJECT | OF_THE_ONTOLOGY | OF_PROCESSES | OF_STYLE_SHEETS | OF_ENGLISH
"""Words of the article's labels that code may use in a sense of its own."""

TEXT = {".css", ".html", ".js", ".json", ".mjs", ".py", ".svg", ".toml", ".txt"}
NOT_OURS = {"node_modules", "vendor", "package-lock.json", "__pycache__"}


def shipped_names() -> frozenset[str]:
    """The slugs, and the proper names in the labels, that are longer than four letters; lower case.

    A capital at the start of a label of several words may be that of any word.
    """
    names = set()
    for file in ("entities.ttl", "reference.ttl"):
        for quad in pyoxigraph.parse(path=REPOSITORY / "triples" / file, format=RdfFormat.TURTLE):
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(SPACE):
                names.add(quad.subject.value.rsplit("/", 1)[1])
            if quad.predicate.value == LABEL and isinstance(quad.object, Literal):
                words = re.findall(r"[^\W\d_]+", quad.object.value)
                names.update(word for word in words[len(words) > 1 :] if word[0].isupper())
    return frozenset(name.lower() for name in names if len(name) > 4) - COMMON


def server_files() -> Iterator[Path]:
    for path in sorted((REPOSITORY / "server").rglob("*")):
        if path.suffix in TEXT and path.is_file() and not NOT_OURS & set(path.parts):
            yield path


def find_names(text: str, names: frozenset[str]) -> list[tuple[int, str]]:
    """Line number and name, for each name that stands in `text` as a word."""
    found = []
    for number, line in enumerate(text.lower().splitlines(), 1):
        words = set(re.findall(r"[^\W_]+(?:-[^\W_]+)*", line))
        words |= {part for word in words for part in word.split("-")}
        found += [(number, name) for name in sorted(words & names)]
    return found


def test_the_names_are_those_of_the_article() -> None:
    assert {"douma", "zakharova", "alloush", "jaish-al-islam", "damascus", "reuters"} <= shipped_names()


@pytest.mark.parametrize("text", ["in Douma,", "id/douma", "the_douma = 1", "jaish-al-islam", "of-douma-to"])
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    assert find_names(text, shipped_names())


def test_no_name_of_the_shipped_article_stands_in_the_server() -> None:
    names = shipped_names()
    files = list(server_files())
    assert files
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}: {name}"
        for path in files
        for line, name in find_names(path.read_text(encoding="utf-8"), names)
    ]
    assert not found, "the server must serve any folder, but it names\n" + "\n".join(found)
