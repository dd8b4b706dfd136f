"""Saved queries: their headers, typed parameters, slots, expectations, and the catalogue of a folder."""

from __future__ import annotations

from onrecord.saved.catalogue import Catalogue
from onrecord.saved.expectations import Expectation, ResultTerm, Row, compare, hash_rows
from onrecord.saved.header import Header, parse_header
from onrecord.saved.parameters import TYPES, Parameter, read, read_value
from onrecord.saved.query import SavedQuery, check, parse

__all__ = [
    "TYPES",
    "Catalogue",
    "Expectation",
    "Header",
    "Parameter",
    "ResultTerm",
    "Row",
    "SavedQuery",
    "check",
    "compare",
    "hash_rows",
    "parse",
    "parse_header",
    "read",
    "read_value",
]
