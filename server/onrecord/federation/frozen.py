"""Frozen answers: the rows that a query got from other endpoints, kept with it for good.

A pin, and a saved query that is to run offline, replays these and nothing
else: never the cache, whose entries have a lifetime, and never the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from onrecord.errors import FederationOfflineError, RequestError
from onrecord.federation.answer_parts import hash_query, split_by_binding
from onrecord.federation.remote import Provenance, Recalled, Remote, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Row, Solutions, Term

SUFFIX = ".frozen.json"
_FORMAT = 1


@dataclass(frozen=True)
class FrozenAnswer:
    """What one SERVICE clause got for these bindings (None: it sent none)."""

    endpoint: str
    url: str
    asked: datetime
    query_hash: str
    solutions: Solutions
    pushed: BindingsBatch | None = None
    note: str = ""


@dataclass(frozen=True)
class Frozen:
    """All answers of one query, or of several. `note` tells people what they are, if that needs telling."""

    answers: tuple[FrozenAnswer, ...]
    note: str = ""

    @property
    def oldest(self) -> datetime | None:
        return min((answer.asked for answer in self.answers), default=None)


class Recording:
    """A `Remote` that notes every answer that it passes on; `frozen` is what came so far."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._answers: list[FrozenAnswer] = []

    def frozen(self, note: str = "") -> Frozen:
        return Frozen(tuple(self._answers), note)

    def check(self, endpoint: str) -> None:
        self._remote.check(endpoint)

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        recalled = self._remote.recall(endpoint, query, pushed)
        if recalled.answer is not None:
            known = pushed
            if pushed is not None and recalled.missing is not None:
                missing = set(recalled.missing.rows)
                known = replace(pushed, rows=tuple(row for row in pushed.rows if row not in missing))
            self._note(recalled.answer, known)
        return recalled

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        answer = self._remote.select(endpoint, query, pushed)
        self._note(answer, pushed)
        return answer

    def cancel(self) -> None:
        self._remote.cancel()

    def _note(self, answer: RemoteAnswer, pushed: BindingsBatch | None) -> None:
        told = answer.provenance
        self._answers.append(
            FrozenAnswer(told.endpoint, told.url, told.asked, told.query_hash, answer.solutions, pushed)
        )


class Replaying:
    """A `Remote` that answers from `frozen` alone and sends nothing, so it needs no allow-list."""

    def __init__(self, frozen: Frozen) -> None:
        self._frozen = frozen

    def check(self, endpoint: str) -> None:
        """Every endpoint may be replayed; whether it can be shows in `recall`."""

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        """All of the answer. Raises FederationOfflineError where not every binding is frozen."""
        digest = hash_query(query)
        variables = pushed.variables if pushed is not None else ()
        answers = [
            a
            for a in self._frozen.answers
            if a.endpoint == endpoint
            and a.query_hash == digest
            and (a.pushed.variables if a.pushed is not None else ()) == variables
        ]
        wanted: set[tuple[Term, ...]] = set(pushed.rows) if pushed is not None else {()}
        used, rows = _gather(answers, wanted)
        if wanted:
            total = len(pushed.rows) if pushed is not None else 1
            raise FederationOfflineError(
                f"{endpoint}: the frozen answers hold {total - len(wanted)} of {total} that this "
                "query needs. Freeze them again, or ask without them.",
                endpoint,
            )
        columns = used[0].solutions.variables
        provenance = Provenance(
            endpoint=endpoint,
            url=used[0].url,
            asked=min(a.asked for a in used),
            query_hash=digest,
            status="ok",
            cache_hits=len(pushed.rows) if pushed is not None else 1,
            rows=len(rows),
            requests=0,
            size=0,
            note=f"frozen: {used[0].note}" if used[0].note else "frozen",
        )
        return Recalled(RemoteAnswer(Solutions(columns, tuple(rows)), provenance), None)

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        answer = self.recall(endpoint, query, pushed).answer
        assert answer is not None
        return answer

    def cancel(self) -> None:
        """Nothing is ever under way."""


def _gather(
    answers: Iterable[FrozenAnswer], wanted: set[tuple[Term, ...]]
) -> tuple[list[FrozenAnswer], list[Row]]:
    """The answers and rows for `wanted`, from which what was found is taken away."""
    used: list[FrozenAnswer] = []
    rows: list[Row] = []
    for answer in answers:
        parts = split_by_binding(answer.solutions, answer.pushed)
        if parts is None:
            # Nobody can tell which row answers which binding: all of them, or none.
            asked = set(answer.pushed.rows) if answer.pushed is not None else set()
            parts = {(): answer.solutions} if asked <= wanted else {}
            found = asked if parts else set()
        else:
            found = wanted & parts.keys()
            parts = {row: parts[row] for row in parts if row in found}
        if not found:
            continue
        order = answer.solutions.variables
        columns = [order.index(name) for name in (used[0] if used else answer).solutions.variables]
        rows += [tuple(row[c] for c in columns) for part in parts.values() for row in part.rows]
        used.append(answer)
        wanted -= found
    return used, rows


def write_frozen(frozen: Frozen) -> str:
    """`frozen` as JSON, a row a line, so that a change of answers is a change of lines."""
    clauses = []
    for answer in frozen.answers:
        head = {
            "endpoint": answer.endpoint,
            "url": answer.url,
            "asked": answer.asked.isoformat(timespec="seconds"),
            "hash": answer.query_hash,
            "pushed": list(answer.pushed.variables) if answer.pushed is not None else None,
            "variables": list(answer.solutions.variables),
        }
        fields = [f"   {json.dumps(name)}: {_json(value)}" for name, value in head.items()]
        bindings = answer.pushed.rows if answer.pushed is not None else ()
        fields.append(f'   "bindings": {_rows(bindings)}')
        fields.append(f'   "rows": {_rows(answer.solutions.rows)}')
        clauses.append("  {\n" + ",\n".join(fields) + "\n  }")
    body = ",\n".join(clauses)
    return f'{{\n "frozen": {_FORMAT},\n "note": {_json(frozen.note)},\n "answers": [\n{body}\n ]\n}}\n'


def read_frozen(text: str, name: str) -> Frozen:
    """What `write_frozen` wrote. Raises RequestError that names the file `name`."""
    try:
        document = json.loads(text)
        if document["frozen"] != _FORMAT:
            raise ValueError(f"its format is {document['frozen']!r}, this version reads {_FORMAT}")
        note = str(document["note"])
        return Frozen(tuple(replace(_read_answer(one), note=note) for one in document["answers"]), note)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RequestError(f"{name} holds no frozen answers ({error}). Freeze them again.") from None


def read_frozen_answers(queries: Path) -> Frozen:
    """What the files `NAME.frozen.json` beside saved queries hold together. Raises RequestError."""
    answers: list[FrozenAnswer] = []
    for path in sorted(queries.glob(f"*{SUFFIX}")):
        try:
            answers += read_frozen(path.read_text(encoding="utf-8"), path.name).answers
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError(f"{path.name} cannot be read: {error}.") from None
    return Frozen(tuple(answers))


def _read_answer(document: dict[str, object]) -> FrozenAnswer:
    pushed = document["pushed"]
    rows = _read_rows(document["rows"])
    variables = _names(document["variables"])
    if any(len(row) != len(variables) for row in rows):
        raise ValueError("a row has not as many terms as there are variables")
    batch = None
    if pushed is not None:
        bound = tuple(
            tuple(term for term in row if term is not None) for row in _read_rows(document["bindings"])
        )
        batch = BindingsBatch(_names(pushed), bound)
    return FrozenAnswer(
        str(document["endpoint"]),
        str(document["url"]),
        datetime.fromisoformat(str(document["asked"])),
        str(document["hash"]),
        Solutions(variables, rows),
        batch,
    )


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("variables are no list")
    return tuple(str(name) for name in value)


def _read_rows(value: object) -> tuple[Row, ...]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise ValueError("rows are no lists")
    return tuple(tuple(None if term is None else Term(str(term)) for term in row) for row in value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rows(rows: Iterable[Row]) -> str:
    """Sorted: a solution sequence has no order that an endpoint would keep from one time to the next."""
    lines = ",\n".join(sorted(f"    {_json(list(row))}" for row in rows))
    return f"[\n{lines}\n   ]" if lines else "[]"
