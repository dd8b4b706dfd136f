"""/queries/NAME/cite: how a result is cited, and whether a cited result is still the same."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request, url_for

from onrecord.engine import Generation
from onrecord.errors import NotFoundError, OnrecordError, ParameterError
from onrecord.saved.team.citation import Citation
from onrecord.web.access import allows
from onrecord.web.answers import mark
from onrecord.web.asked_generation import choose_generation, find_generation
from onrecord.web.forms import make_fields
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.negotiation import HTML, Offer, choose
from onrecord.web.options import address_query
from onrecord.web.problems import Problem, on_error_page
from onrecord.web.protocol import parse_form
from onrecord.web.shared_queries import SharedQuery, shared_queries
from onrecord.web.site import Site, site
from onrecord.web.whole_results import WholeResult, read_whole

blueprint = Blueprint("citing", __name__)

_BIBTEX = Offer("bib", ("application/x-bibtex",))
_OFFERS = (HTML, Offer("json", ("application/json",)), _BIBTEX)
_OPTIONS = ("_verify", "_generation", "_lang")
_HASH = re.compile(r"[0-9a-f]{64}")
_PATIENCE = 1.5
"""Seconds that a citation waits for the content hash of what was published a moment ago."""
_COUNTED = {"solutions": "row", "graph": "triple", "boolean": "answer"}


@blueprint.get("/queries/<address>/cite", defaults={"suffix": ""})
@blueprint.get("/queries/<address>/cite.<suffix>")
@allows("query")
def cite(address: str, suffix: str) -> Response:
    """The citation of a result; with `_verify=` also whether it is the one of that hash."""
    here = site()
    if suffix not in ("", "bib", "json", "html"):
        raise NotFoundError(f'There is no citation ".{suffix}"; known: html, json, bib.')
    name, _, which = address.partition("@")
    shared = shared_queries().find(name, which)
    given, options = _read_address()
    on_error_page(lambda problem: _page(here, shared, given, problem=problem))
    claimed = options.get("_verify", "").strip().lower()
    if claimed and _HASH.fullmatch(claimed) is None:
        raise ParameterError(
            f'Option "_verify" has the value "{claimed[:70]}". Give the 64 digits of a result\'s SHA-256.'
        )
    offer = next((o for o in _OFFERS if o.name == suffix), None) or choose(
        request.headers.get("Accept"), _OFFERS
    )
    lacking = any(
        p.required and not p.default and not any(given.get(p.name, ())) for p in shared.query.parameters
    )
    if offer is HTML and lacking and not given:
        return Response(_page(here, shared, given), content_type="text/html; charset=utf-8")
    choose_generation(here, [options.get("_generation", "")])
    result = read_whole(here, shared.query, given)
    citation = _make(here, shared, given, result)
    if offer is _BIBTEX:
        response = Response(citation.bibtex(), content_type="application/x-bibtex; charset=utf-8")
        response.headers["Content-Disposition"] = f'inline; filename="{shared.query.name}.bib"'
    elif offer is HTML:
        body = _page(here, shared, given, citation=citation, claimed=claimed)
        response = Response(body, content_type="text/html; charset=utf-8")
    else:
        response = _as_json(citation, claimed)
    mark(response, result.generation)
    return response


def _read_address() -> tuple[dict[str, list[str]], dict[str, str]]:
    """The parameters of the query, and the options."""
    given: dict[str, list[str]] = {}
    options: dict[str, str] = {}
    for name, value in parse_form(request.query_string, "address"):
        if not name.startswith("_"):
            given.setdefault(name, []).append(value)
        elif name not in _OPTIONS:
            raise ParameterError(f'Option "{name[:60]}" is not known here; known: {", ".join(_OPTIONS)}.')
        else:
            options[name] = value
    return given, options


def _make(here: Site, shared: SharedQuery, given: dict[str, list[str]], result: WholeResult) -> Citation:
    number = shared.number or shared.query.version
    place = f"{shared.query.name}@{number}"
    path = url_for("queries.show", address=place)
    told = result.generation.told
    path += address_query(_pairs(given), [("_generation", told)] if told else ())
    return Citation(
        title=shared.query.title,
        author=shared.author,
        dataset=here.title,
        query=place,
        address=absolute(path, endpoint_url(here.settings.public_url)),
        time=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        generation=told,
        content_hash=content_hash(here, result.generation),
        # The folder as it is now says nothing of what an older generation was made from.
        commit=shared_queries().commit() if result.generation == here.newest() else "",
        rows=len(result.lines.lines),
        kind=_COUNTED[result.kind],
        result_hash=result.lines.hash,
    )


def content_hash(here: Site, generation: Generation) -> str:
    """The content hash of a generation, empty where there is none; one that comes shortly is waited for."""
    if not generation.is_immutable:
        return ""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            kept = here.engine.history().find(generation.number)
        except OnrecordError:
            return ""
        if kept.content_hash or kept.hash_trouble or time.monotonic() > end:
            return kept.content_hash
        time.sleep(_PATIENCE / 30)


def _pairs(given: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in given.items() for value in values if value]


def _as_json(citation: Citation, claimed: str) -> Response:
    document = {
        "title": citation.title,
        "author": citation.author or None,
        "dataset": citation.dataset,
        "query": citation.query,
        "address": citation.address,
        "time": citation.time,
        "generation": citation.generation or None,
        "contentHash": citation.content_hash or None,
        "commit": citation.commit or None,
        "rows": citation.rows,
        "resultHash": citation.result_hash,
        "text": citation.text(),
        "same": claimed == citation.result_hash if claimed else None,
    }
    body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return Response(body, content_type="application/json; charset=utf-8")


def _page(
    here: Site,
    shared: SharedQuery,
    given: dict[str, list[str]],
    *,
    citation: Citation | None = None,
    claimed: str = "",
    problem: Problem | None = None,
) -> str:
    place = f"{shared.query.name}@{shared.number or shared.query.version}"
    pairs = _pairs(given)
    return render_template(
        "query-cite.html",
        shared=shared,
        place=place,
        pairs=pairs,
        fields=make_fields(here, shared.query.parameters, given),
        citation=citation,
        claimed=claimed,
        pin=_is_pinned(here, citation),
        problem=problem,
        bibtex=url_for("citing.cite", address=place, suffix="bib") + address_query(pairs),
    )


def _is_pinned(here: Site, citation: Citation | None) -> bool:
    if citation is None or not citation.generation:
        return False
    try:
        return find_generation(here, citation.generation).pin is not None
    except OnrecordError:
        return False
