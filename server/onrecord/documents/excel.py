"""Excel workbooks (Office Open XML): the rows on one sheet, where they came from on another."""

from __future__ import annotations

import io
import math
from datetime import datetime

import xlsxwriter

from onrecord.documents.texts import rows_note, text_of
from onrecord.errors import NotAcceptableError
from onrecord.solutions import NUMBERS, SolutionSequence, Term

LONGEST_CELL = 32_767
"""Characters in a cell of the format."""
_MOST_DIGITS = 15
"""Digits that a spreadsheet's numbers keep; longer ones stay text, so that none is changed."""


def write_excel(title: str, solutions: SolutionSequence, facts: dict[str, str]) -> bytes:
    """A workbook: sheet "Result" with one row a solution, sheet "About" with title and `facts`.

    Texts stay texts, also such as begin like a formula. Raises
    NotAcceptableError for a value longer than a cell can be.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        # The same answer is the same bytes: no time of writing in it.
        book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Result")
        widths = [len(name) for name in solutions.variables]
        for column, name in enumerate(solutions.variables):
            sheet.write_string(0, column, name, bold)
        for line, row in enumerate(solutions.rows, 1):
            for column, name in enumerate(solutions.variables):
                term = row.get(name)
                if term is None:
                    continue
                text = text_of(term)
                number = _number(term)
                if number is not None:
                    sheet.write_number(line, column, number)
                else:
                    if len(text) > LONGEST_CELL:
                        raise NotAcceptableError(
                            f"The value of {name} in row {line:,} has {len(text):,} characters; a cell of "
                            f"Excel holds {LONGEST_CELL:,}. Take CSV, TSV or JSON."
                        )
                    sheet.write_string(line, column, text)
                widths[column] = max(widths[column], len(text))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(60, width + 2))
        sheet.freeze_panes(1, 0)
        if solutions.variables:
            sheet.autofilter(0, 0, len(solutions.rows), len(solutions.variables) - 1)
        about = book.add_worksheet("About")
        told = {"title": title, **facts, "rows": rows_note(len(solutions.rows), solutions.truncated)}
        for line, (name, value) in enumerate(told.items()):
            about.write_string(line, 0, name, bold)
            about.write_string(line, 1, value[:LONGEST_CELL])
        about.set_column(0, 0, 20)
        about.set_column(1, 1, 90)
    return buffer.getvalue()


def _number(term: Term) -> float | int | None:
    """The number that a cell can hold without changing it; None for everything else."""
    if term.kind != "literal" or term.datatype not in NUMBERS:
        return None
    if sum(c.isdigit() for c in term.value.lstrip("+-0.")) > _MOST_DIGITS:
        return None
    try:
        value = float(term.value)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
