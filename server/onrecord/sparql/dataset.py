"""The dataset clause of a query: which graphs FROM and FROM NAMED name, as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.sparql.tokens import tokenize


@dataclass(frozen=True)
class DatasetClause:
    """The terms of FROM and of FROM NAMED, in their order: IRIs in angle brackets or prefixed names."""

    default: Sequence[str]
    named: Sequence[str]


def read_dataset(text: str) -> DatasetClause:
    """The dataset clause of `text`, a query that the engine has read already.

    >>> read_dataset("SELECT * FROM <urn:a> FROM NAMED ex:b { ?s <urn:FROM> <urn:c> }")
    DatasetClause(default=('<urn:a>',), named=('ex:b',))
    """
    default: list[str] = []
    named: list[str] = []
    tokens = list(tokenize(text))
    depth = 0
    for place, token in enumerate(tokens[:-1]):
        depth += token.is_op("{", "{|") - token.is_op("}", "|}")
        if depth or token.kind != "word":
            continue
        following = tokens[place + 1]
        if token.upper.endswith("FROM") and following.kind in ("iri", "pname"):
            default.append(following.text)
        elif token.upper.endswith("NAMED") and following.kind in ("iri", "pname"):
            named.append(following.text)
    return DatasetClause(tuple(dict.fromkeys(default)), tuple(dict.fromkeys(named)))
