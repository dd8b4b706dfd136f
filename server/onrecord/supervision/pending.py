"""A write under way, and what the supervisor does with what comes of it."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass, field
from typing import Literal, Protocol

from onrecord.errors import OnrecordError, encode_error
from onrecord.supervision.desk import Connection


class Owner(Protocol):
    """What the supervisor does with what comes of writes and builds."""

    def adopt(self, number: int) -> bool:
        """Serve generation `number` from now on; False when it cannot be."""
        ...

    def adopt_build(self, number: int) -> None:
        """The same, and a build is what it comes from."""
        ...

    def fail_writer(self, error: OnrecordError) -> None:
        """The writer could not build."""
        ...

    def restart_writer(self, error: OnrecordError) -> None:
        """The writer has ended and starts again."""
        ...

    def end(self, error: OnrecordError) -> None:
        """It makes no sense to go on."""
        ...

    def tell_progress(self, text: str) -> None: ...

    def generation_number(self) -> int:
        """The generation that is served; 0 before the first."""
        ...


@dataclass
class PendingWrite:
    """A write under way. `fd` is of what was sent, and after the trial of the plan."""

    connection: Connection
    message: dict[str, object]
    fd: int | None
    started: float = field(default_factory=time.monotonic)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    what: str = ""
    count: int = 0
    ends: int = 0
    """How many processes have ended, without being told to, while they worked at it."""
    overran_in: Literal["trial", "writer"] | None = None
    """Where it was at work when its time was over and that process was killed."""

    @property
    def op(self) -> str:
        return str(self.message["op"])

    @property
    def is_wanted(self) -> bool:
        """Whether its sender is still there."""
        return self.connection.channel.fileno() >= 0

    def take_plan(self, tried: dict[str, object], fd: int | None) -> None:
        self.close()
        self.fd = fd
        self.ends = 0
        self.count = int(str(tried.get("count", 0)))
        graph = f"<{self.message['graph']}>" if self.message.get("graph") else "the unnamed graph"
        if self.op == "update" and self.message.get("graph") is not None:
            tried = {"summary": f"PATCH {graph}: {tried.get('summary', '')}"}
        named = {"put": f"PUT {graph}", "post": f"POST {graph}", "delete": f"DELETE {graph}"}
        told = self.message.get("what", tried.get("summary", ""))
        self.what = named.get(self.op, str(told))

    def fail(self, error: OnrecordError) -> None:
        self.close()
        self.connection.tell({"error": encode_error(error)})

    def close(self) -> None:
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
