"""Run SHACL shapes: the core by pyshacl, constraints in SPARQL by the engine.

pyshacl evaluates SPARQL constraints too, but asks rdflib once for each focus
node, which takes seconds where the engine takes milliseconds.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph
import pyshacl
from pyshacl.errors import (
    ConstraintLoadError,
    ReportableRuntimeError,
    RuleLoadError,
    ShapeLoadError,
    ShapeRecursionWarning,
)
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node as AnyNode

from onrecord.checking.knowledge import Node, to_engine, to_node
from onrecord.errors import OnrecordError
from onrecord.sparql import describe, refuse_remote
from onrecord.terms import RDF, RDFS

SH = "http://www.w3.org/ns/shacl#"
_TYPE = URIRef(RDF + "type")
_LOGGER = logging.getLogger("pyshacl-validate")
_SUBCLASSES = f"/<{RDFS}subClassOf>*"


class ShapesError(Exception):
    """The shapes themselves are wrong; `shape` is the one that is, where it is known."""

    def __init__(self, detail: str, shape: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.shape = shape


@dataclass(frozen=True)
class Result:
    """One breach: `shape` is the named shape, `path` the property where it is a single one."""

    shape: str
    focus: Node
    path: URIRef | None
    value: Node | None
    message: str


def validate(shapes: Graph, data: Graph, store: pyoxigraph.Store) -> list[Result]:
    """What in `data`, which `store` holds too, breaks `shapes`; each message once for a focus node and path.

    Raises ShapesError when the shapes themselves cannot be read.
    """
    _refuse_remote(shapes)
    found = dict.fromkeys([*_validate_core(shapes, data), *_validate_sparql(shapes, store)])
    kept: dict[tuple[Node, URIRef | None, str], Result] = {}
    for result in found:
        kept.setdefault((result.focus, result.path, result.message), result)
    return list(kept.values())


def _refuse_remote(shapes: Graph) -> None:
    """No query of a shape asks another server."""
    for predicate in ("select", "ask"):
        for constraint, text in shapes.subject_objects(_sh(predicate)):
            try:
                refuse_remote(describe(str(text)))
            except OnrecordError as error:
                raise ShapesError(error.detail, _name_of(shapes, constraint)) from None


def _validate_core(shapes: Graph, data: Graph) -> Iterator[Result]:
    core = Graph()
    for triple in shapes:
        # On property shapes the query is about a path that pyshacl writes into it.
        if triple[1] != _sh("sparql") or (triple[0], _sh("path"), None) in shapes:
            core.add(triple)
    try:
        report = _run(core, data)
    except ShapesError as error:
        raise ShapesError(error.detail, _culprit(core, data)) from None
    for result in report.objects(None, _sh("result")):
        focus, path = report.value(result, _sh("focusNode")), report.value(result, _sh("resultPath"))
        value, shape = report.value(result, _sh("value")), report.value(result, _sh("sourceShape"))
        messages = sorted(str(message) for message in report.objects(result, _sh("resultMessage")))
        assert isinstance(focus, (URIRef, BNode, Literal))
        yield Result(
            _name_of(shapes, shape),
            focus,
            path if isinstance(path, URIRef) else None,
            value if isinstance(value, (URIRef, BNode, Literal)) else None,
            " ".join(messages),
        )


def _run(shapes: Graph, data: Graph) -> Graph:
    """pyshacl's report. Raises ShapesError."""
    # It logs what it raises.
    disabled, _LOGGER.disabled = _LOGGER.disabled, True
    try:
        _, report, text = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    except (
        ConstraintLoadError,
        ReportableRuntimeError,
        RuleLoadError,
        ShapeLoadError,
        ShapeRecursionWarning,
    ) as error:
        raise ShapesError(str(error).splitlines()[0]) from None
    finally:
        _LOGGER.disabled = disabled
    if not isinstance(report, Graph):
        raise ShapesError(str(text).splitlines()[0])
    return report


def _culprit(shapes: Graph, data: Graph) -> str:
    """The first shape that cannot be run on its own."""
    for shape in sorted(shapes.subjects(_TYPE, _sh("NodeShape")), key=str):
        if isinstance(shape, URIRef):
            try:
                _run(shapes.cbd(shape), data)
            except ShapesError:
                return str(shape)
    return ""


def _name_of(shapes: Graph, shape: AnyNode | None) -> str:
    """The named shape that `shape` is a part of."""
    seen = set()
    while isinstance(shape, BNode) and shape not in seen:
        seen.add(shape)
        shape = next(shapes.subjects(None, shape), None)
    return str(shape) if isinstance(shape, URIRef) else ""


def _validate_sparql(shapes: Graph, store: pyoxigraph.Store) -> Iterator[Result]:
    for shape, constraint in shapes.subject_objects(_sh("sparql")):
        if (shape, _sh("path"), None) in shapes or not isinstance(shape, URIRef):
            continue
        if any(shapes.value(node, _sh("deactivated")) == Literal(True) for node in (shape, constraint)):
            continue
        select = shapes.value(constraint, _sh("select"))
        message = str(shapes.value(constraint, _sh("message")) or shapes.value(shape, _sh("message")) or "")
        prefixes = _prefixes(shapes, constraint)
        try:
            for focus in _targets(shapes, shape, store):
                for row in _solve(store, str(select), prefixes, focus):
                    yield _result(str(shape), focus, row, message)
        except SyntaxError as error:
            raise ShapesError(f"Its query cannot be read: {error.msg}.", str(shape)) from None


def _solve(
    store: pyoxigraph.Store, select: str, prefixes: dict[str, str], focus: Node
) -> Iterator[dict[str, Node]]:
    answer = store.query(
        select,
        prefixes=prefixes,
        use_default_graph_as_union=True,
        substitutions={pyoxigraph.Variable("this"): to_engine(focus)},
    )
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    for row in answer:
        yield {name: to_node(term) for name in names if (term := row[name]) is not None}


def _result(shape: str, focus: Node, row: dict[str, Node], message: str) -> Result:
    path, value = row.get("path"), row.get("value", focus)
    told = re.sub(r"\{[?$](\w+)\}", lambda m: str(row.get(m[1], m[0])), message)
    return Result(shape, focus, path if isinstance(path, URIRef) else None, value, told)


def _targets(shapes: Graph, shape: URIRef, store: pyoxigraph.Store) -> list[Node]:
    """The focus nodes of `shape` (SHACL 2.1.3), in order."""
    found: dict[Node, None] = {}
    for predicate, pattern in (
        ("targetClass", f"?node <{_TYPE}>{_SUBCLASSES} <{{}}>"),
        ("targetSubjectsOf", "?node <{}> ?other"),
        ("targetObjectsOf", "?other <{}> ?node"),
    ):
        for named in shapes.objects(shape, _sh(predicate)):
            text = f"SELECT DISTINCT ?node {{ {pattern.format(named)} }} ORDER BY ?node"
            answer = store.query(text, use_default_graph_as_union=True)
            assert isinstance(answer, pyoxigraph.QuerySolutions)
            for row in answer:
                found[to_node(row["node"])] = None
    for node in shapes.objects(shape, _sh("targetNode")):
        assert isinstance(node, (URIRef, BNode, Literal))
        found[node] = None
    return list(found)


def _prefixes(shapes: Graph, constraint: AnyNode) -> dict[str, str]:
    declared = {}
    for holder in shapes.objects(constraint, _sh("prefixes")):
        for declaration in shapes.objects(holder, _sh("declare")):
            prefix = str(shapes.value(declaration, _sh("prefix")))
            declared[prefix] = str(shapes.value(declaration, _sh("namespace")))
    return declared


def _sh(name: str) -> URIRef:
    return URIRef(SH + name)
