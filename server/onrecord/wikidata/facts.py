"""Facts of Wikidata items, asked in batches that shrink where the endpoint cannot bear them.

What was answered lies in the cache of the client, so a run that broke off
goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from onrecord.errors import RemoteError
from onrecord.federation.remote import Remote, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Term
from onrecord.terms import RDFS, SKOS

WIKIDATA = "https://query.wikidata.org/sparql"
DIRECT = "http://www.wikidata.org/prop/direct/"
SCHEMA = "http://schema.org/"
LABEL = RDFS + "label"
ALSO_KNOWN_AS = SKOS + "altLabel"
DESCRIPTION = SCHEMA + "description"

_BATCH = 50

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Facts:
    """Triples as SPARQL terms, and where they are from. `asked` is the time of the oldest answer."""

    triples: tuple[tuple[Term, Term, Term], ...]
    url: str
    asked: datetime | None
    requests: int
    query: str

    def of(self, item: str, predicate: str) -> list[Term]:
        """The values of one predicate of one item."""
        return [o for s, p, o in self.triples if s == f"<{item}>" and p == f"<{predicate}>"]


def facts_query(predicates: Iterable[str], languages: Iterable[str]) -> RemoteQuery:
    """A query for the values of `predicates`; texts only in `languages`, plain strings too.

    >>> facts_query(["urn:p"], ["en"]).template
    'SELECT ?item ?property ?value WHERE { ?item ?property ?value FILTER(?property IN (<urn:p>) && \
(!isLiteral(?value) || LANG(?value) IN ("", "en"))) }'
    """
    # A second VALUES for the predicates sends Oxigraph through its whole store (22 s instead of 0.02).
    listed = ", ".join(f"<{iri}>" for iri in predicates)
    tags = ", ".join(f'"{tag}"' for tag in ("", *languages))
    return RemoteQuery(
        "SELECT ?item ?property ?value WHERE { ",
        f"?item ?property ?value FILTER(?property IN ({listed}) && "
        f"(!isLiteral(?value) || LANG(?value) IN ({tags}))) }}",
    )


def ask_facts(remote: Remote, query: RemoteQuery, items: Iterable[str], progress: Progress) -> Facts:
    """What Wikidata says of `items`. Raises the RemoteError of the first batch that stays unanswered."""
    pushed = BindingsBatch(("item",), tuple((Term(f"<{item}>"),) for item in sorted(set(items))))
    answers: list[RemoteAnswer] = []
    total = len(pushed.rows)
    if total:
        recalled = remote.recall(WIKIDATA, query, pushed)
        if recalled.answer is not None:
            answers.append(recalled.answer)
        waiting = list(recalled.missing.split(_BATCH)) if recalled.missing is not None else []
        while waiting:
            left = sum(len(batch.rows) for batch in waiting)
            progress(f"{total - left} of {total} items")
            batch = waiting.pop(0)
            try:
                answers.append(remote.select(WIKIDATA, query, batch))
            except RemoteError as error:
                if not error.smaller_may_help or len(batch.rows) == 1:
                    raise
                waiting[:0] = batch.split((len(batch.rows) + 1) // 2)
    return Facts(
        tuple(triple for answer in answers for triple in _triples(answer)),
        answers[0].provenance.url if answers else "",
        min((answer.provenance.asked for answer in answers), default=None),
        sum(answer.provenance.requests for answer in answers),
        query.template,
    )


def _triples(answer: RemoteAnswer) -> list[tuple[Term, Term, Term]]:
    order = [answer.solutions.variables.index(name) for name in ("item", "property", "value")]
    found = []
    for row in answer.solutions.rows:
        item, predicate, value = (row[column] for column in order)
        if item is not None and predicate is not None and value is not None:
            found.append((item, predicate, value))
    return found
