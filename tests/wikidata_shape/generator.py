"""Invented entities in Wikidata's shape, the same for the same seed.

`python -m tests.wikidata_shape.generator N FILE` writes N of them.

Their numbers (Q9100000000 and up) do not exist. Each has labels, a kind, a
country and mostly an administrative unit; every other one has coordinates.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TextIO

FIRST = 9_100_000_000
SEED = 20260101

_WD = "http://www.wikidata.org/entity/"
_WDT = "http://www.wikidata.org/prop/direct/"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_POINT = "<http://www.opengis.net/ont/geosparql#wktLiteral>"
_COUNTRIES = [f"<{_WD}Q{FIRST - 1000 + n}>" for n in range(50)]
_KINDS = [f"<{_WD}Q{FIRST - 500 + n}>" for n in range(20)]
_SYLLABLES = ["ba", "do", "ki", "ra", "to", "mu", "sa", "le", "ni", "qa", "ha", "ri", "zu", "ge", "fo", "ma"]


def write_entities(count: int, out: TextIO, seed: int = SEED) -> None:
    """Write `count` entities as N-Triples."""
    chance = random.Random(seed)
    for number in range(count):
        item = f"<{_WD}Q{FIRST + number}>"
        name = "".join(chance.choices(_SYLLABLES, k=3)).capitalize()
        lines = [
            f'{item} {_LABEL} "{name} {number}"@en .',
            f"{item} <{_WDT}P31> {chance.choice(_KINDS)} .",
            f"{item} <{_WDT}P17> {chance.choice(_COUNTRIES)} .",
        ]
        if number % 10:
            unit = FIRST + number // 10
            lines.append(f"{item} <{_WDT}P131> <{_WD}Q{unit}> .")
        if number % 2:
            east, north = chance.uniform(-180, 180), chance.uniform(-60, 70)
            lines.append(f'{item} <{_WDT}P625> "Point({east:.5f} {north:.5f})"^^{_POINT} .')
        if number % 5 == 0:
            lines.append(f'{item} {_LABEL} "مكان {number}"@ar .')
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w", encoding="utf-8") as file:
        write_entities(int(sys.argv[1]), file)
