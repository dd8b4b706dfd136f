"""Which generation a request asks: the newest, that of `_generation`, or that of a time (RFC 7089).

A resource that depends on the data is its own TimeGate: `Accept-Datetime`
chooses the generation that was the newest then, and the answer is a memento
whose address has `_generation`. Its TimeMap is `/generations?of=ADDRESS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request, url_for

from onrecord.engine import KeptGeneration
from onrecord.errors import NotFoundError, ParameterError, RequestError, UnsupportedError
from onrecord.web.links import absolute
from onrecord.web.protocol import parse_form
from onrecord.web.services import ask_generation, asked_generation
from onrecord.web.site import Site, site

OPTION = "_generation"

_LONGEST_LINKED = 800
"""Characters of an address that is told in links."""
_LABEL = re.compile(r"(?:(?P<store>[0-9a-f]{8})-)?(?P<number>[0-9]{1,60})")


def choose_generation(here: Site, values: Sequence[str]) -> None:
    """Have the current request ask the generation that the option `_generation` names in `values`.

    Without any value the header Accept-Datetime decides, and without that the
    newest one answers. Raises ParameterError, NotFoundError, GenerationGoneError
    and UnsupportedError.
    """
    g.has_time_gate = here.newest().is_immutable
    given = [value.strip() for value in values if value.strip()]
    if len(given) > 1:
        raise ParameterError(f'Option "{OPTION}" is given twice. Give it once.')
    if given:
        open_generation(here, find_generation(here, given[0]))
    elif (moment := request.headers.get("Accept-Datetime")) and g.has_time_gate:
        kept = choose_by_time(here.engine.history().list(), _read_moment(moment))
        if kept is not None:
            g.is_negotiated = True
            open_generation(here, kept)


def find_generation(here: Site, value: str) -> KeptGeneration:
    """The kept generation that `value`, a number or a label, names."""
    newest = here.newest()
    if not newest.is_immutable:
        raise UnsupportedError(
            f'Generation "{value[:60]}" cannot be asked: the data lies on a server elsewhere, which keeps '
            f"none. Leave {OPTION} out to ask it as it is now."
        )
    found = _LABEL.fullmatch(value)
    if found is None:
        raise ParameterError(
            f'Option "{OPTION}" has the value "{value[:60]}". Give the number of a generation, or its label '
            f"such as {newest.label}."
        )
    history = here.engine.history()
    if not found["store"] or newest.label.startswith(f"{found['store']}-"):
        return history.find(int(found["number"]))
    # A pin that came with a backup bears the label of the store that it was made in.
    for kept in history.list():
        if kept.generation.label == value:
            return kept
    raise NotFoundError(
        f'Generation "{value}" is of another store; the newest one here is {newest.label}. '
        "Numbers of one store mean nothing in another."
    )


def open_generation(here: Site, kept: KeptGeneration) -> None:
    """Have the current request ask `kept` from now on; one that was laid to rest is opened first."""
    if kept.pin is not None:
        here.engine.history().open(kept.generation.number)
    ask_generation(kept)


def choose_by_time(kept: Sequence[KeptGeneration], moment: datetime) -> KeptGeneration | None:
    """The one of `kept` (newest first) that was the newest at `moment`; the oldest where all are later."""
    return next((k for k in kept if published_at(k) <= moment), kept[-1] if kept else None)


def published_at(kept: KeptGeneration) -> datetime:
    """When a generation was published, in whole seconds, as HTTP tells times."""
    return datetime.fromisoformat(kept.published).replace(microsecond=0)


def http_date(moment: datetime) -> str:
    """A time as HTTP writes it (RFC 9110, section 5.6.7).

    >>> http_date(datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))
    'Sun, 01 Mar 2026 12:00:05 GMT'
    """
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def memento_address(address: str, label: str) -> str:
    """`address` (path and query) as of the generation `label`; as of now for an empty one.

    >>> memento_address("/sparql?query=ASK%20%7B%7D&_generation=3", "0011aabb-7")
    '/sparql?query=ASK+%7B%7D&_generation=0011aabb-7'
    """
    path, _, query = address.partition("?")
    pairs = [pair for pair in parse_form(query.encode("latin-1", "replace"), "address") if pair[0] != OPTION]
    pairs += [(OPTION, label)] if label else []
    return f"{path}?{urlencode(pairs)}" if pairs else path


def current_address() -> str:
    """Path and query of the current request as they were sent, with the prefix behind a proxy."""
    query = request.query_string.decode("latin-1")
    path = quote(request.root_path.rstrip("/") + request.path, safe="/:@!$&'()*+,;=~-._")
    return path + (f"?{query}" if query else "")


def install(app: Flask) -> None:
    """Have answers and pages of `app` that depend on a generation say so (RFC 7089)."""
    app.after_request(_tell)
    app.context_processor(_for_pages)


def _for_pages() -> dict[str, object]:
    """A generation that is not the newest is told on every page that shows it."""
    asked = asked_generation()
    if asked is None or asked.generation == site().newest():
        return {}
    newest = memento_address(current_address(), "")
    return {"as_of": asked, "as_of_newest": newest}


def _read_moment(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise RequestError(
            f'Accept-Datetime "{text[:60]}" is no time as HTTP writes it, such as '
            f"{http_date(datetime.now(UTC))}."
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _tell(response: Response) -> Response:
    if not g.get("has_time_gate") or response.status_code >= 400:
        return response
    response.vary.add("Accept-Datetime")
    kept = asked_generation()
    if kept is not None:
        response.headers["Memento-Datetime"] = http_date(published_at(kept))
    if request.method not in ("GET", "HEAD"):
        return response
    public_url = site().settings.public_url

    links: list[str] = []

    def add(address: str, rest: str) -> None:
        links.append(f"<{absolute(address, public_url)}>; {rest}")

    original = memento_address(current_address(), "")
    is_query = kept is None and request.endpoint == "sparql.answer"
    if is_query or len(original) > _LONGEST_LINKED:
        # Headers have an end: some proxies take 4 KB in all.
        return response
    add(original, 'rel="original timegate"')
    timemap = url_for("generations.index", suffix="link", of=original)
    add(timemap, 'rel="timemap"; type="application/link-format"')
    if kept is not None:
        memento = memento_address(original, kept.generation.label)
        add(memento, f'rel="memento"; datetime="{http_date(published_at(kept))}"')
        if g.get("is_negotiated"):
            response.headers["Content-Location"] = absolute(memento, public_url)
    response.headers.add("Link", ", ".join(links))
    return response
