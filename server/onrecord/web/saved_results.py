"""The result of a saved query where it is more than the engine's own stream: pages, columns, documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from onrecord.documents import Document, write_document
from onrecord.engine import Generation, QueryRequest, read_document
from onrecord.enrichment import add_evidence, add_labels
from onrecord.errors import GenerationMovedError
from onrecord.formats import FRAGMENT, JSON, NTRIPLES, Format
from onrecord.solutions import Reader, SolutionSequence, read_boolean, read_rows, write_rows
from onrecord.web.options import MOST_ROWS_A_PAGE, ResultOptions
from onrecord.web.site import Site, on_leave

MOST_BYTES = 64 << 20
"""Of an answer that is held in memory to be written."""
_MOST_TRIES = 3


@dataclass(frozen=True)
class WrittenResult:
    """A result written down, the generation it is of, and its place among all rows."""

    body: bytes
    generation: Generation
    rows: int | None = None
    truncated: bool = False


@dataclass(frozen=True)
class ReadSolutions:
    """Rows and columns, all of one generation; `seconds` that the engine worked, 0 where not known."""

    solutions: SolutionSequence
    generation: Generation
    seconds: float


def write_result(
    site: Site,
    asked: QueryRequest,
    format: Format,
    options: ResultOptions,
    title: str,
    facts: Callable[[Generation], dict[str, str]],
) -> WrittenResult:
    """Run `asked` and write its answer as `format`, with the columns and the page of `options`.

    `facts` tells where the result came from. Raises ResultTooLargeError for a
    graph that is too large to be written whole, and what the engine raises.
    """
    if asked.kind == "solutions":
        read = read_solutions(site, asked, _of_format(options, format))
        solutions, generation = read.solutions, read.generation
        if format.serializer:
            body = write_rows(solutions, format)
        else:
            document = Document(title, facts(generation), solutions=solutions)
            body = write_document(document, format)
        return WrittenResult(body, generation, len(solutions.rows), solutions.truncated)
    body, generation = _read_whole(site, asked)
    told = facts(generation)
    if asked.kind == "boolean":
        document = Document(title, told, boolean=read_boolean(body))
    else:
        document = Document(title, told, ntriples=body)
    return WrittenResult(write_document(document, format), generation)


def _of_format(options: ResultOptions, format: Format) -> ResultOptions:
    """The options for `format`: what is pasted elsewhere takes names and evidence along unasked."""
    if format.name != FRAGMENT.name:
        return options
    return replace(options, evidence=True, labels=() if options.labels is None else options.labels)


def read_solutions(site: Site, asked: QueryRequest, options: ResultOptions) -> ReadSolutions:
    """The rows of `asked` that `options` ask for, with their columns, all of one generation."""
    tries = 0
    while True:
        read = _read_rows(site, asked, options)
        solutions = read.solutions
        reader = Reader(site.engine, on_leave=on_leave())
        reader.generation = read.generation
        languages = options.labels or site.languages
        try:
            if options.evidence:
                solutions = add_evidence(solutions, reader, languages)
            if options.labels is not None:
                solutions = add_labels(solutions, reader, languages)
        except GenerationMovedError:
            tries += 1
            if tries == _MOST_TRIES:
                raise
        else:
            return replace(read, solutions=solutions)


def _read_rows(site: Site, asked: QueryRequest, options: ResultOptions) -> ReadSolutions:
    # The text is never wrapped in another one: a page is cut out of the ordered rows.
    most = options.offset + (options.limit or MOST_ROWS_A_PAGE)
    answer = site.engine.query(replace(asked, format=JSON, row_limit=most), on_leave())
    document = read_document(
        answer,
        MOST_BYTES,
        f"These rows are more than {MOST_BYTES >> 20} MB, the most that is written with added columns, by "
        "pages or as a document. Ask for fewer with _limit, or take JSON, XML, CSV or TSV without options, "
        "which have no limit.",
    )
    variables, rows = read_rows(document)
    shown = tuple(rows[options.offset :])
    solutions = SolutionSequence(variables, shown, answer.trailer.truncated)
    return ReadSolutions(solutions, answer.head.generation, answer.trailer.seconds)


def _read_whole(site: Site, asked: QueryRequest) -> tuple[bytes, Generation]:
    format = NTRIPLES if asked.kind == "graph" else JSON
    answer = site.engine.query(replace(asked, format=format), on_leave())
    document = read_document(
        answer,
        MOST_BYTES,
        f"The graph is larger than {MOST_BYTES >> 20} MB, the most that is written in this format. Take "
        "Turtle or N-Triples, which have no limit.",
    )
    return document, answer.head.generation
