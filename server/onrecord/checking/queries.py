"""The folder's saved queries: their headers and slots, and whether they return what they expect."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from onrecord.admission import admit
from onrecord.checking.findings import Finding, Progress
from onrecord.config import Settings
from onrecord.engine import Engine, Federating, QueryRequest, read_document
from onrecord.errors import OnrecordError, Position
from onrecord.federated_engine import FederatingEngine
from onrecord.federation.configuration import open_federation
from onrecord.federation.frozen import read_frozen_answers
from onrecord.federation.frozen_fallback import FrozenFallback
from onrecord.folder import Folder
from onrecord.formats import JSON, NTRIPLES
from onrecord.saved import Catalogue, Expectation, Row, SavedQuery, compare
from onrecord.saved.rows import read_document_rows
from onrecord.supervision.launch import local_engine

_PROGRESS_EVERY = 1.0
"""Seconds between two lines of progress."""


def check_queries(catalogue: Catalogue) -> Iterator[Finding]:
    """What is wrong with the queries as they are written."""
    for finding in catalogue.findings:
        yield Finding(finding.path, finding.position, "query", "", _capital(finding.reason), finding.remedy)


def check_expectations(folder: Folder, catalogue: Catalogue, progress: Progress) -> Iterator[Finding]:
    """Cases of the queries' headers that do not hold, on a store built for the purpose.

    The queries run in a worker of their own, with the limits of a server.
    """
    if not any(query.expectations for query in catalogue):
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-check-") as directory:
        settings = Settings(store=Path(directory) / "store")
        progress("building a store for the saved queries")
        frozen = read_frozen_answers(folder.queries)
        with local_engine(settings, folder.path) as local:
            # No endpoint is allowed here: queries with SERVICE are checked against their frozen answers.
            federation = open_federation(settings, Path(directory))
            engine = FederatingEngine(local, federation, lambda remote: FrozenFallback(remote, frozen))
            shown = time.monotonic()
            for number, query in enumerate(catalogue, 1):
                if time.monotonic() - shown > _PROGRESS_EVERY:
                    progress(f"asking {query.name} ({number} of {len(catalogue)})")
                    shown = time.monotonic()
                for case in query.expectations:
                    yield from _check_case(engine, query, case, folder, settings)


def _check_case(
    engine: Engine, query: SavedQuery, case: Expectation, folder: Folder, settings: Settings
) -> Iterator[Finding]:
    try:
        told = compare(case, _ask(engine, query, case, folder, settings), folder.description.space)
    except OnrecordError as error:
        told = error.detail.rstrip(".") + "."
    if told is not None:
        given = ", ".join(f"{name}={value}" for name, values in case.values.items() for value in values)
        with_values = f" With {given}." if given else ""
        remedy = f"Correct the query, the knowledge or the case.{with_values}"
        yield Finding(query.path, Position(case.line, 1), "expectation", "", told, remedy)


def _ask(
    engine: Engine, query: SavedQuery, case: Expectation, folder: Folder, settings: Settings
) -> list[Row]:
    space = folder.description.space
    text = query.bind(query.read(case.values, space))
    admitted = admit(text, settings.query_bytes, federates=True)
    format_ = NTRIPLES if admitted.kind == "graph" else JSON
    request = QueryRequest(
        admitted.text,
        admitted.kind,
        format_,
        space.base,
        has_dataset_clause=admitted.operation.has_dataset_clause,
        federating=Federating() if admitted.operation.services else None,
    )
    answer = engine.query(request)
    document = read_document(answer)
    return read_document_rows(admitted.kind, document)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
