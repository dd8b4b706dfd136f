"""The pages with forms on which queries are saved and changed."""

from __future__ import annotations

from flask import render_template, request

from onrecord.errors import OnrecordError
from onrecord.saved.team import VISIBILITIES, split
from onrecord.web.drafts import Draft
from onrecord.web.problems import Problem
from onrecord.web.shared_queries import SharedQuery, shared_queries

_EXAMPLE = """#+ parameters:
#+   speaker: {type: iri, label: Speaker, class: rec:Agent}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?speaker ?claim WHERE {
  VALUES ?speaker { UNDEF }
  ?statement rec:speaker ?speaker ;
    rec:makes ?claim .
}
ORDER BY ?speaker ?claim
"""


def draft_of_address() -> Draft:
    """The draft that a link to the form asks for. Raises as `find` does."""
    source = request.args.get("from", "")
    if not source:
        return Draft({"text": request.args.get("query", "")})
    name, _, which = source.partition("@")
    shared = shared_queries().find(name, which)
    return Draft(_fields(shared) | {"from": f"{name}@{shared.number}"}, shared.query.header.tags)


def new_page(draft: Draft, problem: Problem | None = None) -> str:
    """The form for a new query, with what `draft` holds."""
    return render_template(
        "query-form.html",
        shared=None,
        given=draft.given,
        tags=", ".join(draft.tags or ()),
        visibilities=VISIBILITIES,
        visibility=draft.text_of("visibility") or "team",
        example=_EXAMPLE,
        problem=problem,
    )


def change_page(shared: SharedQuery, draft: Draft | None = None, problem: Problem | None = None) -> str:
    """The form of a query of the team, with what `draft` holds in place of what is kept."""
    given = dict(draft.given) if draft is not None else _fields(shared)
    tags = draft.tags if draft is not None else shared.query.header.tags
    return render_template(
        "query-form.html",
        shared=shared,
        given=given,
        tags=", ".join(tags or ()),
        visibilities=VISIBILITIES,
        visibility=given.get("visibility") or shared.visibility,
        # What was typed was made from the version that the form was opened with, not from a later one.
        tag=given.get("if_match", shared.tag),
        example=_EXAMPLE,
        problem=problem,
    )


def _fields(shared: SharedQuery) -> dict[str, str]:
    query = shared.query
    try:
        text = split(query.path, query.text)
    except OnrecordError:
        text = query.text  # a header with several keys in one line is shown whole
    return {"title": query.title, "description": query.header.description, "text": text}
