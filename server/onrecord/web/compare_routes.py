"""/queries/NAME/compare: what a query answers in two versions, or on two generations, row by row."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request

from onrecord.engine import KeptGeneration
from onrecord.errors import GenerationMovedError, NotFoundError, ParameterError
from onrecord.saved import Parameter
from onrecord.saved.team.differences import subtract
from onrecord.solutions import Row, iris_in, read_rows
from onrecord.web.access import allows
from onrecord.web.answers import mark
from onrecord.web.asked_generation import find_generation, open_generation
from onrecord.web.history_routes import OFFERS
from onrecord.web.labels import find_labels
from onrecord.web.links import link_of
from onrecord.web.negotiation import HTML, Offer, choose
from onrecord.web.options import address_query
from onrecord.web.protocol import parse_form
from onrecord.web.results import Table, make_table
from onrecord.web.services import ask_newest
from onrecord.web.shared_queries import SharedQuery, shared_queries
from onrecord.web.site import Site, site
from onrecord.web.whole_results import WholeResult, read_whole

blueprint = Blueprint("compare", __name__)

_MOST_SHOWN = 1000
_OPTIONS = ("_from", "_to", "_from_generation", "_to_generation", "_lang")
_CSV = Offer("csv", ("text/csv",))


@dataclass(frozen=True)
class _Side:
    """One of the two results; `kept` is the generation that was asked by name."""

    shared: SharedQuery
    kept: KeptGeneration | None
    result: WholeResult

    @property
    def version(self) -> str:
        """What people call the text: its number, or its hash where no history is kept."""
        return str(self.shared.number or self.shared.query.version)

    @property
    def generation(self) -> int:
        """The number of the generation that was asked by name; 0 for the newest."""
        return self.kept.generation.number if self.kept is not None else 0


@blueprint.get("/queries/<name>/compare", defaults={"suffix": ""})
@blueprint.get("/queries/<name>/compare.<suffix>")
@allows("query")
def show(name: str, suffix: str) -> Response:
    """The rows that `_to` (the newest) answers and `_from` does not, and the other way round.

    `_from` and `_to` are versions of the text, `_from_generation` and `_to_generation` of the data.
    """
    here = site()
    offers = (*OFFERS, _CSV)
    named = next((offer for offer in offers if offer.name == suffix), None)
    if suffix and named is None:
        raise NotFoundError(
            f'There is no comparison ".{suffix}"; known: {", ".join(o.name for o in offers)}.'
        )
    given, options = _read_address()
    before, after = _read_sides(here, name, given, options)
    removed = subtract(before.result.lines.lines, before.result.lines.lines, after.result.lines.lines)
    added = subtract(after.result.lines.lines, after.result.lines.lines, before.result.lines.lines)
    offer = named or choose(request.headers.get("Accept"), offers)
    if offer is HTML:
        body = _write_page(here, name, before, after, removed, added)
    elif offer is _CSV:
        body = _write_csv(before.result, after.result)
    else:
        body = _write_json(name, before, after, removed, added)
    ask_newest()
    response = Response(body, content_type=f"{offer.media_types[0]}; charset=utf-8")
    mark(response, after.result.generation)
    return response


def _read_address() -> tuple[dict[str, list[str]], dict[str, str]]:
    given: dict[str, list[str]] = {}
    options: dict[str, str] = {}
    for key, value in parse_form(request.query_string, "address"):
        if not key.startswith("_"):
            given.setdefault(key, []).append(value)
        elif key not in _OPTIONS:
            raise ParameterError(f'Option "{key[:60]}" is not known here; known: {", ".join(_OPTIONS)}.')
        else:
            options[key] = value
    if not options.get("_from") and not options.get("_from_generation"):
        raise ParameterError(
            'Option "_from" is missing. Give a version, such as _from=2, or a generation of the data, such '
            "as _from_generation=17."
        )
    return given, options


def _read_sides(
    here: Site, name: str, given: dict[str, list[str]], options: dict[str, str]
) -> tuple[_Side, _Side]:
    newest = options.get("_to", "")
    after = shared_queries().find(name, newest)
    before = shared_queries().find(name, options.get("_from", "") or newest)
    for key in given:
        if all(key not in {p.name for p in s.query.parameters} for s in (before, after)):
            raise ParameterError(f'Parameter "{key[:60]}" is not known to either version.')
    wanted = options.get("_from_generation", ""), options.get("_to_generation", "")
    if not any(wanted):
        first, second = _read(here, before, given, None), _read(here, after, given, None)
        if first.result.generation != second.result.generation:
            raise GenerationMovedError("The data changed while both were asked. Ask again.")
        return first, second
    # Both have a name of their own then, so that nothing moves meanwhile.
    kept = [find_generation(here, value or here.newest().label) for value in wanted]
    return _read(here, before, given, kept[0]), _read(here, after, given, kept[1])


def _read(here: Site, shared: SharedQuery, given: dict[str, list[str]], kept: KeptGeneration | None) -> _Side:
    if kept is not None:
        open_generation(here, kept)
    result = read_whole(here, shared.query, _known(given, shared.query.parameters))
    return _Side(shared, kept, result)


def _known(given: dict[str, list[str]], parameters: tuple[Parameter, ...]) -> dict[str, list[str]]:
    """The values for the parameters that a version has: another may have more."""
    names = {parameter.name for parameter in parameters}
    return {key: values for key, values in given.items() if key in names}


def _write_page(
    here: Site, name: str, before: _Side, after: _Side, removed: tuple[str, ...], added: tuple[str, ...]
) -> str:
    parts = [
        (side, len(lines), lines[:_MOST_SHOWN], _table(here, side, other.result))
        for side, other, lines in ((before, after, removed), (after, before, added))
    ]
    # The page itself is of no generation.
    ask_newest()
    return render_template(
        "query-compare.html",
        name=name,
        sides=(before, after),
        counts=(len(before.result.lines.lines), len(after.result.lines.lines)),
        parts=parts,
        generation=after.result.generation.told if before.kept is None else "",
        most=_MOST_SHOWN,
        asked=address_query([pair for pair in request.args.items(multi=True) if pair[0] != "_lang"]),
    )


def _write_json(
    name: str, before: _Side, after: _Side, removed: tuple[str, ...], added: tuple[str, ...]
) -> str:
    document = {
        "name": name,
        "from": before.shared.number,
        "to": after.shared.number,
        "fromGeneration": before.result.generation.told or None,
        "toGeneration": after.result.generation.told or None,
        "same": not removed and not added,
        "rows": [len(before.result.lines.lines), len(after.result.lines.lines)],
        "removed": removed,
        "added": added,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _write_csv(before: WholeResult, after: WholeResult) -> str:
    """A line for each row that one of them lacks: `change` and the values, as SPARQL CSV writes them."""
    written = io.StringIO()
    writer = csv.writer(written)
    both = (("removed", before, after), ("added", after, before))
    if before.kind == after.kind == "solutions":
        columns = list(dict.fromkeys(name for one in (before, after) for name in read_rows(one.document)[0]))
        writer.writerow(["change", *columns])
        for change, one, other in both:
            for row in _rows_without(one, other)[1]:
                values = [row[name].value if name in row else "" for name in columns]
                writer.writerow([change, *values])
    else:
        writer.writerow(["change", "line"])
        for change, one, other in both:
            lines = subtract(one.lines.lines, one.lines.lines, other.lines.lines)
            writer.writerows([change, line] for line in lines)
    return written.getvalue()


def _rows_without(one: WholeResult, other: WholeResult) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The variables of `one`, and its rows that `other` lacks."""
    variables, rows = read_rows(one.document)
    return variables, subtract(rows, one.lines.lines, other.lines.lines)


def _table(here: Site, side: _Side, other: WholeResult) -> Table | None:
    """The rows that the other side lacks, as people read them; None where there are no rows.

    Their labels are of the generation that they are of.
    """
    if side.result.kind != "solutions":
        return None
    if side.kept is not None:
        open_generation(here, side.kept)
    variables, rows = _rows_without(side.result, other)
    chosen = rows[:_MOST_SHOWN]
    return make_table(variables, chosen, find_labels(here, iris_in(chosen)), here.space, link_of)
