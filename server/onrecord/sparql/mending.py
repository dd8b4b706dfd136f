"""SPARQL that the embedded engine (pyoxigraph 0.5.13) reads in another way than the recommendation.

`mend` writes such a text so that the engine's answer is the recommended one,
or refuses it where no writing does that. Only these forms are touched, each
has its reproduction in tests/conformance:

- GROUP_CONCAT gives a simple literal (SPARQL 1.1 Query, 18.5.1.7); the engine
  keeps a language that all members share.
- A SELECT expression may use the name of an earlier one (16.1.2), also where
  the query has groups; the engine refuses that.
- A path that may have no length starts and ends at a constant, be it in the
  data or not (18.4); the engine looks for it in the data.
- A sub-select within GRAPH ?g is asked in each graph, and ?g is that graph
  (18.6); the engine asks all graphs at once and loses ?g.
"""

from __future__ import annotations

import re

from onrecord.errors import QueryEvaluationError
from onrecord.sparql.editing import Edit, SelectClause, TokenText, edit
from onrecord.sparql.positions import position_at

_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_DIFFERENT_EACH_TIME = frozenset({"RAND", "UUID", "STRUUID", "BNODE"})
_AS = re.compile(r"\bAS\b")
_PATH = re.compile(r"\*\s*[<:?$\w]|\?\s+[<:?$\w]")


def mend(text: str) -> str:
    """The query `text` as the embedded engine is to read it.

    Raises QueryEvaluationError for a sub-select that no writing makes the
    engine ask in each graph.

    >>> mend("SELECT (GROUP_CONCAT(?n) AS ?all) { ?s ?p ?n }")
    'SELECT (STR(GROUP_CONCAT(?n)) AS ?all) { ?s ?p ?n }'
    >>> mend("SELECT (COUNT(*) AS ?n) (?n * 2 AS ?twice) {}")
    'SELECT (COUNT(*) AS ?n) ((COUNT(*)) * 2 AS ?twice) {}'
    """
    if not _may_need(text):
        return text
    read = TokenText(text)
    for changes in (_name_graphs, _write_out_names, _add_empty_paths, _make_simple):
        edits = list(changes(read))
        # The inline data of a federated query is megabytes long: it is read again only where it must be.
        read = TokenText(edit(read.text, edits)) if edits else read
    return read.text


def _may_need(text: str) -> bool:
    """Cheap, and true of every text that has one of the forms."""
    upper = text.upper()
    if "GROUP_CONCAT" in upper or ("SELECT" in upper and ("GRAPH" in upper or len(_AS.findall(upper)) > 1)):
        return True
    return _PATH.search(text) is not None


def _make_simple(read: TokenText) -> list[Edit]:
    """STR(...) around each GROUP_CONCAT(...)."""
    edits: list[Edit] = []
    for index, token in enumerate(read.tokens):
        if read.is_word(index, "GROUP_CONCAT") and read.is_op(index + 1, "("):
            end = read.tokens[read.close_of(index + 1)].end
            edits += [(token.start, token.start, "STR("), (end, end, ")")]
    return edits


def _write_out_names(read: TokenText) -> list[Edit]:
    """In a SELECT with groups, earlier expressions in place of their names."""
    edits: list[Edit] = []
    for select in read.selects():
        has_groups = "GROUP" in select.modifiers or read.words(select.first, select.end) & _AGGREGATES
        if has_groups:
            edits += _write_out(read, select)
    return edits


def _write_out(read: TokenText, select: SelectClause) -> list[Edit]:
    edits: list[Edit] = []
    known: dict[str, str] = {}
    index = select.first
    while index < select.end:
        opener, close = index, read.close_of(index)
        index = close + 1
        if not (read.is_op(opener, "(") and read.is_word(close - 2, "AS")):
            continue
        uses = _uses(read, opener + 1, close - 2, known)
        edits += uses
        if not read.words(opener, close) & _DIFFERENT_EACH_TIME:
            start = read.tokens[opener].start
            written = edit(read.text[: read.tokens[close - 3].end], uses)[start:]
            known[read.tokens[close - 1].text[1:]] = f"{written})"
    return edits


def _uses(read: TokenText, start: int, end: int, known: dict[str, str]) -> list[Edit]:
    """The places where a name of `known` stands for its expression."""
    uses: list[Edit] = []
    while start < end:
        token = read.tokens[start]
        if token.kind == "var" and token.text[1:] in known:
            uses.append((token.start, token.end, known[token.text[1:]]))
        # What an aggregate or EXISTS holds is about the members of the group.
        if read.is_op(start, "{"):
            start = read.close_of(start)
        elif read.is_word(start, *_AGGREGATES):
            start = read.close_of(start + 1)
        start += 1
    return uses


def _add_empty_paths(read: TokenText) -> list[Edit]:
    """The path of no length, where a path from or to a constant stands alone in its group.

    Beside other triples of the same end it would bind nothing that they
    match, since the constant is not in the data.
    """
    # With labels of blank nodes or a graph to be bound, a group in braces has another meaning.
    if any(t.kind == "bnode" for t in read.tokens) or any(
        read.is_word(i, "GRAPH") and read.tokens[i + 1].kind == "var" for i in range(len(read.tokens) - 1)
    ):
        return []
    edits: list[Edit] = []
    for index, token in enumerate(read.tokens):
        if not (token.role == "graph" and read.is_op(index, "{")):
            continue
        path = _path_after(read, index)
        if path is not None:
            edits.append(_with_empty_path(read, *path))
    return edits


def _path_after(read: TokenText, index: int) -> tuple[int, int] | None:
    """Subject, modifier and object of a path `x p* y` that is all of its triples, one end a constant."""
    start = index + 1
    step = start + 1 + read.is_op(start + 1, "^")
    modifier = read.close_of(step) + 1
    end = modifier + 1
    if end + 1 >= len(read.tokens) or not read.is_op(modifier, "*", "?"):
        return None
    is_step = read.tokens[step].kind in ("iri", "pname") or read.is_op(step, "(")
    kinds = {read.tokens[place].kind for place in (start, end)}
    if not is_step or kinds not in ({"var", "iri"}, {"var", "pname"}):
        return None
    after = end + 1 + read.is_op(end + 1, ".")
    if read.is_op(after, "}") or read.is_word(after, "OPTIONAL", "FILTER", "BIND"):
        return start, end
    return None


def _with_empty_path(read: TokenText, start: int, end: int) -> Edit:
    first, last = read.tokens[start], read.tokens[end]
    variable, constant = (first, last) if first.kind == "var" else (last, first)
    written = read.text[first.start : last.end]
    stop = read.tokens[end + 1].end if read.is_op(end + 1, ".") else last.end
    return (
        first.start,
        stop,
        f"{{ {written} FILTER(!SAMETERM({variable.text}, {constant.text})) }} "
        f"UNION {{ VALUES {variable.text} {{ {constant.text} }} }}",
    )


def _name_graphs(read: TokenText) -> list[Edit]:
    """?g among what each sub-select of GRAPH ?g projects and groups by."""
    edits: list[Edit] = []
    selects = list(read.selects())
    for index in range(len(read.tokens) - 2):
        if not (read.is_word(index, "GRAPH") and read.is_op(index + 2, "{")):
            continue
        if read.tokens[index + 1].kind != "var":
            continue
        close = read.close_of(index + 2)
        for select in selects:
            if index < select.word < close and not _is_in_other_graph(read, index + 2, select.word):
                edits += _name_graph(read, select, read.tokens[index + 1].text)
    return edits


def _is_in_other_graph(read: TokenText, start: int, place: int) -> bool:
    return any(
        read.is_word(i, "GRAPH") and i + 2 < place < read.close_of(i + 2) for i in range(start + 1, place)
    )


def _name_graph(read: TokenText, select: SelectClause, variable: str) -> list[Edit]:
    name = variable[1:]
    projected = read.tokens[select.first : select.end]
    is_star = read.is_op(select.first, "*")
    has_groups = "GROUP" in select.modifiers
    aggregates = bool(read.words(select.first, select.end) & _AGGREGATES) or "HAVING" in select.modifiers
    if select.modifiers & {"LIMIT", "OFFSET"} or (aggregates and not has_groups):
        raise _lost(read, select, variable)
    if is_star:
        if select.modifiers or select.first > select.word + 1:
            raise _lost(read, select, variable)
        # SELECT * of a group is the group.
        return [(read.tokens[select.word].start, read.tokens[select.pattern].start, "")]
    if any(t.kind == "var" and t.text[1:] == name for t in projected):
        return []
    own = [t for t in read.tokens[select.word : select.after] if t.text in ("?" + name, "$" + name)]
    if own and "SELECT" in read.words(select.pattern, select.close):
        raise _lost(read, select, variable)
    # What has the same name and is not projected is another variable.
    other = f"?{_unused(read, name)}"
    place = read.tokens[select.first].start
    edits: list[Edit] = [(place, place, f"{variable} "), *((t.start, t.end, other) for t in own)]
    if has_groups:
        by = next(i for i in range(select.close, len(read.tokens)) if read.is_word(i, "BY"))
        edits.append((read.tokens[by].end, read.tokens[by].end, f" {variable}"))
    return edits


def _unused(read: TokenText, name: str) -> str:
    taken = {t.text[1:] for t in read.tokens if t.kind == "var"}
    while name in taken:
        name += "_"
    return name


def _lost(read: TokenText, select: SelectClause, variable: str) -> QueryEvaluationError:
    place = position_at(read.text, read.tokens[select.word].start)
    return QueryEvaluationError(
        f"Line {place.line}, column {place.column}: this engine would ask the sub-select over all graphs at "
        f"once and lose {variable}. Name {variable} in its SELECT and GROUP BY, without LIMIT and OFFSET, or "
        "name the graph by its IRI."
    )
