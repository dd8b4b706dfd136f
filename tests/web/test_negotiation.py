"""Content negotiation: the Accept paragraph of the design, sentence by sentence."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import NotAcceptableError
from onrecord.formats import FORMATS
from onrecord.web.negotiation import (
    HTML,
    MediaRange,
    Offer,
    choose,
    choose_named,
    offers_of,
    parse_accept,
    quality,
)

RESULTS = offers_of("solutions")
GRAPHS = offers_of("graph")

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept", [None, "", "*/*", "garbage", "garbage, more;;;", ";q=1", "*", ",,,", "*/json"]
)
def test_absent_any_and_malformed_accept_mean_json_for_results_and_turtle_for_graphs(
    accept: str | None,
) -> None:
    assert choose(accept, RESULTS).name == "json"
    assert choose(accept, GRAPHS).name == "turtle"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("text/csv", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/csv;charset=UTF-8", "csv"),
        ("text/csv; header=present", "csv"),
        ("application/json", "json"),
        ("application/xml", "xml"),
        ("text/xml;q=0.3", "xml"),
        ("text/*", "csv"),
        ("application/sparql-results+xml;q=0.5, text/csv;q=0.4", "xml"),
        ("application/sparql-results+xml;q=0.5, */*;q=0.8", "json"),
        ("application/*;q=0.2, application/sparql-results+xml;q=0.1, */*;q=0.1", "json"),
        ("text/csv, application/sparql-results+json", "json"),
        ("application/json;q=0, */*", "xml"),
        ("application/sparql-results+json;q=0, application/json", "xml-nothing"),
        ("garbage, text/csv", "csv"),
        ("text/csv;q=2, text/tab-separated-values", "tsv"),
        ("text/csv;q=0.5;level=1, text/tab-separated-values;q=0.4", "csv"),
        ('text/csv;note="a, b;q=0", text/tab-separated-values;q=0.1', "tsv"),
        (FIREFOX, "html"),
        ("text/html, */*", "html"),
        ("text/html;q=0.1, text/csv", "csv"),
    ],
)
def test_the_most_specific_range_gives_the_q_and_ties_go_to_the_servers_order(accept: str, name: str) -> None:
    if name == "xml-nothing":
        with pytest.raises(NotAcceptableError):
            choose(accept, RESULTS)
    else:
        assert choose(accept, RESULTS).name == name


@pytest.mark.parametrize("accept", ["*/*", "text/*", "text/*;q=1, */*;q=0.1"])
def test_html_is_never_meant_by_a_wildcard(accept: str) -> None:
    assert choose(accept, RESULTS) is not HTML
    assert quality(HTML, parse_accept(accept)) == 0


def test_a_q_of_zero_excludes_and_a_more_specific_range_lets_in_again() -> None:
    assert choose("*/*;q=0, text/csv;q=0.1", RESULTS).name == "csv"
    with pytest.raises(NotAcceptableError):
        choose("*/*;q=0", RESULTS)


def test_a_parameter_that_we_do_not_send_does_not_match() -> None:
    assert choose("text/csv;charset=iso-8859-1, text/tab-separated-values;q=0.1", RESULTS).name == "tsv"
    with pytest.raises(NotAcceptableError):
        choose("text/turtle;charset=utf-16", GRAPHS)


def test_a_range_with_parameters_is_more_specific_than_one_without() -> None:
    assert quality(RESULTS[3], parse_accept("text/csv;q=0.9, text/csv;charset=utf-8;q=0.2")) == 0.2


def test_what_there_is_stands_in_the_refusal() -> None:
    with pytest.raises(NotAcceptableError) as caught:
        choose("image/png", RESULTS)
    assert "image/png" in caught.value.detail
    assert "text/csv" in caught.value.detail
    assert "application/sparql-results+json" in caught.value.detail


# What SPARQLWrapper 2.0.0 sends for each of its formats, read from its source: all three
# parameters, for some formats with the media types of its Accept header as a second value.
WRAPPER = {
    ("json", "solutions"): ["json"],
    ("xml", "solutions"): ["xml"],
    ("csv", "solutions"): ["csv"],
    ("tsv", "solutions"): ["tsv", "text/tab-separated-values"],
    ("xml", "graph"): ["xml"],
    ("rdf", "graph"): ["rdf"],
    ("rdf+xml", "graph"): ["rdf+xml", "application/rdf+xml"],
    ("turtle", "graph"): ["turtle"],
    ("n3", "graph"): ["n3"],
    ("json-ld", "graph"): ["json-ld", "application/ld+json,application/x-json+ld"],
    ("json", "graph"): ["json"],
}
MEANT = {
    "json": {"solutions": "json", "graph": "jsonld"},
    "xml": {"solutions": "xml", "graph": "rdfxml"},
    "csv": {"solutions": "csv"},
    "tsv": {"solutions": "tsv"},
    "rdf": {"graph": "rdfxml"},
    "rdf+xml": {"graph": "rdfxml"},
    "turtle": {"graph": "turtle"},
    "n3": {"graph": "turtle"},
    "json-ld": {"graph": "jsonld"},
}


@pytest.mark.parametrize(("asked", "values"), WRAPPER.items())
def test_every_format_of_sparqlwrapper_is_understood(asked: tuple[str, str], values: list[str]) -> None:
    name, kind = asked
    sent = dict.fromkeys(("format", "output", "results"), values)
    chosen = choose_named(sent, kind)  # type: ignore[arg-type]
    assert chosen is not None
    assert chosen.name == MEANT[name][kind]


@pytest.mark.parametrize(
    ("values", "kind"), [(["turtle"], "solutions"), (["csv"], "graph"), (["rdf+xml", ""], "boolean")]
)
def test_a_format_of_another_kind_is_left_to_accept_when_sparqlwrapper_sends_it(
    values: list[str], kind: str
) -> None:
    assert choose_named(dict.fromkeys(("format", "output", "results"), values), kind) is None  # type: ignore[arg-type]


def test_a_format_that_does_not_fit_is_refused_by_name_when_somebody_else_sends_it() -> None:
    with pytest.raises(NotAcceptableError, match='"csv" cannot write a graph; known: turtle'):
        choose_named({"format": ["csv"]}, "graph")
    with pytest.raises(NotAcceptableError, match='"pdf"'):
        choose_named({"format": ["pdf"], "output": ["pdf"], "results": ["pdf"]}, "solutions")


def test_no_format_parameter_leaves_the_choice_to_accept() -> None:
    assert choose_named({}, "solutions") is None
    assert choose_named({"format": [""]}, "solutions") is None
    assert choose_named({"output": ["text/html"]}, "solutions") is HTML


names = st.sampled_from(
    sorted({m for f in FORMATS for m in f.media_types} | {"text/html", "image/png", "*/*", "text/*"})
)
weights = st.integers(0, 1000).map(lambda n: n / 1000)
ranges = st.lists(st.tuples(names, weights), max_size=8)


def reference(accepted: list[tuple[str, float]], offers: tuple[Offer, ...]) -> str | None:
    """The same rule, written as the prose has it, for headers without media type parameters."""
    best, winner = 0.0, None
    for offer in offers:
        q = 0.0
        for wanted in (*offer.media_types, None):
            exact = [w for name, w in accepted if name == wanted]
            if exact:
                q = max(exact)
                break
        else:
            if not offer.explicit:
                top = offer.media_types[0].split("/")[0] + "/*"
                for wild in (top, "*/*"):
                    found = [w for name, w in accepted if name == wild]
                    if found:
                        q = max(found)
                        break
        if q > best:
            best, winner = q, offer.name
    return winner


@given(ranges, st.sampled_from([RESULTS, GRAPHS]))
def test_the_choice_is_that_of_the_rule(accepted: list[tuple[str, float]], offers: tuple[Offer, ...]) -> None:
    header = ", ".join(f"{name};q={q:.3f}" for name, q in accepted)
    expected = reference(accepted or [("*/*", 1.0)], offers)
    if expected is None:
        with pytest.raises(NotAcceptableError):
            choose(header, offers)
    else:
        assert choose(header, offers).name == expected


@given(st.text(max_size=200))
def test_no_header_whatever_breaks_the_parser(header: str) -> None:
    for found in parse_accept(header):
        assert isinstance(found, MediaRange)
        assert 0 <= found.q <= 1
    with suppress(NotAcceptableError):
        assert choose(header, RESULTS) in RESULTS


@pytest.mark.parametrize(
    "header",
    [
        '"' * 400_001,
        '"\\' * 200_000,
        "a/b;c=d," * 50_000,
        "text/csv" + ";" * 400_000,
        "text/csv;" + " " * 400_000 + "x",
        'a/b;c="' + '\\"' * 200_000,
        'a/b;c="d",' * 40_000 + '"',
    ],
    ids=["quotes", "escapes", "ranges", "semicolons", "blanks", "a string never closed", "strings"],
)
def test_a_huge_header_is_read_in_linear_time(header: str) -> None:
    # A process of its own can be ended; in quadratic time it would take more than ten minutes.
    program = "import sys; from onrecord.web.negotiation import parse_accept; parse_accept(sys.stdin.read())"
    subprocess.run([sys.executable, "-c", program], input=header, text=True, check=True, timeout=60)


def test_a_quote_that_is_never_closed_spoils_its_own_element_alone() -> None:
    assert [r.subtype for r in parse_accept('text/csv, a/b;c="d, text/xml')] == ["csv"]
    assert [r.subtype for r in parse_accept('text/csv, a/b;c="d\\')] == ["csv"]
    assert [r.subtype for r in parse_accept('a/b;c="d, \\" e", text/xml')] == ["b", "xml"]


def test_a_header_longer_than_four_kilobytes_counts_as_absent() -> None:
    assert choose("text/csv".ljust(4096), RESULTS).name == "csv"
    assert choose("text/csv".ljust(4097), RESULTS).name == "json"


@pytest.mark.parametrize("name", ["json", "xml"])
def test_a_media_type_whose_plus_was_not_encoded_is_still_understood(name: str) -> None:
    assert choose_named({"format": [f"application/sparql-results {name}"]}, "solutions").name == name  # type: ignore[union-attr]
