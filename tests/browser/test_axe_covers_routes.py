"""Every route that shows a page is looked at by axe, or stands below with the reason why not."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from tests.browser import test_axe, test_axe_saving
from tests.conftest import REPOSITORY

from onrecord.config import Settings
from onrecord.engine import Engine
from onrecord.folder import Folder
from onrecord.store.remote.client import RemoteEngine
from onrecord.web.app import create_app

WITHOUT_PAGE = {
    "citing.cite.<suffix>": "a citation for reference managers",
    "compare.show.<suffix>": "a comparison for programs",
    "dataset.catalog": "RDF",
    "dataset.void": "RDF",
    "embedding.describe": "JSON",
    "generations.index.<suffix>": "JSON",
    "generations.show.<suffix>": "JSON",
    "graphs.direct": "RDF",
    "graphs.indirect": "RDF",
    "home.robots": "text",
    "home.static": "files",
    "machines.examples": "RDF",
    "machines.feed": "Atom",
    "machines.openapi": "JSON",
    "measuring.health": "JSON",
    "measuring.metrics": "text for Prometheus",
    "queries.as_json": "JSON",
    "services.show": "JSON",
    "vocabulary.show_as.<suffix>": "RDF",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    state = tmp_path_factory.mktemp("state")
    folder = Folder(REPOSITORY)
    settings = Settings(engine="http://127.0.0.1:9/sparql")
    engine: Engine = RemoteEngine(settings, folder.description.space, Path(state))
    return create_app(engine, folder, settings, state)


def test_every_page_is_looked_at_or_excused(app: Flask) -> None:
    rules = {
        f"{rule.endpoint}.<suffix>" if "<suffix>" in rule.rule else rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.methods is not None and "GET" in rule.methods
    }
    paths = [
        urlsplit(path).path for pages in (test_axe.PAGES, test_axe_saving.PAGES) for path in pages.values()
    ]
    matcher = app.url_map.bind("localhost")
    looked_at = {matcher.match(path)[0] for path in paths}
    excused = WITHOUT_PAGE.keys()
    assert rules - looked_at - excused == set(), "let axe look at these, or tell why not"
    assert looked_at & excused == set(), "looked at and excused"
    assert excused - rules == set(), "no such routes"
