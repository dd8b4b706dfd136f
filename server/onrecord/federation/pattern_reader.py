"""Reading the group graph patterns of a query.

Unlike `sparql.scopes` this reader refuses what it does not understand: what
is asked of other servers must not rest on a guess.
"""

from __future__ import annotations

from onrecord.errors import QuerySyntaxError
from onrecord.federation.pattern import Element, ElementKind, Group, QueryPattern, Select, Span
from onrecord.sparql import Token, position_at, supplied_prefixes, tokenize

_OPENING = {"{": "}", "(": ")", "[": "]", "{|": "|}", "<<": ">>", "<<(": ")>>"}
_CLOSING = frozenset(_OPENING.values())
_TERMS = frozenset({"a", "true", "false"})
_KIND: dict[str, ElementKind] = {"OPTIONAL": "optional", "MINUS": "minus", "LATERAL": "lateral"}
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_MODIFIERS = frozenset({"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})


def read_pattern(text: str) -> QueryPattern:
    """The pattern of the query `text`. Raises QuerySyntaxError for what it cannot read.

    >>> [e.kind for e in read_pattern("ASK { ?s ?p ?o . OPTIONAL { ?s ?q 1 } FILTER(?o > 1) }").root.elements]
    ['triples', 'optional', 'filter']
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokenize(text))
        for token in self.tokens:
            if token.kind == "error":
                raise self.wrong(token.start, f"{token.text} cannot be read here.")

    def wrong(self, offset: int, sentence: str) -> QuerySyntaxError:
        place = position_at(self.text, offset)
        return QuerySyntaxError(f"Line {place.line}, column {place.column}: {sentence}", place)

    def at(self, index: int) -> Token:
        if index < len(self.tokens):
            return self.tokens[index]
        raise self.wrong(len(self.text), "the text ends too early: a bracket is not closed.")

    def read(self) -> QueryPattern:
        index = self.skip_prologue()
        prologue = Span(0, index)
        if self.at(index).upper == "CONSTRUCT" and self.at(index + 1).is_op("{"):
            index = self.close(index + 1)
        head = index
        dataset = head
        while not self.at(index).is_op("{"):
            if self.at(index).upper == "FROM":
                break
            index = self.close(index) if self.is_opener(index) else index + 1
        dataset = index
        while not self.at(index).is_op("{") and self.at(index).upper != "WHERE":
            index += 1
        end = index
        index += not self.at(index).is_op("{")
        root, after = self.read_group(index)
        if root.select is not None:
            inner, root = root, Group(root.span, where=root.span)
            self.put(Element("subselect", root.span, [inner]), root)
        root.select = self.read_select(Span(head, dataset), after, len(self.tokens), root)
        supplied = supplied_prefixes(self.tokens)
        pattern = QueryPattern(self.text, self.tokens, prologue, Span(dataset, end), root, supplied)
        for span in (Span(head, dataset), Span(after, len(self.tokens))):
            self.refuse_service(span)
        return pattern

    def refuse_service(self, span: Span) -> None:
        for token in self.tokens[span.first : span.last]:
            if token.kind == "word" and token.upper == "SERVICE":
                raise self.wrong(
                    token.start,
                    "SERVICE is asked in WHERE only, not in SELECT, GROUP BY, HAVING or ORDER BY.",
                )

    def skip_prologue(self) -> int:
        index = 0
        while index < len(self.tokens):
            word = self.tokens[index].upper
            if word == "PREFIX" and self.at(index + 1).kind == "pname" and self.at(index + 2).kind == "iri":
                index += 3
            elif word in ("BASE", "VERSION"):
                index += 2
            else:
                break
        return index

    def is_opener(self, index: int) -> bool:
        token = self.at(index)
        return token.kind == "op" and token.text in _OPENING

    def close(self, index: int) -> int:
        """The index after the bracket that closes the one at `index`."""
        opener = self.at(index)
        expected = [_OPENING[opener.text]]
        index += 1
        while expected:
            token = self.at(index)
            if token.kind == "op":
                if token.text in _OPENING:
                    expected.append(_OPENING[token.text])
                elif token.text in _CLOSING and token.text != expected.pop():
                    raise self.wrong(token.start, f"{token.text} closes nothing that is open.")
            index += 1
        return index

    def read_group(self, index: int, parent: Element | None = None) -> tuple[Group, int]:
        """The group whose brace is at `index`, and the index after it."""
        end = self.close(index)
        group = Group(Span(index, end), parent=parent)
        if self.at(index + 1).upper == "SELECT":
            self.read_subselect(group, index + 1, end - 1)
            return group, end
        group.where = group.span
        self.read_elements(group, index + 1, end - 1)
        return group, end

    def read_subselect(self, group: Group, index: int, end: int) -> None:
        head = index
        while not self.at(index).is_op("{"):
            index = self.close(index) if self.is_opener(index) else index + 1
        clause = Span(head, index)
        inner_end = self.close(index)
        group.where = Span(index, inner_end)
        self.refuse_service(clause)
        self.refuse_service(Span(inner_end, end))
        if self.at(index + 1).upper == "SELECT":
            inner, _ = self.read_group(index)
            self.put(Element("subselect", Span(index, inner_end), [inner]), group)
        else:
            self.read_elements(group, index + 1, inner_end - 1)
        group.select = self.read_select(clause, inner_end, end, group)

    def read_select(self, clause: Span, after: int, end: int, group: Group) -> Select:
        projected: set[str] = set()
        computed: set[str] = set()
        star = aggregates = sliced = False
        keys: set[str] | None = None
        depth = 0
        for index in range(clause.first, clause.last):
            token = self.tokens[index]
            if token.kind == "op":
                depth += (token.text in _OPENING) - (token.text in _CLOSING)
                star = star or (depth == 0 and token.text == "*")
            elif token.kind == "var" and depth == 0:
                projected.add(token.text[1:])
            elif token.kind == "var" and self.at(index - 1).upper == "AS" and depth == 1:
                computed.add(token.text[1:])
            elif token.kind == "word" and token.upper in _AGGREGATES:
                aggregates = True
        depth = 0
        clause_word = ""
        trailing: Element | None = None
        for index in range(after, end):
            token = self.tokens[index]
            if token.kind == "op":
                depth += (token.text in _OPENING) - (token.text in _CLOSING)
            elif token.kind == "word" and depth == 0:
                clause_word = token.upper if token.upper in _MODIFIERS else clause_word
                sliced = sliced or token.upper in ("LIMIT", "OFFSET")
                aggregates = aggregates or token.upper == "HAVING"
                if token.upper == "GROUP":
                    keys = set()
                if token.upper == "VALUES":
                    trailing = Element("values", Span(index, end))
                    trailing.variables = self.names(trailing.span)
                    trailing.parent = group
                    break
            elif token.kind == "word" and token.upper in _AGGREGATES:
                aggregates = True
            elif token.kind == "var" and depth == 0 and clause_word == "GROUP" and keys is not None:
                keys.add(token.text[1:])
        if aggregates and keys is None:
            keys = set()
        return Select(
            None if star else frozenset(projected),
            frozenset(computed),
            None if keys is None else frozenset(keys),
            sliced,
            trailing,
        )

    def read_elements(self, group: Group, index: int, end: int) -> None:
        while index < end:
            token = self.at(index)
            if token.is_op("."):
                index += 1
                continue
            element, index = self.read_element(index, end)
            self.put(element, group)

    def put(self, element: Element, group: Group) -> None:
        element.variables = self.names(element.span)
        element.parent = group
        for inner in element.groups:
            inner.parent = element
        group.elements.append(element)

    def names(self, span: Span) -> frozenset[str]:
        return frozenset(t.text[1:] for t in self.tokens[span.first : span.last] if t.kind == "var")

    def read_element(self, index: int, end: int) -> tuple[Element, int]:
        token = self.at(index)
        word = token.upper if token.kind == "word" else ""
        if token.is_op("{"):
            return self.read_union(index)
        if word in _KIND:
            group, after = self.read_group(self.brace(index + 1))
            return Element(_KIND[word], Span(index, after), [group]), after
        if word == "GRAPH":
            group, after = self.read_group(self.brace(index + 2))
            return Element("graph", Span(index, after), [group], self.at(index + 1)), after
        if word == "SERVICE":
            silent = self.at(index + 1).upper == "SILENT"
            name = index + 1 + silent
            group, after = self.read_group(self.brace(name + 1))
            if after < end and self.at(after).upper == "UNION":
                raise self.wrong(self.at(after).start, "UNION stands between groups: put { } around SERVICE.")
            return Element("service", Span(index, after), [group], self.at(name), silent), after
        if word == "FILTER":
            after = self.constraint_end(index + 1)
            filter = Element("filter", Span(index, after))
            return self.with_exists(filter), after
        if word == "BIND":
            after = self.close(self.opening(index + 1, "("))
            target = self.at(after - 2)
            if target.kind != "var" or self.at(after - 3).upper != "AS":
                raise self.wrong(target.start, "BIND ends with AS and a variable.")
            return self.with_exists(Element("bind", Span(index, after), target=target.text[1:])), after
        if word == "VALUES":
            names = index + 1
            after = self.close(names) if self.is_opener(names) else names + 1
            after = self.close(self.opening(after, "{"))
            return Element("values", Span(index, after)), after
        if token.kind == "word" and token.text not in _TERMS:
            raise self.wrong(token.start, f"{token.text[:60]} is not expected here.")
        after = self.triples_end(index, end)
        return Element("triples", Span(index, after)), after

    def read_union(self, index: int) -> tuple[Element, int]:
        group, after = self.read_group(index)
        groups = [group]
        while after < len(self.tokens) and self.tokens[after].upper == "UNION":
            group, after = self.read_group(self.brace(after + 1))
            groups.append(group)
        kind: ElementKind = "subselect" if len(groups) == 1 and groups[0].select is not None else "group"
        return Element(kind, Span(index, after), groups), after

    def brace(self, index: int) -> int:
        return self.opening(index, "{")

    def opening(self, index: int, bracket: str) -> int:
        token = self.at(index)
        if not token.is_op(bracket):
            raise self.wrong(token.start, f"{bracket} is expected before {token.text[:60]}.")
        return index

    def constraint_end(self, index: int) -> int:
        """The index after a filter's condition: brackets, a call, or EXISTS."""
        for place in range(index, index + 3):
            if self.is_opener(place):
                return self.close(place)
        raise self.wrong(self.at(index).start, "FILTER is followed by a condition in brackets.")

    def with_exists(self, element: Element) -> Element:
        index = element.span.first
        while index < element.span.last:
            token = self.tokens[index]
            if token.is_op("{"):
                group, index = self.read_group(index, element)
                element.groups.append(group)
            else:
                index += 1
        return element

    def triples_end(self, index: int, end: int) -> int:
        """The index after a block of triples, its last full stop left out."""
        start = index
        while index < end:
            token = self.at(index)
            if token.kind == "word" and token.text not in _TERMS:
                break
            if token.is_op("{"):
                break
            index = self.close(index) if self.is_opener(index) else index + 1
        if index == start:
            raise self.wrong(self.at(index).start, f"{self.at(index).text[:60]} is not expected here.")
        while self.at(index - 1).is_op(".") and index - 1 > start:
            index -= 1
        return index
