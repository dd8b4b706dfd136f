"""The trial of a write, in a process of its own: what it does to the parser harms nobody.

As with the embedded engine, save that there is no data to try it on: the
engine elsewhere judges what depends on that.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pyoxigraph

from onrecord.errors import QueryCrashError, UpdateTimeoutError, decode_error
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.process import deepen_stack, limit_memory
from onrecord.store.trial import Trial, TrialTask, serve_trials
from onrecord.store.worker import STACK_BYTES


def try_out(
    message: dict[str, object], given: IO[bytes], directory: Path, memory: int, seconds: float
) -> tuple[dict[str, object], IO[bytes]]:
    """What the trial tells of a write, and the file with its plan; as `store.trial` writes both.

    `memory` is in bytes. Raises the OnrecordError for the sender, UpdateTimeoutError after
    `seconds`, and QueryCrashError when the trial did not survive it.
    """
    ours, theirs = channel_pair()
    command = [sys.executable, "-m", __name__, str(theirs.fileno()), str(directory), str(memory)]
    process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
    theirs.close()
    overran = threading.Event()

    def end() -> None:
        overran.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        ours.send_message({**message, "number": 0}, given.fileno())
        answer, descriptor = ours.receive_message()
    except ChannelClosedError:
        if overran.is_set():
            raise UpdateTimeoutError(
                f"Reading this write took longer than {seconds:g} seconds; nothing was sent to the engine."
            ) from None
        raise QueryCrashError(
            f"Reading this write takes more than the {memory >> 20} MB of memory that it may take, or it is "
            "nested too deep; nothing was sent to the engine."
        ) from None
    finally:
        timer.cancel()
        ours.close()
        process.kill()
        process.wait()
    error = answer.get("error")
    if isinstance(error, dict):
        raise decode_error(error)
    tried = answer["tried"]
    assert isinstance(tried, dict) and descriptor is not None
    plan = os.fdopen(descriptor, "rb")
    plan.seek(0)
    return tried, plan


class _Unfounded(Trial):
    """A trial without a generation: what it reads, it reads over nothing."""

    def _open(self, number: int) -> None:
        if self._store is None:
            self._store = pyoxigraph.Store()
            limit_memory(self._task.memory)


def main() -> None:
    deepen_stack(STACK_BYTES)
    control = Channel(socket.socket(fileno=int(sys.argv[1])))
    serve_trials(_Unfounded(TrialTask(Path(sys.argv[2]), int(sys.argv[3]))), control)


if __name__ == "__main__":
    main()
