"""One request for a saved query, read from its address: which query, with what, and as what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import render_template, request, url_for

from onrecord.errors import NotFoundError, ParameterError
from onrecord.formats import KIND_OF_FORM, AnswerKind, Format, by_suffix, documents_of, formats_of
from onrecord.saved import Parameter, SavedQuery
from onrecord.search.index import LONGEST_QUERY
from onrecord.web.asked_generation import choose_generation
from onrecord.web.forms import FIND
from onrecord.web.negotiation import HTML, Offer, choose, offer_of, offers_of
from onrecord.web.options import NO_OPTIONS, ResultOptions, address_query, read_options
from onrecord.web.problems import Problem, on_error_page
from onrecord.web.protocol import parse_form
from onrecord.web.readers import kept_language
from onrecord.web.shared_queries import SharedQuery, shared_queries
from onrecord.web.site import Site

TEXT_SUFFIX = "rq"

_ADDRESS = re.compile(
    r"(?P<name>[a-z0-9-]+)(?:@(?P<version>[^.@]+))?(?:\.(?P<suffix>[a-z0-9]+(?:\.[a-z0-9]+)?))?"
)

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AskedQuery:
    """A saved query with what its address gives."""

    shared: SharedQuery
    given: Values
    suffix: str
    options: ResultOptions = NO_OPTIONS
    pinned: str = ""
    """The version that the address names; empty for the newest."""
    finds: Mapping[str, str] = field(default_factory=dict)
    """Names that somebody looks for, by the parameter that one of them may be a value of."""

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

    @property
    def lacks(self) -> bool:
        """Whether a required parameter is missing."""
        return any(
            p.required and not p.default and not any(self.given.get(p.name, ()))
            for p in self.query.parameters
        )

    def address(self, suffix: str = "", **changed: int | str) -> str:
        """The path of the same query with the same parameters and options (some `changed`), as `suffix`."""
        path = url_for("queries.show", address=self.place + (f".{suffix}" if suffix else ""))
        return path + address_query(self.pairs, [*self.options.pairs(**changed), *_kept(suffix)])

    def choosing(self, parameter: Parameter, value: str) -> str:
        """The path of the page with `value` for `parameter`, and all else as it is."""
        kept = self.given.get(parameter.name, ()) if parameter.is_list else ()
        chosen = [(parameter.name, text) for text in dict.fromkeys([*kept, value]) if text]
        others = [pair for pair in self.pairs if pair[0] != parameter.name]
        path = url_for("queries.show", address=self.place)
        return path + address_query([*others, *chosen], [*self.options.pairs(offset=0), *_kept()])


def read_asked_query(here: Site, address: str) -> AskedQuery:
    """What the current request asks of the saved query at `address`.

    Raises NotFoundError, GoneError, ParameterError, and as `SharedQueries.find` does.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise NotFoundError(f'There is no saved query "{address}". Names are made of a to z, 0 to 9 and "-".')
    on_error_page(lambda problem: _gone_page(found["name"], problem))
    shared = shared_queries().find(found["name"], found["version"] or "")
    given: dict[str, list[str]] = {}
    told: list[tuple[str, str]] = []
    finds: dict[str, str] = {}
    for name, value in parse_form(request.query_string, "address"):
        if name.startswith(FIND):
            finds[_searched(shared, name)] = value.strip()[:LONGEST_QUERY]
        elif name == "_lang":  # of the page alone: it changes no result
            continue
        elif name.startswith("_"):
            told.append((name, value))
        else:
            given.setdefault(name, []).append(value)
    options = read_options(told)
    choose_generation(here, [options.generation])
    return AskedQuery(
        shared,
        given,
        found["suffix"] or "",
        options,
        found["version"] or "",
        {name: text for name, text in finds.items() if text},
    )


def _kept(suffix: str = "") -> list[tuple[str, str]]:
    """What a further page has to be told so that it comes in the language of this one."""
    return list(kept_language().items()) if suffix in ("", "html") else []


def written_formats(kind: AnswerKind) -> tuple[Format, ...]:
    """Every format that a result of `kind` can be written in."""
    return (*formats_of(kind), *documents_of(kind))


def choose_offer(asked: AskedQuery) -> Offer:
    """What the current request wants: by suffix, else by Accept. Raises NotFoundError, NotAcceptableError."""
    if not asked.suffix or asked.suffix == TEXT_SUFFIX:
        offers = (*offers_of(asked.kind), *(offer_of(f) for f in documents_of(asked.kind)))
        return choose(request.headers.get("Accept") if not asked.suffix else None, offers)
    if asked.suffix == "html":
        return HTML
    format = by_suffix(asked.suffix)
    if format is None or asked.kind not in format.kinds:
        known = ", ".join(["html", TEXT_SUFFIX, *(f.suffix for f in written_formats(asked.kind))])
        raise NotFoundError(f'{asked.query.name} has no form ".{asked.suffix}"; known: {known}.')
    return offer_of(format)


def _searched(shared: SharedQuery, name: str) -> str:
    """The parameter that a search is for. Raises ParameterError."""
    wanted = name.removeprefix(FIND)
    known = [p.name for p in shared.query.parameters if p.type == "iri" or p.choices is not None]
    if wanted not in known:
        told = f"known: {', '.join(FIND + n for n in known)}" if known else "there is nothing to search for"
        raise ParameterError(f'Option "{name[:60]}" is not known here; {told}.')
    return wanted


def _gone_page(name: str, problem: Problem) -> str:
    history = url_for("history.show", name=name) if problem.status == 410 else ""
    return render_template("problem.html", problem=problem, history=history)
