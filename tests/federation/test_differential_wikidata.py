"""Generated queries in Wikidata's shape against 500,000 entities, and against those that they reach.

As in test_differential each query is written twice by the same template. Here
the endpoint holds so much that a pattern sent without its bindings would bring
more rows than are taken over, so that each kind shows what is sent along.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph
import pytest
from tests.conftest import SHARED
from tests.federation.conftest import StoreLocal, open_clients
from tests.federation.test_differential import Service, solutions
from tests.wikidata_shape.generator import FIRST
from tests.wikidata_shape.proxy import Traffic, count_traffic
from tests.wikidata_shape.server import prepare_store

from onrecord.federation.plan import federate

SEEDS = range(20)
WD = "http://www.wikidata.org/entity/"
PREFIXES = f"""PREFIX h: <urn:h:> PREFIX wd: <{WD}> PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
NUMBERS = [70, 72, 75, 4_320, 4_321, 4_325, 123_450, 123_455, 123_459, 400_001, 400_002, 499_999]
UNITS = [f"wd:Q{FIRST + number // 10}" for number in (70, 4_320, 123_450)]

LOCAL = (
    "?e h:same ?w .",
    "?e a h:Place ; h:same ?w .",
    "?e h:same ?w ; h:number ?k . FILTER(?k > 2)",
    "?e h:link ?f . ?f h:same ?w .",
    "GRAPH h:g { ?e h:seen ?w }",
    "{ ?e h:same ?w } UNION { GRAPH h:g { ?e h:seen ?w } }",
    "?e h:same ?w OPTIONAL { ?e h:name ?m }",
)
BODY = (
    "?w rdfs:label ?l .",
    "?w wdt:P17 ?c ; rdfs:label ?l FILTER(LANG(?l) = 'en')",
    "?w wdt:P131 ?u . ?u rdfs:label ?l",
    "?w wdt:P31 ?c OPTIONAL { ?w wdt:P625 ?at }",
    "{ ?w wdt:P131 ?u } UNION { ?w wdt:P625 ?at }",
    f"?w wdt:P17 ?c MINUS {{ ?w wdt:P31 wd:Q{FIRST - 500} }}",
    "?w rdfs:label ?l BIND(STRLEN(?l) AS ?d)",
    "?w wdt:P17 ?c FILTER NOT EXISTS { ?w wdt:P625 ?at }",
    "SELECT ?w (COUNT(?o) AS ?c) { ?w rdfs:label ?o } GROUP BY ?w",
)
TAIL = ("", "?e h:number ?k .", "OPTIONAL { ?e h:name ?m }", "?e a ?kind .")


def shuffle(c: random.Random, *parts: str) -> str:
    mixed = list(parts)
    c.shuffle(mixed)
    return f"SELECT * {{ {' '.join(mixed)} }}"


def around(c: random.Random, service: str) -> str:
    return c.choice((service, f"OPTIONAL {{ {service} }}", f"FILTER EXISTS {{ {service} }}"))


def join(c: random.Random, s: Service) -> str:
    return shuffle(c, c.choice(LOCAL), s("one", c.choice(BODY)), c.choice(TAIL))


def optional(c: random.Random, s: Service) -> str:
    inner = f"{s('one', c.choice(BODY))} {c.choice(('', '?e h:number ?k .'))}"
    return f"SELECT * {{ {c.choice(LOCAL)} OPTIONAL {{ {inner} }} {c.choice(('', '?x h:same ?w .'))} }}"


def union(c: random.Random, s: Service) -> str:
    branches = [s("one", c.choice(BODY)), c.choice(LOCAL), s("two", c.choice(BODY))]
    c.shuffle(branches)
    return f"SELECT * {{ {c.choice(LOCAL)} {' UNION '.join(f'{{ {b} }}' for b in branches)} }}"


def minus(c: random.Random, s: Service) -> str:
    return f"SELECT * {{ {c.choice(LOCAL)} MINUS {{ {s('one', c.choice(BODY))} }} {c.choice(TAIL)} }}"


def exists(c: random.Random, s: Service) -> str:
    condition = f"{c.choice(('EXISTS', 'NOT EXISTS'))} {{ {s('one', c.choice(BODY))} }}"
    use = c.choice((f"FILTER {condition}", f"BIND({condition} AS ?there)"))
    return f"SELECT * {{ {c.choice(LOCAL)} {use} {c.choice(TAIL)} }}"


def subselect(c: random.Random, s: Service) -> str:
    inner = s("one", c.choice(BODY))
    chosen = c.choice(
        (
            f"SELECT ?w ?l {{ {inner} }}",
            f"SELECT DISTINCT ?w {{ {inner} ?x h:same ?w }}",
            f"SELECT ?w (COUNT(*) AS ?many) {{ {inner} }} GROUP BY ?w",
            f"SELECT ?x ?l {{ ?x h:same ?w {inner} }}",
        )
    )
    return f"SELECT * {{ {c.choice(LOCAL)} {{ {chosen} }} }}"


def values(c: random.Random, s: Service) -> str:
    some = " ".join(f"wd:Q{FIRST + n}" for n in c.sample(NUMBERS, 4))
    block = c.choice((f"VALUES ?w {{ {some} }}", f"VALUES (?w ?x) {{ (wd:Q{FIRST + 70} 1) (wd:Q42 UNDEF) }}"))
    return shuffle(c, block, s("one", c.choice(BODY)), c.choice(("", *LOCAL)))


def bind(c: random.Random, s: Service) -> str:
    made = c.choice((f'BIND(IRI(CONCAT("{WD}Q", STR(?q))) AS ?w)', f"BIND(IRI(CONCAT('{WD}Q', ?t)) AS ?w)"))
    body = f"{made} {around(c, s('one', c.choice(BODY)))}"
    return f"SELECT * {{ ?e h:q ?q ; h:t ?t . {body} }}"


def chained(c: random.Random, s: Service) -> str:
    first = c.choice(("?w wdt:P131 ?u", "?w wdt:P131+ ?u", "?w wdt:P31 ?c ; wdt:P131 ?u"))
    second = s("two", c.choice(("?u rdfs:label ?l", "?u wdt:P17 ?n", "?u wdt:P131 ?v")))
    return f"SELECT * {{ {c.choice(LOCAL)} {s('one', first)} {around(c, second)} }}"


def variable_endpoint(c: random.Random, s: Service) -> str:
    named = c.choice(("VALUES ?s { ONE TWO }", "BIND(ONE AS ?s)"))
    return f"SELECT * {{ {named} {c.choice(LOCAL)} {around(c, s('?s', c.choice(BODY)))} }}"


def silent(c: random.Random, s: Service) -> str:
    inner = s(c.choice(("dead", "one")), c.choice(BODY), True)
    return f"SELECT * {{ {c.choice(LOCAL)} {around(c, inner)} {s('two', '?w wdt:P17 ?n', True)} }}"


def paths(c: random.Random, s: Service) -> str:
    path = c.choice(
        ("wdt:P131+", "wdt:P131/wdt:P131", "wdt:P131/rdfs:label", "(wdt:P131|wdt:P17)+", "!rdfs:label")
    )
    body = c.choice(
        (f"?w {path} ?u", f"?w wdt:P17 ?c ; {path} ?u", "?w wdt:P31 ?c . ?w wdt:P131* ?u . ?u rdfs:label ?l")
    )
    return f"SELECT * {{ {c.choice(LOCAL)} {s('one', body)} {c.choice(TAIL)} }}"


def limit_inside(c: random.Random, s: Service) -> str:
    unit = c.choice(UNITS)
    body = c.choice(
        (
            f"SELECT ?w ?l {{ ?w wdt:P131 {unit} ; rdfs:label ?l }} ORDER BY ?w ?l LIMIT 7",
            f"SELECT ?w {{ ?w wdt:P131 {unit} }} ORDER BY DESC(?w) OFFSET 2 LIMIT 6",
            f"SELECT ?u (COUNT(*) AS ?many) {{ ?x wdt:P131 ?u VALUES ?u {{ {unit} }} }} GROUP BY ?u LIMIT 1",
        )
    )
    sliced = f"{{ SELECT ?e ?w {{ ?e h:same ?w }} ORDER BY ?e ?w LIMIT {c.randrange(3, 9)} }}"
    if c.random() < 0.5:
        return f"SELECT * {{ {sliced} {s('one', c.choice(BODY))} }}"
    return f"SELECT * {{ {c.choice(LOCAL)} {c.choice(('', 'OPTIONAL'))} {{ {s('one', body)} }} }}"


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


def local_trig() -> str:
    chance = random.Random(11)
    lines = ["@prefix h: <urn:h:> ."]
    for place, number in enumerate([*NUMBERS, *NUMBERS[:6]]):
        item = f"<{WD}Q{FIRST + number}>"
        lines.append(
            f"h:e{place} a h:{chance.choice(['Place', 'Agent'])} ; h:number {chance.randrange(6)} ; "
            f'h:same {item} ; h:q {FIRST + number} ; h:t "{FIRST + number}" ; '
            f"h:link h:e{chance.randrange(12)} ."
        )
        if chance.random() < 0.5:
            lines.append(f'h:e{place} h:name "name {place}" .')
    lines += [f"h:g {{ h:e{n} h:seen <{WD}Q{FIRST + chance.choice(NUMBERS)}> }}" for n in range(4)]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def reached() -> pyoxigraph.Store:
    """Of the endpoint's data all that can be reached from the items named here, and the local data."""
    whole = pyoxigraph.Store.read_only(str(prepare_store(SHARED / "wikidata" / "fixture.ttl")))
    made = pyoxigraph.Store()
    made.load(local_trig().encode(), pyoxigraph.RdfFormat.TRIG)
    graph = pyoxigraph.NamedNode("urn:endpoint")
    waiting = [pyoxigraph.NamedNode(f"{WD}Q{FIRST + number}") for number in NUMBERS]
    for unit in UNITS:
        of = pyoxigraph.NamedNode(WD + unit.removeprefix("wd:"))
        waiting += [q.subject for q in whole.quads_for_pattern(None, None, of)]  # type: ignore[misc]
    seen = set(waiting)
    while waiting:
        for quad in whole.quads_for_pattern(waiting.pop(), None, None):
            made.add(pyoxigraph.Quad(quad.subject, quad.predicate, quad.object, graph))
            if isinstance(quad.object, pyoxigraph.NamedNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)
    return made


@pytest.fixture(scope="module")
def endpoints(wikidata_endpoint: str) -> Iterator[dict[str, Traffic]]:
    """The same endpoint under two addresses."""
    with count_traffic(wikidata_endpoint) as one, count_traffic(wikidata_endpoint) as two:
        yield {"one": one, "two": two}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_500000_entities_answer_what_the_part_that_is_reached_answers_locally(
    kind: Callable[[random.Random, Service], str],
    endpoints: dict[str, Traffic],
    reached: pyoxigraph.Store,
    tmp_path: Path,
) -> None:
    urls = {name: traffic.url for name, traffic in endpoints.items()} | {"dead": "http://127.0.0.1:9/query"}

    def service(name: str, body: str, is_silent: bool = False) -> str:
        endpoint = name if name.startswith("?") else f"<{urls[name]}>"
        return f"SERVICE {'SILENT ' if is_silent else ''}{endpoint} {{ {body} }}"

    def held(name: str, body: str, is_silent: bool = False) -> str:
        if name == "dead":
            return "{ }"
        found = reached.query(f"{PREFIXES} SELECT * {{ GRAPH <urn:endpoint> {{ {body} }} }}")
        assert isinstance(found, pyoxigraph.QuerySolutions)
        names = [v.value for v in found.variables]
        rows = [" ".join(str(row[n] or "UNDEF") for n in names) for row in found]
        if name.startswith("?"):
            names.append(name[1:])
            rows = [f"{row} <{urls[where]}>" for where in ("one", "two") for row in rows]
        listed = " ".join(f"?{n}" for n in names)
        return f"{{ SELECT * {{ VALUES ({listed}) {{ {' '.join(f'({row})' for row in rows)} }} }} }}"

    def write(seed: int, how: Service) -> str:
        text = PREFIXES + kind(random.Random(f"{kind.__name__} {seed}"), how)
        return text.replace("ONE", f"<{urls['one']}>").replace("TWO", f"<{urls['two']}>")

    origins = [url.removesuffix("/query") for url in urls.values()]
    clients = open_clients(tmp_path, *origins)
    rows = 0
    for traffic in endpoints.values():
        traffic.clear()
    for seed in SEEDS:
        asked, expected = write(seed, service), write(seed, held)
        made = federate(asked, StoreLocal(reached), clients.asking())
        got, wanted = solutions(reached, made.text), solutions(reached, expected)
        assert got == wanted, f"seed {seed}\n{asked}\n{made.text}"
        rows += wanted.total()
    assert rows > 20
    sent = sum(len(traffic.queries) for traffic in endpoints.values())
    assert 0 < sent <= 4 * len(SEEDS), "one request for each SERVICE at each endpoint"
    assert sum(traffic.size for traffic in endpoints.values()) < 2 << 20
