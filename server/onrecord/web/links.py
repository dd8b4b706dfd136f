"""Addresses: the path prefix behind a proxy, absolute links, and where an IRI leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import request, url_for

from onrecord.errors import RequestError
from onrecord.web.readers import kept_language
from onrecord.web.site import site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


class PrefixMiddleware:
    """Serves below the path of the public address, whether or not a proxy strips it."""

    def __init__(self, app: WSGIApplication, public_url: str) -> None:
        self._app = app
        self._prefix = path_prefix(public_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == self._prefix or path.startswith(self._prefix + "/"):
            environ["PATH_INFO"] = path[len(self._prefix) :] or "/"
        environ["SCRIPT_NAME"] = self._prefix
        return self._app(environ, start_response)


class ChunkedInputMiddleware:
    """Lets a body without a stated length be read where the gateway ends it (ASGI does)."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "asgi.scope" in environ and not environ.get("CONTENT_LENGTH"):
            environ["wsgi.input_terminated"] = True
        return self._app(environ, start_response)


def path_prefix(public_url: str) -> str:
    """The path of the public address, without a slash at its end.

    >>> path_prefix("https://example.org/graph/"), path_prefix("")
    ('/graph', '')
    """
    return urlsplit(public_url).path.rstrip("/")


def is_absolute_iri(text: str) -> bool:
    """Whether `text` can stand between `<` and `>` in SPARQL as an absolute IRI.

    >>> is_absolute_iri("https://example.org/a"), is_absolute_iri("a> } #")
    (True, False)
    """
    return _ABSOLUTE_IRI.fullmatch(text) is not None


def absolute(path: str, public_url: str) -> str:
    """`path` (with its prefix) below the public address; unchanged when none is set.

    >>> absolute("/g/sparql", "https://example.org/g")
    'https://example.org/g/sparql'
    """
    if not public_url:
        return path
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def endpoint_url(public_url: str) -> str:
    """The true address of the SPARQL endpoint, as its service description tells it.

    Without a public address it is made from the Host header; raises
    RequestError when that is no host.
    """
    path = url_for("sparql.answer")
    if public_url:
        return absolute(path, public_url)
    # The header itself: werkzeug empties a name with an underscore, which container networks use.
    host = request.headers.get("Host", request.host)
    if HOST.fullmatch(host) is None:
        raise RequestError(f'Host "{host}" is not a host name or address with a port or without.')
    return f"{request.scheme}://{host}{path}"


def page_link(iri: str) -> str:
    """`link_of`, on pages: the page it leads to is in the language that the present address names."""
    return link_of(iri, kept_language())


def link_of(iri: str, language: Mapping[str, str] | None = None) -> str:
    """Where this server tells people about `iri`: a page of its own for the folder's IRIs and the vocabulary.

    An IRI names a thing, and answers with 303; links lead to the page at once.
    `language` is what the address says of the language of the page.
    """
    path = site().space.to_path(iri)
    options: dict[str, Any] = dict(language or {})
    if path is None:
        return url_for("sparql.answer", query=f"DESCRIBE <{iri}>")
    if path.startswith("/ns"):
        name = path.partition("#")[2]
        return url_for("vocabulary.show", **options) + (f"#{name}" if name else "")
    return url_for("entities.resolve", address=path.removeprefix("/") + ".html", **options)
