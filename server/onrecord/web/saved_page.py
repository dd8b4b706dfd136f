"""The page of a saved query: its form, its result, its text, and how to take it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, url_for

from onrecord.web.asked_query import TEXT_SUFFIX, AskedQuery, written_formats
from onrecord.web.catalogue_pages import may_save
from onrecord.web.choosing import Matches
from onrecord.web.forms import make_fields
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.options import address_query
from onrecord.web.pages import MOST_ROWS, PageAnswer, rows_of_page
from onrecord.web.problems import Problem
from onrecord.web.result_sizes import note_size
from onrecord.web.shared_queries import shared_queries
from onrecord.web.site import Site
from onrecord.web.snippets import Snippet, make_snippets
from onrecord.web.written_answers import page_addresses


def show_page(
    here: Site,
    asked: AskedQuery,
    *,
    shown: PageAnswer | None = None,
    problem: Problem | None = None,
    text: str = "",
    found: Mapping[str, Matches] | None = None,
) -> str:
    """The page, with the answer `shown` or what went wrong; `text` is the query that was run.

    `found` is what names led to that somebody looked for, by parameter.
    """
    query = asked.query
    pages: dict[str, str] = {}
    if shown is not None and shown.kind != "boolean":
        note_size(asked, shown.generation, shown.count, is_more=shown.truncated)
    if shown is not None and shown.kind == "solutions":
        pages = page_addresses(
            asked,
            "",
            shown.generation.told,
            limit=rows_of_page(asked.options),
            truncated=shown.truncated,
        )
    return render_template(
        "saved.html",
        query=query,
        shared=asked.shared,
        place=asked.place,
        version=asked.version,
        cite=url_for("citing.cite", address=f"{query.name}@{asked.version}") + address_query(asked.pairs),
        has_history=shared_queries().shelf is not None,
        may_write=may_save(),
        fields=make_fields(here, query.parameters, asked.given, found),
        choosing=asked.choosing,
        shown=shown,
        pages=pages,
        problem=problem,
        text=text or query.text,
        most_rows=MOST_ROWS,
        downloads=[(f.suffix, asked.address(f.suffix)) for f in written_formats(asked.kind)],
        text_address=asked.address(TEXT_SUFFIX),
        snippets=_snippets(here, asked, text) if text else (),
        asked=bool(asked.pairs),
        kept_options=asked.options.pairs(offset=0, generation=""),
    )


def _snippets(here: Site, asked: AskedQuery, text: str) -> tuple[Snippet, ...]:
    """For use elsewhere, addresses that work there: with the host that this page was asked at."""
    endpoint = endpoint_url(here.settings.public_url)
    suffix = {"solutions": "csv", "boolean": "json", "graph": "ttl"}[asked.kind]
    return make_snippets(absolute(asked.address(suffix), endpoint), suffix, endpoint, text)
