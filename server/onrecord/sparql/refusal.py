"""Refusing what would make the engine talk to another server."""

from __future__ import annotations

from onrecord.errors import QuerySyntaxError, ServiceRefusedError
from onrecord.sparql.operation import Operation


def refuse_remote(operation: Operation) -> None:
    """Return nothing when `operation` stays on this server.

    Raises ServiceRefusedError for the first SERVICE or LOAD, and
    QuerySyntaxError where a `<` can be read in two ways, because what follows
    it could hide one.

    >>> from onrecord.sparql.operation import describe
    >>> refuse_remote(describe("ASK { ?s ?p ?o }"))
    """
    if operation.unclear is not None:
        raise QuerySyntaxError(
            "This < may mean less-than or start an IRI. Write a space after it, "
            "or give the prefix before the bracket another name.",
            operation.unclear,
        )
    for service in operation.services:
        raise ServiceRefusedError(
            f"{_named('SERVICE', service.endpoint)} at line {service.position.line}, column "
            f"{service.position.column} asks another server; this one asks no other. "
            "Ask each server by itself and join the answers."
        )
    for load in operation.loads:
        raise ServiceRefusedError(
            f"{_named('LOAD', load.source)} at line {load.position.line}, column {load.position.column} "
            "fetches from another server; this one fetches nothing. Send the data itself."
        )


def _named(keyword: str, target: str) -> str:
    if not target:
        return keyword
    return f"{keyword} {target}" if target.startswith(("?", "$")) else f"{keyword} <{target}>"
