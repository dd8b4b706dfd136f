"""One operation of an update request, its parts as they are written, and the texts that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from onrecord.errors import RequestError
from onrecord.sparql.tokens import tokenize

UpdateKind = Literal[
    "insert data", "delete data", "delete where", "modify",
    "create", "drop", "clear", "add", "copy", "move",
]  # fmt: skip
Target = Literal["", "graph", "default", "named", "all"]


@dataclass(frozen=True)
class UpdateOperation:
    """One operation of a request, with the terms as they are written.

    `prologue` holds all declarations that stand before it. `graphs` are the
    constant names of the graphs that it may write, `variables` those that its
    templates leave to WHERE. `target` is what a management operation writes.
    """

    kind: UpdateKind
    prologue: str
    text: str
    graphs: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    target: Target = ""
    with_graph: str = ""
    has_using: bool = False
    writes_default: bool = False
    head: str = ""
    """All before the WHERE pattern (before `WHERE` and any USING), for a pattern operation."""
    using: str = ""
    pattern: str = ""
    """The WHERE pattern with its braces."""
    block: str = ""
    """The data block with its braces, of INSERT DATA and DELETE DATA."""

    @property
    def names_dataset(self) -> bool:
        """Whether the text itself chooses what WHERE sees (WITH or USING)."""
        return self.has_using or bool(self.with_graph)

    def write(self, using: Sequence[str] = (), forbidden: Sequence[str] = ()) -> str:
        """The operation as a request of its own.

        `using` are USING clauses to add to a pattern operation. Rows that
        would write one of the graphs `forbidden` (IRIs) through a variable are
        left out.
        """
        return f"{self.prologue}\n{self.body(using, forbidden)}"

    def body(self, using: Sequence[str] = (), forbidden: Sequence[str] = ()) -> str:
        """The same without its prologue."""
        if not self.pattern or not (using or (forbidden and self.variables)):
            return self.text
        pattern = self.pattern
        if forbidden and self.variables:
            listed = ", ".join(f"<{iri}>" for iri in forbidden)
            guards = " ".join(f"FILTER(!BOUND({v}) || !({v} IN ({listed})))" for v in self.variables)
            pattern = f"{{ {pattern} {guards} }}"
        return "\n".join((self.head, self.using, *using, "WHERE", pattern))

    def within(self, graph: str) -> UpdateOperation:
        """The operation with `graph` (an IRI, empty for the unnamed graph) for its unnamed graph.

        Raises RequestError when it names graphs itself.
        """
        if self.graphs or self.variables or self.target or self.names_dataset or _names_graph(self.block):
            raise RequestError(
                "The update of a PATCH changes the graph that it is sent to and names no other: no GRAPH, "
                "WITH, USING, CREATE, DROP, CLEAR, ADD, COPY or MOVE. Send such updates to /sparql."
            )
        if not graph:
            return self
        if self.block:
            word = self.kind.upper()
            return replace(self, text=f"{word} {{ GRAPH <{graph}> {self.block} }}", block="")
        if self.kind == "delete where":
            return replace(self, text=f"DELETE WHERE {{ GRAPH <{graph}> {self.pattern} }}", pattern="")
        return replace(self, text=f"WITH <{graph}> {self.text}", pattern="")

    def ask_names(self) -> str:
        """A query for the graphs that the variables stand for; its FROM clauses are those of USING."""
        return "\n".join(
            (
                self.prologue,
                f"SELECT DISTINCT {' '.join(self.variables)}",
                self._from(),
                "WHERE",
                self.pattern,
            )
        )

    def ask_rows(self) -> str:
        """A query that works as much as WHERE does."""
        return "\n".join((self.prologue, "SELECT *", self._from(), "WHERE", self.pattern))

    def ask_triples(self, template: str) -> str:
        """A query for what `template` (triples without braces) stands for, row by row of WHERE."""
        construct = f"CONSTRUCT {{\n{template}\n}}"
        return "\n".join((self.prologue, construct, self._from(), "WHERE", self.pattern))

    def _from(self) -> str:
        # USING and USING NAMED have the syntax of FROM and FROM NAMED (SPARQL 1.1 Update, 3.1.3).
        return " ".join("FROM" if t.upper == "USING" else t.text for t in tokenize(self.using))


def join_operations(operations: Sequence[UpdateOperation], using: Sequence[str] = ()) -> str:
    """One request of `operations`, which share a prologue."""
    bodies = ";\n".join(operation.body(using) for operation in operations)
    return f"{operations[0].prologue if operations else ''}\n{bodies}"


def share_prologue(operations: Sequence[UpdateOperation]) -> bool:
    """Whether nothing is declared between the operations.

    The grammar of SPARQL 1.1 allows declarations there; the engine reads them
    only at the start (pyoxigraph 0.5.13).
    """
    return len({operation.prologue for operation in operations}) <= 1


def _names_graph(block: str) -> bool:
    """Whether a data block has braces inside its braces: nothing but GRAPH opens them."""
    return sum(token.is_op("{") for token in tokenize(f"INSERT DATA {block}")) > 1
