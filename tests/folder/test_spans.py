"""Every claim is pinned to the text, and the text is not copied."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from rdflib import RDF, RDFS, XSD, Graph, Literal
from rdflib.namespace import Namespace
from rdflib.term import Node

REC = Namespace("https://w3id.org/onrecord/ns#")
WORD = re.compile(r"[a-z0-9']+")


def words_of(graph: Graph) -> Iterator[tuple[Node, str]]:
    for subject, _, value in graph:
        if isinstance(value, Literal) and (value.language or value.datatype in (None, XSD.string)):
            yield subject, str(value)


def test_every_span_is_well_formed_and_named_after_its_offsets(data: Graph) -> None:
    for span in data.subjects(RDF.type, REC.TextSpan):
        start, end = data.value(span, REC.start).toPython(), data.value(span, REC.end).toPython()
        length = data.value(data.value(span, REC.inSource), REC.characters).toPython()
        assert 0 <= start < end <= length, span
        assert str(span).endswith(f"/span/{start}-{end}")
        assert re.fullmatch(r"[0-9a-f]{64}", str(data.value(span, REC.sha256))), span
        assert re.fullmatch(r"[PR]\d+S\d+", str(data.value(span, REC.sentence))), span
        assert 1 <= len(str(data.value(span, REC.anchor)).split()) <= 5, span


def test_every_source_is_named_after_the_digest_of_its_text(data: Graph) -> None:
    for source in data.subjects(RDF.type, REC.Source):
        assert str(source).endswith("/article/" + str(data.value(source, REC.sha256))[:8])


def test_every_span_is_used(data: Graph) -> None:
    used = set(data.objects(None, REC.evidence)) | set(data.objects(None, REC.cue))
    assert set(data.subjects(RDF.type, REC.TextSpan)) == used


def test_every_span_has_the_digest_and_the_anchor_of_its_text(data: Graph, texts: dict[Node, str]) -> None:
    for span in data.subjects(RDF.type, REC.TextSpan):
        text = texts[data.value(span, REC.inSource)]
        part = text[data.value(span, REC.start).toPython() : data.value(span, REC.end).toPython()]
        assert part == part.strip(), span
        assert hashlib.sha256(part.encode()).hexdigest() == str(data.value(span, REC.sha256)), span
        assert " ".join(part.split()).startswith(str(data.value(span, REC.anchor))), span


def test_every_source_has_the_length_of_its_text(data: Graph, texts: dict[Node, str]) -> None:
    for source, text in texts.items():
        assert data.value(source, REC.characters).toPython() == len(text)


def test_no_label_is_the_text_of_its_span(data: Graph, texts: dict[Node, str]) -> None:
    for record, span in data.subject_objects(REC.evidence):
        text = texts[data.value(span, REC.inSource)]
        part = text[data.value(span, REC.start).toPython() : data.value(span, REC.end).toPython()]
        assert str(data.value(record, RDFS.label)) != " ".join(part.split()), record


def test_no_eight_words_in_a_row_are_those_of_a_source(everything: Graph, texts: dict[Node, str]) -> None:
    runs = set()
    for text in texts.values():
        words = WORD.findall(text.lower())
        runs |= {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
    for subject, value in words_of(everything):
        words = WORD.findall(value.lower())
        assert not runs & {tuple(words[i : i + 8]) for i in range(len(words) - 7)}, subject


def test_quoted_words_stand_in_quotation_marks_inside_the_evidence(
    data: Graph,
    texts: dict[Node, str],
) -> None:
    for claim, quoted in data.subject_objects(REC.quotedWords):
        span = data.value(claim, REC.evidence)
        text = texts[data.value(span, REC.inSource)]
        part = text[data.value(span, REC.start).toPython() : data.value(span, REC.end).toPython()]
        inside = " ".join(" ".join(re.findall(r"\"(.+?)\"|(?<!\w)'(.+?)'(?!\w)", part, re.DOTALL)[0]).split())
        assert str(quoted) in inside, claim


def test_every_figure_is_printed_in_the_evidence_of_its_claim(data: Graph, texts: dict[Node, str]) -> None:
    words = {2: "two", 3: "three", 7: "seven"}
    for claim, quantity in data.subject_objects(REC.quantity):
        figure = data.value(quantity, REC.figure)
        if figure is not None:
            span = data.value(claim, REC.evidence)
            text = texts[data.value(span, REC.inSource)]
            part = text[data.value(span, REC.start).toPython() : data.value(span, REC.end).toPython()]
            printed = words.get(figure.toPython(), f"{figure.toPython():,}")
            assert re.search(rf"(?<![\w,]){printed}(?![\d,]\d)", part), claim
