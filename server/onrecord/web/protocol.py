"""Reading a request of the SPARQL 1.1 Protocol (section 2). Knows no Flask.

Nothing is guessed: a text is refused rather than given another meaning than
its sender's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_content_length, get_input_stream

from onrecord.errors import MediaTypeError, MethodError, RequestError, TooLargeError
from onrecord.web.coding import decode
from onrecord.web.links import is_absolute_iri
from onrecord.web.negotiation import FORMAT_PARAMETERS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_FORM_OVERHEAD = 65_536
_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ProtocolRequest:
    """What a request to the endpoint asks: a query, an update, or (both None) the service itself.

    The dataset is None where the request names none, which is not the same as
    an empty one (SPARQL 1.1 Protocol 2.1.4).
    """

    query: str | None = None
    update: str | None = None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    using_graphs: tuple[str, ...] | None = None
    using_named_graphs: tuple[str, ...] | None = None
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    federation: tuple[str, ...] = ()
    generation: tuple[str, ...] = ()
    """Values of the option `_generation`."""


def read_request(environ: WSGIEnvironment, longest: int) -> ProtocolRequest:
    """The request in a WSGI environment; a text is at most `longest` bytes long.

    Raises RequestError and its kinds: 400, 405, 413, 415.
    """
    method = environ["REQUEST_METHOD"]
    parameters = list(parse_form(environ.get("QUERY_STRING", "").encode("latin-1"), "address"))
    if method in ("GET", "HEAD"):
        if any(name == "update" for name, _ in parameters):
            raise MethodError("An update changes data, so it travels by POST, never by GET.")
        return _assemble(parameters, longest)
    if method != "POST":
        raise MethodError(f"{method} is not part of the SPARQL Protocol; use GET or POST.")
    media_type = _read_media_type(environ)
    if media_type == FORM:
        body = read_body(environ, 3 * longest + _FORM_OVERHEAD)
        return _assemble([*parameters, *parse_form(body, "form")], longest)
    text = _decode(read_body(environ, longest), "body").removeprefix("\ufeff")
    if any(name in ("query", "update") for name, _ in parameters):
        raise RequestError("The body is the text itself, so the address carries no query or update as well.")
    name = "query" if media_type == QUERY else "update"
    return _assemble([*parameters, (name, text)], longest)


def read_body(environ: WSGIEnvironment, longest: int) -> bytes:
    """The request's body, unpacked where its Content-Encoding says so.

    Raises TooLargeError without reading or unpacking more than `longest`
    bytes, RequestError for a body that breaks off, and MediaTypeError for a
    content coding that is not read here.
    """
    refusal = TooLargeError(f"The body is longer than {longest} bytes, the most that is read here.")
    if (get_content_length(environ) or 0) > longest:
        raise refusal
    stream = get_input_stream(environ, safe_fallback=True)
    pieces = []
    left = longest + 1
    try:
        while left > 0 and (piece := stream.read(min(left, 65_536))):
            pieces.append(piece)
            left -= len(piece)
    except (ConnectionError, ClientDisconnected):
        raise RequestError("The request body broke off or is malformed.") from None
    if left <= 0:
        raise refusal
    return decode(environ.get("HTTP_CONTENT_ENCODING", ""), b"".join(pieces), longest)


def parse_form(data: bytes, where: str) -> Parameters:
    """The pairs of a query string or form, keys repeated as they come.

    Stricter than browsers: raises RequestError for a malformed percent escape
    and for bytes that are not UTF-8. `where` names the source in messages.

    >>> parse_form(b"query=ASK+%7B%7D&query=", "address")
    [('query', 'ASK {}'), ('query', '')]
    """
    pairs = []
    for part in data.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_unescape(name, where), _unescape(value, where)))
    return pairs


def _unescape(data: bytes, where: str) -> str:
    if (found := _NO_ESCAPE.search(data)) is not None:
        excerpt = data[found.start() : found.start() + 3].replace(b"+", b" ").decode("ascii", "replace")
        raise RequestError(
            f'"{excerpt}" in the {where} is no percent escape. Write a percent sign itself as %25.'
        )
    return _decode(unquote_to_bytes(data.replace(b"+", b" ")), where)


def _decode(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} is 0x{data[error.start]:02X}"
        raise RequestError(f"The {where} is not UTF-8: {place}. Send it as UTF-8.") from None


def _read_media_type(environ: WSGIEnvironment) -> str:
    header = environ.get("CONTENT_TYPE", "")
    media_type, options = parse_options_header(header)
    if media_type.lower() not in (FORM, QUERY, UPDATE):
        said = f'Content-Type "{header}" is not read here' if header else "The body has no Content-Type"
        raise MediaTypeError(f"{said}. Send {FORM} or {QUERY}.")
    charset = options.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise MediaTypeError(f'Charset "{charset}" is not read here. SPARQL travels as UTF-8.')
    return media_type.lower()


def _assemble(parameters: Parameters, longest: int) -> ProtocolRequest:
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        values.setdefault(name, []).append(value)
    for name in ("query", "update"):
        if len(values.get(name, ())) > 1:
            raise RequestError(f'There are {len(values[name])} parameters "{name}"; send exactly one.')
        if any(len(text.encode()) > longest for text in values.get(name, ())):
            raise TooLargeError(f"The {name} is longer than {longest} bytes, the most that is read here.")
    if "query" in values and "update" in values:
        raise RequestError("There are both a query and an update; send one of them.")
    return ProtocolRequest(
        values.get("query", [None])[0],
        values.get("update", [None])[0],
        _graphs(values, "default-graph-uri"),
        _graphs(values, "named-graph-uri"),
        _graphs(values, "using-graph-uri"),
        _graphs(values, "using-named-graph-uri"),
        {name: tuple(values[name]) for name in FORMAT_PARAMETERS if name in values},
        tuple(values.get("federation", ())),
        tuple(values.get("_generation", ())),
    )


def _graphs(values: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...] | None:
    # Some clients always send the parameter, left empty: that names no graph.
    found = tuple(dict.fromkeys(iri for iri in values.get(name, ()) if iri))
    for iri in found:
        if not is_absolute_iri(iri):
            raise RequestError(f'{name} "{iri}" is not an absolute IRI.')
    return found or None
