"""What Onrecord knows of SPARQL text: pure functions over tokens, no engine and no store.

For a text from outside: `check_bounds`, then `describe`, then `refuse_remote`;
only then may an engine see it, and `parse_engine_error` turns its complaint
into ours.
"""

from __future__ import annotations

from onrecord.sparql.bounds import BOUNDS, Bounds, check_bounds, refuse_long_text
from onrecord.sparql.dataset import DatasetClause, read_dataset
from onrecord.sparql.findings import Finding
from onrecord.sparql.grammar import lower_booleans, refuse_foreign_syntax
from onrecord.sparql.known_prefixes import (
    KNOWN_PREFIXES,
    declare,
    move_back,
    supplied_prefixes,
    used_prefixes,
)
from onrecord.sparql.loads import skip_silent_loads
from onrecord.sparql.mending import mend
from onrecord.sparql.operation import LoadCall, Operation, ServiceCall, describe, split_prologue
from onrecord.sparql.placement import SlotParameter, check_placement
from onrecord.sparql.positions import line_at, offset_at, position_at
from onrecord.sparql.refusal import refuse_remote
from onrecord.sparql.shape import shape_of
from onrecord.sparql.skeleton import Skeletons
from onrecord.sparql.slots import Slot, Term, bind, find_slots, serialize_term
from onrecord.sparql.syntax import parse_engine_error
from onrecord.sparql.tokens import Token, tokenize
from onrecord.sparql.update_operation import UpdateOperation, join_operations, share_prologue
from onrecord.sparql.updates import read_update

__all__ = [
    "BOUNDS",
    "KNOWN_PREFIXES",
    "Bounds",
    "DatasetClause",
    "Finding",
    "LoadCall",
    "Operation",
    "ServiceCall",
    "Skeletons",
    "Slot",
    "SlotParameter",
    "Term",
    "Token",
    "UpdateOperation",
    "bind",
    "check_bounds",
    "check_placement",
    "declare",
    "describe",
    "find_slots",
    "join_operations",
    "line_at",
    "lower_booleans",
    "mend",
    "move_back",
    "offset_at",
    "parse_engine_error",
    "position_at",
    "read_dataset",
    "read_update",
    "refuse_foreign_syntax",
    "refuse_long_text",
    "refuse_remote",
    "serialize_term",
    "shape_of",
    "share_prologue",
    "skip_silent_loads",
    "split_prologue",
    "supplied_prefixes",
    "tokenize",
    "used_prefixes",
]
