"""The names that a generation gives to things, and where the index of them lies.

A file beside the generations: `000017.names`, or `000017.plain-names` where the
default graph is no union. It is made after publication, or with the build where
there are few names. The newest one stays until the next is whole, also when
its generation has gone. What an index is, its writer knows (`onrecord.search`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from onrecord.terms import RDFS, REC, SKOS

NAMES = (RDFS + "label", SKOS + "prefLabel", REC + "alsoCalled")
"""Predicates whose objects are names."""
FEW = 20_000
"""Up to so many names are indexed before a build is published: it takes a second or two."""

Name = tuple[str, str, str]
"""IRI, text and language of a name."""
WriteIndex = Callable[[Callable[[], Iterable[Name]], Path, Path | None], None]
"""Given what reads the names, the file to write, and the index of an older generation, if there is one."""


@dataclass(frozen=True)
class NameIndexes:
    """The indexes of names in the directory `generations`, of unions or of unnamed graphs."""

    generations: Path
    is_union: bool

    def path(self, number: int) -> Path:
        """Where the index of generation `number` lies, once it is whole."""
        return self.generations / f"{number:06d}{self._suffix}"

    def newest(self, most: int) -> int | None:
        """The newest generation up to number `most` that has an index, or None."""
        if self.path(most).exists():
            return most
        return max((number for number in self._numbers() if number <= most), default=None)

    def make(self, store: Store, number: int, apart: Sequence[str], write: WriteIndex) -> None:
        """Have `write` index the names of generation `number`, which `store` holds, unless that was done.

        `apart` are the graphs that the union leaves out. Raises OSError, and what `write` raises.
        """
        target = self.path(number)
        if target.exists():
            return
        unfinished = target.with_name(target.name + ".tmp")
        unfinished.unlink(missing_ok=True)
        former = self.newest(number)
        try:
            write(
                lambda: self._read(store, apart),
                unfinished,
                self.path(former) if former is not None else None,
            )
            os.rename(unfinished, target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def remove(self, number: int) -> None:
        """Remove the index of a generation that was not published after all."""
        self.path(number).unlink(missing_ok=True)

    def remove_older(self, number: int) -> None:
        """Remove the indexes of generations before `number`, which has one."""
        for older in self._numbers():
            if older < number:
                self.path(older).unlink(missing_ok=True)

    def has_few(self, store: Store, apart: Sequence[str]) -> bool:
        """Whether `store` has so few names that its index is made in a moment."""
        return sum(1 for _ in islice(self._read(store, apart), FEW + 1)) <= FEW

    def _read(self, store: Store, apart: Sequence[str]) -> Iterator[Name]:
        """The names in the default graph; one that stands in two graphs comes twice."""
        left_out = frozenset(apart)
        graph = None if self.is_union else DefaultGraph()
        for predicate in NAMES:
            for quad in store.quads_for_pattern(None, NamedNode(predicate), None, graph):
                subject, name = quad.subject, quad.object
                if not isinstance(subject, NamedNode) or not isinstance(name, Literal):
                    continue
                if not (isinstance(quad.graph_name, NamedNode) and quad.graph_name.value in left_out):
                    yield subject.value, name.value, name.language or ""

    @property
    def _suffix(self) -> str:
        return ".names" if self.is_union else ".plain-names"

    def _numbers(self) -> list[int]:
        found = self.generations.glob(f"*{self._suffix}")
        return [int(path.stem) for path in found if path.stem.isdigit()]
