"""Saved queries: their headers, typed parameters, slots, expectations, and the catalogue of a folder."""

from __future__ import annotations

from onrecord.saved.catalogue import Catalogue
from onrecord.saved.choices import (
    ChoiceList,
    check_choices,
    find_fault,
    read_choices,
    refuse_other_values,
    refuse_unlisted,
)
from onrecord.saved.expectations import Expectation, ResultTerm, Row, compare, hash_rows
from onrecord.saved.header import Header, parse_header
from onrecord.saved.parameters import TYPES, Choices, Parameter, read, read_value
from onrecord.saved.query import SavedQuery, check, parse

__all__ = [
    "TYPES",
    "Catalogue",
    "ChoiceList",
    "Choices",
    "Expectation",
    "Header",
    "Parameter",
    "ResultTerm",
    "Row",
    "SavedQuery",
    "check",
    "check_choices",
    "compare",
    "find_fault",
    "hash_rows",
    "parse",
    "parse_header",
    "read",
    "read_choices",
    "read_value",
    "refuse_other_values",
    "refuse_unlisted",
]
