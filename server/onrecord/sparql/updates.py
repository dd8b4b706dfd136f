"""What an update text would write, operation by operation, as far as its tokens tell.

The engine judges the syntax first. This module then finds the parts of each
operation: which graphs a template names, where its WHERE group stands. It
fails closed: what an engine may read and this module does not, is refused.
"""

from __future__ import annotations

from onrecord.errors import QuerySyntaxError
from onrecord.sparql.positions import line_at, position_at
from onrecord.sparql.tokens import Token, tokenize
from onrecord.sparql.update_operation import Target, UpdateKind, UpdateOperation

_GRAPH_NAMES = ("iri", "pname")


def read_update(text: str) -> tuple[UpdateOperation, ...]:
    """The operations of an update text that the engine has read already, in order.

    Raises QuerySyntaxError for a form that cannot be told apart with certainty.

    >>> [(o.kind, o.graphs, o.variables) for o in read_update(
    ...     "DROP GRAPH <urn:a> ; INSERT { GRAPH ?g { ?s ?p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }")]
    [('drop', ('<urn:a>',), ()), ('modify', (), ('?g',))]
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokenize(text))
        self.index = 0
        self.prologue: list[str] = []

    def read(self) -> tuple[UpdateOperation, ...]:
        found = []
        while self.index < len(self.tokens):
            if self.read_declaration():
                continue
            found.append(self.read_operation())
            if self.index < len(self.tokens):
                self.expect(self.at().is_op(";"))
                self.index += 1
        return tuple(found)

    def read_declaration(self) -> bool:
        """Whether a BASE, PREFIX or VERSION stood here, which is then kept."""
        length = {"BASE": 2, "VERSION": 2, "PREFIX": 3}.get(self.at().upper, 0)
        if self.at().kind != "word" or not length:
            return False
        last = self.at(length - 1)
        self.expect(last.kind in ("iri", "string"))
        self.prologue.append(self.text[self.at().start : last.end])
        self.index += length
        return True

    def read_operation(self) -> UpdateOperation:
        start = self.at().start
        word, second = self.word(), self.word(1)
        if word in ("INSERT", "DELETE") and second == "DATA":
            self.index += 2
            opening = self.at()
            self.expect(opening.is_op("{"))
            self.skip_group()
            kind: UpdateKind = "insert data" if word == "INSERT" else "delete data"
            return UpdateOperation(kind, self.declared(), self.since(start), block=self.since(opening.start))
        if word in ("INSERT", "DELETE", "WITH"):
            return self.read_modify(start)
        if word in ("CREATE", "DROP", "CLEAR"):
            return self.read_management(start, word)
        if word in ("ADD", "COPY", "MOVE"):
            return self.read_transfer(start, word)
        raise self.unclear()

    def read_modify(self, start: int) -> UpdateOperation:
        graphs: list[str] = []
        variables: list[str] = []
        with_graph = ""
        writes_default = False
        if self.word() == "WITH":
            self.expect(self.at(1).kind in _GRAPH_NAMES)
            with_graph = self.at(1).text
            self.index += 2
        if self.word() == "DELETE" and self.word(1) == "WHERE":
            self.expect(not with_graph)
            opening = self.at(2)
            self.index += 2
            writes_default = self.read_template(graphs, variables)
            pattern = self.text[opening.start : self.tokens[self.index - 1].end]
            return UpdateOperation(
                "delete where",
                self.declared(),
                self.since(start),
                tuple(graphs),
                tuple(dict.fromkeys(variables)),
                writes_default=writes_default,
                head=f"DELETE {pattern}",
                pattern=pattern,
            )
        templates = 0
        for keyword in ("DELETE", "INSERT"):
            if self.word() == keyword:
                self.index += 1
                writes_default = self.read_template(graphs, variables) or writes_default
                templates += 1
        self.expect(templates > 0)
        head = self.since(start)
        using_start, has_using = self.at().start, False
        while self.word() == "USING":
            has_using = True
            self.index += 2 if self.word(1) == "NAMED" else 1
            self.expect(self.at().kind in _GRAPH_NAMES)
            self.index += 1
        using = self.text[using_start : self.at().start]
        self.expect(self.word() == "WHERE")
        self.index += 1
        opening = self.at()
        self.expect(opening.is_op("{"))
        self.skip_group()
        if with_graph and writes_default:
            graphs.append(with_graph)
        return UpdateOperation(
            "modify",
            self.declared(),
            self.since(start),
            tuple(graphs),
            tuple(dict.fromkeys(variables)),
            with_graph=with_graph,
            has_using=has_using,
            writes_default=writes_default and not with_graph,
            head=head,
            using=using,
            pattern=self.text[opening.start : self.tokens[self.index - 1].end],
        )

    def read_template(self, graphs: list[str], variables: list[str]) -> bool:
        """Read a template in braces; its graphs go to the lists. Whether it has triples outside GRAPH."""
        self.expect(self.at().is_op("{"))
        depth, outside = 0, False
        while True:
            token = self.at()
            self.expect(token.kind != "error")
            if token.is_op("{"):
                depth += 1
                self.expect(depth <= 2)
                if depth == 2:
                    name, keyword = self.at(-1), self.at(-2)
                    self.expect(keyword.kind == "word" and keyword.upper == "GRAPH")
                    self.expect(name.kind in (*_GRAPH_NAMES, "var"))
                    if name.kind == "var":
                        variables.append("?" + name.text[1:])
                    else:
                        graphs.append(name.text)
            elif token.is_op("}"):
                depth -= 1
            elif depth == 1 and not token.is_op("."):
                is_name = self.at(1).is_op("{")
                outside = outside or not (is_name or (token.kind == "word" and token.upper == "GRAPH"))
            self.index += 1
            if depth == 0:
                return outside

    def read_management(self, start: int, word: str) -> UpdateOperation:
        self.index += 2 if self.word(1) == "SILENT" else 1
        graphs: tuple[str, ...] = ()
        target: Target = "graph"
        if self.word() == "GRAPH":
            self.index += 1
            self.expect(self.at().kind in _GRAPH_NAMES)
            graphs = (self.at().text,)
        else:
            found = {"DEFAULT": "default", "NAMED": "named", "ALL": "all"}.get(self.word())
            self.expect(found is not None and word != "CREATE")
            target = found  # type: ignore[assignment]
        self.index += 1
        kinds: dict[str, UpdateKind] = {"CREATE": "create", "DROP": "drop", "CLEAR": "clear"}
        return UpdateOperation(kinds[word], self.declared(), self.since(start), graphs, target=target)

    def read_transfer(self, start: int, word: str) -> UpdateOperation:
        self.index += 2 if self.word(1) == "SILENT" else 1
        source = self.read_end()
        self.expect(self.word() == "TO")
        self.index += 1
        target = self.read_end()
        kinds: dict[str, UpdateKind] = {"ADD": "add", "COPY": "copy", "MOVE": "move"}
        # MOVE empties where it takes from; ADD and COPY only read there.
        written = (source, target) if word == "MOVE" else (target,)
        return UpdateOperation(
            kinds[word],
            self.declared(),
            self.since(start),
            tuple(name for name in written if name),
            target="graph" if target else "default",
        )

    def read_end(self) -> str:
        """One side of ADD, COPY or MOVE; empty for DEFAULT."""
        if self.word() == "DEFAULT":
            self.index += 1
            return ""
        if self.word() == "GRAPH":
            self.index += 1
        self.expect(self.at().kind in _GRAPH_NAMES)
        self.index += 1
        return self.at(-1).text

    def skip_group(self) -> None:
        depth = 0
        while True:
            token = self.at()
            self.expect(token.kind != "error")
            depth += token.is_op("{") - token.is_op("}")
            self.index += 1
            if depth == 0:
                return

    def at(self, distance: int = 0) -> Token:
        place = self.index + distance
        if 0 <= place < len(self.tokens):
            return self.tokens[place]
        return Token("error", "", len(self.text), len(self.text), "graph")

    def word(self, distance: int = 0) -> str:
        token = self.at(distance)
        return token.upper if token.kind == "word" else ""

    def declared(self) -> str:
        return "\n".join(self.prologue)

    def since(self, start: int) -> str:
        """The text from `start` to the end of the token before this one."""
        return self.text[start : self.tokens[self.index - 1].end]

    def expect(self, holds: bool) -> None:
        if not holds:
            raise self.unclear()

    def unclear(self) -> QuerySyntaxError:
        place = position_at(self.text, min(self.at().start, len(self.text)))
        return QuerySyntaxError(
            f"Line {place.line}, column {place.column}: what this update writes cannot be told with "
            "certainty. Put white space between keywords, names and brackets.",
            place,
            line_at(self.text, place.line),
        )
