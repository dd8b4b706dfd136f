"""Search over labels in any script: folding, transliteration, and an index of each generation's names."""

from onrecord.search.current import CurrentIndex, IndexOfEngine, IndexOfStore
from onrecord.search.folding import fold, romanize, skeleton
from onrecord.search.index import Hit, Hits, NameIndex
from onrecord.search.writing import write_index

__all__ = [
    "CurrentIndex",
    "Hit",
    "Hits",
    "IndexOfEngine",
    "IndexOfStore",
    "NameIndex",
    "fold",
    "romanize",
    "skeleton",
    "write_index",
]
