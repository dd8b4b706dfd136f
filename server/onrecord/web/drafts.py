"""What a sender wants to be saved: read from JSON, a form or the text itself, and made into a query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from werkzeug.http import parse_options_header

from onrecord.admission import admit
from onrecord.engine import QueryRequest
from onrecord.errors import MediaTypeError, ParameterError, RequestError, SavedQueryError, UnsoundQueryError
from onrecord.formats import JSON, NTRIPLES
from onrecord.saved import SavedQuery, check, parse
from onrecord.saved.query import NAME
from onrecord.saved.team import VISIBILITIES, Visibility, compose
from onrecord.web.audit import note_text
from onrecord.web.choosing import check_shared_choices
from onrecord.web.protocol import FORM, QUERY, parse_form, read_body
from onrecord.web.site import Site

LONGEST_TEXT = 200_000
"""Bytes of one text with its header."""
_LONGEST_MESSAGE = 500
_LONGEST_BODY = 4 * LONGEST_TEXT
_JSON = "application/json"
_NOWHERE = "urn:x-onrecord:nowhere"
_RESERVED = frozenset({"new"})

TEXTS = ("name", "title", "description", "text", "visibility", "message", "from", "if_match")
KEYS = (*TEXTS, "tags", "parameters")


@dataclass(frozen=True)
class Draft:
    """What was sent: `given` has a text for each of TEXTS that was there; tags and parameters are None else.

    `from` is `name` or `name@version` of the query that it was made from.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    parameters: Mapping[str, object] | None = None
    is_form: bool = False

    def text_of(self, key: str) -> str:
        return self.given.get(key, "")


def read_draft() -> Draft:
    """What the current request carries. Raises RequestError and its kinds."""
    media_type, _ = parse_options_header(request.headers.get("Content-Type", ""))
    body = read_body(request.environ, _LONGEST_BODY)
    note_text(body)
    if media_type == FORM:
        return _of_form(body)
    if media_type == QUERY:
        return _checked(Draft({"text": _decode(body)} | _of_address()))
    if media_type == _JSON:
        return _checked(_of_json(body))
    if not body:
        return Draft()
    raise MediaTypeError(f"Content-Type {media_type or '(none)'} is not read here. Send {_JSON} or {QUERY}.")


def read_name(text: str) -> str:
    """A name that a new query may have. Raises ParameterError."""
    if NAME.fullmatch(text) is None or text in _RESERVED:
        reason = "is taken by a page of this server" if text in _RESERVED else "cannot name a query"
        raise ParameterError(
            f'"{text[:60]}" {reason}. Choose a name of small letters, digits and hyphens, '
            "as who-said-what is; at most 100 of them."
        )
    return text


def read_visibility(text: str, default: Visibility) -> Visibility:
    """Who is shown a query. Raises ParameterError."""
    for known in VISIBILITIES:
        if text == known:
            return known
    if not text:
        return default
    raise ParameterError(f'Visibility "{text[:60]}" is not known; known: {", ".join(VISIBILITIES)}.')


def make_query(
    site: Site, name: str, draft: Draft, author: str, visibility: Visibility, kept_text: str = ""
) -> SavedQuery:
    """The query that `draft` describes, sound and understood by the engine.

    `visibility` is who will be shown it. `kept_text` is the text that fields
    are changed in where the draft has no text. Raises SavedQueryError, UnsoundQueryError with every finding,
    QuerySyntaxError, and what the engine raises.
    """
    path = f"queries/{name}.rq"
    text = draft.given.get("text", kept_text)
    if not text.strip():
        raise SavedQueryError(f"{path}: there is no text. Write a query.")
    keys = {"title": "summary", "description": "description"}
    fields: dict[str, str | tuple[str, ...] | Mapping[str, object]] = {
        key: draft.given[field] for field, key in keys.items() if field in draft.given
    }
    if draft.tags is not None:
        fields["tags"] = draft.tags
    if draft.is_form:
        # An empty field of a form leaves what the header in the text's own field has.
        fields = {key: value for key, value in fields.items() if value}
    if draft.parameters is not None:
        fields["parameters"] = draft.parameters
    composed = compose(path, text, fields | {"author": author})
    if len(composed.encode()) > LONGEST_TEXT:
        raise SavedQueryError(f"{path}: the text is too long; the limit is {LONGEST_TEXT:,} bytes.")
    query = parse(name, path, composed)
    findings = (*check(query), *check_shared_choices(query, visibility))
    if findings:
        raise UnsoundQueryError(" ".join(str(finding) for finding in findings))
    _try(site, query)
    return query


def _try(site: Site, query: SavedQuery) -> None:
    """Have the engine read the text, over no data, so that it costs next to nothing."""
    admitted = admit(query.text, site.settings.query_bytes, federates=True)
    if admitted.operation.services:
        return  # no engine sees SERVICE, and other endpoints are asked by those who run the query
    asked = QueryRequest(
        admitted.text,
        admitted.kind,
        JSON if admitted.kind != "graph" else NTRIPLES,
        site.base_iri(_NOWHERE),
        default_graphs=(_NOWHERE,),
        named_graphs=(_NOWHERE,),
    )
    answer = site.engine.query(asked)
    try:
        for _ in answer:
            pass
    finally:
        answer.close()


def _of_form(body: bytes) -> Draft:
    given: dict[str, str] = {}
    for key, value in parse_form(body, "form"):
        if key not in ("_csrf", *KEYS):
            raise ParameterError(f'Field "{key[:60]}" is not known; known: {", ".join(KEYS)}.')
        given[key] = value
    tags = given.pop("tags", None)
    given.pop("_csrf", None)
    given.pop("parameters", None)
    return _checked(Draft(given, None if tags is None else _split_tags(tags), is_form=True))


def _of_json(body: bytes) -> Draft:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError("The body is not JSON.") from None
    if not isinstance(document, dict):
        raise RequestError("The body must be a JSON object with name and text.")
    for key, value in document.items():
        if key not in KEYS or key == "if_match":
            known = ", ".join(k for k in KEYS if k != "if_match")
            raise ParameterError(f'"{key[:60]}" is not known; known: {known}.')
        if key in TEXTS and not isinstance(value, str):
            raise ParameterError(f'"{key}" must be a string.')
    tags, parameters = document.get("tags"), document.get("parameters")
    if isinstance(tags, str):
        tags = list(_split_tags(tags))
    if tags is not None and not (isinstance(tags, list) and all(isinstance(t, str) for t in tags)):
        raise ParameterError('"tags" must be a list of strings.')
    if parameters is not None and not isinstance(parameters, dict):
        raise ParameterError('"parameters" must be an object: a name, then what is told of it.')
    given = {key: str(document[key]) for key in TEXTS if key in document}
    return Draft(given, None if tags is None else tuple(tags), parameters)


def _of_address() -> dict[str, str]:
    """The fields that stand in the address where the body is the text itself."""
    pairs = parse_form(request.query_string, "address")
    for key, _ in pairs:
        if key not in ("name", "visibility", "message"):
            raise ParameterError(f'Parameter "{key[:60]}" is not known; known: name, visibility, message.')
    return dict(pairs)


def _checked(draft: Draft) -> Draft:
    if len(draft.text_of("message")) > _LONGEST_MESSAGE:
        raise ParameterError(f"The message is longer than {_LONGEST_MESSAGE} characters.")
    for key, value in draft.given.items():
        allowed = "\n\r\t" if key in ("text", "description") else ""
        if any(ord(c) < 32 and c not in allowed for c in value):
            raise ParameterError(f'"{key}" has a control character in it. Remove it.')
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ParameterError(f'"{key}" has half a character in it (a lone surrogate).') from None
    return draft


def _split_tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError("The body is not UTF-8. Send it as UTF-8.") from None
