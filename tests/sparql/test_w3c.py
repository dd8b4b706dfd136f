"""Every query and update of the W3C suite is read as the engine reads it."""

from __future__ import annotations

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from onrecord.sparql import check_bounds, describe

BASE = "http://example.org/base/"


def engine_forms(text: str) -> set[str]:
    """How the engine can read `text`, evaluated on an empty store."""
    forms = set()
    store = Store()
    try:
        result = store.query(text, base_iri=BASE)
    except SyntaxError:
        pass
    except (OSError, RuntimeError, ValueError):
        forms.add("query")
    else:
        kinds = {QueryBoolean: "ask", QuerySolutions: "select", QueryTriples: "graph"}
        forms.add(kinds[type(result)])
    try:
        store.update(text, base_iri=BASE)
    except SyntaxError:
        pass
    except (OSError, RuntimeError, ValueError):
        forms.add("update")
    else:
        forms.add("update")
    return forms


def test_the_form_agrees_with_the_engine(w3c_texts: list[tuple[str, str]]) -> None:
    differing, agreeing = [], 0
    for path, text in w3c_texts:
        operation = describe(text)
        if operation.services or operation.loads:
            continue  # never sent to an engine
        forms = engine_forms(text)
        if not forms:
            continue  # a text that must not parse
        graph = operation.form in ("construct", "describe")
        ours = {"graph" if graph else operation.form, "update" if operation.is_update else "query"}
        is_empty = operation.form == "unknown" and forms == {"update"}  # an update of no operations
        if ours & forms or is_empty:
            agreeing += 1
        else:
            differing.append((path, operation.form, forms))
    assert differing == []
    assert agreeing > 1_000


def test_only_files_about_services_and_loads_have_them(w3c_texts: list[tuple[str, str]]) -> None:
    remote = [path for path, text in w3c_texts if (o := describe(text)).services or o.loads]
    words = ("service", "fed", "load", "syntax-update")
    assert remote
    assert [path for path in remote if not any(word in path for word in words)] == []


def test_no_text_is_unclear(w3c_texts: list[tuple[str, str]]) -> None:
    assert [path for path, text in w3c_texts if describe(text).unclear] == []


def test_no_text_is_out_of_bounds(w3c_texts: list[tuple[str, str]]) -> None:
    for _, text in w3c_texts:
        check_bounds(text)
