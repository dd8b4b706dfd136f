"""The entities of a folder that are linked to Wikidata items, with what the folder says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from onrecord.folder import Folder
from onrecord.terms import RDF, RDFS, REC

ENTITY = "http://www.wikidata.org/entity/"


@dataclass(frozen=True)
class LinkedEntity:
    """One entity and one item that is said to describe it.

    `is_certain` tells that the item stands on the entity itself. `within` are
    the items of all that the entity lies in, however indirectly. Coordinates
    are (latitude, longitude) in degrees.
    """

    entity: str
    item: str
    is_certain: bool
    labels: tuple[Literal, ...]
    classes: frozenset[str]
    coordinates: tuple[float, float] | None
    geonames_ids: frozenset[str]
    within: frozenset[str]

    @property
    def label(self) -> str:
        """A label to show, English if there is one."""
        english = [label.value for label in self.labels if label.language == "en"]
        return (english or [label.value for label in self.labels] or [""])[0]


def read_linked(folder: Folder) -> list[LinkedEntity]:
    """All entities with items, sorted: `rec:wikidata`, and what a `rec:Identification` names.

    Raises what reading the folder raises.
    """
    space = folder.description.space
    return find_linked(quad for file in folder.files() for quad in file.quads(space))


def find_linked(quads: Iterable[Quad]) -> list[LinkedEntity]:
    """As `read_linked`, from quads."""
    said = _Said(quads)
    certain = {(e, i) for e in said.subjects(REC + "wikidata") for i in said.iris(e, REC + "wikidata")}
    named = set(certain)
    geonames: dict[tuple[str, str], set[str]] = {}
    for record in said.subjects(REC + "identifies"):
        for entity in said.iris(record, REC + "identifies"):
            for item in said.iris(record, REC + "item"):
                named.add((entity, item))
                geonames.setdefault((entity, item), set()).update(said.texts(record, REC + "geonamesId"))
    items_of: dict[str, set[str]] = {}
    for entity, item in certain:
        items_of.setdefault(entity, set()).add(item)
    return [
        LinkedEntity(
            entity=entity,
            item=item,
            is_certain=(entity, item) in certain,
            labels=said.literals(entity, RDFS + "label"),
            classes=frozenset(said.iris(entity, RDF + "type")),
            coordinates=said.coordinates(entity),
            geonames_ids=frozenset(geonames.get((entity, item), ())),
            within=frozenset(
                found
                for place in said.reachable(entity, REC + "directlyWithin")
                for found in items_of.get(place, ())
            ),
        )
        for entity, item in sorted(named)
        if item.startswith(ENTITY)
    ]


class _Said:
    """Triples by subject and predicate."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._objects: dict[tuple[str, str], list[NamedNode | Literal]] = {}
        self._subjects: dict[str, set[str]] = {}
        for quad in quads:
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
                key = (quad.subject.value, quad.predicate.value)
                self._objects.setdefault(key, []).append(quad.object)
                self._subjects.setdefault(quad.predicate.value, set()).add(quad.subject.value)

    def subjects(self, predicate: str) -> list[str]:
        return sorted(self._subjects.get(predicate, ()))

    def iris(self, subject: str, predicate: str) -> list[str]:
        return [o.value for o in self._objects.get((subject, predicate), ()) if isinstance(o, NamedNode)]

    def literals(self, subject: str, predicate: str) -> tuple[Literal, ...]:
        return tuple(o for o in self._objects.get((subject, predicate), ()) if isinstance(o, Literal))

    def texts(self, subject: str, predicate: str) -> list[str]:
        return [o.value for o in self.literals(subject, predicate)]

    def coordinates(self, subject: str) -> tuple[float, float] | None:
        try:
            (latitude,) = self.texts(subject, REC + "latitude")
            (longitude,) = self.texts(subject, REC + "longitude")
            return float(latitude), float(longitude)
        except ValueError:
            return None

    def reachable(self, start: str, predicate: str) -> set[str]:
        """All that `predicate` leads to, in one step or more."""
        found: set[str] = set()
        pending = [start]
        while pending:
            for target in self.iris(pending.pop(), predicate):
                if target not in found:
                    found.add(target)
                    pending.append(target)
        return found
