"""Documents for people and their programs: spreadsheets, Markdown, maps and graphs.

Each is written from a whole, bounded answer. Knows no HTTP.
"""

from onrecord.documents.document import Document, write_document

__all__ = ["Document", "write_document"]
