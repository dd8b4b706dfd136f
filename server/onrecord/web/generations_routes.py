"""/generations: who changed what and when, for people and machines, and the TimeMaps (RFC 7089)."""

from __future__ import annotations

import json

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from onrecord.engine import KeptGeneration
from onrecord.errors import NotFoundError, ParameterError
from onrecord.formats import by_suffix, formats_of
from onrecord.web.access import allows, current_identity, may
from onrecord.web.answers import mark
from onrecord.web.asked_generation import find_generation, http_date, memento_address, published_at
from onrecord.web.description import write_graph
from onrecord.web.generation_descriptions import PREFIXES, as_document, describe_generation
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.negotiation import HTML, Offer, choose, offer_of, offers_of
from onrecord.web.site import Site, site

blueprint = Blueprint("generations", __name__)

_JSON = Offer("json", ("application/json",))
_LINKS = Offer("link", ("application/link-format",))
_MOST_SHOWN = 200


@blueprint.get("/generations", defaults={"suffix": ""})
@blueprint.get("/generations.<suffix>")
@allows("read")
def index(suffix: str) -> Response:
    """All generations that are kept, the newest first; as a TimeMap of the address `of`."""
    here = site()
    kept = here.engine.history().list()
    offer = _choose(suffix, (_JSON, _LINKS))
    if offer is _LINKS:
        return _write_time_map(here, kept)
    if offer is HTML:
        body: str | bytes = render_template("generations.html", kept=kept[:_MOST_SHOWN], total=len(kept))
    elif offer.format is not None:
        triples = [t for k in kept for t in describe_generation(k, _address(here, k))]
        body = write_graph(triples, offer.format, PREFIXES)
    else:
        document = {"generations": [as_document(k, _address(here, k)) for k in kept]}
        body = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return _respond(here, body, offer)


@blueprint.get("/generations/<number>", defaults={"suffix": ""})
@blueprint.get("/generations/<number>.<suffix>")
@allows("read")
def show(number: str, suffix: str) -> Response:
    """One generation, by its number or label. Raises NotFoundError and GenerationGoneError."""
    here = site()
    kept = find_generation(here, number)
    offer = _choose(suffix, (_JSON,))
    if offer is HTML:
        body: str | bytes = render_template(
            "generation.html",
            kept=kept,
            newest=here.newest(),
            may_write=may(current_identity(), "write"),
        )
    elif offer.format is not None:
        body = write_graph(list(describe_generation(kept, _address(here, kept))), offer.format, PREFIXES)
    else:
        body = json.dumps(as_document(kept, _address(here, kept)), ensure_ascii=False, indent=2) + "\n"
    response = _respond(here, body, offer)
    response.headers["Memento-Datetime"] = http_date(published_at(kept))
    return response


@blueprint.route("/generations/<number>/pin", methods=["POST", "DELETE"])
@allows("write")
def pin(number: str) -> ResponseReturnValue:
    """Keep a generation for good, or (DELETE) no longer."""
    if request.method == "DELETE":
        return _release(number)
    here = site()
    found = find_generation(here, number)
    by = current_identity().name
    kept = here.engine.history().pin(found.generation.number, by, here.settings.most_pins)
    if _is_browser():
        return redirect(url_for("generations.show", number=kept.generation.number), 303)
    body = json.dumps(as_document(kept, _address(here, kept)), ensure_ascii=False, indent=2) + "\n"
    response = _respond(here, body, _JSON)
    response.status_code = 200 if found.pin is not None else 201
    return response


@blueprint.post("/generations/<number>/release")
@allows("write")
def release(number: str) -> ResponseReturnValue:
    """The same as DELETE of its pin, for a form."""
    return _release(number)


def _release(number: str) -> ResponseReturnValue:
    here = site()
    kept = find_generation(here, number)
    here.engine.history().release(kept.generation.number)
    if _is_browser():
        return redirect(url_for("generations.index"), 303)
    response = Response(status=204)
    mark(response, here.newest())
    return response


def _is_browser() -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _choose(suffix: str, own: tuple[Offer, ...]) -> Offer:
    offers = (*own, *offers_of("graph"))
    if not suffix:
        return choose(request.headers.get("Accept"), offers)
    format = by_suffix(suffix)
    named = next((offer for offer in (*own, HTML) if offer.name == suffix), None)
    if named is not None:
        return named
    if format is None or "graph" not in format.kinds:
        known = ", ".join((*(o.name for o in own), "html", *(f.suffix for f in formats_of("graph"))))
        raise NotFoundError(f'There is no form ".{suffix}" of this; known: {known}.')
    return offer_of(format)


def _respond(here: Site, body: str | bytes, offer: Offer) -> Response:
    content_type = offer.format.content_type if offer.format else f"{offer.media_types[0]}; charset=utf-8"
    response = Response(body, content_type=content_type)
    mark(response, here.newest())
    return response


def _address(here: Site, kept: KeptGeneration) -> str:
    path = url_for("generations.show", number=kept.generation.number)
    return absolute(path, endpoint_url(here.settings.public_url))


def _write_time_map(here: Site, kept: tuple[KeptGeneration, ...]) -> Response:
    """The mementos of one address, the oldest first (RFC 7089, section 5)."""
    origin = endpoint_url(here.settings.public_url)
    of = request.args.get("of", "")
    if of and (not of.startswith("/") or of.startswith("//") or any(c in of for c in '<>"\\ \r\n')):
        raise ParameterError(
            f'Parameter "of" has the value "{of[:60]}". Give an address of this server: /path.'
        )
    own = absolute(url_for("generations.index", suffix="link", of=of or None), origin)
    original = absolute(of or url_for("generations.index"), origin)
    links = [
        f'<{original}>; rel="original{" timegate" if of else ""}"',
        f'<{own}>; rel="self"; type="application/link-format"',
    ]
    for place, one in enumerate(ordered := tuple(reversed(kept))):
        rel = ("first " if place == 0 else "") + ("last " if place == len(ordered) - 1 else "") + "memento"
        path = memento_address(of, one.generation.label) if of else ""
        address = absolute(path, origin) if of else _address(here, one)
        links.append(f'<{address}>; rel="{rel}"; datetime="{http_date(published_at(one))}"')
    return _respond(here, ",\n".join(links) + "\n", _LINKS)
