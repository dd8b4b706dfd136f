"""A real store behind the engine protocol, in this process: the web without its processes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from onrecord.config import Settings
from onrecord.engine import (
    AnswerHead,
    AnswerTrailer,
    EngineStatus,
    Generation,
    KeptGeneration,
    OnLeave,
    QueryRequest,
    Write,
    WriteReceipt,
)
from onrecord.errors import (
    GenerationGoneError,
    NotFoundError,
    OnrecordError,
    QueryEvaluationError,
    UnsupportedError,
)
from onrecord.folder import Folder
from onrecord.identity.tokens import TokenBook
from onrecord.sparql import parse_engine_error
from onrecord.terms import RDF
from onrecord.web import create_app
from onrecord.web.access import allows, current_identity
from onrecord.web.audit import note_text

SPACE = "https://example.org/quay/"

DATASET = f"""
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
<{SPACE}> a owl:Ontology ;
  dcterms:title "Who said what about the quay"@en ;
  dcterms:description "A <small> folder & its talk."@en ;
  dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
  dcterms:language "en" ;
  rec:iriSpace "{SPACE}" .
"""

DATA = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
@prefix voice: <https://w3id.org/onrecord/term/voice/> .
@prefix id: <https://example.org/quay/id/> .
@prefix claim: <https://example.org/quay/claim/> .
@prefix statement: <https://example.org/quay/statement/> .
id:mayor a rec:Agent ; rdfs:label "the mayor"@en , "العمدة"@ar .
id:captain a rec:Agent ; rdfs:label "the <b>captain</b>"@en .
id:quay a rec:Location ; rdfs:label "the quay"@en .
claim:open a rec:Claim ; rdfs:label "The quay is open."@en ; rec:subject id:quay .
claim:shut a rec:Claim ; rdfs:label "The quay is shut."@en ; rec:subject id:quay .
statement:s1 a rec:Statement ; rec:speaker id:mayor ; rec:makes claim:open ; rec:voice voice:party .
statement:s2 a rec:Statement ; rec:speaker id:captain ; rec:makes claim:shut ; rec:voice voice:article .
voice:party rdfs:label "a party claims"@en .
claim:open rec:seen "<script>alert(1)</script>" ; rec:count 7500 .
"""

WHO_SAID = """#+ summary: Who said what.
#+ description: Leave the speaker open for everyone.
#+ tags: [speakers]
#+ parameters:
#+   speaker: {type: iri, label: Speaker, class: rec:Agent, example: id/mayor, help: One of those quoted.}
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?speaker ?speakerLabel ?claim WHERE {
  VALUES ?speaker { UNDEF }
  ?statement rec:speaker ?speaker ;
    rec:makes ?claim .
  OPTIONAL { ?speaker rdfs:label ?speakerLabel FILTER(LANG(?speakerLabel) = "en") }
}
ORDER BY ?speaker ?claim
"""

ABOUT = """#+ summary: What is said about one thing.
#+ parameters:
#+   thing: {type: iri, label: Thing, required: true}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?claim WHERE {
  VALUES ?thing { UNDEF }
  ?claim rec:subject ?thing .
}
ORDER BY ?claim
"""

GRAPH = """#+ summary: All labels as a graph.
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?s rdfs:label ?label } WHERE { ?s rdfs:label ?label }
"""


class StoreAnswer:
    """An answer that was computed whole; remembers whether it was closed."""

    def __init__(
        self, head: AnswerHead, pieces: list[bytes], trailer: AnswerTrailer, failure: OnrecordError | None
    ):
        self.head = head
        self.trailer = AnswerTrailer()
        self.closed = False
        self._pieces, self._whole, self._failure = pieces, trailer, failure

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._failure is not None:
            raise self._failure
        self.trailer = self._whole

    def close(self) -> None:
        self.closed = True


class StoreEngine:
    """The engine protocol on a store of this process; every answer that it gave is in `answers`."""

    def __init__(self, store: ox.Store, *, union: bool = True) -> None:
        self.store = store
        self.union = union
        self.number = 1
        self.keeps_generations = True
        self.answers: list[StoreAnswer] = []
        self.requests: list[QueryRequest] = []
        self.failure: OnrecordError | None = None
        """Raised in place of every answer, when set."""
        self.early_failure: OnrecordError | None = None
        """Raised after the head and before the first byte of every answer, when set."""
        self.late_failure: OnrecordError | None = None
        """Raised after the bytes of every answer, when set."""
        self.lock = threading.Lock()

    def generation(self) -> Generation:
        return Generation("5f0c1d2e-0000-4000-8000-000000000000", self.number, self.keeps_generations)

    def history(self) -> StoreEngine:
        return self

    def list(self) -> tuple[KeptGeneration, ...]:
        only = KeptGeneration(self.generation(), "2020-01-01T00:00:00.000Z", (), hash_trouble="none here")
        return (only,)

    def find(self, number: int) -> KeptGeneration:
        if number == self.number:
            return self.list()[0]
        kind = GenerationGoneError if 0 < number < self.number else NotFoundError
        raise kind(f"There is no generation {number}.")

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> StoreAnswer:
        self.requests.append(request)
        if self.failure is not None:
            raise self.failure
        started = time.monotonic()
        try:
            data, rows, truncated = self._evaluate(request)
        except SyntaxError as error:
            raise parse_engine_error(str(error), request.text) from None
        except (OSError, ValueError) as error:
            raise QueryEvaluationError(f"The engine cannot evaluate this query: {error}.") from None
        trailer = AnswerTrailer(max(time.monotonic() - started, 1e-6), len(data), rows, truncated)
        pieces = [data[i : i + 4096] for i in range(0, len(data), 4096)]
        if self.early_failure is not None:
            pieces = []
        failure = self.early_failure or self.late_failure
        answer = StoreAnswer(AnswerHead(self.generation()), pieces, trailer, failure)
        self.answers.append(answer)
        return answer

    def write(self, request: Write) -> WriteReceipt:
        raise UnsupportedError("This engine writes nothing.")

    def status(self) -> EngineStatus:
        if self.failure is not None:
            raise self.failure
        graphs: dict[str, int] = {}
        classes: dict[str, int] = {}
        for quad in self.store:
            name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
            graphs[name] = graphs.get(name, 0) + 1
            if quad.predicate.value == RDF + "type" and isinstance(quad.object, ox.NamedNode):
                classes[quad.object.value] = classes.get(quad.object.value, 0) + 1
        return EngineStatus(
            self.generation(), "2020-01-01T00:00:00Z", sum(graphs.values()), graphs, classes, 2, 0, 0, 1.0
        )

    def _evaluate(self, request: QueryRequest) -> tuple[bytes, int | None, bool]:
        results = self._run(request)
        if isinstance(results, ox.QueryTriples):
            return (
                results.serialize(format=getattr(ox.RdfFormat, request.format.serializer)) or b"",
                None,
                False,
            )
        data = results.serialize(format=getattr(ox.QueryResultsFormat, request.format.serializer)) or b""
        if request.row_limit is None or isinstance(results, ox.QueryBoolean):
            return data, None, False
        document = json.loads(data)
        rows = document["results"]["bindings"]
        document["results"]["bindings"] = rows[: request.row_limit]
        shown = len(document["results"]["bindings"])
        return json.dumps(document).encode(), shown, len(rows) > shown

    def _run(self, request: QueryRequest) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        if request.default_graphs is None and request.named_graphs is None:
            return self.store.query(
                request.text,
                base_iri=request.base_iri,
                use_default_graph_as_union=self.union and not request.has_dataset_clause,
            )
        return self.store.query(
            request.text,
            base_iri=request.base_iri,
            default_graph=[ox.NamedNode(iri) for iri in request.default_graphs or ()],
            named_graphs=[ox.NamedNode(iri) for iri in request.named_graphs or ()],
        )


@pytest.fixture
def quay(tmp_path: Path) -> Folder:
    """A small folder of our own."""
    for name, text in {
        "ontology/dataset.ttl": DATASET,
        "triples/talk.ttl": DATA,
        "queries/who-said.rq": WHO_SAID,
        "queries/about.rq": ABOUT,
        "queries/labels.rq": GRAPH,
    }.items():
        path = tmp_path / "quay" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Folder(tmp_path / "quay")


@pytest.fixture
def engine(quay: Folder) -> StoreEngine:
    """An engine over the graphs of the small folder."""
    store = ox.Store()
    for file in quay.files():
        for quad in file.quads(quay.description.space):
            store.add(quad)
    return StoreEngine(store)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def app(engine: StoreEngine, quay: Folder, settings: Settings) -> Flask:
    return create_app(engine, quay, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state directory of a store; empty."""
    return tmp_path / "state"


@pytest.fixture
def book(state: Path) -> TokenBook:
    return TokenBook(state)


@allows("write")
def _write() -> str:
    text = request.get_data()
    if text:
        note_text(text)
    return f"written by {current_identity().name}"


@allows("operate")
def _operate() -> str:
    return "operated"


def with_routes(app: Flask) -> Flask:
    """`app` with a route that writes and one that operates."""
    app.add_url_rule("/write", "write", _write, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    app.add_url_rule("/operate", "operate", _operate)
    return app


@pytest.fixture
def guarded(engine: StoreEngine, quay: Folder, settings: Settings, state: Path) -> FlaskClient:
    """A client of the web over a store that knows tokens; reading is open."""
    return with_routes(create_app(engine, quay, settings, state)).test_client()


@pytest.fixture
def closed(engine: StoreEngine, quay: Folder, settings: Settings, state: Path) -> FlaskClient:
    """The same where reading needs a token."""
    return with_routes(create_app(engine, quay, replace(settings, reading="token"), state)).test_client()
