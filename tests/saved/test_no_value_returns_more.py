"""Whatever a parameter is given, a query returns the rows that an honest reader would pick, and no other.

The oracle asks the query with every slot open and picks, in Python, the rows whose value is one of
those given. Every type meets every position: at the top, in branches of a UNION, in a sub-select, in
FILTER, BIND and EXISTS, at the end of a path, in GRAPH, beside OPTIONAL and MINUS, in nested groups.
"""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache

import pyoxigraph as ox
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from onrecord.errors import ParameterError
from onrecord.saved import SavedQuery, check, parse
from onrecord.sparql import Term
from onrecord.sparql.tokens import tokenize
from onrecord.terms import XSD, IriSpace

SPACE = IriSpace("https://example.org/town/")
ID = SPACE.base + "id/"
PREFIXES = f"PREFIX : <{ID}> PREFIX xsd: <{XSD}>\n"

VALUES = {
    "iri": [":a", ":b", ":c", "<urn:x>", "<https://example.org/é>"],
    "enumeration": [":a", ":b", '"open"', '"shut"', '"open"@en'],
    "string": ['"Douma"', '"Douma"@en', '""', '" "', '"say \\"no\\" }"', '"#+ \\\\"', '"UNDEF"', ":a"],
    "language-string": ['"Douma"@en', '"Douma"@ar', '"Douma"', '"a@b"@en', '"x"@en-gb'],
    "integer": ["7", "7.0", "7e0", "0", "-3", '"7"', "8"],
    "decimal": ["7", "7.5", "7.50", "0.25", "-3.0", '"7.5"', "75e-1"],
    "date": ["'2018-03-28'^^xsd:date", "'2018-03-28Z'^^xsd:date", "'2018-03-29'^^xsd:date", "'2018-03-28'"],
    "date-time": [
        "'2018-03-28T09:00:00Z'^^xsd:dateTime",
        "'2018-03-28T11:00:00+02:00'^^xsd:dateTime",
        "'2018-03-28T09:00:01Z'^^xsd:dateTime",
        "'2018-03-28T09:00:00Z'",
    ],
    "boolean": ["true", "false", '"true"', "1"],
}
"""What the data holds: values of the type, and some that only look like them."""

TEXTS = {
    "iri": ["id/a", "id/b", ID + "c", "urn:x", "https://example.org/é", "id/nobody", "id/a> } #"],
    "enumeration": [ID + "a", ID + "b", "open", "shut", "ajar"],
    "string": ["Douma", "", " ", 'say "no" }', "#+ \\", "UNDEF", '" } UNION { ?s ?p ?x } #', "?x"],
    "language-string": ["Douma@en", "Douma@AR", "a@b@en", "x@en-GB", '"@en', "Douma@en ?x"],
    "integer": ["7", "+07", "0", "-0", "-3", "8", "7 8", "7.0"],
    "decimal": ["7", "7.50", "7.5", "+0.25", "-3", ".25", "NaN", "1e1"],
    "date": ["2018-03-28", "2018-03-28Z", "2018-03-28+00:00", "2018-03-29", "2018-02-30"],
    "date-time": [
        "2018-03-28T09:00:00Z",
        "2018-03-28T11:00:00+02:00",
        "2018-03-28T09:00:00.000Z",
        "2018-03-28T09:00:01Z",
        "2018-03-28T09:00:00",
    ],
    "boolean": ["true", "1", "0", "false", "maybe"],
}
"""What requests send."""

OPEN = "VALUES ?v { UNDEF }"
JOINED = {
    "top": f"SELECT ?s ?v {{ {OPEN} ?s :p ?v }}",
    "after its use": f"SELECT ?s ?v {{ ?s :p ?v . {OPEN} }}",
    "union": f"SELECT ?s ?v {{ {{ {OPEN} ?s :p ?v }} UNION {{ {OPEN} ?s :q ?v }} }}",
    "subselect": f"SELECT ?v ?n {{ {{ SELECT ?v (COUNT(?s) AS ?n) {{ {OPEN} ?s :p ?v }} GROUP BY ?v }} }}",
    "both levels": f"SELECT ?s ?v ?n {{ {OPEN} ?s :p ?v "
    f"{{ SELECT ?v (COUNT(*) AS ?n) {{ {OPEN} ?t :p|:q ?v }} GROUP BY ?v }} }}",
    "exists": f"SELECT ?s ?v {{ {OPEN} ?s :p ?v FILTER EXISTS {{ ?s :q ?v }} }}",
    "bind": f"SELECT ?s ?v ?b {{ {OPEN} ?s :p ?v BIND(STR(?v) AS ?b) }}",
    "path end": f"SELECT ?s ?v {{ {OPEN} ?s :next*/:p ?v }}",
    "alternative path": f"SELECT ?s ?v {{ {OPEN} ?s :p|:q ?v }}",
    "graph": f"SELECT ?g ?s ?v {{ GRAPH ?g {{ {OPEN} ?s :p ?v }} }}",
    "nested group": f"SELECT ?s ?v ?o {{ {{ {{ {OPEN} ?s :p ?v }} ?s :next ?o }} }}",
    "optional beside": f"SELECT ?s ?v ?o {{ {OPEN} ?s :p ?v OPTIONAL {{ ?s :next ?o }} }}",
    "minus": f"SELECT ?s ?v {{ {OPEN} ?s :p ?v MINUS {{ ?s :q ?v }} }}",
    "twice": f"SELECT ?s ?t ?v {{ {OPEN} ?s :p ?v . ?t :q ?v }}",
}
ONE = "FILTER(!BOUND(?v) || ?x = ?v)"
COMPARED = {
    "top": f"SELECT ?s ?x {{ {OPEN} ?s :p ?x {ONE} }}",
    "after its use": f"SELECT ?s ?x {{ ?s :p ?x {ONE} {OPEN} }}",
    "union": f"SELECT ?s ?x {{ {{ {OPEN} ?s :p ?x {ONE} }} UNION {{ {OPEN} ?s :q ?x {ONE} }} }}",
    "subselect": "SELECT ?x ?n "
    f"{{ {{ SELECT ?x (COUNT(?s) AS ?n) {{ {OPEN} ?s :p ?x {ONE} }} GROUP BY ?x }} }}",
    "both levels": f"SELECT ?s ?x ?n {{ {OPEN} ?s :p ?x {ONE} "
    f"{{ SELECT ?v ?x (COUNT(*) AS ?n) {{ {OPEN} ?t :p|:q ?x {ONE} }} GROUP BY ?v ?x }} }}",
    "bind": f"SELECT ?s ?x {{ {OPEN} ?s :p ?x BIND(IF(BOUND(?v), ?x = ?v, true) AS ?kept) FILTER(?kept) }}",
    "coalesce": f"SELECT ?s ?x {{ {OPEN} ?s :p ?x FILTER(COALESCE(?x = ?v, !BOUND(?v))) }}",
    "path end": f"SELECT ?s ?x {{ {OPEN} ?s :next*/:p ?x {ONE} }}",
    "graph": f"SELECT ?g ?s ?x {{ GRAPH ?g {{ {OPEN} ?s :p ?x {ONE} }} }}",
    "nested group": f"SELECT ?s ?x ?o {{ {{ {{ {OPEN} ?s :p ?x {ONE} }} ?s :next ?o }} }}",
    "optional beside": f"SELECT ?s ?x ?o {{ {OPEN} ?s :p ?x {ONE} OPTIONAL {{ ?s :next ?o }} }}",
    "minus": f"SELECT ?s ?x {{ {OPEN} ?s :p ?x {ONE} MINUS {{ ?s :q ?x }} }}",
}
JOINING = ("iri", "enumeration")
CASES = [(type_, place) for type_ in VALUES for place in (JOINED if type_ in JOINING else COMPARED)]

Row = tuple[tuple[str, str], ...]


@cache
def query_of(type_: str, place: str, *, is_list: bool) -> SavedQuery:
    values = f", values: [{ID}a, {ID}b, open, shut]" if type_ == "enumeration" else ""
    many = ", list: true" if is_list else ""
    body = (JOINED if type_ in JOINING else COMPARED)[place]
    text = f"#+ summary: T.\n#+ parameters:\n#+   v: {{type: {type_}{values}{many}}}\n{PREFIXES}{body}\n"
    return parse("it", "queries/it.rq", text)


def store_of(type_: str, picks: Sequence[tuple[int, int, bool, bool]]) -> ox.Store:
    """Six things in a chain, each pick a value of one: (thing, value, whether by :p, in which graph)."""
    known = VALUES[type_]
    quads: dict[str, int] = {}
    for thing, value, by_p, in_first in picks:
        # A triple stands in one graph: in two it would be counted twice.
        quads.setdefault(f":s{thing} {':p' if by_p else ':q'} {known[value % len(known)]}", in_first)
    store = ox.Store()
    for graph in (0, 1):
        lines = [triple for triple, where in quads.items() if where == graph]
        lines += [f":s{n} :next :s{n + 1}" for n in range(5) if n % 2 == graph]
        store.update(f"{PREFIXES} INSERT DATA {{ GRAPH :g{graph} {{ {' . '.join(lines)} }} }}")
    return store


def ask(store: ox.Store, text: str) -> list[Mapping[str, Term]]:
    results = store.query(text, base_iri=SPACE.base, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    names = [variable.value for variable in results.variables]
    return [{n: t for n, t in zip(names, list(row), strict=True) if t is not None} for row in results]  # type: ignore[misc]


def counted(rows: Sequence[Mapping[str, Term]]) -> Counter[Row]:
    return Counter(tuple(sorted((name, str(term)) for name, term in row.items())) for row in rows)


def value_of(type_: str, term: Term | None) -> object:
    """What `=` compares (SPARQL 1.1, section 17.3), of terms that are of the type; else None."""
    datatype = term.datatype.value.removeprefix(XSD) if isinstance(term, ox.Literal) else ""
    if type_ in JOINING:
        return str(term)
    if type_ in ("integer", "decimal") and datatype in ("integer", "decimal", "double"):
        return Decimal(term.value)
    if type_ == "date" and datatype == "date":
        day = datetime.date.fromisoformat(term.value[:10])
        return day, bool(term.value[10:])  # every zone in the data and the requests is UTC
    if type_ == "date-time" and datatype == "dateTime":
        return datetime.datetime.fromisoformat(term.value)
    if type_ == "boolean" and datatype == "boolean":
        return term.value
    if isinstance(term, ox.Literal) and {"string": "string", "language-string": ""}.get(type_) is not None:
        is_of_type = (term.language is not None) == (type_ == "language-string")
        return (term.value, term.language) if is_of_type and (term.language or datatype == "string") else None
    return None


def texts(type_: str) -> st.SearchStrategy[str]:
    noise = st.text(st.sampled_from("ab7-+:@T.Z \"'\\{}<>#?\n|^,é"), max_size=12)
    return st.one_of(st.sampled_from(TEXTS[type_]), st.sampled_from(TEXTS[type_]), noise)


@st.composite
def askings(draw: st.DrawFn) -> tuple[str, str, list[tuple[int, int, bool, bool]], list[str], bool]:
    type_, place = draw(st.sampled_from(CASES))
    pick = st.tuples(st.integers(0, 5), st.integers(0, 7), st.booleans(), st.booleans())
    picks = draw(st.lists(pick, min_size=4, max_size=14))
    is_list = draw(st.booleans())
    sent = draw(st.lists(texts(type_), min_size=1, max_size=4 if is_list else 1))
    return type_, place, picks, sent, is_list


@pytest.mark.parametrize(("type_", "place"), CASES)
def test_every_position_is_one_that_the_check_of_slots_lets_in(type_: str, place: str) -> None:
    assert check(query_of(type_, place, is_list=True)) == ()


@given(askings())
@settings(max_examples=1500, deadline=None, derandomize="CI" in os.environ)
def test_no_value_of_any_type_returns_more_or_less_than_was_asked(
    asking: tuple[str, str, list[tuple[int, int, bool, bool]], list[str], bool],
) -> None:
    type_, place, picks, sent, is_list = asking
    query = query_of(type_, place, is_list=is_list)
    try:
        terms = query.read({"v": sent}, SPACE)
    except ParameterError:
        event(f"{type_}: refused")
        return
    text = query.bind(terms)
    # Outside the slots nothing of the text changes, whatever is sent.
    assert skeleton(text) == skeleton(query.text)
    store = store_of(type_, picks)
    every = ask(store, query.text)
    wanted = [value_of(type_, term) for term in terms.get("v", [])]
    assert None not in wanted
    honest = [row for row in every if not wanted or value_of(type_, row.get("x", row.get("v"))) in wanted]
    assert counted(ask(store, text)) == counted(honest), text
    event(f"{type_}: {'some' if honest and len(honest) < len(every) else 'all or none'} of the rows")


def skeleton(text: str) -> list[str]:
    """The tokens of a text without what stands in its slots."""
    kept: list[str] = []
    in_slot = False
    for token in tokenize(text):
        in_slot = in_slot and not token.is_op("}")
        if not in_slot:
            kept.append(token.text)
        in_slot = in_slot or kept[-3:] == ["VALUES", "?v", "{"]
    return kept
