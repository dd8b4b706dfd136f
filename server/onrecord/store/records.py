"""What is written down of a store and its generations, as values; `state` reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from onrecord.engine import Generation

LAYOUT = 1
_UUID_LENGTH = 32


@dataclass(frozen=True)
class Change:
    """One write that a generation holds: who wrote, and what in a few words.

    `id` is the write's own, so that it is never applied twice.
    """

    id: str
    by: str
    what: str


@dataclass(frozen=True)
class GenerationRecord:
    """What is written down of a generation when it is published.

    `folder_graphs` are those that belong to the folder's files and the
    closure; `files` names the file of each that has one. `digest` is that of
    the folder they were made from. `changes` tells what was written since the
    generation before. `apart` are the graphs that the union default graph
    leaves out: dated copies of what others say. `repeated` counts the triples
    that stand in one graph of the union more than they need, -1 where nobody
    counted; while there are any, a merge lies beside the generation, and
    `beside` are the folder's graphs that are not in it (see `merging`). `changed`
    maps graphs to the triples added and removed, None where nobody counted.
    """

    uuid: str
    number: int
    published: str
    digest: str
    folder_graphs: list[str]
    files: dict[str, str]
    warnings: list[str]
    changes: list[Change]
    apart: list[str] = field(default_factory=list)
    repeated: int = -1
    beside: list[str] = field(default_factory=list)
    changed: dict[str, list[int]] | None = None

    @classmethod
    def read(cls, document: dict[str, Any]) -> GenerationRecord:
        """Raises TypeError or KeyError for a document that is none."""
        changes = [Change(**change) for change in document["changes"]]
        return cls(**{**document, "changes": changes})

    def is_sound(self) -> bool:
        """Whether every part has its type, as far as others rely on it."""
        lists = (self.folder_graphs, self.warnings, self.apart, self.beside)
        return (
            all(isinstance(part, list) for part in lists)
            and isinstance(self.files, dict)
            and isinstance(self.repeated, int)
            and all(isinstance(part, str) for part in (self.uuid, self.published, self.digest))
            and len(self.uuid) == _UUID_LENGTH
        )

    @property
    def generation(self) -> Generation:
        return Generation(self.uuid, self.number)


@dataclass(frozen=True)
class Derived:
    """What is computed of a generation, at once for the folder's and else after its publication.

    `graphs` maps the IRI of each named graph to its number of triples (the
    unnamed graph is the empty string), `classes` each class to its number of
    instances, `properties` each property to its number of triples. `links`
    maps predicates that link to the same thing elsewhere to the beginning of
    its IRI, with the number of links and of what they start from.
    `content_hash` follows later (see `hashing`), or `hash_trouble` tells why
    there is none.
    """

    number: int
    graphs: dict[str, int]
    classes: dict[str, int]
    properties: dict[str, int] = field(default_factory=dict)
    links: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    content_hash: str = ""
    hash_trouble: str = ""

    @property
    def triples(self) -> int:
        return sum(self.graphs.values())


@dataclass(frozen=True)
class Manifest:
    """`store.json`: which directory is live, and the newest generation's number."""

    uuid: str
    live: int
    generation: int
    layout: int = LAYOUT
