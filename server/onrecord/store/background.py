"""The background process: derives what is told of a generation, after it was published.

It takes the newest generation each time, so that a burst of writes costs one
derivation, and says which generation it was made from.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pyoxigraph

from onrecord.errors import StoreError
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.deriving import derive_counts
from onrecord.store.state import StateDirectory

_NICENESS = 10


def run_background(store: Path, control: Channel) -> None:
    """Derive from the generations that the supervisor names, until it closes `control`."""
    os.nice(_NICENESS)
    state = StateDirectory(store)
    try:
        while True:
            message, _ = control.receive_message()
            while control.has_more():
                message, _ = control.receive_message()
            number = int(str(message["number"]))
            if _derive(state, number):
                control.send_message({"derived": number})
    except ChannelClosedError:
        return


def _derive(state: StateDirectory, number: int) -> bool:
    try:
        lease = state.lease(number)
    except StoreError:
        return False
    try:
        opened = pyoxigraph.Store.read_only(str(state.generation_path(number)))
        state.keep_derived(derive_counts(opened, number))
    except (OSError, RuntimeError):
        # A full disk or a damaged generation: what was derived before goes on to be told, with its number.
        traceback.print_exc()
        return False
    finally:
        os.close(lease)
    return True
