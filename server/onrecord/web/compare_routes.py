"""/queries/NAME/compare: what two versions of a query answer, row by row."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request

from onrecord.errors import GenerationMovedError, ParameterError
from onrecord.saved import Parameter
from onrecord.saved.team.differences import subtract
from onrecord.solutions import iris_in, read_rows
from onrecord.web.access import allows
from onrecord.web.answers import mark
from onrecord.web.history_routes import OFFERS
from onrecord.web.labels import find_labels
from onrecord.web.links import link_of
from onrecord.web.negotiation import HTML, choose
from onrecord.web.protocol import parse_form
from onrecord.web.results import Table, make_table
from onrecord.web.shared_queries import shared_queries
from onrecord.web.site import Site, site
from onrecord.web.whole_results import WholeResult, read_whole

blueprint = Blueprint("compare", __name__)

_MOST_SHOWN = 1000
_OPTIONS = ("_from", "_to")


@blueprint.get("/queries/<name>/compare")
@allows("query")
def show(name: str) -> Response:
    """The rows that the version `_to` (the newest) answers and `_from` does not, and the other way round."""
    here = site()
    given: dict[str, list[str]] = {}
    options: dict[str, str] = {}
    for key, value in parse_form(request.query_string, "address"):
        if not key.startswith("_"):
            given.setdefault(key, []).append(value)
        elif key not in _OPTIONS:
            raise ParameterError(f'Option "{key[:60]}" is not known here; known: {", ".join(_OPTIONS)}.')
        else:
            options[key] = value
    if not options.get("_from"):
        raise ParameterError('Option "_from" is missing. Give a version, such as _from=2.')
    before = shared_queries().find(name, options["_from"])
    after = shared_queries().find(name, options.get("_to", ""))
    first = read_whole(here, before.query, _known(given, before.query.parameters))
    second = read_whole(here, after.query, _known(given, after.query.parameters))
    if first.generation != second.generation:
        raise GenerationMovedError("The data changed while both were asked. Ask again.")
    for key in given:
        if all(key not in {p.name for p in s.query.parameters} for s in (before, after)):
            raise ParameterError(f'Parameter "{key[:60]}" is not known to either version.')
    removed = subtract(first.lines.lines, first.lines.lines, second.lines.lines)
    added = subtract(second.lines.lines, second.lines.lines, first.lines.lines)
    if choose(request.headers.get("Accept"), OFFERS) is HTML:
        body = render_template(
            "query-compare.html",
            name=name,
            before=before,
            after=after,
            counts=(len(first.lines.lines), len(second.lines.lines)),
            parts=(
                ("Only in version", before, len(removed), removed[:_MOST_SHOWN], _table(here, first, second)),
                ("Only in version", after, len(added), added[:_MOST_SHOWN], _table(here, second, first)),
            ),
            generation=second.generation.told,
            most=_MOST_SHOWN,
        )
        response = Response(body, content_type="text/html; charset=utf-8")
    else:
        document = {
            "name": name,
            "from": before.number,
            "to": after.number,
            "generation": second.generation.told or None,
            "same": not removed and not added,
            "rows": [len(first.lines.lines), len(second.lines.lines)],
            "removed": removed,
            "added": added,
        }
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        response = Response(text, content_type="application/json; charset=utf-8")
    mark(response, second.generation)
    return response


def _known(given: dict[str, list[str]], parameters: tuple[Parameter, ...]) -> dict[str, list[str]]:
    """The values for the parameters that a version has: another may have more."""
    names = {parameter.name for parameter in parameters}
    return {key: values for key, values in given.items() if key in names}


def _table(here: Site, one: WholeResult, other: WholeResult) -> Table | None:
    """The rows of `one` that `other` lacks, as people read them; None where there are no rows."""
    if one.kind != "solutions":
        return None
    variables, rows = read_rows(one.document)
    chosen = subtract(rows, one.lines.lines, other.lines.lines)[:_MOST_SHOWN]
    return make_table(variables, chosen, find_labels(here, iris_in(chosen)), here.space, link_of)
