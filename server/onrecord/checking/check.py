"""Every check of a folder, in one order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from onrecord.checking.findings import Finding, Progress
from onrecord.checking.graphs import check_graphs, check_repetitions
from onrecord.checking.knowledge import Knowledge
from onrecord.checking.layout import check_layout
from onrecord.checking.names import UNDECLARED, check_mentions, check_species, check_species_of_closure
from onrecord.checking.places import Places
from onrecord.checking.queries import check_expectations, check_queries
from onrecord.checking.reading import Contents, read_folder
from onrecord.checking.shapes import ShapesCheck
from onrecord.checking.spans import SpanCheck
from onrecord.folder import Folder
from onrecord.saved import Catalogue

_NOT_BUILT = frozenset(
    {"syntax", "unreadable", "description", "one-graph", "inferred-graph", "two-files-one-graph"}
)
"""Findings with which the folder cannot be built."""


def check_folder(folder: Folder, source: Path | None, progress: Progress) -> list[Finding]:
    """All that must be mended in `folder`, sorted by file and line; with `source`, against the texts there.

    What is wrong in one file hides nothing in another. Raises FolderError
    when `source` is no directory.
    """
    progress("reading the files")
    contents = read_folder(folder)
    places = Places(contents)
    catalogue = Catalogue.read(folder.queries)
    spans = SpanCheck(contents, places)
    # The texts first: a wrong --source is told at once.
    found = list(spans.check_texts(source)) if source is not None else []
    found += contents.findings
    found += (finding for reading in contents.readings for finding in reading.findings)
    found += check_graphs(contents, places)
    found += check_repetitions(contents, places)
    found += check_layout(contents)
    found += spans.check_repetitions()
    found += check_queries(catalogue)
    found += _check_cases(folder, catalogue, found, progress)
    found += _check_knowledge(contents, places, progress)
    return sorted(dict.fromkeys(found), key=lambda finding: finding.order)


def _check_knowledge(contents: Contents, places: Places, progress: Progress) -> Iterator[Finding]:
    """What is wrong with the triples of all files together, and with what follows from them."""
    knowledge = Knowledge(contents)
    progress("checking names and OWL Lite")
    stated = list(knowledge.statements)
    found = list(check_species(stated, contents, places))
    found += check_mentions(contents, places, found)
    yield from found
    progress("checking shapes")
    undeclared = (f"<{finding.term}>" for finding in found if finding.code.startswith(UNDECLARED))
    shapes = ShapesCheck(contents, knowledge, places, undeclared)
    yield from shapes.check_stated()
    progress("checking what follows")
    inferred = knowledge.close()
    yield from check_species_of_closure(stated, inferred, contents, places)
    yield from shapes.check_closure()


def _check_cases(
    folder: Folder, catalogue: Catalogue, found: list[Finding], progress: Progress
) -> Iterator[Finding]:
    """What the queries return, where the folder can be built; otherwise that it was not looked at."""
    cases = sum(len(query.expectations) for query in catalogue)
    if not any(finding.code in _NOT_BUILT for finding in found):
        yield from check_expectations(folder, catalogue, progress)
    elif cases:
        told = f"{cases} cases of saved queries were not tried, since the folder cannot be built."
        yield Finding("queries", None, "not-tried", "", told, "Mend the files, then check again.")
