"""The way of a write: from whoever sends it, through the trial, to the writer, and back.

The supervisor's part of it. One write is tried at a time, in the order of
arrival; the writer applies them in that order. A sender hears that its write
is done only when the generation that holds it is on disk and served.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import (
    OnrecordError,
    QueryCrashError,
    StoreError,
    TooBusyError,
    TooLargeError,
    UpdateTimeoutError,
    WriteFailedError,
    WriteOutcomeUnknownError,
    decode_error,
    encode_error,
)
from onrecord.logs import LOGGER
from onrecord.saved.listing import list_queries
from onrecord.search import write_index
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.process import fork_child
from onrecord.store.state import StateDirectory
from onrecord.store.trial import TrialTask, run_trial
from onrecord.store.writer import WriterTask, run_writer
from onrecord.supervision.children import kill_child, wait_for_child
from onrecord.supervision.desk import Connection
from onrecord.supervision.events import Events
from onrecord.supervision.pending import Owner, PendingWrite
from onrecord.supervision.rates import Recent

_LOG = logging.getLogger(LOGGER)

WRITES = ("update", "put", "post", "delete", "load", "list-queries")
"""The operations that the desk takes."""
MOST_WAITING = 200
"""Writes under way at once; each holds a descriptor."""
_ENDS_THAT_PROVE = 2
_LOCK_SECONDS = 30.0
"""A writer that was killed gives its channel back before its lock; the next one waits so long for that."""
_MEND_SECONDS = 30.0
"""So long is a damaged generation not looked at again: many queries tell of one damage."""
_MOST_AT_WRITER = 32
"""More would fill the writer's socket while it is busy, and the supervisor must never wait."""


class WritingDesk:
    """Owns the writer and the trial process."""

    def __init__(
        self,
        store: Path,
        folder: Path | None,
        settings: Settings,
        events: Events,
        owner: Owner,
        *,
        read_only: bool,
    ) -> None:
        self._settings = settings
        self._events = events
        self._owner = owner
        self._state = StateDirectory(store)
        memory = settings.query_memory << 20
        self._writer_task = WriterTask(
            store,
            folder,
            read_only,
            memory,
            keep=settings.keep_generations,
            keep_seconds=settings.keep_minutes * 60,
            union=settings.union_default_graph,
            list_queries=list_queries,
            write_index=write_index,
        )
        self._trial_task = TrialTask(store, memory)
        self._arrived: deque[PendingWrite] = deque()
        self._trying: PendingWrite | None = None
        self._trial: tuple[Channel, int] | None = None
        self._tried: deque[PendingWrite] = deque()
        self._at_writer: dict[str, PendingWrite] = {}
        self._applying: str | None = None
        self._deadlines: dict[str, float] = {}
        self._writer_ends = Recent()
        self._damaged: dict[int, tuple[float, str]] = {}
        self._outcomes = {"done": 0, "failed": 0}

    def start(self) -> None:
        """Fork the writer, which builds what has to be built and tells of it."""
        self._writer, theirs = channel_pair()
        task = self._writer_task
        self._writer_pid = fork_child(frozenset({theirs.fileno()}), lambda: run_writer(task, theirs))
        theirs.close()
        self._events.watch(self._writer, self._on_writer)

    def submit(self, connection: Connection, message: dict[str, object], fd: int | None) -> None:
        """Take a write; its sender is told `written` or `error`."""
        write = PendingWrite(connection, message, fd)
        if len(self._arrived) + len(self._tried) + len(self._at_writer) >= MOST_WAITING:
            self._fail(write, TooBusyError("Too many writes wait already. Try again in a moment."))
            return
        self._arrived.append(write)
        self._try_next()

    @property
    def is_idle(self) -> bool:
        """Whether no write is under way."""
        return not (self._arrived or self._tried or self._at_writer or self._trying is not None)

    def describe_writes(self) -> dict[str, int]:
        """What has become of writes so far, and how many are under way."""
        waiting = len(self._arrived) + len(self._tried) + len(self._at_writer) + (self._trying is not None)
        return {**self._outcomes, "waiting": waiting}

    def damage_of(self, number: int) -> str:
        """What was found spoiled of generation `number`; empty when nothing was."""
        return self._damaged.get(number, (0.0, ""))[1]

    def mend(self, number: int, reason: str) -> None:
        """Have the writer look at generation `number`, of which something was found spoiled."""
        now = time.monotonic()
        if number in self._damaged and now - self._damaged[number][0] < _MEND_SECONDS:
            return
        self._damaged = {number: (now, reason)}
        _LOG.warning(reason)
        try:
            self._writer.send_message({"op": "mend", "number": number})
        except ChannelClosedError:
            # The writer that comes looks at the newest generation itself.
            return

    def ask_for_rebuild(self) -> None:
        try:
            self._writer.send_message({"op": "rebuild"})
        except ChannelClosedError:
            # Its end is dealt with where its channel is read.
            return

    def end_overdue(self) -> None:
        """End the trial or the writer when what it works at is over its limit."""
        now = time.monotonic()
        for place, deadline in list(self._deadlines.items()):
            if now < deadline:
                continue
            del self._deadlines[place]
            if place == "trial" and self._trial is not None and self._trying is not None:
                self._trying.overran_in = "trial"
                kill_child(self._trial[1])
            elif place == "writer":
                applying = self._at_writer.get(self._applying or "")
                if applying is not None:
                    applying.overran_in = "writer"
                kill_child(self._writer_pid)

    def next_deadline(self) -> float | None:
        """When `end_overdue` is due next, on the monotonic clock."""
        return min(self._deadlines.values(), default=None)

    def stop(self, grace: float) -> None:
        """End both processes; the writer is left `grace` seconds to end by itself."""
        if self._trial is not None:
            channel, pid = self._trial
            channel.close()
            kill_child(pid)
            wait_for_child(pid, grace)
        self._writer.close()
        if not wait_for_child(self._writer_pid, grace):
            _LOG.warning("The writer did not end and is killed; nothing published is lost.")
            kill_child(self._writer_pid)
            wait_for_child(self._writer_pid, grace)

    # -- the trial -----------------------------------------------------------------------------

    def _try_next(self) -> None:
        while self._arrived and self._trying is None and self._owner.generation_number():
            write = self._arrived.popleft()
            if not write.is_wanted:
                write.close()
            elif write.op in ("delete", "load", "list-queries"):
                write.take_plan({}, None)
                self._hand_over(write)
            else:
                self._start_trial(write)

    def _start_trial(self, write: PendingWrite) -> None:
        if self._trial is None:
            ours, theirs = channel_pair()
            task = self._trial_task
            pid = fork_child(frozenset({theirs.fileno()}), lambda: run_trial(task, theirs))
            theirs.close()
            self._trial = ours, pid
            self._events.watch(ours, lambda: self._on_trial(ours))
        self._trying = write
        self._deadlines["trial"] = time.monotonic() + self._settings.update_timeout
        number = self._owner.generation_number()
        try:
            self._trial[0].send_message({**write.message, "number": number}, write.fd)
        except ChannelClosedError:
            # Its end is dealt with where its channel is read.
            return

    def _on_trial(self, channel: Channel) -> None:
        try:
            for frame in channel.ready():
                self._end_trial(frame.message(), frame.fd)
        except ChannelClosedError:
            self._events.forget(channel)
            channel.close()
            self._trial = None
            self._settle_ended_trial()

    def _settle_ended_trial(self) -> None:
        """Find out whether the write under trial is what ended the process.

        It may have been at its end before it got this write, or have been killed
        by somebody: only what ends a second process, of its own, is blamed.
        """
        write = self._trying
        if write is not None and write.overran_in is None:
            write.ends += 1
            if write.ends < _ENDS_THAT_PROVE:
                self._start_trial(write)
                return
        self._end_trial({"error": encode_error(self._trial_failure())}, None)

    def _end_trial(self, answer: dict[str, object], fd: int | None) -> None:
        write, self._trying = self._trying, None
        self._deadlines.pop("trial", None)
        if write is not None:
            error = answer.get("error")
            if isinstance(error, dict):
                self._fail(write, decode_error(error))
            else:
                tried = answer["tried"]
                assert isinstance(tried, dict)
                write.take_plan(tried, fd)
                self._hand_over(write)
        self._try_next()

    def _trial_failure(self) -> OnrecordError:
        if self._trying is not None and self._trying.overran_in == "trial":
            return self._timeout()
        memory = self._settings.query_memory
        if self._trying is not None and self._trying.op != "update":
            return TooLargeError(
                f"Reading this data takes more than the {memory} MB of memory that it may take, probably. "
                "Send it as N-Triples, or in parts."
            )
        return QueryCrashError(
            "The engine ended while it tried this update; nothing was changed. It needs more than the "
            f"{memory} MB of memory that it may take here, or is nested too deep."
        )

    def _timeout(self) -> UpdateTimeoutError:
        return UpdateTimeoutError(
            f"The write ran into the time limit of {self._settings.update_timeout:g} seconds; nothing was "
            "changed. Write less at once, or raise --update-timeout on a server of your own."
        )

    # -- the writer ----------------------------------------------------------------------------

    def _hand_over(self, write: PendingWrite) -> None:
        self._tried.append(write)
        self._feed_writer()

    def _feed_writer(self) -> None:
        while self._tried and len(self._at_writer) < _MOST_AT_WRITER:
            write = self._tried.popleft()
            self._at_writer[write.id] = write
            self._send(write)

    def _send(self, write: PendingWrite) -> None:
        kept = ("op", "by", "graph", "sources", "condition")
        message = {name: write.message.get(name) for name in kept}
        try:
            self._writer.send_message(
                {**message, "id": write.id, "what": write.what, "count": write.count}, write.fd
            )
        except ChannelClosedError:
            # Its end is dealt with where its channel is read; what it had not done is sent again.
            return

    def _on_writer(self) -> None:
        try:
            for frame in self._writer.ready():
                self._obey(frame.message())
        except ChannelClosedError:
            self._events.forget(self._writer)
            self._replace_writer()

    def _obey(self, message: dict[str, object]) -> None:
        event = message["event"]
        if event == "progress":
            self._owner.tell_progress(str(message["text"]))
        elif event == "note":
            _LOG.info(str(message["text"]))
        elif event == "applying":
            self._applying = str(message["id"])
            self._deadlines["writer"] = time.monotonic() + self._settings.update_timeout
        elif event == "loading":
            self._show_loading(str(message["id"]), message.get("progress"))
        elif event == "publishing":
            self._rest_writer()
        elif event == "refused":
            self._rest_writer()
            self._finish(str(message["id"]), _error_of(message))
        elif event == "written":
            self._rest_writer()
            self._acknowledge(message)
        elif event == "damaged":
            self.mend(int(str(message["number"])), str(message["reason"]))
        elif event == "published":
            self._owner.adopt_build(int(str(message["number"])))
            self._try_next()
        elif event == "failed":
            self._owner.fail_writer(_error_of(message))

    def _show_loading(self, identifier: str, progress: object) -> None:
        """A load takes as long as it takes; one whose sender has gone is ended."""
        self._applying = identifier
        write = self._at_writer.get(identifier)
        if write is None or progress is None:
            return
        if not write.connection.tell({"progress": progress}):
            write.overran_in = "writer"
            kill_child(self._writer_pid)

    def _rest_writer(self) -> None:
        self._applying = None
        self._deadlines.pop("writer", None)

    def _finish(self, identifier: str, error: OnrecordError) -> None:
        write = self._at_writer.pop(identifier, None)
        if write is not None:
            self._fail(write, error)
        self._feed_writer()

    def _acknowledge(self, message: dict[str, object]) -> None:
        """The generation first: whoever hears of a write must find it."""
        number = int(str(message["number"]))
        served = self._owner.adopt(number)
        results = message["results"]
        assert isinstance(results, list)
        for result in results:
            write = self._at_writer.pop(str(result["id"]), None)
            if write is None:
                continue
            if not served:
                self._fail(write, StoreError(f"Generation {number} cannot be read."))
                continue
            write.close()
            self._outcomes["done"] += 1
            seconds = time.monotonic() - write.started
            count = result.get("count", write.count)
            told = {"number": number, "seconds": seconds, "what": write.what, "count": count}
            write.connection.tell({"written": {**told, "created": bool(result.get("created"))}})
        self._feed_writer()

    def _fail(self, write: PendingWrite, error: OnrecordError) -> None:
        self._outcomes["failed"] += 1
        write.fail(error)

    def _replace_writer(self) -> None:
        """Readers go on meanwhile: what was published does not need the writer."""
        applying, self._applying = self._applying, None
        self._deadlines.pop("writer", None)
        ended = StoreError("The writer ended unexpectedly; nothing published is lost.")
        lost = self._at_writer.get(applying) if applying is not None else None
        overran = any(write.overran_in == "writer" for write in self._at_writer.values())
        if not self._owner.generation_number() or (not overran and self._writer_ends.too_many()):
            for write in self._at_writer.values():
                self._fail(write, ended)
            self._owner.end(ended)
            return
        self._owner.restart_writer(ended)
        self._damaged.clear()
        self._writer.close()
        self._settle_published()
        if lost is not None and lost.id in self._at_writer:
            self._settle_lost(lost)
        for write in self._at_writer.values():
            write.overran_in = None
        self._writer_task = replace(self._writer_task, patience=_LOCK_SECONDS)
        self.start()
        for write in self._at_writer.values():
            self._send(write)

    def _settle_lost(self, write: PendingWrite) -> None:
        """What the writer worked at when it ended: refused when it is to blame, else applied again.

        A writer killed for one write may have begun the next one meanwhile.
        """
        if write.overran_in != "writer":
            write.ends += 1
            if write.ends < _ENDS_THAT_PROVE:
                return
        del self._at_writer[write.id]
        self._fail(write, self._timeout() if write.overran_in == "writer" else _UNFINISHED)

    def _settle_published(self) -> None:
        """Acknowledge what the writer had published before it could say so."""
        newest = self._state.newest()
        if newest is None or newest.number == self._owner.generation_number():
            return
        results = [{"id": change.id} for change in newest.changes if change.id in self._at_writer]
        try:
            # It may have ended before it had synced the name of what it published.
            self._state.sync_names()
        except OSError as error:
            told = f"The writer ended, and nobody knows whether this is on disk: {error.strerror or error}."
            for result in results:
                self._fail(self._at_writer.pop(result["id"]), WriteOutcomeUnknownError(told))
        self._acknowledge({"number": newest.number, "results": results})


_UNFINISHED = WriteFailedError("The writer ended while it applied this; nothing was changed. Send it again.")


def _error_of(message: dict[str, object]) -> OnrecordError:
    document = message["error"]
    assert isinstance(document, dict)
    return decode_error(document)
