"""Faults to plant in a copy of the shipped folder, one of each kind, and where each must be found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onrecord.building.formatting import format_file

ARTICLE = "triples/articles/343dbc8f.ttl"
ENTITIES = "triples/entities.ttl"
REFERENCE = "triples/reference.ttl"
ONTOLOGY = "ontology/onrecord.ttl"
TERMS = "ontology/terms.ttl"
SHAPES = "ontology/shapes.ttl"

PREFIXES = """@prefix article: <https://w3id.org/onrecord/ghouta/article/> .
@prefix id: <https://w3id.org/onrecord/ghouta/id/> .
@prefix own: <https://w3id.org/onrecord/ghouta/own#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
@prefix span: <https://w3id.org/onrecord/ghouta/article/343dbc8f/span/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
GRAPH = "https://w3id.org/onrecord/ghouta/graph/"
OWL = "http://www.w3.org/2002/07/owl#"
OWN = "https://w3id.org/onrecord/ghouta/own#"
RECORDED = 'rec:encodedBy id:onrecord-desk ; rec:encodedOn "2026-11-22T00:00:00Z"^^xsd:dateTime'


@dataclass(frozen=True)
class Fault:
    """One fault: `old` in `file` becomes `new`; with an empty `old` the text is appended.

    The finding is expected in `found_in` (`file` by default), with `code`, on
    the line that holds `at`; on none where `at` is empty. `also` are the
    codes of other findings that the same fault causes on the same line.
    """

    kind: str
    code: str
    file: str
    old: str
    new: str
    at: str
    found_in: str = ""
    also: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """What a new file begins with."""
        return "" if self.file.endswith(".rq") else PREFIXES

    def plant(self, folder: Path) -> None:
        path = folder / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else self.head
        assert self.old in text, f"{self.kind}: the shipped folder has changed"
        changed = text.replace(self.old, self.new, 1) if self.old else f"{text}\n{self.new}\n"
        path.write_text(changed, encoding="utf-8")

    def line(self, folder: Path) -> int | None:
        """The line on which it must be found, once all faults of its batch are planted."""
        if not self.at:
            return None
        lines = (folder / (self.found_in or self.file)).read_text(encoding="utf-8").split("\n")
        found = [number for number, line in enumerate(lines, 1) if self.at in line]
        assert len(found) == 1, f"{self.kind}: {self.at} stands on the lines {found}"
        return found[0]


def in_ontology(new: str, at: str, kind: str, code: str, also: tuple[str, ...] = ()) -> Fault:
    """A fault in a file of the ontology of its own."""
    return Fault(kind, code, "ontology/planted.ttl", "", new, at, also=also)


NAMES = [
    Fault(
        "an undeclared property",
        "undeclared-property",
        ARTICLE,
        "act:says ;\n    rec:cue span:1795-1839",
        "act:says ;\n    rec:speeker id:alloush ;\n    rec:cue span:1795-1839",
        "rec:speeker",
    ),
    Fault(
        "an undeclared class",
        "undeclared-class",
        ENTITIES,
        "id:britain a rec:Location ;",
        "id:britain a rec:Location , rec:Lokation ;",
        "rec:Lokation",
    ),
    Fault(
        "an undeclared term",
        "untyped-individual",
        ARTICLE,
        "rec:medium medium:text-message",
        "rec:medium medium:text-mesage",
        "medium:text-mesage",
    ),
    Fault(
        "an untyped individual",
        "untyped-individual",
        ARTICLE,
        "rec:setting id:weekly-briefing",
        "rec:setting id:weekly-breifing",
        "id:weekly-breifing",
    ),
    Fault(
        "an undeclared name in an annotation",
        "undeclared-name",
        TERMS,
        "rec:directProperty rec:undermines",
        "rec:directProperty rec:underminds",
        "rec:underminds",
    ),
]

SPECIES = [
    in_ontology(
        "own:Side a owl:Class ; owl:unionOf ( rec:Person rec:Group ) .",
        "owl:unionOf",
        "a construct beyond OWL Lite",
        "union-of",
    ),
    in_ontology("own:Named a owl:NamedIndividual .", "own:Named a", "a term of OWL 2", "later-owl"),
    in_ontology(
        "own:Pair a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty rec:speaker ; "
        'owl:cardinality "2"^^xsd:nonNegativeInteger ] .',
        "owl:cardinality",
        "a cardinality above one",
        "cardinality-above-one",
    ),
    in_ontology(
        "own:Dove a owl:Class , own:Side .",
        "own:Dove a",
        "a name in two roles",
        "two-roles",
    ),
    in_ontology(
        "own:since a owl:DatatypeProperty , owl:TransitiveProperty .",
        "own:since a",
        "a transitive datatype property",
        "datatype-property-characteristic",
    ),
    Fault(
        "a literal where a name belongs",
        "value-kind",
        ARTICLE,
        "rec:audience id:reuters",
        'rec:audience "Reuters"',
        'rec:audience "Reuters"',
        also=("shape-statement",),
    ),
]

SHAPES_BROKEN = [
    Fault(
        "a claim without polarity",
        "shape-claim",
        ARTICLE,
        'rec:polarity pol:affirmed ;\n    rec:quotedWords "threats and provocations"',
        'rec:quotedWords "threats and provocations"',
        "claim:alloush-reports-of-threats a",
    ),
    Fault(
        "a claim that nobody makes",
        "shape-claim",
        ARTICLE,
        "rec:makes claim:alliance-has-commander , ",
        "rec:makes ",
        "claim:alliance-has-commander a",
    ),
    Fault(
        "a statement without speaker",
        "shape-statement",
        ARTICLE,
        "rec:saidDuring time:wednesday-28-march ;\n    rec:speaker id:alliance-commander ;",
        "rec:saidDuring time:wednesday-28-march ;",
        "stmt:p8s1-commander-says a",
    ),
    Fault(
        "a span that ends before it starts",
        "shape-text-span",
        ARTICLE,
        "rec:start 103 .",
        "rec:start 203 .",
        "rec:start 203 .",
    ),
    Fault(
        "a span beyond its source",
        "shape-span-inside-source",
        ARTICLE,
        "rec:end 1173 ;",
        "rec:end 11730 ;",
        "rec:end 11730 ;",
    ),
    Fault(
        "a malformed hash",
        "shape-text-span",
        ARTICLE,
        '"5860e4311c9e5d66',
        '"5860E4311c9e5d66',
        "5860E4311c9e5d66",
    ),
    Fault(
        "six anchor words",
        "shape-text-span",
        ARTICLE,
        'rec:anchor "The massive Russian-backed"',
        'rec:anchor "The massive one two three four"',
        "one two three",
    ),
    Fault(
        "a quantity without hedge",
        "shape-quantity",
        ARTICLE,
        "rec:figure 7500 ;\n    rec:hedge hedge:about ;",
        "rec:figure 7500 ;",
        "qty:fighters-on-buses a",
    ),
    Fault(
        "a quantity without figure or bound",
        "shape-quantity-amount",
        ARTICLE,
        "rec:figure 47000 ;\n",
        "",
        "qty:civilians-still-in-shelters a",
    ),
    Fault(
        "a time span that ends before it begins",
        "shape-time-span",
        ARTICLE,
        'rec:notBefore "2018-03-21T00',
        'rec:notBefore "2018-04-21T00',
        "2018-04-21T00",
    ),
    Fault(
        "a time without zone",
        "shape-time-span",
        ARTICLE,
        'rec:notAfter "2018-03-28T23:59:59Z"^^xsd:dateTime ;\n    rec:precision',
        'rec:notAfter "2018-03-28T23:59:58"^^xsd:dateTime ;\n    rec:precision',
        "23:59:58",
    ),
    Fault(
        "a contradiction without claim link",
        "shape-direct-link",
        ARTICLE,
        "claim:commander-talks-stopped a rec:Claim ;",
        "claim:commander-talks-stopped a rec:Claim ;\n    rec:contradicts claim:alloush-reports-of-threats ;",
        "rec:contradicts claim:",
    ),
    Fault(
        "an encoder that is an entity",
        "shape-apart",
        REFERENCE,
        "id:onrecord-desk a rec:Encoder",
        "id:onrecord-desk a rec:Encoder , rec:Person",
        "id:onrecord-desk a",
        also=("shape-entity",),
    ),
    Fault(
        "a term in two lists",
        "shape-term",
        TERMS,
        "unit:person a rec:Unit",
        "unit:person a rec:Unit , rec:Hedge",
        "unit:person a",
        also=("shape-list-hedge",),
    ),
    Fault(
        "a term that a closed list lacks",
        "shape-list-speech-act",
        TERMS,
        "",
        'act:whispers a rec:SpeechAct ; rdfs:label "whispers"@en ; rdfs:comment "Says it low."@en .',
        "act:whispers a",
    ),
    Fault(
        "a relation without example",
        "shape-relation",
        TERMS,
        'rec:example "An army uses a weapon."@en ;\n',
        "",
        "rel:uses a",
    ),
    Fault(
        "an identifier without evidence",
        "shape-identifier",
        REFERENCE,
        "id:assad rec:wikidata wd:Q44329",
        "id:assad rec:wikidata wd:Q44330",
        "wd:Q44330",
    ),
    Fault(
        "a misspelt name in a shape",
        "undeclared-name",
        SHAPES,
        "sh:path rec:fuzzy",
        "sh:path rec:fuzy",
        "rec:fuzy",
    ),
    Fault(
        "data in a file of shapes",
        "not-a-shape",
        SHAPES,
        "",
        "rec:speaker rdfs:range rec:Person .",
        "rec:speaker rdfs:range",
    ),
]

LEAKS = [
    Fault(
        "a fact between two entities",
        "shape-no-fact",
        ENTITIES,
        "id:assad a rec:Person ;",
        f"id:assad a rec:Person ;\n    <{OWN}commands> id:syrian-army ;",
        f"<{OWN}commands>",
    ),
    Fault(
        "a class of contested content",
        "shape-entity",
        ENTITIES,
        "id:barrel-bombs a rec:Means",
        f"id:barrel-bombs a <{OWN}Banned>",
        "id:barrel-bombs a",
    ),
    Fault(
        "two entities that are merged",
        "shape-nothing-merged",
        ENTITIES,
        "id:alloush a rec:Person ;",
        f"id:alloush a rec:Person ;\n    <{OWL}sameAs> id:jai-senior-official ;",
        "owl#sameAs",
    ),
    in_ontology(
        "own:nextTo a owl:ObjectProperty ; owl:inverseOf rec:directlyWithin .\n"
        "own:commands a owl:ObjectProperty .",
        "owl:inverseOf rec:directlyWithin",
        "a fact that only the closure holds",
        "closure-no-fact",
    ),
    in_ontology(
        "own:Target a owl:Class . rec:object rdfs:range own:Target . own:Banned a owl:Class ; "
        "rdfs:subClassOf rec:Means .",
        "rec:object rdfs:range own:Target",
        "a class that only the closure gives",
        "closure-entity",
    ),
]

KNOWLEDGE = [*NAMES, *SPECIES, *SHAPES_BROKEN, *LEAKS]
"""Faults in what the files say; each is found without the sources' texts."""

LAYOUT = [
    Fault(
        "a file that is not formatted",
        "not-formatted",
        "ontology/dataset.ttl",
        ' ;\n    rdfs:label "Who said what',
        ' ;\n  rdfs:label "Who said what',
        '  rdfs:label "Who said what',
    ),
    Fault(
        "a comment that formatting would lose",
        "comment-in-body",
        "triples/names.ttl",
        "id:aleppo rdfs:label",
        "# Lost.\nid:aleppo rdfs:label",
        "# Lost.",
    ),
    Fault(
        "a triple in two graphs",
        "repeated-triple",
        "triples/repeated.ttl",
        "",
        "id:alloush a rec:Person .",
        "id:alloush a rec:Person .",
    ),
    Fault(
        "a span that stands twice",
        "span-twice",
        "triples/twice.ttl",
        "",
        'span:1938-1982-again a rec:TextSpan ; rdfs:label "the same again" ; rec:end 1982 ;\n'
        'rec:inSource article:343dbc8f ; rec:sentence "P8S1" ;\nrec:start 1938 ;\n'
        f'rec:sha256 "5860e4311c9e5d6657c45c02c1796f1a2a048b7405457fd966f63c172f087b88" ; {RECORDED} .',
        "rec:start 1938",
    ),
]

UNBUILDABLE = [
    Fault(
        "a syntax error",
        "syntax",
        ARTICLE,
        "claim:among-fiercest-campaigns a rec:Claim ;",
        "claim:among-fiercest-campaigns a rec:Claim ; ;;:",
        "claim:among-fiercest-campaigns a",
    ),
    Fault(
        "a fault in the file of a syntax error",
        "untyped-individual",
        ARTICLE,
        "rec:medium medium:text-message",
        "rec:medium medium:text-mesage",
        "medium:text-mesage",
    ),
    Fault(
        "two files that write one graph",
        "two-files-one-graph",
        "triples/twin.trig",
        "",
        f'<{GRAPH}triples/names> {{ id:douma rdfs:comment "Twin." . }}',
        "graph/triples/names",
    ),
    Fault(
        "a file of two graphs",
        "one-graph",
        "triples/two.trig",
        "",
        '<urn:x-g:1> { id:douma rdfs:comment "One." . }\n<urn:x-g:2> { id:douma rdfs:comment "Two." . }',
        "urn:x-g:2",
    ),
    Fault(
        "a file that writes the closure's graph",
        "inferred-graph",
        "triples/inferred.trig",
        "",
        f'<{GRAPH}inferred> {{ id:douma rdfs:comment "Mine." . }}',
        "graph/inferred",
    ),
]

AGAINST_THE_TEXT = [
    Fault(
        "a hash of other words",
        "span-hash",
        ARTICLE,
        '"5860e4311c9e5d66',
        '"5860e4311c9e5d67',
        "5860e4311c9e5d67",
    ),
    Fault(
        "a span whose words stand elsewhere",
        "span-offsets",
        ARTICLE,
        "rec:start 103 .",
        "rec:start 102 .",
        "rec:start 102 .",
    ),
    Fault(
        "an anchor of other words",
        "span-anchor",
        ARTICLE,
        'rec:anchor "The massive Russian-backed"',
        'rec:anchor "The massive other"',
        '"The massive other"',
    ),
    Fault(
        "a wrong length",
        "source-length",
        ARTICLE,
        "rec:characters 4229",
        "rec:characters 4228",
        "rec:characters 4228",
    ),
    Fault(
        "a source without text",
        "source-text",
        "triples/lost.ttl",
        "",
        'article:0000ffff a rec:Source ; rdfs:label "lost" ; rec:characters 9 ;\n'
        f'rec:sha256 "{"0000ffff" * 8}" ; {RECORDED} .\n'
        'article:lost-narrator a rec:Narrator ; rdfs:label "its voice" ; rec:narrates article:0000ffff .',
        "rec:sha256",
    ),
]

QUERIES = [
    Fault(
        "an unknown key in a header",
        "query",
        "queries/denials.rq",
        "#+ tags:",
        "#+ tag:",
        "#+ tag:",
    ),
    Fault(
        "a parameter that filters nothing",
        "query",
        "queries/misplaced.rq",
        "",
        "#+ summary: Misplaced.\n#+ parameters:\n#+   who: {type: iri, label: Who, example: id/alloush}\n"
        "SELECT ?s WHERE {\n  ?s ?p ?o\n  OPTIONAL {\n    VALUES ?who { UNDEF }\n    ?s ?q ?who\n  }\n}",
        "VALUES ?who",
    ),
    Fault(
        "a case that does not hold",
        "expectation",
        "queries/wrong.rq",
        "",
        "#+ summary: Wrong.\n#+ expect:\n#+   - {rows: 2}\nSELECT ?n { VALUES ?n { 1 } }",
        "rows: 2",
    ),
]


def format_planted(folder: Path, faults: list[Fault]) -> None:
    """Bring the Turtle files with faults into canonical form, so that only the faults are found."""
    for name in {fault.file for fault in faults}:
        if name.endswith((".ttl", ".trig")):
            text = format_file(folder / name)
            (folder / name).write_text(text, encoding="utf-8")
