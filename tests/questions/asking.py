"""How the questions ask, and the names that their answers have in common.

Every expected row names a speaker, an entity, a figure or a span. A question
whose answer is 'this is not said' has a control beside it, which shows that
the same query finds what is said.
"""

from __future__ import annotations

from typing import Protocol

Row = dict[str, str]

SPACE = "https://w3id.org/onrecord/ghouta/"
ARTICLE = SPACE + "article/343dbc8f"
NARRATOR = ARTICLE + "/narrator"
TERM = "https://w3id.org/onrecord/term/"
PREFIXES = """
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX owl: <http://www.w3.org/2002/07/owl#>
    PREFIX rec: <https://w3id.org/onrecord/ns#>
    """


class Ask(Protocol):
    """The rows of a saved query, over HTTP."""

    def __call__(self, query_name: str, **parameters: str) -> list[Row]: ...


class Sparql(Protocol):
    """The rows of a SPARQL query, over HTTP."""

    def __call__(self, text: str) -> list[Row]: ...


def entity(slug: str) -> str:
    return SPACE + "id/" + slug


def claim(slug: str) -> str:
    return ARTICLE + "/claim/" + slug


def has(rows: list[Row], **values: str) -> bool:
    """Whether some row has all of `values`."""
    return any(values.items() <= row.items() for row in rows)


def columns(rows: list[Row], *names: str) -> set[tuple[str, ...]]:
    """What `rows` have under `names`; an empty text where a row has nothing."""
    return {tuple(row.get(name, "") for name in names) for row in rows}


def links_between(sparql: Sparql, one: str, other: str) -> set[str]:
    """The properties that join two things directly, in either direction."""
    either_way = f"{{ <{one}> ?property <{other}> }} UNION {{ <{other}> ?property <{one}> }}"
    rows = sparql(f"SELECT ?property WHERE {{ {either_way} }}")
    return {row["property"] for row in rows}
