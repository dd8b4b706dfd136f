"""Answers that other endpoints had a part in: who may ask them, and how an answer tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, has_request_context, request, url_for

from onrecord.engine import (
    Answer,
    Engine,
    EngineStatus,
    Federating,
    Generation,
    History,
    KeptGeneration,
    OnLeave,
    QueryRequest,
    QueryUnderWay,
    Write,
    WriteReceipt,
    read_document,
)
from onrecord.errors import NotFoundError, RequestError
from onrecord.federation.clause import Clause
from onrecord.federation.report import ReportStore, ServiceUse, summarize, write_report
from onrecord.formats import JSON
from onrecord.solutions import read_rows
from onrecord.sparql import Operation
from onrecord.web.access import allows, current_identity, require
from onrecord.web.links import absolute

blueprint = Blueprint("services", __name__)

_REPORTS = "onrecord.federation-reports"
INCOMPLETE = "Not complete: not every other endpoint answered, and the query goes on without it (SILENT)."
HAS_PROVENANCE = "http://www.w3.org/ns/prov#has_provenance"
"""The link relation of PROV-AQ, section 3.1."""


class ServedEngine:
    """The engine of the web: knows which generation the current request asks, and remembers what other
    endpoints had a part in its answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def generation(self) -> Generation:
        """The generation that the current request asks, outside of one the newest."""
        asked = asked_generation()
        return asked.generation if asked is not None else self._engine.generation()

    def history(self) -> History:
        return self._engine.history()

    def status(self) -> EngineStatus:
        """Of the generation that the current request asks; classes are told of the newest alone."""
        asked, status = asked_generation(), self._engine.status()
        if asked is None or asked.generation == status.generation:
            return status
        graphs = asked.graphs if asked.graphs is not None else self._count_graphs()
        return replace(
            status,
            generation=asked.generation,
            published=asked.published,
            triples=sum(graphs.values()),
            graphs=graphs,
            classes={},
            properties={},
            links={},
            counted=asked.generation.number,
        )

    def _count_graphs(self) -> dict[str, int]:
        text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        request = QueryRequest(text, "solutions", JSON)
        rows = read_rows(read_document(self.query(request)))[1]
        return {row["g"].value: int(row["n"].value) for row in rows if "g" in row}

    def queries(self) -> tuple[QueryUnderWay, ...]:
        return self._engine.queries()

    def end_query(self, number: int) -> None:
        self._engine.end_query(number)

    def write(self, request: Write) -> WriteReceipt:
        return self._engine.write(request)

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> Answer:
        asked = asked_generation()
        if asked is not None and request.generation is None:
            request = replace(request, generation=asked.generation.number)
        answer = self._engine.query(request, on_leave)
        if answer.head.services:
            g.services = answer.head.services
        return answer


def ask_generation(kept: KeptGeneration) -> None:
    """Have every query of the current request ask the generation `kept` from now on."""
    g.asked_generation = kept


def ask_newest() -> None:
    """Have the current request ask the newest generation from now on."""
    g.asked_generation = None


def asked_generation() -> KeptGeneration | None:
    """The generation that the current request asks by its name or time; None for the newest."""
    return cast("KeptGeneration | None", g.get("asked_generation")) if has_request_context() else None


def federating(operation: Operation, mode: Sequence[str]) -> Federating | None:
    """How other endpoints may be asked for `operation`; None when it has no SERVICE.

    `mode` holds the values of the parameter `federation`. Raises RequestError
    for one that is not known, and what `require` raises for a sender who may not.
    """
    for value in mode:
        if value not in ("", "offline", "freeze"):
            raise RequestError(
                f'federation has the value "{value[:60]}"; known: offline (answer from what was kept) and '
                "freeze (keep what endpoints give with a pinned generation)."
            )
    freezes = "freeze" in mode
    if freezes and request.method != "POST":
        raise RequestError("federation=freeze keeps something, so it travels by POST to /sparql.")
    if not operation.services:
        return None
    require("federate")
    if freezes:
        require("write")
    identity = current_identity()
    return Federating(identity.token_id or request.remote_addr or "", "offline" in mode, freezes)


def register(app: Flask, reports: ReportStore | None) -> None:
    """Have every response of `app` tell what other endpoints had a part in; keep reports in `reports`."""
    app.extensions[_REPORTS] = reports
    app.register_blueprint(blueprint)
    app.jinja_env.globals["services_used"] = _services_used
    app.after_request(_tell)


@blueprint.get("/federation/reports/<name>")
@allows("read")
def show(name: str) -> Response:
    """The provenance of one federated answer, as JSON."""
    reports = cast("ReportStore | None", current_app.extensions[_REPORTS])
    report = reports.read(name) if reports is not None else None
    if report is None:
        raise NotFoundError(f'There is no report "{name[:60]}"; only the newest are kept.')
    return Response(report, content_type="application/json")


def _services_used() -> tuple[ServiceUse, ...]:
    return summarize(clauses_of_request())


def told_of_services() -> dict[str, str]:
    """What a document tells of the other endpoints that had a part in it; nothing where none had."""
    clauses = clauses_of_request()
    if not clauses:
        return {}
    told = ". ".join(use.sentence for use in summarize(clauses))
    spoiled = "" if all(clause.is_complete for clause in clauses) else f"{INCOMPLETE} "
    return {"other endpoints": f"{spoiled}{told}."}


def clauses_of_request() -> tuple[Clause, ...]:
    """What other endpoints had a part in, of the answer to the current request."""
    return cast("tuple[Clause, ...]", g.get("services", ()))


def _tell(response: Response) -> Response:
    clauses = clauses_of_request()
    if not clauses or response.status_code >= 400:
        return response
    is_complete = all(clause.is_complete for clause in clauses)
    response.headers["Onrecord-Federation"] = "complete" if is_complete else "incomplete"
    # What other endpoints say changes without our knowing: a copy is good after asking here again, where
    # their answers have a lifetime and the tag holds a digest of them. An incomplete one is never good.
    response.headers["Cache-Control"] = "no-cache" if is_complete else "no-store"
    reports = cast("ReportStore | None", current_app.extensions[_REPORTS])
    if reports is not None:
        path = url_for("services.show", name=reports.keep(write_report(clauses)))
        address = absolute(path, current_app.config["PUBLIC_URL"])
        response.headers.add("Link", f'<{address}>; rel="{HAS_PROVENANCE}"; type="application/json"')
    return response
