"""Documents put together from a few queries: tagged, 304 when fresh, built anew when the data moved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence

from flask import Response, render_template, request

from onrecord import __version__
from onrecord.engine import Generation
from onrecord.errors import GenerationMovedError
from onrecord.labels import find_labels
from onrecord.solutions import Reader
from onrecord.terms import REC
from onrecord.web.access import page_scope
from onrecord.web.answers import is_fresh, mark, not_modified
from onrecord.web.labels import reader
from onrecord.web.links import is_absolute_iri, page_link
from onrecord.web.names import Names
from onrecord.web.readers import languages
from onrecord.web.site import Site

_TRIES = 3
PAGE = "text/html; charset=utf-8"


def respond_document(
    site: Site,
    content_type: str,
    languages: Sequence[str],
    build: Callable[[Reader], str | bytes],
    also_from: str = "",
) -> Response:
    """What `build` makes for the current address; 304 without any query when the client has it.

    `languages` are those on which it depends; `also_from` names what else it was made from, beside the
    generation. Raises what `build` raises.
    """
    current = site.engine.generation()
    tag = _tag(site, current, content_type, languages, also_from)
    if is_fresh(tag, current):
        return _vary(not_modified(tag, current), languages)
    for left in reversed(range(_TRIES)):
        asking = reader(site)
        try:
            body = build(asking)
        except GenerationMovedError:
            if not left:
                raise
        else:
            break
    generation = asking.generation or site.engine.generation()
    response = Response(body, content_type=content_type)
    response.headers["ETag"] = _tag(site, generation, content_type, languages, also_from)
    mark(response, generation)
    return _vary(response, languages)


def respond_page(
    here: Site, page: int, build: Callable[[Reader, Callable[..., str]], str], also_from: str = ""
) -> Response:
    """The page that `build` makes with a reader and `render(template, iris, **values)`.

    `render` names `iris` in the reader's languages and gives the template
    what every such page needs.
    """
    tongues = languages(here)

    def make(asking: Reader) -> str:
        def render(template: str, iris: Iterable[str], **values: object) -> str:
            labels = find_labels(asking, filter(is_absolute_iri, iris), tongues)
            names = Names(here.space, labels, tongues, page_link)
            return render_template(
                template, names=names, page=page, rec=REC, inferred=here.space.inferred_graph, **values
            )

        return build(asking, render)

    return respond_document(here, PAGE, tongues, make, also_from)


def _vary(response: Response, languages: Sequence[str]) -> Response:
    if languages:
        response.vary.add("Accept-Language")
    return response


def _tag(
    site: Site, generation: Generation, content_type: str, languages: Sequence[str], also_from: str
) -> str:
    settings = site.settings
    parts = [
        generation.uuid,
        generation.number,
        request.path,
        request.query_string.decode("latin-1"),
        content_type,
        also_from,
        *languages,
        settings.default_graph,
        settings.empty,
        settings.public_url,
        str(settings.source),
        *((site.look, page_scope()) if content_type == PAGE else ()),
        __version__,
    ]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
    return f'{"W/" if content_type == PAGE else ""}"{generation.label}.{digest}"'
