"""Passages beside their claims, where the operator keeps the texts and looks at them alone (`--source`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from flask import request

from onrecord.claims import Span
from onrecord.solutions import Reader, values_block
from onrecord.terms import REC
from onrecord.web.site import Site

_LOOPBACK = ("127.", "::1")


class Passages:
    """The words of spans. A span whose SHA-256 differs from the text's own is not shown."""

    def __init__(self, here: Site, asking: Reader, spans: Iterable[Span]) -> None:
        self._texts: dict[str, str] = {}
        wanted = {span.source for span in spans if span.source}
        if here.sources is None or not wanted or not (request.remote_addr or "").startswith(_LOOPBACK):
            return
        text = f"SELECT ?s ?sha {{ {values_block('s', sorted(wanted))} ?s <{REC}sha256> ?sha }}"
        for row in asking.select(text, len(wanted) * 2).rows:
            found = here.sources.text(row["sha"].value)
            if found is not None:
                self._texts[row["s"].value] = found

    def of(self, span: Span) -> str:
        """The words of `span`, or empty."""
        text = self._texts.get(span.source, "")
        if span.start is None or span.end is None or not 0 <= span.start < span.end <= len(text):
            return ""
        words = text[span.start : span.end]
        return words if hashlib.sha256(words.encode()).hexdigest() == span.sha256 else ""
