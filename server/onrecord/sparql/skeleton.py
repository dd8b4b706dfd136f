"""Texts that differ in simple IRIs and strings alone: what was found out about one holds for the next.

Clients send the same query with other constants again and again. A text whose
constants are written plainly is compared by its skeleton, the text without
them. Where each constant of the first text was found to be a token of its own
the tokenizer reads every text of the same
skeleton alike: it tells tokens apart by quotes, brackets, back slashes and
line ends, and the constants have none that the skeleton does not show.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from onrecord.sparql.shape import digest_of, read_shape, written

LONGEST = 8_192
"""Characters of the longest text that is compared."""

_CONSTANT = re.compile(
    r"<[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9/._~#:%?=&+-]*>|\"[A-Za-z0-9 _.,:;/+-]+\"", re.ASCII
)
_MARKS = {"<": "\x00", '"': "\x01"}

_V = TypeVar("_V")


@dataclass(frozen=True)
class Known(Generic[_V]):
    """What is known of a text: `value` as it was learned, and the digests of `shape_of`."""

    value: _V
    shape: str
    text: str


@dataclass(frozen=True)
class _Skeleton(Generic[_V]):
    value: _V
    shape: str
    joined: str
    constants: tuple[str | None, ...]
    """The constants of the shape in their order; None stands for the next simple one of a text."""


class Skeletons(Generic[_V]):
    """What was learned, the longest unused leaving first; not for more than one thread.

    >>> known = Skeletons()
    >>> known.learn("ASK { <urn:a> ?p 'x' }", 1)
    >>> known.find("ASK { <urn:bb> ?p 'x' }").value, known.find("ASK { <urn:b> ?p 'y' }")
    (1, None)
    """

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._known: OrderedDict[str, _Skeleton[_V]] = OrderedDict()

    def find(self, text: str) -> Known[_V] | None:
        """What is known of `text`; None where nothing is, or its constants are not plain."""
        if len(text) > LONGEST or "\x00" in text or "\x01" in text:
            return None
        constants = _CONSTANT.findall(text)
        skeleton = _skeleton_of(text)
        found = self._known.get(skeleton)
        if found is None:
            return None
        self._known.move_to_end(skeleton)
        simple = iter(constants)
        parts = [next(simple) if c is None else c for c in found.constants]
        return Known(found.value, found.shape, digest_of(found.joined + "\n" + "\n".join(parts)))

    def learn(self, text: str, value: _V) -> None:
        """Remember `value` for all texts that have the skeleton of `text`, where that is safe."""
        if len(text) > LONGEST or "\x00" in text or "\x01" in text:
            return
        spans = {match.span() for match in _CONSTANT.finditer(text)}
        joined, tokens = read_shape(text)
        constants: list[str | None] = []
        for token in tokens:
            is_simple = token.kind in ("iri", "string") and (token.start, token.end) in spans
            if is_simple:
                spans.discard((token.start, token.end))
            constants.append(None if is_simple else written(token))
        if spans:
            # Inside a comment, a longer string or a data block, or read in another way.
            return
        self._known[_skeleton_of(text)] = _Skeleton(value, digest_of(joined), joined, tuple(constants))
        if len(self._known) > self._most:
            self._known.popitem(last=False)


def _skeleton_of(text: str) -> str:
    return _CONSTANT.sub(lambda found: _MARKS[found.group()[0]], text)
