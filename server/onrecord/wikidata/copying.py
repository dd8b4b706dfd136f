"""A dated copy of chosen facts of Wikidata, as a graph that tells where it is from (PROV-O)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from onrecord.building.formatting import format_turtle
from onrecord.errors import FolderError
from onrecord.federation.remote import Remote
from onrecord.federation.solutions import Term
from onrecord.folder import COPIES, Folder
from onrecord.terms import DCTERMS, PREFIXES, RDF, XSD
from onrecord.wikidata.facts import DESCRIPTION, DIRECT, LABEL, SCHEMA, Progress, ask_facts, facts_query
from onrecord.wikidata.linked import ENTITY

PROPERTIES = ("P17", "P31", "P131", "P361", "P580", "P582", "P625", "P1566")
"""Copied unless others are chosen: country, kind, unit, whole, start, end, coordinates, GeoNames number."""

_PROV = "http://www.w3.org/ns/prov#"
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
_UNKNOWN_VALUE = "<http://www.wikidata.org/.well-known/genid/"


@dataclass(frozen=True)
class Copy:
    """Facts copied at one time from one address."""

    url: str
    asked: datetime
    queries: tuple[str, ...]
    triples: tuple[tuple[Term, Term, Term], ...]
    items: int
    requests: int


def copy_items(
    remote: Remote,
    items: Iterable[str],
    properties: Iterable[str],
    languages: Iterable[str],
    progress: Progress,
) -> Copy:
    """Labels, descriptions and `properties` of `items`, and the labels of what these name.

    Values that Wikidata holds to be unknown are left out. Raises RemoteError.
    """
    wanted = sorted(set(items))
    tags = tuple(languages)
    query = facts_query([LABEL, DESCRIPTION, *(DIRECT + name for name in properties)], tags)
    facts = ask_facts(remote, query, wanted, progress)
    triples = [t for t in facts.triples if not t[2].startswith((_UNKNOWN_VALUE, "_:"))]
    named = {o[1:-1] for _, _, o in triples if o.startswith(f"<{ENTITY}Q")} - set(wanted)
    labels = ask_facts(remote, facts_query([LABEL], tags), named, progress)
    times = [one.asked for one in (facts, labels) if one.asked is not None]
    return Copy(
        facts.url,
        min(times, default=datetime.now(UTC)),
        tuple(one.query for one in (facts, labels) if one.asked is not None),
        tuple(triples) + labels.triples,
        len({s for s, _, _ in triples}),
        facts.requests + labels.requests,
    )


def write_copy(folder: Folder, copy: Copy) -> str:
    """Write `copy` into the folder, in place of one of the same day; returns the file's name there.

    Raises FolderError when it cannot be written.
    """
    name = f"{COPIES}/wikidata-{copy.asked:%Y-%m-%d}.ttl"
    path = folder.path / name
    text = format_turtle(_turtle(copy, folder.description.space.graph(name.removesuffix(".ttl"))), name)
    draft = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        raise FolderError(f"{name} cannot be written: {error.strerror}.") from None
    return name


def _turtle(copy: Copy, graph: str) -> str:
    prefixes = PREFIXES | {
        "geo": "http://www.opengis.net/ont/geosparql#",
        "prov": _PROV,
        "schema": SCHEMA,
        "wd": ENTITY,
        "wdt": DIRECT,
    }
    lines = [
        "# Copied from Wikidata by `onrecord wikidata pull`; do not edit, copy again.",
        "# It is no claim of any source, and no part of the default graph.",
        "",
    ]
    lines += [f"@prefix {prefix}: <{iri}> ." for prefix, iri in prefixes.items()]
    lines += [f"{s} {p} {o} ." for s, p, o in sorted({*copy.triples, *_origin(copy, graph)})]
    return "\n".join(lines) + "\n"


def _origin(copy: Copy, graph: str) -> list[tuple[Term, Term, Term]]:
    activity = f"{graph}#copying"
    when = f'"{copy.asked.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"^^<{XSD}dateTime>'
    told = [
        (graph, RDF + "type", f"<{_PROV}Entity>"),
        (graph, DCTERMS + "license", f"<{_CC0}>"),
        (graph, _PROV + "generatedAtTime", when),
        (graph, _PROV + "wasGeneratedBy", f"<{activity}>"),
        (graph, _PROV + "hadPrimarySource", f"<{copy.url}>"),
        (activity, RDF + "type", f"<{_PROV}Activity>"),
        (activity, _PROV + "used", f"<{copy.url}>"),
    ]
    for number, query in enumerate(copy.queries, 1):
        plan = f"{graph}#query-{number}"
        escaped = query.replace("\\", "\\\\").replace('"', '\\"')
        told += [
            (activity, DCTERMS + "conformsTo", f"<{plan}>"),
            (plan, RDF + "type", f"<{_PROV}Plan>"),
            (plan, RDF + "value", f'"{escaped}"'),
        ]
    return [(Term(f"<{s}>"), Term(f"<{p}>"), Term(o)) for s, p, o in told]
