"""What is different between two texts, line by line, and between two results, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeVar

_T = TypeVar("_T")

Mark = Literal["same", "removed", "added"]


@dataclass(frozen=True)
class Line:
    """A line of a comparison; its number in the text before and after, 0 where it is not there."""

    mark: Mark
    before: int
    after: int
    text: str


def compare_texts(before: str, after: str) -> tuple[Line, ...]:
    """Every line of both texts, those that were removed before those that came in their place.

    >>> [(line.mark, line.text) for line in compare_texts("a\\nb\\n", "a\\nc\\n")]
    [('same', 'a'), ('removed', 'b'), ('added', 'c')]
    """
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for operation, i, i_end, j, j_end in SequenceMatcher(None, old, new).get_opcodes():
        if operation == "equal":
            lines += [Line("same", i + n + 1, j + n + 1, old[i + n]) for n in range(i_end - i)]
        else:
            lines += [Line("removed", n + 1, 0, old[n]) for n in range(i, i_end)]
            lines += [Line("added", 0, n + 1, new[n]) for n in range(j, j_end)]
    return tuple(lines)


def subtract(rows: Sequence[_T], keys: Sequence[Hashable], others: Iterable[Hashable]) -> tuple[_T, ...]:
    """The `rows` that are more often here than among `others`, in their order; `keys` tell rows apart.

    >>> subtract(["a", "a", "b"], ["a", "a", "b"], ["a"])
    ('a', 'b')
    """
    left = Counter(keys)
    left.subtract(Counter(others))
    kept = []
    for row, key in zip(rows, keys, strict=True):
        if left[key] > 0:
            left[key] -= 1
            kept.append(row)
    return tuple(kept)
