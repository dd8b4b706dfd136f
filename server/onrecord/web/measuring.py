"""/health and /metrics: whether the server is ready, and what it has done. No texts, no clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from flask import Blueprint, Flask, Response, current_app

from onrecord.engine import EngineStatus, EngineWork, QueryRequest, read_document
from onrecord.errors import OnrecordError
from onrecord.federation.client import Federation
from onrecord.formats import JSON
from onrecord.supervision.counters import BUCKETS, Counters, Totals, add_up
from onrecord.web.access import allows, current_identity, may
from onrecord.web.exposition import CONTENT_TYPE, Kind, write_histogram, write_metric
from onrecord.web.site import site

blueprint = Blueprint("measuring", __name__)

HEALTH_SECONDS = 3.0
"""A worker that has not answered by then is none to rely on."""
_KEY = "onrecord.counters"


def install(app: Flask, federation: Federation, counters: Counters | None) -> None:
    """Let `app` tell what `counters` count; requests to other endpoints are counted there from now on."""
    app.register_blueprint(blueprint)
    app.extensions[_KEY] = counters
    if counters is not None:
        federation.transport = replace(
            federation.transport, on_request=lambda: counters.count("federation_requests")
        )


@blueprint.get("/health")
@allows("public")
def health() -> Response:
    """Readiness: a worker really answers; 503 when none does. Who may not read learns no more than that."""
    try:
        _ask_worker()
        status = site().engine.status()
    except OnrecordError as error:
        told: dict[str, object] = {"status": "unavailable"}
        response = _json(told | ({"code": error.code, "detail": error.detail} if _may_read() else {}))
        response.status_code = 503
        response.headers["Retry-After"] = str(error.retry_after or 5)
        return response
    return _json({"status": "ok"} | (_describe(status) if _may_read() else {}))


def _may_read() -> bool:
    return may(current_identity(), "read")


def _ask_worker() -> None:
    """Have a worker answer a query that needs no data. Raises what prevents it, in time."""
    request = QueryRequest("ASK {}", "boolean", JSON, seconds=HEALTH_SECONDS)
    read_document(site().engine.query(request, _leave_in_time))


def _leave_in_time(leave: Callable[[], None]) -> Callable[[], None]:
    timer = threading.Timer(HEALTH_SECONDS, leave)
    timer.daemon = True
    timer.start()
    return timer.cancel


def _describe(status: EngineStatus) -> dict[str, object]:
    told: dict[str, object] = {
        "generation": status.generation.told or None,
        "published": status.published,
        "triples": status.triples,
        "graphs": len(status.graphs),
        "workers": status.workers,
        "busy": status.busy,
        "waiting": status.waiting,
        "uptime": round(status.uptime, 1),
        "warnings": list(status.warnings),
    }
    if status.counted is not None:
        # What is counted in the background is of an earlier generation for a moment after a write.
        told["derived"] = {
            "generation": status.counted,
            "lags": status.counted != status.generation.number,
            # Of which generation a search finds the names; null until the first index is whole.
            "names": status.named,
        }
    return told


@blueprint.get("/metrics")
@allows("read")
def metrics() -> Response:
    """The numbers of all processes of this server, for Prometheus."""
    counters: Counters | None = current_app.extensions[_KEY]
    lines: list[str] = []
    try:
        status = site().engine.status()
    except OnrecordError:
        lines += write_metric("onrecord_up", "gauge", "Whether the engine answers.", [({}, 0)])
    else:
        lines += write_metric("onrecord_up", "gauge", "Whether the engine answers.", [({}, 1)])
        lines += _engine_metrics(status)
    if counters is not None:
        lines += _request_metrics(add_up(counters.runtime))
    response = Response("\n".join(lines) + "\n", content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _engine_metrics(status: EngineStatus) -> list[str]:
    gauge = partial(_one, kind="gauge")
    lines = [
        *gauge("generation", "Number of the generation that is served.", status.generation.number),
        *gauge("triples", "Triples in it, as they were counted last.", status.triples),
        *gauge("workers", "Query workers.", status.workers),
        *gauge("workers_busy", "Query workers that run a query.", status.busy),
        *gauge("uptime_seconds", "Seconds since the server was started.", status.uptime),
    ]
    try:
        published = datetime.fromisoformat(status.published).timestamp()
        lines += gauge("published_timestamp_seconds", "When the generation was published.", published)
    except ValueError:
        pass  # an engine that keeps no generations tells no time
    if status.counted is not None:
        lag = status.generation.number - status.counted
        lines += gauge("derived_lag_generations", "Generations that derived things lag behind.", lag)
    return lines + (_work_metrics(status.work) if status.work is not None else [])


def _work_metrics(work: EngineWork) -> list[str]:
    writes = dict(work.writes)
    waiting = writes.pop("waiting", 0)
    return [
        *_many("queries_running", "gauge", "Queries that run.", "lane", work.running),
        *_many("queries_waiting", "gauge", "Queries that wait for a worker.", "lane", work.waiting),
        *_one("queries_started_total", "Queries given to a worker, again in each lane.", work.started),
        *_one("queries_refused_total", "Queries told to come back later.", work.refused),
        *_many("workers_ended_total", "counter", "Workers that ended, by reason.", "reason", work.ended),
        *_many("writes_total", "counter", "Writes, by outcome.", "outcome", writes),
        *_one("writes_waiting", "Writes under way.", waiting, kind="gauge"),
        *_one(
            "fronts_replaced_total",
            "Times that the web server ended and started again.",
            work.fronts_replaced,
        ),
    ]


def _request_metrics(totals: Totals) -> list[str]:
    # The request that asks is one of them.
    requests = (
        ({"route": route, "status": str(status) if status else "none"}, float(number))
        for (route, status), number in totals.requests.items()
    )
    durations = (({"route": route}, counts, total) for route, (counts, total) in totals.durations.items())
    return [
        *_one("requests_under_way", "Requests being answered.", totals.under_way, kind="gauge"),
        *write_metric("onrecord_requests_total", "counter", "Requests, by class and status.", requests),
        *write_histogram("onrecord_request_seconds", "Seconds until the last byte.", BUCKETS, durations),
        *_one("cache_hits_total", "Answers from memory, in front of Flask.", totals.events["cache_hits"]),
        *_one("cache_misses_total", "Requests whose answer might have been.", totals.events["cache_misses"]),
        *_one(
            "hot_answers_total",
            "Answers of /sparql that took no thread.",
            totals.events["hot_answers"],
        ),
        *_one(
            "federation_requests_total",
            "Requests sent to other endpoints.",
            totals.events["federation_requests"],
        ),
    ]


def _one(name: str, help_text: str, value: float, *, kind: Kind = "counter") -> list[str]:
    return write_metric(f"onrecord_{name}", kind, help_text, [({}, value)])


def _many(name: str, kind: Kind, help_text: str, label: str, values: Mapping[str, int]) -> list[str]:
    samples = (({label: key}, float(value)) for key, value in values.items())
    return write_metric(f"onrecord_{name}", kind, help_text, samples)


def _json(document: dict[str, object]) -> Response:
    response = Response(json.dumps(document, indent=2) + "\n", content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
