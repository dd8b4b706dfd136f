"""The language of the page that answers the current request, and how its links keep it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from babel.support import NullTranslations
from flask import Flask, Response, before_render_template, current_app, g, request, url_for
from jinja2 import Template
from markupsafe import Markup

from onrecord.errors import OnrecordError
from onrecord.web.catalogues import ENGLISH, Catalogues, Tongue
from onrecord.web.readers import accepted_languages, kept_language, languages
from onrecord.web.site import site

KEY = "onrecord-catalogues"

ENGLISH_ONLY = frozenset(
    f"{name}.html" for name in ("admin-queries", "api", "audit", "embed", "query-form", "sparql")
)
"""Pages for those who write queries and run the server: they are in English, and say so."""

_KEEPING = frozenset(
    {
        "citing.cite",
        "claims.accusations",
        "claims.alliances",
        "claims.contradictions",
        "claims.index",
        "compare.show",
        "drawn.show_map",
        "drawn.timeline",
        "entities.resolve",
        "generations.index",
        "generations.show",
        "history.diff",
        "history.show",
        "home.index",
        "problems.catalogue",
        "queries.index",
        "queries.show",
        "search.show",
        "vocabulary.show",
    }
)
"""The pages whose address may name a language."""


@dataclass(frozen=True)
class Choice:
    """A language to switch to, and the address of the present page in it."""

    code: str
    name: str
    href: str
    is_present: bool


def install(app: Flask) -> None:
    """Let templates of `app` speak the reader's language."""
    app.extensions[KEY] = Catalogues(Path(app.root_path) / "translations")
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: _messages().gettext(message),
        lambda one, many, number: _messages().ngettext(one, many, number),
        newstyle=True,
    )
    environment.globals.update(
        tongue=page_tongue,
        other_tongues=list_choices,
        in_english=mark_english,
        language_field=write_field,
        url_for=_keep_language,
    )
    before_render_template.connect(_note_template, app)


def page_tongue() -> Tongue:
    """The language of the page: the first that the reader wants and there is a catalogue of, else English."""
    if "tongue" not in g:
        g.tongue = _choose()
    return cast(Tongue, g.tongue)


def tell_language(response: Response) -> None:
    """Say in which language a page is, and that another reader may get another."""
    if "tongue" not in g:
        return
    response.vary.add("Accept-Language")
    # A 304 has no type of its own, whatever Flask takes for the default.
    if response.mimetype == "text/html" and response.status_code != 304:
        response.headers["Content-Language"] = page_tongue().code


def list_choices() -> tuple[Choice, ...]:
    """The languages of this page, for its switch; none where it has one only."""
    if request.method not in ("GET", "HEAD") or g.get("is_english_only"):
        return ()
    if request.endpoint is not None and request.endpoint not in _KEEPING:
        return ()
    told = [pair for pair in request.args.items(multi=True) if pair[0] != "_lang"]
    path = request.root_path + request.path
    present = page_tongue()
    return tuple(
        Choice(one.code, one.name, f"{path}?{urlencode([*told, ('_lang', one.code)])}", one == present)
        for one in _catalogues().tongues
    )


def mark_english() -> Markup:
    """Attributes of an element whose text is English on a page that is not."""
    return Markup() if page_tongue() == ENGLISH else Markup(' lang="en" dir="ltr"')


def write_field() -> Markup:
    """The hidden field by which a form keeps the language that the address names; else nothing."""
    kept = kept_language()
    return Markup('<input type="hidden" name="_lang" value="{}">').format(kept["_lang"]) if kept else Markup()


def _keep_language(endpoint: str, **values: object) -> str:
    """`url_for` of templates: links between pages keep the language that the address names."""
    address = str(values.get("address", ""))
    is_page = "." not in address or address.endswith(".html")
    if endpoint in _KEEPING and is_page and values.get("suffix", "html") == "html":
        values = {**kept_language(), **values}
    return url_for(endpoint, **values)  # type: ignore[arg-type]


def _choose() -> Tongue:
    known = _catalogues()
    try:
        wanted = languages(site())
    except OnrecordError:  # the address names no language, and the page that says so is in one
        wanted = accepted_languages()
    return next((found for code in wanted if (found := known.find(code))), ENGLISH)


def _note_template(_: Flask, template: Template, **__: object) -> None:
    g.is_english_only = template.name in ENGLISH_ONLY
    if g.is_english_only:
        g.tongue = ENGLISH


def _messages() -> NullTranslations:
    return _catalogues().messages(page_tongue())


def _catalogues() -> Catalogues:
    return cast(Catalogues, current_app.extensions[KEY])
