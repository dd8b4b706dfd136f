"""The prefixes that the Wikidata Query Service knows without being told.

People paste texts from there. A text that asks other endpoints may use them
undeclared; any other text declares its prefixes, as SPARQL says, so that it
runs in every engine: its error names the line that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from onrecord.errors import Position, QuerySyntaxError
from onrecord.sparql.operation import declared_prefixes
from onrecord.sparql.tokens import Token
from onrecord.terms import OWL, RDF, RDFS, SKOS, XSD

_WD = "http://www.wikidata.org/"
KNOWN_PREFIXES: Mapping[str, str] = {
    "wd": f"{_WD}entity/",
    "wdt": f"{_WD}prop/direct/",
    "wdtn": f"{_WD}prop/direct-normalized/",
    "wds": f"{_WD}entity/statement/",
    "wdv": f"{_WD}value/",
    "wdref": f"{_WD}reference/",
    "wdno": f"{_WD}prop/novalue/",
    "wdata": f"{_WD}wiki/Special:EntityData/",
    "p": f"{_WD}prop/",
    "ps": f"{_WD}prop/statement/",
    "psv": f"{_WD}prop/statement/value/",
    "psn": f"{_WD}prop/statement/value-normalized/",
    "pq": f"{_WD}prop/qualifier/",
    "pqv": f"{_WD}prop/qualifier/value/",
    "pqn": f"{_WD}prop/qualifier/value-normalized/",
    "pr": f"{_WD}prop/reference/",
    "prv": f"{_WD}prop/reference/value/",
    "prn": f"{_WD}prop/reference/value-normalized/",
    "wikibase": "http://wikiba.se/ontology#",
    "bd": "http://www.bigdata.com/rdf#",
    "hint": "http://www.bigdata.com/queryHints#",
    "cc": "http://creativecommons.org/ns#",
    "dct": "http://purl.org/dc/terms/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "ontolex": "http://www.w3.org/ns/lemon/ontolex#",
    "owl": OWL,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "http://schema.org/",
    "skos": SKOS,
    "xsd": XSD,
}
"""Prefix -> namespace IRI."""

_NAME_IN_DATA = re.compile(r"(?:^|(?<=[\s(]))([^\s:<>\"'(){}]*):")


def used_prefixes(tokens: Iterable[Token]) -> frozenset[str]:
    """The prefixes of the names among `tokens`, also of those inside data blocks.

    >>> from onrecord.sparql.tokens import tokenize
    >>> sorted(used_prefixes(tokenize("ASK { a:x b:y ?o VALUES ?o { c:z } }")))
    ['a', 'b', 'c']
    """
    kept = list(tokens)
    # Names in data blocks are not tokens of their own.
    data = " ".join(token.text for token in kept if token.in_data)
    return frozenset(token.text.partition(":")[0] for token in kept if token.kind == "pname") | frozenset(
        _NAME_IN_DATA.findall(data)
    )


def supplied_prefixes(tokens: Sequence[Token]) -> dict[str, str]:
    """The known prefixes that a text with these tokens uses and nowhere declares.

    >>> from onrecord.sparql.tokens import tokenize
    >>> supplied_prefixes(list(tokenize("PREFIX wdt: <urn:own> ASK { wd:Q1 wdt:P1 ?o }")))
    {'wd': 'http://www.wikidata.org/entity/'}
    """
    missing = used_prefixes(tokens) - declared_prefixes(list(tokens)).keys()
    return {prefix: KNOWN_PREFIXES[prefix] for prefix in sorted(missing & KNOWN_PREFIXES.keys())}


def declare(prefixes: Mapping[str, str]) -> str:
    """The declarations of `prefixes`, to stand before a text on its first line; empty for none.

    >>> declare({"a": "urn:a"})
    'PREFIX a: <urn:a> '
    """
    return "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in prefixes.items())


def move_back(error: QuerySyntaxError, lead: str) -> QuerySyntaxError:
    """`error` about a text with `lead` before its first line, as if that had not been there.

    >>> print(move_back(QuerySyntaxError("Line 1, column 9: what.", Position(1, 9), "lead ASK"), "lead "))
    Line 1, column 4: what.
    """
    place = error.position
    if not lead or place is None or place.line != 1:
        return error
    own = Position(1, max(1, place.column - len(lead)))
    sentence = error.detail.removeprefix(f"Line 1, column {place.column}: ")
    if sentence != error.detail:
        sentence = f"Line 1, column {own.column}: {sentence}"
    return QuerySyntaxError(sentence, own, error.line_text.removeprefix(lead))
