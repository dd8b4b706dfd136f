"""What is recorded of one thing: its triples, who mentions it, and from which graph we have it."""

from onrecord.entities.neighbourhood import Fact, Neighbourhood, find_label_facts, find_neighbourhood
from onrecord.entities.places import Containment, Point, find_containment, find_points
from onrecord.entities.vocabulary import Definition, TermList, Vocabulary, read_vocabulary
from onrecord.entities.writing import write_facts

__all__ = [
    "Containment",
    "Definition",
    "Fact",
    "Neighbourhood",
    "Point",
    "TermList",
    "Vocabulary",
    "find_containment",
    "find_label_facts",
    "find_neighbourhood",
    "find_points",
    "read_vocabulary",
    "write_facts",
]
