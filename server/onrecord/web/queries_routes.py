"""/queries: the catalogue of saved queries, the page of one, and its result in every format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, current_app, render_template, request, url_for

from onrecord.admission import admit
from onrecord.engine import Generation, QueryRequest
from onrecord.errors import NotFoundError, ParameterError, UnsupportedError
from onrecord.formats import JSON, KIND_OF_FORM, AnswerKind, Format, by_suffix, documents_of, formats_of
from onrecord.saved import SavedQuery
from onrecord.saved.standing import Book
from onrecord.saved.team.sizes import ResultSize, SizeNotes
from onrecord.web.access import allows, current_identity, may
from onrecord.web.answers import entity_tag, is_fresh, link_alternates, mark, not_modified
from onrecord.web.catalogue_listing import SORTS, Sizes, read_listing
from onrecord.web.forms import make_fields
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.negotiation import HTML, Offer, choose, offer_of, offers_of
from onrecord.web.options import MOST_ROWS_A_PAGE, NO_OPTIONS, ResultOptions, address_query, read_options
from onrecord.web.pages import MOST_ROWS, PageAnswer, respond
from onrecord.web.problems import Problem, on_error_page
from onrecord.web.protocol import QUERY, parse_form
from onrecord.web.saved_results import WrittenResult, write_result
from onrecord.web.services import federating
from onrecord.web.shared_queries import SharedQuery, shared_queries
from onrecord.web.site import Site, let_keep, site
from onrecord.web.snippets import Snippet, make_snippets
from onrecord.web.standings import standings

blueprint = Blueprint("queries", __name__)

SIZES = "onrecord.sizes"
"""Where the application keeps what is remembered of sizes."""

_ADDRESS = re.compile(r"(?P<name>[a-z0-9-]+)(?:@(?P<version>[^.@]+))?(?:\.(?P<suffix>[a-z0-9]+))?")
_TEXT_SUFFIX = "rq"
_CATALOGUE = (HTML, Offer("json", ("application/json",)))

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Visit:
    """One request for a saved query: which, with what, and as what."""

    shared: SharedQuery
    given: Values
    suffix: str
    options: ResultOptions = NO_OPTIONS
    pinned: str = ""
    """The version that the address names; empty for the newest."""

    @property
    def query(self) -> SavedQuery:
        return self.shared.query

    @property
    def place(self) -> str:
        """Name and version as they stand in the address."""
        return f"{self.query.name}@{self.pinned}" if self.pinned else self.query.name

    @property
    def version(self) -> str:
        """The version as people cite it: its number where it has one, else its hash."""
        return str(self.shared.number) if self.shared.number else self.query.version

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.given.items() for value in values if value]

    @property
    def kind(self) -> AnswerKind:
        return KIND_OF_FORM.get(self.query.operation.form, "solutions")

    def address(self, suffix: str = "", **changed: int | str) -> str:
        """The path of the same query with the same parameters and options (some `changed`), as `suffix`."""
        path = url_for("queries.show", address=self.place + (f".{suffix}" if suffix else ""))
        return path + address_query(self.pairs, self.options.pairs(**changed))


@blueprint.get("/queries")
@allows("read")
def index() -> Response:
    """All saved queries, or those with `?tag=`."""
    if choose(request.headers.get("Accept"), _CATALOGUE) is not HTML:
        return as_json()
    here = site()
    shared, findings = _list()
    listing = read_listing()
    sizes = _sizes(here)
    tags = sorted({t for s in shared for t in s.query.header.tags} | set(listing.tags))
    kept = standings()
    book, up_to_date = kept.current(here) if kept is not None else (Book(), True)
    text = render_template(
        "catalogue.html",
        queries=listing.choose(shared, sizes),
        total=len(shared),
        listing=listing,
        sorts=SORTS,
        sizes=sizes,
        tags=tags,
        tag=listing.tags[0] if len(listing.tags) == 1 else "",
        findings=findings,
        standings=book.standings,
        up_to_date=up_to_date,
        may_write=_may_write(),
    )
    return _marked(text, "text/html")


@blueprint.get("/queries.json")
@allows("read")
def as_json() -> Response:
    """The catalogue for machines, searched, narrowed and sorted as the page is."""
    here = site()
    shared, findings = _list()
    sizes = _sizes(here)
    document = {
        "generation": here.engine.generation().label,
        "queries": [_summarize(here, one, sizes) for one in read_listing().choose(shared, sizes)],
        "findings": findings,
    }
    return _marked(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "application/json")


@blueprint.get("/queries/<address>")
@allows("query")
def show(address: str) -> Response:
    """A saved query: its page, its result, or (`.rq`) the text that its parameters run."""
    here = site()
    visit = _read_visit(here, address)
    on_error_page(lambda problem: _page(here, visit, problem=problem))
    offer = _wish(visit)
    open_form = offer is HTML and _lacks(visit)
    if open_form and not visit.pairs:
        return Response(_page(here, visit), content_type="text/html; charset=utf-8")
    if visit.suffix == _TEXT_SUFFIX and not visit.pairs:
        return _text(visit, "")
    text = visit.query.bind(visit.query.read(visit.given, here.space))
    if visit.suffix == _TEXT_SUFFIX:
        return _text(visit, text)
    operation = admit(text, here.settings.query_bytes, federates=True).operation
    elsewhere = federating(operation, [visit.options.federation])
    asked = QueryRequest(
        text,
        visit.kind,
        JSON,
        here.base_iri(endpoint_url(here.settings.public_url)),
        has_dataset_clause=operation.has_dataset_clause,
        federating=elsewhere,
    )
    tagged = not operation.is_nondeterministic and elsewhere is None
    if tagged and visit.shared.record is None:
        # The texts of a team change, and are withdrawn, without a new generation.
        let_keep()
    if offer.format is not None and (visit.options.changes_rows or not offer.format.serializer):
        response = _written(here, visit, asked, offer.format, tagged=tagged)
    else:
        response = respond(
            here,
            asked,
            offer,
            tagged=tagged,
            page=lambda shown: _page(here, visit, shown=shown, text=text),
        )
    others = [f for f in _formats(visit.kind) if f is not offer.format]
    public_url = here.settings.public_url
    link_alternates(response, [(absolute(visit.address(f.suffix), public_url), f) for f in others])
    return _named(response, visit)


def _text(visit: _Visit, text: str) -> Response:
    """The text that is kept, or with parameters the one that is run."""
    response = _named(_marked(text if visit.pairs else visit.query.text, QUERY), visit)
    if not visit.pairs:
        response.set_etag(visit.shared.tag if visit.shared.is_newest else visit.query.version)
    return response


def _formats(kind: AnswerKind) -> tuple[Format, ...]:
    return (*formats_of(kind), *documents_of(kind))


def _written(here: Site, visit: _Visit, asked: QueryRequest, format: Format, *, tagged: bool) -> Response:
    """The result with the columns and the page of the options, or as a document."""
    if visit.kind != "solutions" and visit.options.changes_rows:
        raise ParameterError(
            "_labels, _evidence, _limit and _offset are for results that have rows; "
            f"{visit.query.name} has none."
        )
    representation = f"W/{format.name}{visit.options.pairs()}"
    if tagged:
        generation = here.engine.generation()
        tag = entity_tag(here, generation, asked, representation)
        if is_fresh(tag, generation):
            return not_modified(tag, generation)
    result = write_result(
        here, asked, format, visit.options, visit.query.title, lambda g: _facts(here, visit, g)
    )
    response = Response(result.body, content_type=format.content_type)
    if tagged:
        response.headers["ETag"] = entity_tag(here, result.generation, asked, representation)
    mark(response, result.generation)
    if result.rows is not None:
        _note_size(visit, result.generation, result.rows, is_more=result.truncated)
    _link_pages(here, visit, result, response)
    return response


def _link_pages(here: Site, visit: _Visit, result: WrittenResult, response: Response) -> None:
    """`Link` to the pages beside this one, all of one generation, and aloud whether rows are missing."""
    if result.rows is None:
        return
    options, suffix = visit.options, visit.suffix
    first = options.offset + 1 if result.rows else options.offset
    response.headers["Onrecord-Rows"] = f"{first}-{options.offset + result.rows}"
    response.headers["Onrecord-Truncated"] = "true" if result.truncated else "false"
    limit = options.limit or MOST_ROWS_A_PAGE

    def add(rel: str, offset: int) -> None:
        address = visit.address(suffix, limit=limit, offset=offset, generation=result.generation.told)
        response.headers.add("Link", f'<{absolute(address, here.settings.public_url)}>; rel="{rel}"')

    if result.truncated and options.offset + limit <= MOST_ROWS_A_PAGE:
        add("next", options.offset + limit)
    if options.offset:
        add("prev", max(0, options.offset - limit))
        add("first", 0)


def _facts(here: Site, visit: _Visit, generation: Generation) -> dict[str, str]:
    return {
        "from": absolute(visit.address(), here.settings.public_url),
        "dataset": here.title,
        "query": f"{visit.query.name}, version {visit.version}",
        "generation": generation.told or "none is kept",
    }


def _list() -> tuple[list[SharedQuery], list[str]]:
    """The queries that the sender is shown, by name, and what keeps others from being offered."""
    team, refused = shared_queries().team_queries()
    both = [*shared_queries().folder_queries(), *team]
    findings = [*(str(finding) for finding in site().catalogue().findings), *refused]
    return sorted(both, key=lambda shared: shared.query.name), findings


def _sizes(here: Site) -> Sizes:
    """Sizes of results on this generation, where they are known."""
    notes = cast("SizeNotes | None", current_app.extensions.get(SIZES))
    return notes.sizes(here.engine.generation().label) if notes is not None else {}


def _note_size(visit: _Visit, generation: Generation, size: int, *, is_more: bool) -> None:
    """Remember how large the result is, when all of it was asked for and nothing was filled in."""
    notes = cast("SizeNotes | None", current_app.extensions.get(SIZES))
    is_whole = not visit.pairs and visit.shared.is_newest and visit.options.limit is None
    if notes is not None and is_whole and not visit.options.offset:
        size_found = ResultSize(size, is_more)
        notes.note(visit.query.name, visit.query.version, generation.label, size_found)


def _may_write() -> bool:
    return shared_queries().shelf is not None and may(current_identity(), "write")


def _read_visit(here: Site, address: str) -> _Visit:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise NotFoundError(f'There is no saved query "{address}". Names are made of a to z, 0 to 9 and "-".')
    on_error_page(lambda problem: _gone_page(found["name"], problem))
    shared = shared_queries().find(found["name"], found["version"] or "")
    given: dict[str, list[str]] = {}
    told: list[tuple[str, str]] = []
    for name, value in parse_form(request.query_string, "address"):
        if name.startswith("_"):
            told.append((name, value))
        else:
            given.setdefault(name, []).append(value)
    options = read_options(told)
    _check_generation(here, options.generation)
    return _Visit(shared, given, found["suffix"] or "", options, found["version"] or "")


def _gone_page(name: str, problem: Problem) -> str:
    history = url_for("history.show", name=name) if problem.status == 410 else ""
    return render_template("problem.html", problem=problem, history=history)


def _check_generation(here: Site, value: str) -> None:
    current = here.engine.generation()
    if value and not current.is_immutable:
        raise UnsupportedError(
            f'Generation "{value}" cannot be asked: the data lies on a server elsewhere, which keeps none. '
            "Leave _generation out to ask it as it is now."
        )
    if value and value != current.label:
        raise NotFoundError(f'Generation "{value}" is not kept here; the current one is {current.label}.')


def _wish(visit: _Visit) -> Offer:
    if not visit.suffix or visit.suffix == _TEXT_SUFFIX:
        offers = (*offers_of(visit.kind), *(offer_of(f) for f in documents_of(visit.kind)))
        return choose(request.headers.get("Accept") if not visit.suffix else None, offers)
    if visit.suffix == "html":
        return HTML
    format = by_suffix(visit.suffix)
    if format is None or visit.kind not in format.kinds:
        known = ", ".join(["html", _TEXT_SUFFIX, *(f.suffix for f in _formats(visit.kind))])
        raise NotFoundError(f'{visit.query.name} has no form ".{visit.suffix}"; known: {known}.')
    return offer_of(format)


def _lacks(visit: _Visit) -> bool:
    return any(
        p.required and not p.default and not any(visit.given.get(p.name, ())) for p in visit.query.parameters
    )


def _page(
    here: Site,
    visit: _Visit,
    *,
    shown: PageAnswer | None = None,
    problem: Problem | None = None,
    text: str = "",
) -> str:
    query = visit.query
    suffixes = _formats(visit.kind)
    if shown is not None and shown.kind != "boolean":
        _note_size(visit, shown.generation, shown.count, is_more=shown.truncated)
    return render_template(
        "saved.html",
        query=query,
        shared=visit.shared,
        place=visit.place,
        version=visit.version,
        cite=url_for("citing.cite", address=f"{query.name}@{visit.version}") + address_query(visit.pairs),
        has_history=shared_queries().shelf is not None,
        may_write=_may_write(),
        fields=make_fields(here, query.parameters, visit.given),
        shown=shown,
        problem=problem,
        text=text or query.text,
        most_rows=MOST_ROWS,
        downloads=[(f.suffix, visit.address(f.suffix)) for f in suffixes],
        text_address=visit.address(_TEXT_SUFFIX),
        snippets=_snippets(here, visit, text) if text else (),
        asked=bool(visit.pairs),
    )


def _snippets(here: Site, visit: _Visit, text: str) -> tuple[Snippet, ...]:
    """For use elsewhere, addresses that work there: with the host that this page was asked at."""
    endpoint = endpoint_url(here.settings.public_url)
    suffix = {"solutions": "csv", "boolean": "json", "graph": "ttl"}[visit.kind]
    return make_snippets(absolute(visit.address(suffix), endpoint), suffix, endpoint, text)


def _summarize(here: Site, shared: SharedQuery, sizes: Sizes) -> dict[str, object]:
    query = shared.query
    size = sizes.get((query.name, query.version))
    address = absolute(url_for("queries.show", address=query.name), here.settings.public_url)
    return {
        "name": query.name,
        "summary": query.title,
        "description": query.header.description,
        "tags": list(query.header.tags),
        "version": query.version,
        "number": shared.number or None,
        "origin": shared.origin,
        "author": shared.author or None,
        "visibility": shared.visibility,
        "saved": shared.saved or None,
        "size": size.size if size is not None else None,
        "sizeIsMore": size.is_more if size is not None else None,
        "address": address,
        "formats": [f.suffix for f in _formats(KIND_OF_FORM.get(query.operation.form, "solutions"))],
        "parameters": [
            {
                "name": p.name,
                "type": p.type,
                "list": p.is_list,
                "label": p.label,
                "help": p.help,
                "required": p.required,
                "default": p.default,
                "example": p.example,
                "class": p.class_,
                "values": list(p.values),
            }
            for p in query.parameters
        ],
    }


def _marked(text: str, media_type: str) -> Response:
    response = Response(text, content_type=f"{media_type}; charset=utf-8")
    mark(response, site().engine.generation())
    return response


def _named(response: Response, visit: _Visit) -> Response:
    if visit.suffix and visit.suffix != "html":
        response.headers["Content-Disposition"] = f'inline; filename="{visit.query.name}.{visit.suffix}"'
    return response
