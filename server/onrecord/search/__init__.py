"""Search over labels in any script: folding, transliteration, and an index per generation."""

from onrecord.search.folding import fold, romanize, skeleton
from onrecord.search.index import Hit, Hits, LabelIndex

__all__ = ["Hit", "Hits", "LabelIndex", "fold", "romanize", "skeleton"]
