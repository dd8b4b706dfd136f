"""Reading RDF from a request's body: bounded, by media type, spooled to disk when it is long."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ClientDisconnected
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_content_length, get_input_stream

from onrecord.engine import GraphPart
from onrecord.errors import MediaTypeError, RequestError, TooLargeError
from onrecord.formats import JSONLD, NTRIPLES, RDFXML, TURTLE, Format
from onrecord.web.visit import keep_piece

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

READ = (TURTLE, NTRIPLES, RDFXML, JSONLD)
"""The syntaxes of one graph; those of datasets have no place in a graph store's body."""
MULTIPART = "multipart/form-data"
_IN_MEMORY = 1 << 20
_MOST_PARTS = 1000
_PIECE = 1 << 16


def read_parts(environ: WSGIEnvironment, longest: int) -> tuple[GraphPart, ...]:
    """The RDF in a request's body, one part for each file of a multipart body.

    Raises TooLargeError without reading more than `longest` bytes,
    MediaTypeError, RequestError for a body that breaks off, and DiskFullError.
    """
    coding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in ("", "identity"):
        raise MediaTypeError(f'Content-Encoding "{coding}" is not read here. Send the body as it is.')
    header = environ.get("CONTENT_TYPE", "")
    media_type, options = parse_options_header(header)
    if media_type.lower() == MULTIPART:
        body, size = read_spooled(environ, longest)
        return _split(body, size, options.get("boundary", ""))
    format = format_of(header)
    body, size = read_spooled(environ, longest)
    return (GraphPart(body, format, size),)


def format_of(content_type: str) -> Format:
    """The syntax that a Content-Type header names. Raises MediaTypeError, which lists those that are read.

    >>> format_of("text/turtle; charset=UTF-8").name
    'turtle'
    """
    media_type, options = parse_options_header(content_type)
    found = next((f for f in READ if media_type.lower() in (f.media_type, f"application/x-{f.name}")), None)
    if found is None:
        said = (
            f'Content-Type "{content_type}" is not read here' if content_type else "There is no Content-Type"
        )
        known = ", ".join(f.media_type for f in READ)
        raise MediaTypeError(f"{said}; known: {known}, {MULTIPART}.")
    charset = options.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8") and found is not RDFXML:
        raise MediaTypeError(f'Charset "{charset}" is not read here. Send the data as UTF-8.')
    return found


def read_spooled(environ: WSGIEnvironment, longest: int) -> tuple[IO[bytes], int]:
    """The request's body as a file that stands at its start, and its size in bytes."""
    refusal = TooLargeError(
        f"The body is longer than {longest} bytes, the most that is read here. Send it in parts, "
        "or raise --upload-bytes on a server of your own."
    )
    if (get_content_length(environ) or 0) > longest:
        raise refusal
    stream = get_input_stream(environ, safe_fallback=True)
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, it is closed with its request
    size = 0
    try:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > longest:
                raise refusal
            keep_piece(file, piece)
    except (ConnectionError, ClientDisconnected):
        raise RequestError("The request body broke off or is malformed.") from None
    file.seek(0)
    return file, size


def _split(body: IO[bytes], size: int, boundary: str) -> tuple[GraphPart, ...]:
    """The files of a multipart body (RFC 7578), each with its own Content-Type."""
    if not boundary:
        raise RequestError(f"The Content-Type {MULTIPART} names no boundary.")
    parser = MultiPartParser(max_form_parts=_MOST_PARTS)
    try:
        form, files = parser.parse(body, boundary.encode(), size)
    except ValueError as error:
        raise RequestError(f"The multipart body cannot be read: {error}.") from None
    if form:
        raise RequestError(
            f'The part "{next(iter(form))}" is no file. Give each part a filename and a Content-Type of RDF.'
        )
    parts = [_part(file) for file in files.values()]
    if not parts:
        raise RequestError("The multipart body holds no file.")
    return tuple(parts)


def _part(file: FileStorage) -> GraphPart:
    format = format_of(file.content_type or "")
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return GraphPart(file.stream, format, size)
