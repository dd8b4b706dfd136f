"""Slots: the VALUES blocks through which a saved query takes its parameters.

A slot of a parameter is a VALUES block over that variable alone:
`VALUES ?speaker { UNDEF }`. Values enter a text as RDF terms that replace the
contents of the block, never as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from onrecord.errors import Position, SavedQueryError
from onrecord.sparql.positions import position_at
from onrecord.sparql.tokens import Token, tokenize
from onrecord.terms import XSD

Term = NamedNode | Literal
"""What a slot takes: an IRI or a literal. There are no blank nodes in VALUES."""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True)
class Slot:
    """One slot: `start` and `end` bound what stands between its braces, `offset` is the place of VALUES."""

    name: str
    offset: int
    start: int
    end: int
    position: Position
    default: tuple[str, ...]
    """The tokens between the braces, `("UNDEF",)` for an open slot."""

    @property
    def is_open(self) -> bool:
        """Whether it restricts nothing as it stands in the file."""
        return tuple(t.upper() for t in self.default) == ("UNDEF",)


def find_slots(text: str, names: Iterable[str]) -> tuple[Slot, ...]:
    """The slots in `text` for the parameters `names`, in order.

    >>> [(s.name, s.default) for s in find_slots("ASK { VALUES ?who { UNDEF } ?s ?p ?who }", ["who"])]
    [('who', ('UNDEF',))]
    """
    wanted = frozenset(names)
    tokens = list(tokenize(text))
    found = []
    for index in range(len(tokens) - 2):
        word, variable, brace = tokens[index : index + 3]
        is_block = (
            word.kind == "word" and word.upper.endswith("VALUES") and brace.is_op("{") and brace.in_data
        )
        if not is_block or variable.kind != "var" or variable.text[1:] not in wanted:
            continue
        end = _closing(tokens, index + 2)
        if end is not None:
            offset = word.end - len("VALUES")
            content = tuple(t.text for t in tokenize(text[brace.end : end]))
            found.append(Slot(variable.text[1:], offset, brace.end, end, position_at(text, offset), content))
    return tuple(found)


def _closing(tokens: Sequence[Token], opening: int) -> int | None:
    """The offset of the brace that closes the one at index `opening`; None when there is none."""
    depth = 0
    for token in tokens[opening:]:
        if token.is_op("{"):
            depth += 1
        elif token.is_op("}"):
            depth -= 1
            if depth == 0:
                return token.start
    return None


def bind(text: str, values: Mapping[str, Sequence[Term]]) -> str:
    """`text` with the slots of each name holding its values; everything else stays as it is.

    A name without values keeps what its slots say. A value given twice is
    bound once, because each doubles the rows. Raises SavedQueryError for a
    name that has no slot.

    >>> bind("ASK { VALUES ?n { UNDEF } FILTER(?n = 1) }", {"n": [Literal(1)]})
    'ASK { VALUES ?n { "1"^^<http://www.w3.org/2001/XMLSchema#integer> } FILTER(?n = 1) }'
    """
    given = {n: " ".join(dict.fromkeys(map(serialize_term, terms))) for n, terms in values.items() if terms}
    slots = find_slots(text, given)
    for name in given:
        if not any(slot.name == name for slot in slots):
            raise SavedQueryError(
                f"The query has no slot for ?{name}. Add VALUES ?{name} {{ UNDEF }} where it is used."
            )
    parts, offset = [], 0
    for slot in slots:
        parts += [text[offset : slot.start], f" {given[slot.name]} "]
        offset = slot.end
    return "".join([*parts, text[offset:]])


def serialize_term(term: Term) -> str:
    """`term` as SPARQL writes it, in a form that no text around it can change.

    >>> serialize_term(Literal('say "no"', language="en"))
    '"say \\\\"no\\\\""@en'
    """
    if isinstance(term, NamedNode):
        return f"<{term.value}>"
    quoted = f'"{term.value.translate(_ESCAPES)}"'
    if term.language is not None:
        return f"{quoted}@{term.language}" + (f"--{term.direction}" if term.direction is not None else "")
    return quoted if term.datatype.value == XSD + "string" else f"{quoted}^^<{term.datatype.value}>"
