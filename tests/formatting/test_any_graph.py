"""Formatting any graph: the same triples come out, in the same lines, however they were written."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import pyoxigraph
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, NamedNode, Quad, RdfFormat
from pyoxigraph import Literal as OxLiteral
from rdflib import Graph
from rdflib.compare import isomorphic

from onrecord.building.formatting import format_trig, format_turtle
from onrecord.building.formatting_blank import GraphName
from onrecord.building.triples import Triple

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
NAMESPACES = {
    "": "https://example.org/",
    "ex.1": "https://example.org/a#",
    "é": "https://example.org/a#b",
    "rdf": RDF,
}
HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in NAMESPACES.items())

local_names = st.text("abZ019._-~!$&'()*+,;=/?#@:éω\u00b7\u0300\U0001f600", max_size=6) | st.sampled_from(
    ["%41", "a%2f", "a."]
)
iris = st.builds(
    # An IRI has one number sign at most.
    lambda namespace, name: NamedNode(namespace + (name.replace("#", "") if "#" in namespace else name)),
    st.sampled_from([*NAMESPACES.values(), "urn:x:", "https://example.com/"]),
    local_names.filter(lambda name: name.count("#") < 2),
) | st.sampled_from([NamedNode(RDF + name) for name in ("first", "rest", "nil", "type")])
blank_nodes = st.sampled_from([BlankNode(label) for label in ("a", "b.c", "0", "d-", "é")])
texts = st.text(max_size=8) | st.text("\"\\'\n\r\t #.@^", max_size=8)
literals = st.one_of(
    texts.map(OxLiteral),
    st.builds(
        lambda text, tag: OxLiteral(text, language=tag), texts, st.sampled_from(["en", "en-GB", "zh-Hant-TW"])
    ),
    st.builds(
        lambda text, name: OxLiteral(text, datatype=NamedNode(XSD + name)),
        st.text("0123456789+-.eE", max_size=5)
        | st.sampled_from(["true", "false", "1", "INF", "1.", ".5", "1e0"]),
        st.sampled_from(["integer", "decimal", "double", "boolean", "string", "dateTime", "int"]),
    ),
)
triples = st.tuples(iris | blank_nodes, iris, iris | blank_nodes | literals)
lists = st.lists(triples, max_size=12)


@given(lists)
@settings(deadline=None, max_examples=300)
def test_a_formatted_graph_states_the_same_triples(graph: list[Triple]) -> None:
    text = HEAD + lines(Quad(*triple) for triple in graph)
    formatted = format_turtle(text)
    assert canonical(text) == canonical(formatted)
    assert format_turtle(formatted) == formatted


@given(lists, st.randoms())
@settings(deadline=None, max_examples=100)
def test_the_lines_do_not_depend_on_the_order_of_the_triples(graph: list[Triple], random: Random) -> None:
    quads = [Quad(*triple) for triple in graph]
    first = format_turtle(HEAD + lines(quads))
    random.shuffle(quads)
    assert format_turtle(HEAD + lines(quads)) == first


@given(st.lists(st.tuples(triples, iris | blank_nodes | st.just(DefaultGraph())), max_size=10))
@settings(deadline=None, max_examples=200)
def test_a_formatted_dataset_states_the_same_quads(dataset: list[tuple[Triple, GraphName]]) -> None:
    quads = [Quad(*triple, graph) for triple, graph in dataset]
    text = HEAD + pyoxigraph.serialize(quads, format=RdfFormat.TRIG).decode()
    formatted = format_trig(text)
    assert canonical(text) == canonical(formatted)
    assert format_trig(formatted) == formatted


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Anonymous nodes and lists around what `inner` writes."""
    properties = st.lists(
        st.tuples(st.sampled_from([":p", ":q", "a"]), inner.filter(lambda o: o != "1")), max_size=3
    )
    nodes = properties.map(lambda pairs: f"[ {' ; '.join(f'{verb} {value}' for verb, value in pairs)} ]")
    return nodes | st.lists(inner, max_size=4).map(lambda members: f"( {' '.join(members)} )")


@given(st.recursive(st.sampled_from(["[]", "()", "1", ":o"]), nested, max_leaves=12))
@settings(deadline=None, max_examples=200)
def test_nested_nodes_and_lists_come_out_nested(value: str) -> None:
    text = f"{HEAD}:s :p {value} ."
    formatted = format_turtle(text)
    assert canonical(text) == canonical(formatted)
    assert format_turtle(formatted) == formatted
    assert "_:" not in formatted


def test_rdflib_reads_what_the_formatter_writes() -> None:
    """One text with all kinds of terms: rdflib does not read every name that Turtle allows."""
    text = (
        HEAD
        + """:s :p "a", 'b'@en-GB, '''c\n"d"''', 1, -1.50, 1e9, true, "x"^^rdf:XMLLiteral,
        [ :q ( 1 [] ) ], _:b ; a :T , <https://example.org/a/b> , rdf:Bag . _:b :p _:b , <../x> , <#y> ."""
    )
    base = "https://example.org/folder/file"
    assert isomorphic(
        Graph().parse(data=text, publicID=base), Graph().parse(data=format_turtle(text), publicID=base)
    )


def lines(quads: Iterable[Quad]) -> str:
    """The triples as N-Triples, which is Turtle too."""
    return pyoxigraph.serialize(list(quads), format=RdfFormat.N_TRIPLES).decode()


def canonical(text: str) -> set[str]:
    """The quads of `text` with the labels of RDFC-1.0, equal for isomorphic datasets.

    rdflib.compare takes some graphs with many alike blank nodes for different from themselves.
    """
    dataset = Dataset(pyoxigraph.parse(text, RdfFormat.TRIG, base_iri="https://example.org/"))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}
