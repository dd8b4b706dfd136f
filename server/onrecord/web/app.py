"""The application factory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Flask, Response, g, request

from onrecord.config import Settings
from onrecord.engine import Engine
from onrecord.federated_engine import FederatingEngine
from onrecord.federation.configuration import DIRECTORY, open_federation
from onrecord.federation.frozen import Frozen, read_frozen_answers
from onrecord.federation.frozen_fallback import FrozenFallback
from onrecord.federation.report import ReportStore
from onrecord.folder import Folder
from onrecord.identity.register import Register
from onrecord.search import IndexOfEngine, IndexOfStore
from onrecord.store.names import NameIndexes
from onrecord.store.pinned_answers import PinnedAnswers
from onrecord.supervision.counters import Counters
from onrecord.web import (
    asked_generation,
    audit,
    dataset_routes,
    embedding,
    generations_routes,
    graph_store_routes,
    home,
    identification,
    machines_routes,
    measuring,
    operators,
    page_language,
    problems,
    queries_routes,
    reading,
    saving,
    services,
    sign_in,
    sparql_routes,
    standings,
)
from onrecord.web.access import guard
from onrecord.web.answers import answer_any_tag
from onrecord.web.bundle import read_bundle
from onrecord.web.coded_responses import encode_response, require_coding
from onrecord.web.cors import allow_origins
from onrecord.web.links import ChunkedInputMiddleware, PrefixMiddleware
from onrecord.web.site import KEY, Site, digest_files
from onrecord.web.standing_headers import POLICY, REFERRERS


def create_app(
    engine: Engine,
    folder: Folder | None,
    settings: Settings,
    state: Path | None = None,
    counters: Counters | None = None,
    indexes: NameIndexes | None = None,
) -> Flask:
    """The web over `engine`; `folder` is None for an empty store.

    `state` is the directory of the store, where the tokens lie; without one nobody has a token.
    `counters` are those that /metrics tells beside what the engine does. `indexes` are those of the
    engine's names; without them they are indexed here.

    Raises FolderError when the folder's description cannot be read.
    """
    app = Flask("onrecord.web", root_path=str(Path(__file__).parent), static_folder=None)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    root = Path(app.root_path)
    # Turns, pauses and the cache of other endpoints lie in the state directory; without it none is asked.
    federation = open_federation(settings if state else replace(settings, federate=()), state or Path())
    frozen = read_frozen_answers(folder.queries) if folder is not None else Frozen(())
    pinned = PinnedAnswers(state) if state is not None else None
    federating = FederatingEngine(engine, federation, lambda remote: FrozenFallback(remote, frozen), pinned)
    answering = services.ServedEngine(federating)
    look = digest_files(root / "templates", root / "static")
    index = IndexOfStore(federating, indexes) if indexes is not None else IndexOfEngine(federating)
    site = Site(answering, folder, settings, federating, look, index)
    app.extensions[KEY] = site
    app.add_template_filter(_without_stop, "sentence")
    app.add_template_filter(_tell_duration, "duration")
    scripts = read_bundle(root / "static")
    app.context_processor(lambda: {"site_title": site.title, "look": site.look, "scripts": scripts})
    page_language.install(app)
    app.context_processor(sign_in.sender_for_pages)
    for module in (
        home,
        sparql_routes,
        graph_store_routes,
        generations_routes,
        queries_routes,
        machines_routes,
        dataset_routes,
        embedding,
        problems,
        sign_in,
        audit,
        operators,
    ):
        app.register_blueprint(module.blueprint)
    saving.install(app, site, state)
    reading.install(app)
    measuring.install(app, federation, counters)
    app.config["PUBLIC_URL"] = settings.public_url
    if state is not None:
        app.extensions[identification.KEY] = Register.of(state)
        app.extensions[standings.KEY] = standings.Standings(state / "standings.json")
    services.register(app, ReportStore(state / DIRECTORY / "reports") if state is not None else None)
    guard(app, settings)
    asked_generation.install(app)
    problems.handle_errors(app)
    app.before_request(require_coding)
    app.after_request(_finish)
    app.wsgi_app = ChunkedInputMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    if settings.public_url:
        app.wsgi_app = PrefixMiddleware(app.wsgi_app, settings.public_url)  # type: ignore[method-assign]
    return app


def _without_stop(sentence: str) -> str:
    return sentence.removesuffix(".")


def _tell_duration(seconds: float) -> str:
    if seconds < 0.001:
        return "under 1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _finish(response: Response) -> Response:
    """Headers that every response carries, and the line that some leave in the audit log."""
    audit.record_request(response)
    allow_origins(response)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = g.get("policy", POLICY)
    response.headers["Referrer-Policy"] = REFERRERS
    if request.endpoint != "home.static":
        response.vary.add("Accept")
        response.headers.setdefault("Cache-Control", "no-cache")
    page_language.tell_language(response)
    answer_any_tag(response)
    encode_response(response)
    return response
