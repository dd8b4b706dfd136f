"""The trial: what somebody wants to write is read here first, in a process that nobody will miss.

It has a read-only generation and a memory limit, and the supervisor ends it
when it takes too long. An update text that overflows the engine, or a file
that blows up while it is parsed, ends this process and never meets the writer.

What comes out is a plan for the writer: of an update its operations with the
graphs that they name, as the engine resolves them; of an upload the same data
as N-Quads in the graph that they are meant for.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import pyoxigraph

from onrecord.errors import (
    OnrecordError,
    QueryEvaluationError,
    QuerySyntaxError,
    RequestError,
    WriteFailedError,
    encode_error,
    is_disk_full,
    name_failure,
)
from onrecord.sparql import (
    UpdateOperation,
    join_operations,
    mend,
    parse_engine_error,
    read_update,
    share_prologue,
)
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.patterns import query_pattern, resolve
from onrecord.store.process import deepen_stack, lift_memory_limit, limit_memory
from onrecord.store.spool import spool
from onrecord.store.state import StateDirectory
from onrecord.store.uploads import read_upload
from onrecord.store.worker import STACK_BYTES


@dataclass(frozen=True)
class TrialTask:
    """What a trial needs to know before it is forked; `memory` is in bytes."""

    store: Path
    memory: int


def run_trial(task: TrialTask, control: Channel) -> None:
    """Try what the supervisor sends until it closes `control`.

    A message has `op` (as in `engine.WriteRequest`), `number` (the generation
    to try it on) and a descriptor of the text or data; the answer has `tried`
    with a descriptor of the plan, or `error`.
    """
    deepen_stack(STACK_BYTES)
    serve_trials(Trial(task), control)


def serve_trials(trial: Trial, control: Channel) -> None:
    """As `run_trial`, with a trial that stands."""
    try:
        while True:
            message, fd = control.receive_message()
            assert fd is not None
            with open(fd, "rb") as given:
                given.seek(0)
                try:
                    summary, plan = trial.try_out(message, given)
                except OnrecordError as error:
                    control.send_message({"error": encode_error(error)})
                except OSError as error:
                    control.send_message({"error": encode_error(trial.refuse_failed(error))})
                else:
                    with plan:
                        control.send_message({"tried": summary}, plan.fileno())
    except ChannelClosedError:
        return


class Trial:
    """Tries one write after the other."""

    def __init__(self, task: TrialTask) -> None:
        self._task = task
        self._state = StateDirectory(task.store)
        self._store: pyoxigraph.Store | None = None
        self._lease: int | None = None
        self._number = 0

    def try_out(self, message: dict[str, Any], given: IO[bytes]) -> tuple[dict[str, object], IO[bytes]]:
        """What the supervisor is told, and the file with the plan.

        Raises the OnrecordError for the sender, and OSError for a full disk.
        """
        if message["op"] == "update":
            self._open(int(message["number"]))
            operations, plan = self._try_update(given.read().decode(), message)
            return {"summary": operations}, spool(self._task.store, json.dumps(plan).encode())
        limit_memory(self._task.memory)
        count, plan_file = read_upload(given, message, self._task.store)
        return {"count": count}, plan_file

    def refuse_failed(self, error: OSError) -> OnrecordError:
        """What the sender is told where the store's disk could not be written."""
        if is_disk_full(error):
            return name_failure(self._task.store, error)
        return WriteFailedError(f"The store's disk cannot be written: {error.strerror or error}.")

    def _open(self, number: int) -> None:
        if number == self._number:
            return
        lease = self._state.lease(number)
        # Whatever fails below, nothing is open afterwards and the next one opens it again.
        self._store, self._number = None, 0
        if self._lease is not None:
            os.close(self._lease)
        self._lease = lease
        gc.collect()
        lift_memory_limit()
        self._store = pyoxigraph.Store.read_only(str(self._state.generation_path(number)))
        self._number = number
        limit_memory(self._task.memory)

    def _try_update(self, text: str, message: dict[str, Any]) -> tuple[str, dict[str, object]]:
        base: str | None = message.get("base_iri")
        default, named = message.get("using") or [], message.get("using_named") or []
        operations = self._parse(text, base)
        mended = mend(text)
        if mended != text:
            text, operations = mended, self._parse(mended, base)
        if message.get("graph") is not None:
            operations = tuple(o.within(str(message["graph"])) for o in operations)
            text = join_operations(operations) if share_prologue(operations) else text
            operations = tuple(p for o in operations for p in self._parse(o.write(), base))
        if (default or named) and any(o.names_dataset for o in operations):
            raise RequestError(
                "The request has using-graph-uri or using-named-graph-uri, and its text has USING or WITH. "
                "Say it in one place (SPARQL 1.1 Protocol, section 2.2.3)."
            )
        tried = []
        for operation in operations:
            graphs, count, writes_default = _graphs_of(operation, base)
            if operation.pattern:
                self._work(operation, base, default, named)
            document = {
                "graphs": graphs,
                "count": count,
                "writes_default": writes_default,
                "operation": asdict(operation),
            }
            tried.append(document)
        using = [f"USING <{iri}>" for iri in default] + [f"USING NAMED <{iri}>" for iri in named]
        plan: dict[str, object] = {"text": text, "base_iri": base, "using": using, "operations": tried}
        return _summarize(operations), plan

    def _parse(self, text: str, base: str | None) -> tuple[UpdateOperation, ...]:
        """The operations of `text`, which the engine has read."""
        try:
            self._have_read(text, base)
        except QuerySyntaxError:
            operations = read_update(text)
            if share_prologue(operations):
                raise
            for operation in operations:
                self._have_read(operation.write(), base)
            return operations
        return read_update(text)

    def _have_read(self, text: str, base: str | None) -> None:
        assert self._store is not None
        try:
            self._store.update(text, base_iri=base)
        except SyntaxError as error:
            raise parse_engine_error(str(error), text) from None
        except RuntimeError:
            return  # it was read, and this store is read-only
        except (OSError, ValueError) as error:
            raise QueryEvaluationError(f"The engine cannot run this update: {error}.") from None

    def _work(
        self, operation: UpdateOperation, base: str | None, default: Sequence[str], named: Sequence[str]
    ) -> None:
        """Do the work of WHERE once, where it may fail."""
        assert self._store is not None
        try:
            for _ in query_pattern(self._store, operation, operation.ask_rows(), base, default, named):
                pass
        except SyntaxError as error:
            raise parse_engine_error(str(error), operation.ask_rows()) from None
        except (OSError, ValueError, RuntimeError) as error:
            raise QueryEvaluationError(f"The engine cannot run this update: {error}.") from None


def _graphs_of(operation: UpdateOperation, base: str | None) -> tuple[list[str], int | None, bool]:
    """The named graphs that an operation names as written to, its quads, whether the unnamed one is.

    Of a data block the engine tells: it is run on an empty store.
    """
    if operation.kind not in ("insert data", "delete data"):
        writes_default = operation.writes_default or operation.target in ("default", "all")
        return resolve(operation, operation.graphs, base), None, writes_default
    store = pyoxigraph.Store()
    store.update(f"{operation.prologue}\nINSERT DATA {operation.block}", base_iri=base)
    graphs = [g.value for g in store.named_graphs() if isinstance(g, pyoxigraph.NamedNode)]
    unnamed = next(store.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph()), None)
    return graphs, len(store), unnamed is not None


def _summarize(operations: Sequence[UpdateOperation]) -> str:
    """Which operations, in order, each kind once with its number: "INSERT DATA (2), DROP"."""
    names = {"modify": "DELETE/INSERT WHERE"}
    counts: dict[str, int] = {}
    for operation in operations:
        name = names.get(operation.kind, operation.kind.upper())
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(name if number == 1 else f"{name} ({number})" for name, number in counts.items())
