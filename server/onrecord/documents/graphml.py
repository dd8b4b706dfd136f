"""GraphML: an RDF graph, or rows that link two columns, for Gephi, yEd, Cytoscape and R."""

from __future__ import annotations

import io
from collections.abc import Iterable

import networkx
import pyoxigraph

from onrecord.documents.texts import text_of
from onrecord.errors import NotAcceptableError
from onrecord.solutions import SolutionSequence
from onrecord.terms import RDFS

_LABEL = RDFS + "label"


def write_graphml(ntriples: bytes, facts: dict[str, str]) -> bytes:
    """The graph in N-Triples: IRIs and blank nodes as nodes, triples between them as edges.

    Literals become attributes of their node, called by the property's IRI;
    `rdfs:label` (English, else without a language, else any) is `label`.
    """
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.graph.update(_clean(facts))
    labels: dict[str, tuple[int, str]] = {}
    for triple in pyoxigraph.parse(ntriples, pyoxigraph.RdfFormat.N_TRIPLES):
        subject, predicate = _name(triple.subject), triple.predicate.value
        graph.add_node(subject)
        if isinstance(triple.object, pyoxigraph.Literal):
            value = triple.object.value
            if predicate == _LABEL:
                rank = {"en": 0, None: 1}.get(triple.object.language, 2)
                labels[subject] = min(labels.get(subject, (3, "")), (rank, value))
                continue
            known = graph.nodes[subject].get(predicate)
            graph.nodes[subject][predicate] = _printable(f"{known}; {value}" if known else value)
        else:
            graph.add_edge(subject, _name(triple.object), relation=predicate)
    for node in graph.nodes:
        graph.nodes[node]["label"] = _printable(labels[node][1] if node in labels else node)
    return _write(graph)


def write_links(title: str, solutions: SolutionSequence, facts: dict[str, str]) -> bytes:
    """One edge a row, from column `source` to column `target`; the other columns describe the edge.

    Columns `sourceLabel` and `targetLabel` name the nodes. Raises
    NotAcceptableError when there are no such columns.
    """
    if not {"source", "target"} <= set(solutions.variables):
        raise NotAcceptableError(
            "GraphML shows links: name two columns of the query ?source and ?target "
            f"(it has: {', '.join(solutions.variables) or 'none'}), or ask with CONSTRUCT."
        )
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.graph.update(_clean({"title": title, **facts}))
    nodes = {"source", "target", "sourceLabel", "targetLabel"}
    for row in solutions.rows:
        if "source" not in row or "target" not in row:
            continue
        for end in ("source", "target"):
            name = _printable(text_of(row[end]))
            graph.add_node(name, label=_printable(text_of(row.get(f"{end}Label"))) or name)
        told = {n: _printable(text_of(row[n])) for n in solutions.variables if n in row and n not in nodes}
        graph.add_edge(
            _printable(text_of(row["source"])), _printable(text_of(row["target"])), key=None, **told
        )
    return _write(graph)


def _write(graph: networkx.MultiDiGraph[str]) -> bytes:
    buffer = io.BytesIO()
    networkx.write_graphml_xml(graph, buffer)
    return buffer.getvalue() + b"\n"


def _name(term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple) -> str:
    return _printable(term.value if isinstance(term, pyoxigraph.NamedNode) else str(term))


def _clean(facts: dict[str, str]) -> dict[str, str]:
    return {name: _printable(value) for name, value in facts.items()}


def _printable(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot hold."""
    return "".join(_xml_characters(text))


def _xml_characters(text: str) -> Iterable[str]:
    return (
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or (c >= "\ue000" and c not in "\ufffe\uffff") else "�"
        for c in text
    )
