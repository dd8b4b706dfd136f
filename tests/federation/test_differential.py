"""Generated queries: SERVICE through the plan against the same data held locally.

Each query is written twice by the same template: with `SERVICE <endpoint> {...}`
for the plan, and with all rows that the body has at that endpoint, found in a
store that holds the endpoints' data. The second text never meets our code.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import pytest
from tests.federation.conftest import RecordingRemote, Server, StoreLocal, open_clients
from tests.federation.data import PREFIXES, local_trig, remote_turtle

from onrecord.federation.plan import federate

SEEDS = range(24)
Service = Callable[..., str]
"""Writes a SERVICE: name of the endpoint, body, and whether it is silent."""

LOCAL = (
    "?e h:same ?w .",
    "?e a h:Place ; h:same ?w .",
    "?e h:same ?w ; h:number ?k . FILTER(?k > 1)",
    "?e h:link ?f . ?f h:same ?w .",
    "GRAPH h:g1 { ?e h:seen ?w }",
    "VALUES ?g { h:g1 h:g2 } GRAPH ?g { ?e h:seen ?w }",
    "{ ?e h:same ?w } UNION { GRAPH h:g2 { ?e h:seen ?w } }",
    "?e h:same ?w OPTIONAL { ?e h:name ?m }",
)
BODY = (
    "?w t:label ?l .",
    "?w a t:City ; t:label ?l",
    "?w t:number ?n FILTER(?n > 2)",
    "?w t:part ?u . ?u t:label ?l",
    "?w a ?c OPTIONAL { ?w t:label ?l }",
    "OPTIONAL { ?w t:part ?u } ?w a ?c",
    "{ ?w t:label ?l } UNION { ?w t:number ?n }",
    "?w a ?c MINUS { ?w t:label ?l }",
    "MINUS { ?w t:label ?l } ?w a ?c",
    "?w t:number ?n BIND(?n * 2 AS ?d)",
    "?e t:known ?w ; t:name ?m",
    "?w t:label ?l FILTER NOT EXISTS { ?w t:number ?n }",
    "{ SELECT ?w (COUNT(?o) AS ?c) { ?w ?p ?o } GROUP BY ?w }",
    "VALUES ?c { t:City t:Town } ?w a ?c",
)
TAIL = ("", "?e h:number ?k .", "OPTIONAL { ?e h:name ?m }", "FILTER(BOUND(?w))", "?e a ?kind")
HEADS = ("SELECT *", "SELECT ?e ?w", "SELECT DISTINCT ?w ?l", "SELECT ?e ?l ?n", "SELECT (COUNT(*) AS ?many)")


def join(c: random.Random, s: Service) -> str:
    parts = [c.choice(LOCAL), s("one", c.choice(BODY)), c.choice(TAIL)]
    c.shuffle(parts)
    return f"{c.choice(HEADS)} {{ {' '.join(parts)} }}"


def optional(c: random.Random, s: Service) -> str:
    inner = [
        s("one", c.choice(BODY)),
        c.choice(("", "?w ^h:same ?f .", "FILTER(BOUND(?w))", "?e h:number ?k .")),
    ]
    c.shuffle(inner)
    block = f"{c.choice(LOCAL)} OPTIONAL {{ {' '.join(inner)} }}"
    after = c.choice(("", "?x h:same ?w .", "OPTIONAL { ?x h:name ?l }", "VALUES ?w { t:w3 t:w11 t:w20 }"))
    return f"{c.choice(HEADS)} {{ {c.choice((block, f'{{ {block} }}'))} {after} }}"


def union(c: random.Random, s: Service) -> str:
    branches = [s("one", c.choice(BODY)), c.choice(LOCAL), s("two", c.choice(BODY))]
    c.shuffle(branches)
    union = " UNION ".join(f"{{ {b} }}" for b in branches[: c.choice((2, 3))])
    return f"{c.choice(HEADS)} {{ {c.choice(LOCAL)} {union} {c.choice(TAIL)} }}"


def minus(c: random.Random, s: Service) -> str:
    inner = [s("one", c.choice(BODY)), c.choice(("", "?e h:same ?w .", "?e h:number 2 ."))]
    c.shuffle(inner)
    after = c.choice(("", "?e h:number ?k .", "VALUES ?w { t:w3 t:w11 t:w20 }", "?x h:same ?w ."))
    before = c.choice((*LOCAL, "?e a ?kind . OPTIONAL { ?e h:same ?w }"))
    return f"{c.choice(HEADS)} {{ {before} MINUS {{ {' '.join(inner)} }} {after} }}"


def exists(c: random.Random, s: Service) -> str:
    inner = [s("one", c.choice(BODY)), c.choice(("", "?e h:number ?k .", "FILTER(?w != t:w3)"))]
    word = c.choice(("EXISTS", "NOT EXISTS"))
    condition = f"{word} {{ {' '.join(inner)} }}"
    use = c.choice(
        (f"FILTER {condition}", f"FILTER(?e != h:e1 && {condition})", f"BIND({condition} AS ?there)")
    )
    after = c.choice(("", "?e h:number ?k .", "OPTIONAL { ?e h:name ?m }", "?x h:link ?e ."))
    return f"SELECT * {{ {c.choice(LOCAL)} {use} {after} }}"


def subselect(c: random.Random, s: Service) -> str:
    body, local = c.choice(BODY), c.choice(LOCAL)
    inner = c.choice(
        (
            f"SELECT ?w ?l {{ {s('one', body)} }}",
            f"SELECT DISTINCT ?w {{ {s('one', body)} ?x h:same ?w }}",
            f"SELECT ?w (COUNT(*) AS ?many) {{ {s('one', body)} }} GROUP BY ?w",
            f"SELECT (COUNT(?w) AS ?many) {{ {s('one', body)} }}",
            f"SELECT ?x ?l {{ ?x h:same ?w {s('one', body)} }}",
            f"SELECT ?w {{ ?x h:same ?w {s('one', body)} }} ORDER BY ?w LIMIT 3",
            f"SELECT ?e ?l {{ ?e h:number ?k {s('one', body)} }}",
        )
    )
    outer = c.choice((f"{{ {inner} }}", f"OPTIONAL {{ {inner} }}", f"FILTER EXISTS {{ {inner} }}"))
    return f"SELECT * {{ {local} {outer} }}"


def values(c: random.Random, s: Service) -> str:
    block = c.choice(
        (
            "VALUES ?w { t:w1 t:w2 t:w3 t:w1 t:w20 }",
            "VALUES (?w ?x) { (t:w1 1) (t:w2 2) (t:w30 UNDEF) }",
            "VALUES (?w ?x) { (t:w1 1) (UNDEF 2) }",
            "VALUES (?e ?w) { (h:e1 t:w11) (h:e20 t:w20) (h:e20 UNDEF) }",
            'VALUES ?l { "en 1"@en "ar 3"@ar "en 6" }',
            "VALUES ?n { 1 2 03 }",
        )
    )
    parts = [block, s("one", c.choice(BODY)), c.choice(("", *LOCAL))]
    c.shuffle(parts)
    trailing = c.choice(("", "VALUES ?w { t:w11 t:w20 t:w37 }"))
    return f"SELECT * {{ {' '.join(parts)} }} {trailing}"


def bind(c: random.Random, s: Service) -> str:
    made = c.choice(
        (
            'BIND(IRI(CONCAT("http://there.example/w", STR(?k))) AS ?w)',
            'BIND(IF(?k > 2, IRI(CONCAT("http://there.example/w", STR(?k + 5))), 1/0) AS ?w)',
            "BIND(?same AS ?w)",
            "BIND(COALESCE(?m, ?k) AS ?w)",
        )
    )
    local = c.choice(
        ("?e h:number ?k .", "?e h:number ?k ; h:same ?same .", "?e h:number ?k OPTIONAL { ?e h:name ?m }")
    )
    body = c.choice(BODY)
    return c.choice(
        (
            f"SELECT * {{ {local} {made} {s('one', body)} }}",
            f"SELECT * {{ {{ {local} {made} }} {s('one', body)} }}",
            f"SELECT * {{ {local} {made} OPTIONAL {{ {s('one', body)} }} }}",
            f"SELECT * {{ ?e h:same ?w {s('one', 'BIND(t:City AS ?c) ?w a ?c')} {c.choice(TAIL)} }}",
            f"SELECT * {{ VALUES ?c {{ t:City }} ?e h:same ?w {s('one', '?w a ?k BIND(?k AS ?c)')} }}",
        )
    )


def chained(c: random.Random, s: Service) -> str:
    second = c.choice(("?u t:label ?l", "?w t:label ?z", "?e t:known ?u", "?u t:part ?v", "?w t:number ?n"))
    inner = s("two", second)
    last = c.choice(
        (inner, f"OPTIONAL {{ {inner} }}", f"FILTER EXISTS {{ {inner} }}", f"MINUS {{ {inner} }}")
    )
    first = c.choice(("?w t:part ?u", "?w t:part ?u OPTIONAL { ?w t:label ?l }", "?w t:part+ ?u"))
    parts = [c.choice(LOCAL), s("one", first), last]
    if c.random() < 0.3:
        parts = [s("one", first), last, c.choice(LOCAL)]
    return f"{c.choice(HEADS)} {{ {' '.join(parts)} }}"


def variable_endpoint(c: random.Random, s: Service) -> str:
    named = c.choice(
        ("VALUES ?s { ONE TWO }", "VALUES (?s ?w) { (ONE t:w11) (TWO t:w20) (TWO t:w3) }", "BIND(ONE AS ?s)")
    )
    inner = s("?s", c.choice(BODY))
    last = c.choice((inner, f"OPTIONAL {{ {inner} }}", f"FILTER EXISTS {{ {inner} }}"))
    local = c.choice(LOCAL) if "?w" not in named or c.random() < 0.5 else ""
    return f"SELECT * {{ {named} {local} {last} }}"


def silent(c: random.Random, s: Service) -> str:
    inner = s(c.choice(("dead", "dead", "one")), c.choice(BODY), True)
    last = c.choice(
        (inner, f"OPTIONAL {{ {inner} }}", f"FILTER EXISTS {{ {inner} }}", f"MINUS {{ {inner} }}")
    )
    return f"SELECT * {{ {c.choice(LOCAL)} {last} {c.choice(('', s('two', '?w t:number ?n', True)))} }}"


def paths(c: random.Random, s: Service) -> str:
    path = c.choice(
        (
            "t:part+",
            "t:part*",
            "t:part?",
            "t:part/t:label",
            "^t:part",
            "(t:part|t:number)*",
            "!t:part",
            "a/^a",
        )
    )
    body = c.choice(
        (
            f"?w {path} ?u",
            f"?u {path} ?w",
            f"?w a t:City ; {path} ?u . ?u a ?c",
            f"?w {path} t:w0",
            f"?w {path} ?u . ?u t:label ?l",
            f"?w t:number ?n OPTIONAL {{ ?w {path} ?u }}",
        )
    )
    return (
        f"{c.choice(('SELECT *', 'SELECT ?e ?u'))} {{ {c.choice(LOCAL)} {s('one', body)} {c.choice(TAIL)} }}"
    )


def limit_inside(c: random.Random, s: Service) -> str:
    body = c.choice(
        (
            "SELECT ?w ?l { ?w t:label ?l } ORDER BY ?w ?l LIMIT 9",
            "SELECT ?w ?n { ?w t:number ?n } ORDER BY DESC(?n) ?w OFFSET 5 LIMIT 20",
            "SELECT ?w (COUNT(*) AS ?many) { ?w ?p ?o } GROUP BY ?w ORDER BY DESC(?many) ?w LIMIT 12",
            "SELECT ?w (COUNT(*) AS ?many) { ?w ?p ?o } GROUP BY ?w",
            "SELECT (COUNT(*) AS ?many) { ?w ?p ?o }",
            "SELECT DISTINCT ?w { ?w a ?c ; t:part ?u }",
            "?w a ?c { SELECT ?w { ?w t:number ?n } ORDER BY ?n ?w LIMIT 10 }",
            "SELECT ?w ?c { ?w a ?c } VALUES ?w { t:w11 t:w20 t:w3 }",
            "SELECT (?x AS ?w) { ?x a t:City }",
        )
    )
    sliced = f"{{ SELECT ?e ?w {{ ?e h:same ?w }} ORDER BY ?e ?w LIMIT {c.randrange(3, 9)} }}"
    parts = [
        c.choice((*LOCAL, sliced, sliced)),
        c.choice((s("one", body), f"OPTIONAL {{ {s('one', body)} }}")),
    ]
    return f"SELECT * {{ {' '.join(parts)} }}"


KINDS = (
    join,
    optional,
    union,
    minus,
    exists,
    subselect,
    values,
    bind,
    chained,
    variable_endpoint,
    silent,
    paths,
    limit_inside,
)


@pytest.fixture(scope="module")
def together(servers: dict[str, Server]) -> pyoxigraph.Store:
    """One store with the local data, and each endpoint's in the graph of its name."""
    made = pyoxigraph.Store()
    made.load(local_trig().encode(), pyoxigraph.RdfFormat.TRIG)
    for name, server in servers.items():
        graph = pyoxigraph.NamedNode(server.url)
        made.load(remote_turtle(name).encode(), pyoxigraph.RdfFormat.TURTLE, to_graph=graph)
    return made


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_plan_answers_what_the_same_data_held_locally_answers(
    kind: Callable[[random.Random, Service], str],
    servers: dict[str, Server],
    store: pyoxigraph.Store,
    together: pyoxigraph.Store,
    tmp_path: Path,
) -> None:
    dead = "http://127.0.0.1:9/query"
    urls = {"one": servers["one"].url, "two": servers["two"].url, "dead": dead}

    endpoints = {"one": [urls["one"]], "two": [urls["two"]], "?s": [urls["one"], urls["two"]]}

    def service(name: str, body: str, is_silent: bool = False) -> str:
        endpoint = name if name.startswith("?") else f"<{urls[name]}>"
        return f"SERVICE {'SILENT ' if is_silent else ''}{endpoint} {{ {body} }}"

    def held(name: str, body: str, is_silent: bool = False) -> str:
        if name == "dead":
            return "{ }"
        found = [all_rows(together, url, body, name) for url in endpoints[name]]
        names = " ".join(f"?{n}" for n in found[0][0])
        rows = " ".join(row for _, rows in found for row in rows)
        return f"{{ SELECT * {{ VALUES ({names}) {{ {rows} }} }} }}"

    def write(seed: int, how: Service) -> str:
        text = PREFIXES + kind(random.Random(f"{kind.__name__} {seed}"), how)
        return text.replace("ONE", f"<{urls['one']}>").replace("TWO", f"<{urls['two']}>")

    # One cache for all: what an earlier query left in it must not change a later answer.
    clients = open_clients(tmp_path, servers["one"].origin, servers["two"].origin, "http://127.0.0.1:9")
    rows = pushed = complete = 0
    for seed in SEEDS:
        asked, expected = write(seed, service), write(seed, held)
        remote = RecordingRemote(clients.asking())
        made = federate(asked, StoreLocal(store), remote)
        got, wanted = solutions(store, made.text), solutions(together, expected)
        assert got == wanted, f"seed {seed}\n{asked}\n{made.text}\n{remote.requests}"
        rows += wanted.total()
        pushed += any(clause.pushed for clause in made.clauses)
        complete += made.is_complete
    assert rows > 50
    assert pushed >= 8
    assert complete < len(SEEDS) if kind is silent else complete == len(SEEDS)


def all_rows(store: pyoxigraph.Store, url: str, body: str, name: str) -> tuple[list[str], list[str]]:
    """Names and rows (as VALUES writes them) of all that the endpoint at `url` has for `body`."""
    results = store.query(f"{PREFIXES} SELECT * {{ GRAPH <{url}> {{ {body} }} }}")
    assert isinstance(results, pyoxigraph.QuerySolutions)
    names = [v.value for v in results.variables]
    own = [f"<{url}>"] if name.startswith("?") else []
    rows = [f"({' '.join([*(str(row[n] or 'UNDEF') for n in names), *own])})" for row in results]
    return [*names, *([name[1:]] if own else [])], rows


def solutions(store: pyoxigraph.Store, text: str) -> Counter[frozenset[tuple[str, str]]]:
    results = store.query(text)
    assert isinstance(results, pyoxigraph.QuerySolutions)
    names = [v.value for v in results.variables]
    return Counter(frozenset((n, str(row[n])) for n in names if row[n] is not None) for row in results)
