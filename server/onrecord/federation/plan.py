"""Answering the SERVICE clauses of a query: probe, ask, put the rows in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from onrecord.errors import FederationError, QuerySyntaxError
from onrecord.federation.bindjoin import LIMITS, Exchanged, Limits, ask_in_batches
from onrecord.federation.body import write_body
from onrecord.federation.clause import Clause, FederatedQuery
from onrecord.federation.inline import arrange, has_blank_node, skolemize
from onrecord.federation.labels import Labels, emulate_labels
from onrecord.federation.pattern import Element
from onrecord.federation.pattern_reader import read_pattern
from onrecord.federation.probe import make_probe
from onrecord.federation.reach import sendable, visible
from onrecord.federation.remote import Local, Remote, RemoteQuery
from onrecord.federation.service_clauses import (
    endpoint_variable,
    find_label_service,
    find_services,
    join_laterals,
    resolve_iri,
)
from onrecord.federation.slices import freeze_slices
from onrecord.federation.solutions import BindingsBatch, Row, Solutions, Term
from onrecord.federation.substitution import Substitution, around
from onrecord.sparql import move_back


def federate(
    text: str,
    local: Local,
    remote: Remote,
    *,
    base_iri: str | None = None,
    limits: Limits = LIMITS,
) -> FederatedQuery:
    """The query `text` with inline data in the place of each SERVICE.

    Raises QuerySyntaxError, FederationError, EndpointRefusedError
    (also under SILENT) and RemoteError, and what `local` raises.
    """
    return _Plan(text, local, remote, base_iri, limits).run()


class _Plan:
    def __init__(self, text: str, local: Local, remote: Remote, base_iri: str | None, limits: Limits) -> None:
        self.pattern = read_pattern(text)
        self.text = Substitution(self.pattern, limits.size)
        self.local = local
        self.remote = remote
        self.base_iri = base_iri
        self.limits = limits

    def run(self) -> FederatedQuery:
        services = find_services(self.pattern)
        labels = [self.labels_of(service) for service in services]
        for service in services:
            join_laterals(self.text, service)
            if endpoint_variable(service) is None:
                self.remote.check(self.endpoint_of(service))
        self.check(self.text.skeleton(services))
        clauses = []
        for service, label in zip(services, labels, strict=True):
            clause = self.answer(service, label)
            self.text.replace(service, clause.rows)
            clauses.append(clause)
        return FederatedQuery(self.text.finish(), tuple(clauses))

    def check(self, skeleton: str) -> None:
        """Have the engine read the text, whose mistakes are told where its writer sees them."""
        lead = self.pattern.lead
        try:
            self.local.check(lead + skeleton)
        except QuerySyntaxError as error:
            raise move_back(error, lead) from None

    def endpoint_of(self, service: Element) -> str:
        assert service.term is not None
        return resolve_iri(self.pattern, service.term, self.base_iri)

    def labels_of(self, service: Element) -> Labels | None:
        found = find_label_service(self.text, service, self.base_iri)
        return emulate_labels(self.pattern, service.groups[0], found) if found is not None else None

    def answer(self, service: Element, labels: Labels | None) -> Clause:
        """Ask for the rows of `service`."""
        body = service.groups[0]
        variable = endpoint_variable(service)
        computed = labels.variables if labels is not None else frozenset()
        sent = sendable(self.pattern, body) - computed
        columns = self.text.visible_outside(service, visible(body) | computed)
        wanted = sent | {variable} if variable is not None else sent
        freeze_slices(self.text, self.local, service, wanted, self.limits.bindings)
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
                discard = discard or dropped or any(outer.kind == "minus" for outer in around(service))
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
            self.text.position(service),
            f"?{variable}" if variable is not None else self.endpoint_of(service),
            service.is_silent,
            pushed_names,
            sum(made.sent for made in exchanges),
            # In the order of their text: the cache and the endpoint have others.
            Solutions(columns, tuple(sorted(rows, key=lambda row: tuple(term or "" for term in row)))),
            provenance,
            not any(made.failed for made in exchanges),
        )

    def probe(self, service: Element, wanted: frozenset[str]) -> Solutions | None:
        """The local bindings of `wanted`, of those variables that are bound in all of them; None for none."""
        probe = make_probe(self.pattern, service, wanted, self.text.certain, self.text.render)
        if probe is None:
            return None
        most = self.limits.bindings
        found = self.local.select(probe.text, most + 1)
        if len(found.rows) > most:
            raise FederationError(
                f"{self.text.where(service)}: more than {most:,} bindings would be sent to another server. "
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
        variable = endpoint_variable(service)
        names = tuple(n for n in found.variables if n in sent) if found is not None else ()
        if variable is None:
            endpoint = self.endpoint_of(service)
            if found is None or not names:
                return {endpoint: None}
            return {endpoint: _batch(names, arrange(found, names))}
        if found is None or variable not in found.variables:
            raise FederationError(
                f"{self.text.where(service)}: ?{variable} names the endpoint and no pattern around SERVICE "
                f"binds it. Bind it first, as in VALUES ?{variable} {{ <https://example.org/sparql> }}."
            )
        place = found.variables.index(variable)
        grouped: dict[str, list[Row]] = {}
        for row, own in zip(found.rows, arrange(found, names), strict=True):
            term = row[place] or ""
            if not term.startswith("<") or term.startswith("<<("):
                raise FederationError(
                    f"{self.text.where(service)}: ?{variable} is {term}, which names no endpoint."
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


def _batch(names: tuple[str, ...], rows: Iterable[Row]) -> BindingsBatch:
    """Distinct rows in the order of their text, so that the same bindings make the same requests."""
    whole = {tuple(term for term in row if term is not None) for row in rows}
    return BindingsBatch(names, tuple(sorted(whole)))
