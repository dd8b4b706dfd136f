"""A client of the supervisor, as its desk knows it."""

from __future__ import annotations

from onrecord.errors import OnrecordError
from onrecord.store.channel import Channel, ChannelClosedError, Frame
from onrecord.supervision.lanes import Asked, Lane
from onrecord.supervision.slots import WorkerSlot


class Connection:
    """One client of the supervisor; it asks for, waits for or holds at most one worker at a time."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.slot: WorkerSlot | None = None
        self.asked = Asked("", "", "")
        self.query = 0
        """The number of its query, the same in every lane."""
        self.lease = 0
        """The number of its newest lease."""
        self.keeps = False
        """Whether it keeps the descriptor of its last worker."""
        self.kept = 0
        """The serial number of the worker whose descriptor it keeps."""
        self.since = 0.0
        self.due: float | None = None
        """When its wait is over; None when it does not wait."""
        self.least_lane: Lane = "quick"
        self.cause: OnrecordError | None = None
        self.wants_cause = False
        self.request: Frame | None = None
        """What it asked last."""

    def tell(self, message: dict[str, object], fd: int | None = None) -> bool:
        """Send `message`; False when the client has gone, which is dealt with where it is read."""
        try:
            self.channel.send_message(message, fd)
        except ChannelClosedError:
            return False
        return True
