"""The states of a store: the one that is asked, those that are kept, those that are pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Generation:
    """One immutable state of a store: (store UUID, number).

    Two stores, or a store rebuilt from nothing, never share a UUID; ETags
    carry both parts.
    """

    uuid: str
    number: int
    is_immutable: bool = True
    """Whether it is the same for ever. False where others may write unseen: it then tells no more than
    which writes went through this server, and neither an ETag nor an address may rest on it."""

    @property
    def label(self) -> str:
        """Short and unique enough for headers and ETags."""
        return f"{self.uuid[:8]}-{self.number}"

    @property
    def told(self) -> str:
        """The label where it names a state that can be asked again, empty where it cannot."""
        return self.label if self.is_immutable else ""


@dataclass(frozen=True)
class Written:
    """One write: by whom, and what in a few words."""

    by: str
    what: str


@dataclass(frozen=True)
class KeptGeneration:
    """A generation that can still be asked, and what is known of it.

    `published` is a UTC time (xsd:dateTime with milliseconds). `changed` maps
    each graph that its writes changed to the triples added and removed there;
    None where nobody counted them. `graphs` maps each graph to its triples (the
    unnamed graph is the empty string), None where nobody counted those.
    """

    generation: Generation
    published: str
    writes: tuple[Written, ...]
    changed: Mapping[str, tuple[int, int]] | None = None
    graphs: Mapping[str, int] | None = None
    content_hash: str = ""
    """SHA-256 over its quads (see `onrecord.store.hashing`); empty while it is not known."""
    hash_trouble: str = ""
    """Why it has none and will have none."""
    pin: Pin | None = None
    is_at_rest: bool = False
    """Whether it has to be opened again before it is asked, which takes a while."""


@dataclass(frozen=True)
class Pin:
    """That a generation is kept for good: by whom, since when (UTC)."""

    by: str
    since: str


class History(Protocol):
    """The generations that are kept."""

    def list(self) -> tuple[KeptGeneration, ...]:
        """All of them, the newest first."""
        ...

    def find(self, number: int) -> KeptGeneration:
        """The one of that number.

        Raises GenerationGoneError for one that was and is kept no longer, and
        NotFoundError for one that never was; both name those that are kept.
        """
        ...

    def open(self, number: int) -> None:
        """Have a kept generation ready to be asked; remembers that it was. Raises GenerationGoneError."""
        ...

    def pin(self, number: int, by: str, most: int) -> KeptGeneration:
        """Keep a generation until its pin is released.

        Raises ConflictError where `most` are pinned already, and as `find` does.
        """
        ...

    def release(self, number: int) -> None:
        """Take a pin away. Raises NotFoundError where there is none."""
        ...
