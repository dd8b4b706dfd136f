"""The service in OpenAPI 3.1: the endpoint and every saved query with its parameters. Knows no Flask."""

from __future__ import annotations

from collections.abc import Iterable

from onrecord import __version__
from onrecord.formats import KIND_OF_FORM, AnswerKind, Format, documents_of, formats_of
from onrecord.saved import Parameter, SavedQuery

Document = dict[str, object]

_SCHEMAS: dict[str, Document] = {
    "iri": {"type": "string", "format": "iri-reference"},
    "string": {"type": "string"},
    "language-string": {"type": "string", "description": "A text, @ and a language: text@en."},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "enumeration": {"type": "string"},
}
_OPTIONS: tuple[tuple[str, Document, str], ...] = (
    (
        "_labels",
        {"type": "string", "examples": ["en", "ar,en"]},
        "A label beside every IRI: languages, the preferred one first, or 1 for those of the folder.",
    ),
    (
        "_evidence",
        {"type": "string", "enum": ["1", "0"]},
        "Speaker, relay, source and span beside every claim.",
    ),
    (
        "_limit",
        {"type": "integer", "minimum": 1, "maximum": 100_000},
        "Rows a page; the header Link leads to the next.",
    ),
    ("_offset", {"type": "integer", "minimum": 0, "maximum": 100_000}, "Rows before the page."),
)
_GENERATION: tuple[str, Document, str] = (
    "_generation",
    {"type": "string"},
    "The generation of the data to ask, as the header Onrecord-Generation names it.",
)


def describe_api(title: str, description: str, server: str, queries: Iterable[SavedQuery]) -> Document:
    """The OpenAPI document of the service whose public address is `server`."""
    paths: Document = {
        "/sparql": {"get": _sparql("get"), "post": _sparql("post")},
        "/queries.json": {"get": _catalogue()},
    }
    tags = {"SPARQL", "Saved queries"}
    for query in queries:
        paths[f"/queries/{query.name}.{{suffix}}"] = {"get": _saved(query)}
        tags.update(query.header.tags)
    return {
        "openapi": "3.1.1",
        "info": {"title": title, "description": description, "version": __version__},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}, "responses": {"Problem": _PROBLEM_RESPONSE}},
        "tags": [{"name": tag} for tag in sorted(tags)],
    }


def _sparql(method: str) -> Document:
    kinds: tuple[AnswerKind, ...] = ("solutions", "graph")
    formats = [f for kind in kinds for f in formats_of(kind)]
    operation: Document = {
        "operationId": f"sparql_{method}",
        "tags": ["SPARQL"],
        "summary": f"A SPARQL 1.1 query by {method.upper()} (SPARQL 1.1 Protocol).",
        "responses": _responses(formats),
    }
    fields: dict[str, Document] = {
        "query": {"type": "string", "description": "The text of the query."},
        "default-graph-uri": {"type": "array", "items": {"type": "string", "format": "iri"}},
        "named-graph-uri": {"type": "array", "items": {"type": "string", "format": "iri"}},
    }
    if method == "get":
        operation["parameters"] = [
            {"name": name, "in": "query", "required": name == "query", "schema": schema}
            for name, schema in fields.items()
        ]
    else:
        form = {"schema": {"type": "object", "properties": fields}}
        text: Document = {"schema": {"type": "string"}}
        content = {"application/x-www-form-urlencoded": form, "application/sparql-query": text}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _catalogue() -> Document:
    return {
        "operationId": "queries",
        "tags": ["Saved queries"],
        "summary": "All saved queries with their parameters.",
        "parameters": [{"name": "tag", "in": "query", "schema": {"type": "string"}}],
        "responses": {
            "200": {
                "description": "The catalogue.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }


def _saved(query: SavedQuery) -> Document:
    kind = KIND_OF_FORM.get(query.operation.form, "solutions")
    formats = (*formats_of(kind), *documents_of(kind))
    suffix = {
        "name": "suffix",
        "in": "path",
        "required": True,
        "description": "The format of the result.",
        "schema": {"type": "string", "enum": [f.suffix for f in formats]},
    }
    options = (*(_OPTIONS if kind == "solutions" else ()), _GENERATION)
    return {
        "operationId": "query_" + query.name.replace("-", "_"),
        "tags": list(query.header.tags) or ["Saved queries"],
        "summary": query.title,
        "description": query.header.description,
        "parameters": [
            suffix,
            *(_parameter(parameter) for parameter in query.parameters),
            *(
                {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
                for name, schema, text in options
            ),
        ],
        "responses": _responses(formats),
    }


def _parameter(parameter: Parameter) -> Document:
    schema: Document = dict(_SCHEMAS[parameter.type])
    if parameter.values:
        schema["enum"] = list(parameter.values)
    if parameter.class_:
        schema["description"] = f"An instance of {parameter.class_}."
    if parameter.choices is not None:
        told = parameter.choices
        kind = "Any value; known ones are" if told.is_open else "One of"
        schema["description"] = f"{kind} the column {told.value} of /queries/{told.query}.json."
    if parameter.default:
        schema["default"] = parameter.default
    if parameter.is_list:
        schema = {"type": "array", "items": schema}
    found: Document = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required and not parameter.default,
        "description": " ".join(text for text in (parameter.label, parameter.help) if text),
        "schema": schema,
    }
    if parameter.is_list:
        found |= {"style": "form", "explode": True}
    if parameter.example:
        found["example"] = [parameter.example] if parameter.is_list else parameter.example
    return found


def _responses(formats: Iterable[Format]) -> Document:
    content: Document = {}
    for f in formats:
        content.setdefault(f.full_type, {"schema": {"type": "string"} if f.is_text else {}})
    return {
        "200": {
            "description": "The result.",
            "headers": {
                "Onrecord-Generation": {
                    "description": "The generation that it is of.",
                    "schema": {"type": "string"},
                },
                "Onrecord-Unknown": {
                    "description": "Parameters with a value that is in no triple: there are no rows for it.",
                    "schema": {"type": "string"},
                },
            },
            "content": content,
        },
        "default": {"$ref": "#/components/responses/Problem"},
    }


_PROBLEM: Document = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
    },
}
_PROBLEM_RESPONSE: Document = {
    "description": "What was wrong, with the value and the remedy.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
