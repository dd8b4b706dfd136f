"""What a query projects and in which order, as far as its text says."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.sparql.tokens import Token, tokenize


@dataclass(frozen=True)
class Projection:
    """The variables of a SELECT clause, or None for `SELECT *`, and those that ORDER BY names alone."""

    variables: tuple[str, ...] | None
    ordered_by: tuple[str, ...]

    @property
    def has_total_order(self) -> bool:
        """Whether ORDER BY names every projected variable: rows that tie are then the same."""
        return self.variables is not None and set(self.variables) <= set(self.ordered_by)


def read_projection(text: str) -> Projection:
    """The projection of the outermost SELECT of `text`; of other forms, an empty one.

    >>> read_projection("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s ORDER BY DESC(?n) ?s")
    Projection(variables=('s', 'n'), ordered_by=('n', 's'))
    """
    projected: list[str] = []
    ordered: list[str] = []
    is_star = False
    part, braces, brackets = "", 0, 0
    bracket: list[Token] = []  # the tokens of a bracket, after the one before it
    last = Token("op", "", 0, 0, "graph")
    for token in tokenize(text):
        before, last = last, token
        braces += token.is_op("{") - token.is_op("}")
        if braces or token.is_op("}"):
            part = "" if part == "select" else part
            continue
        if token.kind == "word" and not brackets:
            part = _part(token, part)
        if token.is_op("(") and not brackets:
            bracket = [before]
        brackets += token.is_op("(") - token.is_op(")")
        if brackets or token.is_op(")"):
            bracket.append(token)
            if not brackets:
                name = _named_by(bracket, part)
                (projected if part == "select" else ordered).extend(name)
        elif token.kind == "var" and part in ("select", "order"):
            (projected if part == "select" else ordered).append(token.text[1:])
        is_star = is_star or (part == "select" and not brackets and token.is_op("*"))
    return Projection(None if is_star else tuple(projected), tuple(ordered))


def _part(word: Token, part: str) -> str:
    """The part of the query that `word` starts, or `part`."""
    if word.upper.startswith("SELECT") and not part:
        return "select"
    if word.upper == "ORDER":
        return "order"
    return (
        "other" if word.upper in ("FROM", "WHERE", "LIMIT", "OFFSET", "VALUES", "GROUP", "HAVING") else part
    )


def _named_by(bracket: list[Token], part: str) -> list[str]:
    """What (expression AS ?name) projects, or what (?name), ASC(?name), DESC(?name) order by."""
    if part == "select" and len(bracket) > 4 and bracket[-3].upper == "AS":
        return [bracket[-2].text[1:]]
    is_call = bracket[0].kind in ("iri", "pname", "word") and bracket[0].upper not in ("ASC", "DESC", "BY")
    is_variable = len(bracket) == 4 and bracket[2].kind == "var"
    return [bracket[2].text[1:]] if part == "order" and is_variable and not is_call else []
