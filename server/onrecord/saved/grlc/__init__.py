"""Collections of queries written for grlc, made into saved queries."""

from __future__ import annotations

from onrecord.saved.grlc.collection import (
    Imported,
    import_collection,
    judge_imported,
    write_converted,
)
from onrecord.saved.grlc.conversion import Conversion, convert

__all__ = ["Conversion", "Imported", "convert", "import_collection", "judge_imported", "write_converted"]
