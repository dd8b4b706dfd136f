"""Answering the SERVICE clauses of a query: probe, ask, put the rows in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from onrecord.errors import FederationError, Position
from onrecord.federation.bindjoin import LIMITS, Exchanged, Limits, ask_in_batches
from onrecord.federation.body import write_body
from onrecord.federation.clause import Clause, FederatedQuery
from onrecord.federation.endpoints_of import find_services, resolve_iri
from onrecord.federation.inline import arrange, has_blank_node, inline, skolemize
from onrecord.federation.labels import LABEL_SERVICE, Labels, emulate_labels
from onrecord.federation.pattern import Element, QueryPattern, Span, read_pattern
from onrecord.federation.probe import make_probe
from onrecord.federation.reach import sendable, visible
from onrecord.federation.remote import Local, Remote, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Row, Solutions, Term
from onrecord.sparql import describe, position_at, refuse_remote


def federate(
    text: str,
    local: Local,
    remote: Remote,
    *,
    base_iri: str | None = None,
    limits: Limits = LIMITS,
    frozen: Mapping[int, Clause] | None = None,
) -> FederatedQuery:
    """The query `text` with inline data in the place of each SERVICE.

    `frozen` has clauses by their number in the text, whose rows are taken as
    they are. Raises QuerySyntaxError, FederationError, EndpointRefusedError
    (also under SILENT) and RemoteError, and what `local` raises.
    """
    return _Plan(text, local, remote, base_iri, limits, frozen or {}).run()


class _Plan:
    def __init__(
        self,
        text: str,
        local: Local,
        remote: Remote,
        base_iri: str | None,
        limits: Limits,
        frozen: Mapping[int, Clause],
    ) -> None:
        self.pattern: QueryPattern = read_pattern(text)
        self.text = text
        self.local = local
        self.remote = remote
        self.base_iri = base_iri
        self.limits = limits
        self.frozen = frozen
        self.replaced: dict[int, tuple[int, str]] = {}
        self.certain: dict[int, frozenset[str]] = {}
        self.size = len(text)

    def run(self) -> FederatedQuery:
        services = find_services(self.pattern)
        for service in services:
            self.join_laterals(service)
        labels = [self.labels_of(service) for service in services]
        for number, service in enumerate(services):
            if number not in self.frozen and self.endpoint_variable(service) is None:
                self.remote.check(self.endpoint_of(service))
        self.local.check(self.skeleton(services))
        clauses = []
        for number, service in enumerate(services):
            clause = self.frozen.get(number) or self.answer(service, labels[number])
            self.replace(service, clause.rows)
            clauses.append(clause)
        final = self.render(Span(0, len(self.pattern.tokens)))
        refuse_remote(describe(final))
        return FederatedQuery(final, tuple(clauses))

    def endpoint_variable(self, service: Element) -> str | None:
        assert service.term is not None
        return service.term.text[1:] if service.term.kind == "var" else None

    def endpoint_of(self, service: Element) -> str:
        assert service.term is not None
        return resolve_iri(self.pattern, service.term, self.base_iri)

    def labels_of(self, service: Element) -> Labels | None:
        """The label service inside `service`. Raises FederationError for any other SERVICE there."""
        found: Labels | None = None
        if self.endpoint_variable(service) is None and self.endpoint_of(service) == LABEL_SERVICE:
            raise FederationError(
                f"{self.where(service)}: SERVICE wikibase:label belongs inside the SERVICE whose entities "
                "it names."
            )
        body = service.groups[0]
        for nested in (e for e in body.walk() if e.kind == "service"):
            is_label = nested.term is not None and nested.term.kind != "var"
            if not is_label or self.endpoint_of(nested) != LABEL_SERVICE:
                raise FederationError(
                    f"{self.where(nested)}: a SERVICE inside another is not passed on. "
                    "Put the two beside each other."
                )
            if found is not None:
                raise FederationError(f"{self.where(nested)}: one SERVICE wikibase:label is enough.")
            found = emulate_labels(self.pattern, body, nested)
        return found

    def join_laterals(self, service: Element) -> None:
        """Make a plain group of each LATERAL around `service`, where that means the same.

        Inline data may not bind what stands before LATERAL. Raises
        FederationError where a join would mean something else.
        """
        for around in self.around(service):
            if around.kind != "lateral":
                continue
            group = around.groups[0]
            if group.select is not None or any(e.kind not in ("triples", "service") for e in group.elements):
                raise FederationError(
                    f"{self.where(around)}: SERVICE inside LATERAL is answered as a join, so it may hold "
                    "triples and SERVICE and nothing else. Move the rest out of it."
                )
            self.replaced[around.span.first] = (around.span.first + 1, "")

    def where(self, element: Element) -> str:
        place = self.position(element)
        return f"Line {place.line}, column {place.column}"

    def position(self, element: Element) -> Position:
        return position_at(self.text, self.pattern.tokens[element.span.first].start)

    def skeleton(self, services: list[Element]) -> str:
        """The text with each SERVICE as a plain group, every character in its place."""
        characters = list(self.text)

        def blank(first: int, last: int) -> None:
            for offset in range(self.pattern.tokens[first].start, self.pattern.tokens[last - 1].end):
                if characters[offset] != "\n":
                    characters[offset] = " "

        for service in services:
            blank(service.span.first, service.groups[0].span.first)
            for nested in (e for e in service.groups[0].walk() if e.kind == "service"):
                blank(nested.span.first, nested.span.last)
        return "".join(characters)

    def answer(self, service: Element, labels: Labels | None) -> Clause:
        """Ask for the rows of `service`."""
        body = service.groups[0]
        variable = self.endpoint_variable(service)
        computed = labels.variables if labels is not None else frozenset()
        sent = sendable(self.pattern, body) - computed
        columns = self.columns(service, visible(body) | computed)
        wanted = sent | {variable} if variable is not None else sent
        for sibling in self.slices_around(service, wanted):
            self.freeze(sibling)
        found = self.probe(service, wanted)
        dropped = False
        if found is not None:
            kept = [row for row in found.rows if not any(map(has_blank_node, row))]
            dropped = len(kept) < len(found.rows)
            found = Solutions(found.variables, tuple(dict.fromkeys(kept)))
        if variable is not None:
            columns = tuple(sorted({*columns, variable}))
        rows: list[Row] = []
        exchanges: list[Exchanged] = []
        pushed_names: tuple[str, ...] = ()
        asked = self.by_endpoint(service, found, sent)
        for endpoint in asked:
            self.remote.check(endpoint)
        discard = False
        for endpoint, batch in asked.items():
            if batch is not None and not batch.rows:
                continue
            pushed_names = batch.variables if batch is not None else ()
            query = self.query(service, columns, pushed_names, labels, variable, batch)
            made = ask_in_batches(
                self.remote, endpoint, query, batch, is_silent=service.is_silent, limits=self.limits
            )
            exchanges.append(made)
            for answer in made.answers:
                rows += self.take(answer.solutions, columns, endpoint, variable)
            for failed in made.failed:
                discard = discard or dropped or self.is_subtracted(service)
                bindings = (
                    Solutions(pushed_names, failed.rows) if failed is not None else Solutions((), ((),))
                )
                rows += self.take(bindings, columns, endpoint, variable)
        if discard:
            # As if the whole SERVICE had failed: what is subtracted or cannot be
            # told apart by its binding must not be answered in part.
            rows = [tuple(None for _ in columns)]
        provenance = tuple(
            p for made in exchanges for p in [*(a.provenance for a in made.answers), *made.failures]
        )
        return Clause(
            self.position(service),
            f"?{variable}" if variable is not None else self.endpoint_of(service),
            service.is_silent,
            pushed_names,
            sum(made.sent for made in exchanges),
            Solutions(columns, tuple(rows)),
            provenance,
            not any(made.failed for made in exchanges),
        )

    def columns(self, service: Element, inside: frozenset[str]) -> tuple[str, ...]:
        """The variables of the clause that the rest of the query can see."""
        tokens = self.pattern.tokens
        span = service.span
        outside = [*tokens[: span.first], *tokens[span.last :]]
        for before, token in zip([None, *outside], outside, strict=False):
            if (
                token.is_op("*")
                and before is not None
                and (before.upper in ("SELECT", "DISTINCT", "REDUCED", "DESCRIBE") or before.is_op("("))
            ):
                return tuple(sorted(inside))
        return tuple(sorted(inside & {t.text[1:] for t in outside if t.kind == "var"}))

    def probe(self, service: Element, wanted: frozenset[str]) -> Solutions | None:
        """The local bindings of `wanted`, of those variables that are bound in all of them; None for none."""
        probe = make_probe(self.pattern, service, wanted, self.certain, self.render)
        if probe is None:
            return None
        most = self.limits.bindings
        found = self.local.select(probe.text, most + 1)
        if len(found.rows) > most:
            raise FederationError(
                f"{self.where(service)}: more than {most:,} bindings would be sent to another server. "
                "Narrow the patterns around SERVICE, or use LIMIT in a sub-select."
            )
        bound = [
            name for i, name in enumerate(found.variables) if all(row[i] is not None for row in found.rows)
        ]
        if not bound:
            return None
        return Solutions(tuple(bound), tuple(dict.fromkeys(arrange(found, bound))))

    def by_endpoint(
        self, service: Element, found: Solutions | None, sent: frozenset[str]
    ) -> dict[str, BindingsBatch | None]:
        """Each endpoint to ask with the bindings to send there; None sends the body as it stands."""
        variable = self.endpoint_variable(service)
        names = tuple(n for n in found.variables if n in sent) if found is not None else ()
        if variable is None:
            endpoint = self.endpoint_of(service)
            if found is None or not names:
                return {endpoint: None}
            return {endpoint: _batch(names, arrange(found, names))}
        if found is None or variable not in found.variables:
            raise FederationError(
                f"{self.where(service)}: ?{variable} names the endpoint and is not bound by the patterns "
                f"around SERVICE. Bind it first, as in VALUES ?{variable} {{ <https://example.org/sparql> }}."
            )
        place = found.variables.index(variable)
        grouped: dict[str, list[Row]] = {}
        for row, own in zip(found.rows, arrange(found, names), strict=True):
            term = row[place] or ""
            if not term.startswith("<") or term.startswith("<<("):
                raise FederationError(
                    f"{self.where(service)}: ?{variable} is {term}, which names no endpoint."
                )
            grouped.setdefault(term[1:-1], []).append(own)
        return {
            endpoint: _batch(names, rows) if names else None for endpoint, rows in sorted(grouped.items())
        }

    def query(
        self,
        service: Element,
        columns: tuple[str, ...],
        pushed: tuple[str, ...],
        labels: Labels | None,
        variable: str | None,
        batch: BindingsBatch | None,
    ) -> RemoteQuery:
        inside = visible(service.groups[0])
        own = {*columns, *pushed} - ({variable} - inside if variable is not None else set())
        asked = sorted(own) or sorted(inside)[:1]
        limit = self.limits.unbound_rows + 1 if batch is None else None
        insertions = labels.insertions if labels is not None else ()
        return write_body(self.pattern, service, asked, self.base_iri, insertions, limit)

    def take(
        self, solutions: Solutions, columns: tuple[str, ...], endpoint: str, variable: str | None
    ) -> Iterator[Row]:
        named = columns.index(variable) if variable is not None else -1
        for row in arrange(solutions, columns):
            terms = [skolemize(term, endpoint) for term in row]
            if variable is not None and terms[named] is None:
                terms[named] = Term(f"<{endpoint}>")
            yield tuple(terms)

    def replace(self, element: Element, rows: Solutions) -> None:
        """Put `rows` in the place of `element`."""
        text = inline(rows)
        self.size += len(text)
        if self.size > self.limits.size:
            raise FederationError(
                f"{self.where(element)}: the answers of other servers are longer than "
                f"{self.limits.size:,} characters. Ask them for less."
            )
        self.replaced[element.span.first] = (element.span.last, text)
        self.certain[element.span.first] = frozenset(
            name for i, name in enumerate(rows.variables) if all(row[i] is not None for row in rows.rows)
        )

    def render(self, span: Span) -> str:
        """The text of `span` with the inline data that stands in it."""
        parts: list[str] = []
        index = start = span.first
        while index < span.last:
            if index in self.replaced:
                parts += [self.pattern.source(Span(start, index)), self.replaced[index][1]]
                index = start = self.replaced[index][0]
            else:
                index += 1
        parts.append(self.pattern.source(Span(start, span.last)))
        return " ".join(part for part in parts if part)

    def is_subtracted(self, service: Element) -> bool:
        return any(around.kind == "minus" for around in self.around(service))

    def around(self, element: Element) -> Iterator[Element]:
        group = element.parent
        while group is not None and group.parent is not None:
            yield group.parent
            group = group.parent.parent

    def slices_around(self, service: Element, wanted: frozenset[str]) -> list[Element]:
        """Sub-selects with LIMIT beside `service` or around it that its bindings depend on."""
        if any(around.kind in ("lateral", "filter", "bind") for around in self.around(service)):
            return []
        groups = [service.parent, *(around.parent for around in self.around(service))]
        return [
            element
            for group in groups
            if group is not None
            for element in group.elements
            if self.is_slice(element) and element.variables & wanted
        ]

    def is_slice(self, element: Element) -> bool:
        if element.kind != "subselect" or element.span.first in self.replaced:
            return False
        group = element.groups[0]
        has_service = any(e.kind == "service" for e in group.walk())
        in_graph = any(around.kind == "graph" for around in self.around(element))
        return group.select is not None and group.select.is_sliced and not has_service and not in_graph

    def freeze(self, element: Element) -> None:
        """Put the rows of a sub-select in its place, so that its LIMIT takes the same rows from now on."""
        group = element.groups[0]
        assert group.where is not None
        head = group.where.first - (self.pattern.tokens[group.where.first - 1].upper == "WHERE")
        text = " ".join(
            (
                self.pattern.source(self.pattern.prologue),
                self.render(Span(group.span.first + 1, head)),
                self.pattern.source(self.pattern.dataset),
                self.render(Span(head, group.span.last - 1)),
            )
        )
        rows = self.local.select(text, self.limits.bindings + 1)
        if len(rows.rows) <= self.limits.bindings and not any(
            has_blank_node(term) for row in rows.rows for term in row
        ):
            self.replace(element, rows)


def _batch(names: tuple[str, ...], rows: Iterable[Row]) -> BindingsBatch:
    """Distinct rows in the order of their text, so that the same bindings make the same requests."""
    whole = {tuple(term for term in row if term is not None) for row in rows}
    return BindingsBatch(names, tuple(sorted(whole)))
