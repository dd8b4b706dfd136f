"""Running one test of the W3C suites against a server, over HTTP."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

import pyoxigraph as ox
from tests.conformance import exchanges, graph_store
from tests.conformance.comparing import RS, same_graph, same_rows
from tests.conformance.endpoints import Endpoint
from tests.conformance.manifests import BASE, Case, Dataset, path_of
from tests.conftest import Response

_RESULTS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
_RDF = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
}
_FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)
_DUMP = "SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


class Runner:
    """Runs tests against one server; data that is there already is not sent again."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._loaded: Dataset | None = None

    def run(self, case: Case) -> None:
        """Return when the server passes; raise AssertionError saying how it fails."""
        match case.kind:
            case "PositiveSyntaxTest" | "PositiveUpdateSyntaxTest":
                self._accept(case)
            case "NegativeSyntaxTest" | "NegativeUpdateSyntaxTest":
                self._refuse(case)
            case "QueryEvaluationTest":
                self._evaluate(case)
            case "CSVResultFormatTest":
                self._compare_csv(case)
            case "UpdateEvaluationTest":
                self._update(case)
            case "ProtocolTest":
                self._exchange(case)
            case "GraphStoreProtocolTest":
                self._keep_graphs(case)
            case "ServiceDescriptionTest":
                exchanges.describe(self.endpoint, case)
            case other:
                raise AssertionError(f"{other} is not run")

    def load(self, dataset: Dataset) -> None:
        """Make `dataset` all that the server holds."""
        if dataset == self._loaded:
            return
        self._loaded = None
        blocks = [_block(None, file) for file in dataset.default]
        blocks += [_block(name, file) for name, file in dataset.named]
        # A named graph may be empty, where the server knows empty graphs.
        names = "".join(f" ;\nCREATE SILENT GRAPH <{name}>" for name, _ in dataset.named)
        text = f"DROP ALL{names}" + "".join(f" ;\nINSERT DATA {{ {block} }}" for block in blocks)
        answer = self.endpoint.change(text)
        assert answer.status in (200, 204), f"loading: {answer.status} {answer.text[:300]}"
        self._loaded = dataset

    def forget(self) -> None:
        """Load the next test's data whatever was loaded last: somebody else has changed it."""
        self._loaded = None

    def _accept(self, case: Case) -> None:
        text = _read(case.text)
        answer = self._send(case, text)
        if answer.status == 403:
            # What would ask another server is refused before the rest is read; without that it is judged.
            text = re.sub(r"\bLOAD\b(?!\s+SILENT)", "LOAD SILENT", text, flags=re.IGNORECASE)
            text = re.sub(r"\bSERVICE\b(\s+SILENT\b)?", "GRAPH", text, flags=re.IGNORECASE)
            answer = self._send(case, text)
        # Whether another server answers, a graph exists or a function is known is not the
        # question: whether the text is understood is.
        is_understood = (
            answer.status in (200, 204)
            or '"query-evaluation"' in answer.text
            or (answer.status == 500 and answer.headers["content-type"].startswith("text/plain"))
        )
        assert is_understood, f"{answer.status} {answer.text[:300]}"

    def _refuse(self, case: Case) -> None:
        answer = self._send(case, _read(case.text))
        assert answer.status == 400, f"{answer.status}: a text that is not SPARQL was taken"

    def _send(self, case: Case, text: str) -> Response:
        if "Update" in case.kind or case.text.endswith(".ru"):
            self._loaded = None
            return self.endpoint.change(text)
        return self.endpoint.ask(text, "application/sparql-results+json, text/turtle;q=0.9")

    def _evaluate(self, case: Case) -> None:
        text = _read(case.text)
        self.load(_with_from(case.dataset, text, case.text))
        suffix = "." + case.result.rpartition(".")[2]
        accept = {".srx": "application/sparql-results+xml", ".tsv": "text/tab-separated-values"}
        wanted = accept.get(suffix, "application/sparql-results+json, application/n-triples;q=0.9")
        answer = self.endpoint.ask(_based(text, case.text), wanted)
        assert answer.status == 200, f"{answer.status} {answer.text[:300]}"
        # The order of a sub-select is none of the whole.
        after_pattern = text.rpartition("}")[2]
        ordered = re.search(r"\bORDER\s+BY\b", after_pattern, re.IGNORECASE) is not None
        compare(answer, case, ordered=ordered)

    def _compare_csv(self, case: Case) -> None:
        text = _read(case.text)
        self.load(case.dataset)
        answer = self.endpoint.ask(_based(text, case.text), "text/csv")
        assert answer.status == 200, answer.text[:300]
        assert answer.headers["content-type"].startswith("text/csv")
        found, expected = (
            list(csv.reader(io.StringIO(data.decode())))
            for data in (answer.body, path_of(case.result).read_bytes())
        )
        assert sorted(found[0]) == sorted(expected[0])
        order = [found[0].index(name) for name in expected[0]]  # SELECT * names its variables in any order
        rows = [[tuple(_csv_term(row[i]) for i in order) for row in found[1:]]]
        rows += [[tuple(map(_csv_term, row)) for row in expected[1:]]]
        assert same_rows(rows[0], rows[1], ordered=False), f"found {found}"

    def _update(self, case: Case) -> None:
        self.load(case.dataset)
        self._loaded = None
        answer = self.endpoint.change(_based(_read(case.text), case.text))
        assert answer.status in (200, 204), f"{answer.status} {answer.text[:300]}"
        found = _quads(self.endpoint.ask(_DUMP, "application/sparql-results+json"))
        expected = list(_parse(None, case.after.default))
        for name, file in case.after.named:
            expected += _parse(ox.NamedNode(name), [file])
        assert same_graph(found, expected), f"found {found}\nexpected {expected}"

    def _exchange(self, case: Case) -> None:
        dataset = exchanges.dataset_of(case)
        self.load(dataset)
        self._loaded = None
        exchanges.run(self.endpoint, case)

    def _keep_graphs(self, case: Case) -> None:
        self.load(Dataset())
        self._loaded = None
        graph_store.run(self.endpoint, case)


def compare(answer: Response, case: Case, *, ordered: bool) -> None:
    """Compare a served answer with the result file of `case`."""
    suffix = "." + case.result.rpartition(".")[2]
    kind = answer.headers["content-type"].partition(";")[0]
    rdf = ox.RdfFormat.from_media_type(kind)
    if rdf is not None:
        found = list(ox.parse(answer.body, format=rdf))
        assert same_graph(found, list(_parse(None, [case.result]))), f"found {answer.text}"
        return
    parsed = ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.from_media_type(kind))
    if suffix in _RDF:
        expected_variables, expected = _result_set(case.result)
    else:
        file = ox.parse_query_results(path_of(case.result).read_bytes(), format=_RESULTS[suffix])
        if isinstance(file, ox.QueryBoolean):
            assert isinstance(parsed, ox.QueryBoolean), "no boolean"
            assert bool(parsed) == bool(file), f"{bool(parsed)} is wrong"
            return
        assert isinstance(file, ox.QuerySolutions)
        expected_variables = [v.value for v in file.variables]
        expected = [tuple(row[v] for v in expected_variables) for row in file]
    if expected_variables is None:
        assert isinstance(parsed, ox.QueryBoolean)
        assert bool(parsed) == expected
        return
    assert isinstance(parsed, ox.QuerySolutions)
    variables = [v.value for v in parsed.variables]
    assert set(expected_variables) <= set(variables), f"variables {variables}"
    rows = [tuple(row[v] for v in expected_variables) for row in parsed]
    assert same_rows(rows, expected, ordered=ordered, lax=case.is_lax), f"found {answer.text[:2000]}"  # type: ignore[arg-type]


def _result_set(iri: str) -> tuple[list[str] | None, object]:
    """The variables and rows of a result written in RDF, in their order where it is told."""
    triples: dict[tuple[object, str], list[object]] = {}
    for quad in _parse(None, [iri]):
        triples.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)
    for (_, predicate), values in triples.items():
        if predicate == RS + "boolean":
            return None, values[0].value == "true"  # type: ignore[attr-defined]
    variables = [v.value for (_, p), vs in triples.items() if p == RS + "resultVariable" for v in vs]  # type: ignore[attr-defined]
    solutions = [s for (_, p), ss in triples.items() if p == RS + "solution" for s in ss]
    solutions.sort(key=lambda s: int(triples.get((s, RS + "index"), [ox.Literal("0")])[0].value))  # type: ignore[attr-defined]
    rows = []
    for solution in solutions:
        bindings = {
            triples[b, RS + "variable"][0].value: triples[b, RS + "value"][0]  # type: ignore[attr-defined]
            for b in triples.get((solution, RS + "binding"), [])
        }
        rows.append(tuple(bindings.get(v) for v in variables))
    return variables, rows


def _quads(answer: Response) -> list[ox.Quad]:
    assert answer.status == 200, answer.text[:300]
    rows = ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)
    return [ox.Quad(r["s"], r["p"], r["o"], r["g"] or ox.DefaultGraph()) for r in rows]  # type: ignore[arg-type]


def _parse(graph: ox.NamedNode | None, files: Iterable[str]) -> list[ox.Quad]:
    found = []
    for iri in files:
        path = path_of(iri)
        quads = ox.parse(path.read_bytes(), format=_RDF[path.suffix], base_iri=iri, rename_blank_nodes=True)
        found += [ox.Quad(q.subject, q.predicate, q.object, graph) if graph is not None else q for q in quads]
    return found


def _block(name: str | None, file: str) -> str:
    graphs: dict[str, list[str]] = {}
    for quad in _parse(ox.NamedNode(name) if name is not None else None, [file]):
        graphs.setdefault(str(quad.graph_name), []).append(f"{quad.triple} .")
    blocks = {name: "\n".join(triples) for name, triples in graphs.items()}
    return "\n".join(t if n == "DEFAULT" else f"GRAPH {n} {{\n{t}\n}}" for n, t in blocks.items())


def _read(iri: str) -> str:
    return path_of(iri).read_bytes().decode()


def _based(text: str, iri: str) -> str:
    """`text` read as if it stood in its file: relative IRIs mean the file's neighbours."""
    return f"BASE <{iri}>\n{text}"


def _with_from(dataset: Dataset, text: str, iri: str) -> Dataset:
    """`dataset`, with the files that FROM and FROM NAMED of a query name."""
    folder = iri.rpartition("/")[0] + "/"
    wanted = [name if ":" in name else folder + name for name in _FROM.findall(text)]
    named = dict(dataset.named) | {n: n for n in wanted if n.startswith(BASE) and path_of(n).is_file()}
    return Dataset(dataset.default, tuple(sorted(named.items())))


def _csv_term(value: str) -> object:
    if value.startswith("_:"):
        return ox.BlankNode(value[2:])
    if re.fullmatch(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", value):
        return float(value)
    return value
