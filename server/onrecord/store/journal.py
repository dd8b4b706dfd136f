"""The engine's journal of its files, which grows with every publication until the store is opened anew.

RocksDB writes down in MANIFEST which files a store is made of, 1.5 KB for each
publication, and begins another one when it opens the store (or at a gigabyte).
Each generation has a whole copy: after 3,000 writes it was 4.7 MB in each of
them, and a fifth of the time of a publication.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pyoxigraph import Store

MOST_BYTES = 1 << 20
"""A journal that is larger has the store opened anew: some 50 ms after 700 publications."""


def has_grown(directory: Path) -> bool:
    """Whether the journal of the store in `directory` is larger than it should be."""
    return sum(path.stat().st_size for path in directory.glob("MANIFEST-*")) > MOST_BYTES


def open_anew(directory: Path) -> Store:
    """The store in `directory`, which nobody has open, with a new journal. Raises OSError or RuntimeError."""
    store = Store(str(directory))
    for old in directory.glob("LOG.old.*"):
        # What the engine did before: it keeps a thousand of these.
        with suppress(OSError):
            old.unlink()
    return store
