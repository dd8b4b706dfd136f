"""Saving queries: create, change, rename, fork, archive; by API and from the forms of the browser."""

from __future__ import annotations

import json

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from onrecord.errors import (
    ConflictError,
    MethodError,
    ParameterError,
    PreconditionError,
    PreconditionNeededError,
)
from onrecord.saved.team import QueryRecord
from onrecord.web.access import allows, current_identity
from onrecord.web.drafts import Draft, make_query, read_draft, read_name, read_visibility
from onrecord.web.links import absolute
from onrecord.web.problems import on_error_page
from onrecord.web.queries_graph import follow_saved
from onrecord.web.saving_forms import change_page, draft_of_address, new_page
from onrecord.web.shared_queries import SharedQuery, shared_queries, shelf_to_write
from onrecord.web.site import site

blueprint = Blueprint("saving", __name__)


@blueprint.get("/queries/new")
@allows("write")
def ask_new() -> str:
    """The form for a new query: empty, or with the text of `?query=` or of the query `?from=`."""
    shelf_to_write()
    return new_page(draft_of_address())


@blueprint.post("/queries")
@allows("write")
def create() -> BaseResponse:
    """Keep a new query."""
    draft = read_draft()
    on_error_page(lambda problem: new_page(draft, problem))
    source = draft.text_of("from")
    return _create(draft, shared_queries().find(*_split(source)) if source else None)


@blueprint.post("/queries/<name>/fork")
@allows("write")
def fork(name: str) -> BaseResponse:
    """Keep a new query that begins as the text of another one, of the folder or the team."""
    draft = read_draft()
    on_error_page(lambda problem: new_page(draft, problem))
    return _create(draft, shared_queries().find(*_split(name)))


@blueprint.get("/queries/<name>/edit")
@allows("write")
def ask_change(name: str) -> str:
    """The form to change, rename, fork or archive a query of the team."""
    return change_page(_changeable(name))


@blueprint.post("/queries/<name>/edit")
@allows("write")
def change_by_form(name: str) -> BaseResponse:
    """Keep a new version of a query, as the form sends it."""
    draft = read_draft()
    shared = _changeable(name)
    on_error_page(lambda problem: change_page(shared, draft, problem))
    return _change(shared, draft, draft.text_of("if_match") == shared.tag)


@blueprint.put("/queries/<name>")
@allows("write")
def change(name: str) -> BaseResponse:
    """Keep a new version of a query; `If-Match` names the one that it was made from."""
    draft = read_draft()
    shared = _changeable(name)
    if "text" not in draft.given:
        raise ParameterError("There is no text. PUT replaces the whole query; PATCH changes what it tells.")
    return _change(shared, draft, _matches(shared))


@blueprint.patch("/queries/<name>")
@allows("write")
def describe(name: str) -> BaseResponse:
    """Change title, description, tags, parameters or visibility."""
    draft = read_draft()
    shared = _changeable(name)
    if "text" in draft.given:
        raise ParameterError("PATCH changes what is told about a query. Send its text by PUT.")
    return _change(shared, draft, _matches(shared))


@blueprint.post("/queries/<name>/rename")
@allows("write")
def rename(name: str) -> BaseResponse:
    """Give a query of the team another name; the old one leads to it for ever."""
    draft = read_draft()
    _require_record(name)
    new_name = read_name(draft.text_of("name"))
    _refuse_folder_name(new_name)
    record = shelf_to_write().rename(name, new_name, current_identity())
    follow_saved(site(), current_identity().name)
    return _told(_of_record(record), draft)


@blueprint.post("/queries/<name>/archive")
@allows("write")
def archive(name: str) -> BaseResponse:
    """Take a query out of the catalogue; its versions go on to answer."""
    return _set_archived(name, is_archived=True)


@blueprint.post("/queries/<name>/restore")
@allows("write")
def restore(name: str) -> BaseResponse:
    """Put an archived query back."""
    return _set_archived(name, is_archived=False)


@blueprint.delete("/queries/<name>")
@allows("write")
def refuse_deletion(name: str) -> BaseResponse:
    """Nothing that was cited is taken away."""
    raise MethodError(f"A saved query is never deleted. Archive it: POST /queries/{name}/archive.")


def _create(draft: Draft, source: SharedQuery | None) -> BaseResponse:
    shelf, identity = shelf_to_write(), current_identity()
    name = read_name(draft.text_of("name"))
    _refuse_folder_name(name)
    visibility = read_visibility(draft.text_of("visibility"), "team")
    kept = source.query.text if source is not None else ""
    query = make_query(site(), name, draft, identity.name, visibility, kept)
    origin = f"{source.query.name}@{source.number}" if source is not None else ""
    record = shelf.create(query, identity, visibility, draft.text_of("message"), origin)
    follow_saved(site(), identity.name)
    return _told(_of_record(record), draft, 201)


def _change(shared: SharedQuery, draft: Draft, is_current: bool) -> BaseResponse:
    if not is_current:
        raise PreconditionError(
            f'"{shared.query.name}" was changed meanwhile; its newest version is {shared.number}. '
            "Compare, put your change into that one, and save again."
        )
    shelf, identity, record = shelf_to_write(), current_identity(), shared.record
    assert record is not None, "only a query of the team can be changed"
    name = shared.query.name
    if draft.text_of("name") not in ("", name):
        raise ParameterError(f"The name is no part of the text. Rename it: POST /queries/{name}/rename.")
    visibility = read_visibility(draft.text_of("visibility"), record.visibility)
    query = make_query(site(), name, draft, record.author, visibility, shared.query.text)
    record = shelf.add_version(query, identity, record.revision, draft.text_of("message"))
    record = shelf.set_visibility(name, identity, visibility)
    follow_saved(site(), identity.name)
    return _told(_of_record(record), draft)


def _set_archived(name: str, *, is_archived: bool) -> BaseResponse:
    draft = read_draft()
    _require_record(name)
    record = shelf_to_write().set_archived(name, current_identity(), is_archived, draft.text_of("message"))
    follow_saved(site(), current_identity().name)
    if draft.is_form:
        return redirect(url_for("history.show", name=name), 303)
    return _told(_of_record(record), draft)


def _changeable(name: str) -> SharedQuery:
    """The team's query of that name. Raises ConflictError for one of the folder, and as `find` does."""
    shelf_to_write()
    shared = shared_queries().find(name)
    if shared.origin == "folder":
        raise ConflictError(
            f'"{name}" belongs to the folder: change its file queries/{name}.rq, '
            f"or save a copy under another name: POST /queries/{name}/fork."
        )
    return shared


def _require_record(name: str) -> None:
    """Raises as `_changeable` does, but not for a query that is archived or that the folder hides."""
    shelf_to_write()
    if shared_queries().team_record(name) is None:
        _changeable(name)


def _refuse_folder_name(name: str) -> None:
    if shared_queries().is_folder_name(name):
        raise ConflictError(f'The folder has a query "{name}" already. Choose another name.')


def _matches(shared: SharedQuery) -> bool:
    """Whether `If-Match` names the present state (RFC 9110, section 13.1.1).

    Raises PreconditionNeededError.
    """
    if "If-Match" not in request.headers:
        raise PreconditionNeededError(
            f'Send If-Match: "{shared.tag}" if your change was made to the present version, {shared.number}. '
            f"The ETag of /queries/{shared.query.name}.rq tells it."
        )
    return shared.tag in request.if_match  # `*` matches whatever there is


def _split(address: str) -> tuple[str, str]:
    name, _, which = address.partition("@")
    return name, which


def _of_record(record: QueryRecord) -> SharedQuery:
    """What was just kept, whatever name the folder hides it under."""
    return shared_queries().share(record)


def _told(shared: SharedQuery, draft: Draft, status: int = 200) -> BaseResponse:
    """The page for a form, and for programs what is kept, with its entity tag."""
    name = shared.query.name
    address = url_for("queries.show", address=name)
    if draft.is_form:
        return redirect(address, 303)
    public_url = site().settings.public_url
    document = {
        "name": name,
        "version": shared.number,
        "hash": shared.query.version,
        "address": absolute(address, public_url),
        "permanent": absolute(url_for("queries.show", address=f"{name}@{shared.number}"), public_url),
        "title": shared.query.title,
        "description": shared.query.header.description,
        "tags": list(shared.query.header.tags),
        "author": shared.author,
        "visibility": shared.visibility,
        "archived": shared.record is not None and shared.record.is_archived,
        "forkedFrom": (shared.record.forked_from if shared.record is not None else "") or None,
    }
    body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    response = Response(body, status, content_type="application/json; charset=utf-8")
    response.headers["ETag"] = f'"{shared.tag}"'
    if status == 201:
        response.headers["Location"] = address
    return response
