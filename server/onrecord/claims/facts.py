"""Values of chosen properties of many subjects, read in one bounded query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from onrecord.solutions import Reader, Term, values_block

MOST_VALUES = 20_000


class Facts:
    """subject -> predicate -> its values, in the order of the answer."""

    def __init__(self, values: Mapping[str, Mapping[str, list[Term]]]) -> None:
        self._values = values

    def terms(self, subject: str, predicate: str) -> tuple[Term, ...]:
        return tuple(self._values.get(subject, {}).get(predicate, ()))

    def iris(self, subject: str, predicate: str) -> tuple[str, ...]:
        """The IRIs among the values, sorted."""
        return tuple(sorted(t.value for t in self.terms(subject, predicate) if t.kind == "iri"))

    def iri(self, subject: str, predicate: str) -> str:
        """The first IRI; empty where there is none."""
        return next(iter(self.iris(subject, predicate)), "")

    def text(self, subject: str, predicate: str) -> str:
        """The lexical form of the first literal; empty where there is none."""
        found = sorted(t.value for t in self.terms(subject, predicate) if t.kind == "literal")
        return found[0] if found else ""

    def number(self, subject: str, predicate: str) -> int | None:
        """The first whole number; None where there is none."""
        text = self.text(subject, predicate)
        return int(text) if text.removeprefix("-").isdecimal() else None


def read_facts(reader: Reader, subjects: Iterable[str], predicates: Iterable[str], extra: str = "") -> Facts:
    """The values of `predicates` of `subjects`; `extra` is a further branch that binds ?p and ?o for ?s."""
    asked = [iri for iri in dict.fromkeys(subjects) if iri]
    if not asked:
        return Facts({})
    block, listed = values_block("s", asked), ", ".join(f"<{iri}>" for iri in predicates)
    union = f" UNION {{ {block} {extra} }}" if extra else ""
    # Joined with VALUES for ?p as well, the engine would scan every triple of these predicates.
    text = f"SELECT DISTINCT ?s ?p ?o {{ {{ {block} ?s ?p ?o FILTER(?p IN ({listed})) }}{union} }}"
    values: dict[str, dict[str, list[Term]]] = {}
    for row in reader.select(text, MOST_VALUES).rows:
        values.setdefault(row["s"].value, {}).setdefault(row["p"].value, []).append(row["o"])
    return Facts(values)
