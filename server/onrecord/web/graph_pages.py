"""The page of a named graph: how much it holds, in which file it lies, and its triples page by page."""

from __future__ import annotations

from flask import Response, render_template

from onrecord.entities import Fact
from onrecord.formats import formats_of
from onrecord.labels import find_labels
from onrecord.solutions import Reader
from onrecord.web.documents import PAGE, respond_document
from onrecord.web.links import is_absolute_iri, link_of, page_link
from onrecord.web.names import Names
from onrecord.web.readers import languages, page_number
from onrecord.web.site import Site

MOST_ROWS = 100


def show_graph(here: Site, iri: str) -> Response:
    """The page about the named graph `iri`."""
    tongues = languages(here)
    page = page_number(MOST_ROWS)

    def build(asking: Reader) -> str:
        cut = f"LIMIT {MOST_ROWS + 1} OFFSET {(page - 1) * MOST_ROWS}"
        text = f"SELECT ?s ?p ?o {{ GRAPH <{iri}> {{ ?s ?p ?o }} }} {cut}"
        rows = asking.select(text, MOST_ROWS + 1).rows
        facts = [Fact(row["s"], row["p"].value, row["o"]) for row in rows[:MOST_ROWS]]
        iris = [t.value for f in facts for t in (f.subject, f.object) if t.kind == "iri"]
        asked = filter(is_absolute_iri, [iri, *iris, *(f.predicate for f in facts)])
        names = Names(here.space, find_labels(asking, asked, tongues), tongues, page_link)
        stem = (here.space.to_path(iri) or "").removeprefix("/")
        return render_template(
            "graph.html",
            names=names,
            iri=iri,
            facts=facts,
            size=here.engine.status().graphs.get(iri, 0),
            is_inferred=iri == here.space.inferred_graph,
            file=file_of(here, iri),
            page=page,
            more=len(rows) > MOST_ROWS,
            downloads=[
                (f.suffix, f.media_type, f"{link_of(iri).removesuffix('.html')}.{f.suffix}")
                for f in formats_of("graph")
            ],
            address=stem + ".html",
        )

    return respond_document(here, PAGE, tongues, build)


def file_of(here: Site, graph: str) -> str:
    """The folder's file that holds `graph`, or empty: endpoint graphs and the closure lie in none."""
    folder = here.folder
    if folder is None:
        return ""
    for file in folder.files():
        if not file.is_dataset and file.graph(here.space) == graph:
            return file.name
    return ""
