"""What a new folder holds: its description, an encoder, and two saved queries that fit any folder."""

from __future__ import annotations

from onrecord.authoring.records import english, write_prefixes, write_record
from onrecord.building.formatting import format_turtle
from onrecord.errors import FolderError
from onrecord.terms import DCTERMS, ONTOLOGY, OWL, PROJECT, RDFS, REC, IriSpace

_WHO_SAID_WHAT = """\
#+ summary: Who said what, about what, and where it stands.
#+ description: >-
#+   One row for each claim of each speaker; 'through' is who passes it on. A claim that a later
#+   one supersedes is left out. Leave the speaker open for everyone.
#+ tags: [featured, speakers]
#+ parameters:
#+   speaker: {type: iri, label: Speaker, class: rec:Agent}
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT DISTINCT
  ?speaker ?speakerLabel ?act ?polarity ?modality ?label ?through ?sentence ?start ?end ?claim ?source
WHERE {
  VALUES ?speaker { UNDEF }
  ?statement rec:speaker ?speaker ;
    rec:makes ?claim ;
    rec:foundIn ?source .
  FILTER NOT EXISTS { ?later rec:supersedes ?claim }
  OPTIONAL {
    ?relay rec:relays ?statement ;
      rec:speaker/rdfs:label ?through .
    FILTER(LANG(?through) = "en")
  }
  OPTIONAL {
    ?claim rec:evidence ?span .
    ?span rec:sentence ?sentence ;
      rec:start ?start ;
      rec:end ?end .
  }
  OPTIONAL { ?speaker rdfs:label ?speakerLabel FILTER(LANG(?speakerLabel) = "en") }
  OPTIONAL { ?statement rec:act/rdfs:label ?act FILTER(LANG(?act) = "en") }
  OPTIONAL { ?claim rec:polarity/rdfs:label ?polarity FILTER(LANG(?polarity) = "en") }
  OPTIONAL { ?claim rec:modality/rdfs:label ?modality FILTER(LANG(?modality) = "en") }
  OPTIONAL { ?claim rdfs:label ?label FILTER(LANG(?label) = "en") }
}
ORDER BY ?source ?start ?end ?claim ?speaker ?through
"""
_WHO_WROTE_IT_DOWN = """\
#+ summary: Who wrote each claim down, who checked it, and what it corrects.
#+ description: >-
#+   A claim that was corrected stays, with the one that supersedes it beside it.
#+ tags: [provenance]
#+ parameters:
#+   encoder: {type: iri, label: Encoder, class: rec:Encoder}
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT DISTINCT ?claim ?label ?encoder ?encodedOn ?reviewer ?supersedes ?supersededBy WHERE {
  VALUES ?encoder { UNDEF }
  ?claim a rec:Claim ;
    rec:encodedBy ?encoder ;
    rec:encodedOn ?encodedOn .
  OPTIONAL { ?claim rec:reviewedBy ?reviewer }
  OPTIONAL { ?claim rec:supersedes ?supersedes }
  OPTIONAL { ?supersededBy rec:supersedes ?claim }
  OPTIONAL { ?claim rdfs:label ?label FILTER(LANG(?label) = "en") }
}
ORDER BY ?encodedOn ?claim ?reviewer ?supersedes ?supersededBy
"""


def read_space(iri: str) -> IriSpace:
    """The IRI space `iri`. Raises FolderError for one that cannot begin the names of a folder.

    >>> read_space("https://example.org/dam/").base
    'https://example.org/dam/'
    """
    ours = iri.startswith((ONTOLOGY, PROJECT + "term/")) or iri == PROJECT
    scheme, colon, rest = iri.partition("://")
    forbidden = [character for character in iri if character.isspace() or character in '<>"{}|\\\\^`']
    if ours or forbidden or not colon or not scheme.isalpha() or not rest.strip("/#") or iri[-1] not in "/#":
        reason = "belongs to the ontology" if ours else "cannot begin the names of a folder"
        raise FolderError(
            f'The IRI space "{iri}" {reason}. '
            'Give an absolute IRI of your own that ends in "/" or "#", such as https://example.org/my-folder/.'
        )
    return IriSpace(iri)


def write_folder(space: IriSpace, title: str, licence: str | None) -> dict[str, str]:
    """The files of a new folder by their paths in it."""
    return {
        "ontology/dataset.ttl": _dataset(space, title, licence),
        "triples/entities.ttl": _entities(space),
        "queries/who-said-what.rq": _WHO_SAID_WHAT,
        "queries/who-wrote-it-down.rq": _WHO_WROTE_IT_DOWN,
    }


def _dataset(space: IriSpace, title: str, licence: str | None) -> str:
    facts = [
        ("dcterms:language", '"en"'),
        ("dcterms:title", english(title)),
        ("owl:imports", f"<{ONTOLOGY}>"),
        ("rdfs:label", english(title)),
        ("rec:iriSpace", f'"{space.base}"'),
    ]
    if licence:
        facts.append(("dcterms:license", f"<{licence}>"))
    prefixes = write_prefixes({"dcterms": DCTERMS, "owl": OWL, "rdfs": RDFS, "rec": REC})
    record = write_record(f"<{space.base}>", "Ontology", facts).replace(
        " a rec:Ontology", " a owl:Ontology", 1
    )
    head = "# What this folder is: its IRI space, title, licence and languages.\n\n"
    return format_turtle(head + prefixes + record, "ontology/dataset.ttl")


def _entities(space: IriSpace) -> str:
    prefixes = write_prefixes({"id": f"{space.base}id/", "rdfs": RDFS, "rec": REC})
    desk = write_record("id:desk", "Encoder", [("rdfs:label", english("The desk of this folder"))])
    head = "# Whoever and whatever the articles speak of, and who writes the records.\n\n"
    return format_turtle(head + prefixes + desk, "triples/entities.ttl")
