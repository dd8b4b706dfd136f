"""A query worker: one read-only generation, one query at a time, killable at any moment.

It answers on `data` (to whoever holds the lease) and obeys `control` (the
supervisor). A request frame is answered by an error, or by a head, data
frames and a trailer. The head is held back until the outcome is known or
enough data has come, so that a query which fails late still fails cleanly.
"""

from __future__ import annotations

import gc
import os
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph

from onrecord.errors import (
    GenerationDamagedError,
    GenerationGoneError,
    OnrecordError,
    QueryEvaluationError,
    QueryMemoryError,
    StoreDamagedError,
    StoreError,
)
from onrecord.sparql import parse_engine_error
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.evaluating import OpenGeneration
from onrecord.store.gate import Gate
from onrecord.store.held import HeldOutput
from onrecord.store.process import Stopwatch, deepen_stack, lift_memory_limit, limit_memory
from onrecord.store.serializing import serialize
from onrecord.store.soundness import tells_damage
from onrecord.store.state import StateDirectory

STACK_BYTES = 64 << 20
_LOOK_SECONDS = 0.05
"""So long are the files of a generation taken to be as they were when a query begins."""


@dataclass(frozen=True)
class WorkerTask:
    """What a worker needs to know before it is forked."""

    store: Path
    union_default_graph: bool
    memory: int
    """Bytes that a query may take beyond the open store."""


def run_worker(task: WorkerTask, control: Channel, data: Channel, stopwatch: Stopwatch, gate: Gate) -> None:
    """Serve queries until the supervisor closes `control`."""
    deepen_stack(STACK_BYTES)
    worker = _Worker(task, control, data, stopwatch, gate)
    poll = select.poll()
    poll.register(control.fileno(), select.POLLIN)
    poll.register(data.fileno(), select.POLLIN)
    try:
        while True:
            readable = {fd for fd, _ in poll.poll()}
            # Control first: an order to open a newer generation precedes the query that wants it.
            if control.fileno() in readable:
                for frame in control.ready():
                    number = int(str(frame.message()["number"]))
                    if not worker.serve(number):
                        # The order for a newer one is on its way, and precedes the next query.
                        continue
                    used = time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
                    control.send_message({"event": "ready", "number": number, "processor": used})
            elif data.fileno() in readable:
                worker.answer(data.receive().message())
    except ChannelClosedError:
        return


class _Worker:
    def __init__(
        self, task: WorkerTask, control: Channel, data: Channel, stopwatch: Stopwatch, gate: Gate
    ) -> None:
        self._task = task
        self._state = StateDirectory(task.store)
        self._control = control
        self._data = data
        self._stopwatch = stopwatch
        self._gate = gate
        self._opened: OpenGeneration | None = None
        self._lease: int | None = None
        self._served_lease: int | None = None
        # Of its own, so that the served one stays while another is open.
        self._generation: dict[str, object] = {}
        self._number = 0
        self._looked = 0.0
        self.served = 0
        """The generation that answers whoever asks for none."""

    def serve(self, number: int) -> bool:
        """Have generation `number` answer from now on; False when it has been superseded and removed.

        False too when its files are damaged, which the supervisor is told: what answered before goes on.
        Raises StoreError when it is the newest and cannot be opened for another reason.
        """
        try:
            lease = self._state.lease(number)
        except StoreError:
            newest = self._state.newest()
            if newest is not None and newest.number > number:
                return False
            raise
        try:
            self._open(number)
        except StoreDamagedError as error:
            os.close(lease)
            self._report(number, error.detail)
            self._open_served()
            return False
        self.served = number
        if self._served_lease is not None:
            os.close(self._served_lease)
        self._served_lease = lease
        return True

    def _open_asked(self, number: int | None) -> None:
        """Open the generation that a query names, else the served one.

        Raises GenerationGoneError for one that is not kept; what was open stays open then.
        """
        if number is None or number == self.served:
            self._open(self.served)
            return
        if self._state.record(number) is None:
            raise _not_kept(number)
        try:
            self._open(number)
        except StoreDamagedError:
            raise
        except StoreError:
            # Removed since its record was read.
            raise _not_kept(number) from None

    def _open(self, number: int) -> None:
        """Open generation `number` in place of the one that is open.

        Raises StoreDamagedError when its files are damaged; nothing is open then.
        """
        if number == self._number:
            return
        lease = self._state.lease(number)
        record = self._state.record(number)
        if record is None:
            os.close(lease)
            raise StoreError(f"Generation {number} cannot be read.")
        self._number = 0
        self._opened = None
        gc.collect()
        # What a store maps up front has nothing to do with the budget of a query.
        lift_memory_limit()
        try:
            self._opened = OpenGeneration(self._state, record, union=self._task.union_default_graph)
        except (OSError, RuntimeError) as error:
            os.close(lease)
            if tells_damage(error, opening=True):
                raise StoreDamagedError(f"Generation {number} cannot be opened: {error}.") from error
            raise
        except StoreDamagedError:
            os.close(lease)
            raise
        if self._lease is not None:
            os.close(self._lease)
        self._lease = lease
        self._generation = {"uuid": record.uuid, "number": number}
        self._number = number
        limit_memory(self._task.memory)

    def answer(self, request: dict[str, Any]) -> None:
        """Answer one request; raises ChannelClosedError when nobody listens any more."""
        self._stopwatch.reset()
        # One lease may be for several queries: nothing of this one is released yet.
        self._gate.reset()
        started = time.monotonic()
        output = HeldOutput(self._data, self._stopwatch, self._gate, request.get("lease"))
        asked = int(request.get("generation") or self.served)
        try:
            self._open_asked(request.get("generation"))
            if self._opened is None:
                raise StoreError("No generation is open.")
            trailer = self._write_answer(self._opened, request, output)
            output.finish({**trailer, "seconds": time.monotonic() - started, "size": output.size})
        except ChannelClosedError:
            raise
        except StoreDamagedError as error:
            output.fail(self._report(asked, error.detail))
        except OnrecordError as error:
            output.fail(error)
        except SyntaxError as error:
            output.fail(parse_engine_error(str(error), str(request["text"])))
        except MemoryError:
            output.fail(QueryMemoryError("The query needs more memory than a query may take here."))
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).rstrip(".")
            if tells_damage(error):
                output.fail(self._report(asked, f"Generation {asked} is damaged: {reason}."))
            else:
                output.fail(QueryEvaluationError(f"The engine cannot evaluate this query: {reason}."))
        finally:
            # An old generation is held no longer than it is read.
            self._open_served()

    def _open_served(self) -> None:
        """Open what answers whoever asks for no generation, if it can be; a query tells when it cannot."""
        try:
            if self.served:
                self._open(self.served)
        except StoreDamagedError as error:
            self._report(self.served, error.detail)

    def _report(self, number: int, detail: str) -> OnrecordError:
        """Tell the supervisor that the files of generation `number` are damaged; the error for the query.

        An old one is not published again: nobody is told to wait for it.
        """
        if number < self.served:
            return GenerationGoneError(
                f"Generation {number} is kept, and cannot be asked: its files are damaged. "
                "Restore them from a backup, or leave the generation out to ask the newest one."
            )
        self._control.send_message({"event": "damaged", "number": number, "reason": detail})
        return GenerationDamagedError(
            f"The files of generation {number} were found damaged. They are being looked at: "
            "the data is published again, or that of the generation before. Ask again in a moment."
        )

    def _write_answer(
        self, opened: OpenGeneration, request: dict[str, Any], output: HeldOutput
    ) -> dict[str, object]:
        """The trailer; nothing of the results lives on that would keep the store open."""
        # A spoiled file can end the engine, so it is not asked first; seldom enough to cost nothing.
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._refuse_spoiled(opened)
        results = opened.evaluate(request)
        variables = (
            [v.value for v in results.variables] if isinstance(results, pyoxigraph.QuerySolutions) else []
        )
        output.head = {**self._generation, "variables": variables}
        trailer = serialize(results, request["serializer"], request.get("row_limit"), output)
        # What cannot be read inside an expression is an error of that expression: its row is left out.
        if "(" in str(request["text"]):
            self._refuse_spoiled(opened)
        return trailer

    def _refuse_spoiled(self, opened: OpenGeneration) -> None:
        if spoiled := opened.find_spoiled():
            raise StoreDamagedError(f"Generation {self._number} is damaged: {spoiled}.")
        self._looked = time.monotonic()


def _not_kept(number: int) -> GenerationGoneError:
    return GenerationGoneError(f"Generation {number} is not kept here; leave it out to ask the newest one.")
