"""How a result is cited: in a sentence, and as BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPECIAL = re.compile(r"[\\{}$&#^_~%]")
_ESCAPED = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


@dataclass(frozen=True)
class Citation:
    """All that is cited. `time` is that of the answer (UTC); what is not known is empty."""

    title: str
    author: str
    dataset: str
    query: str
    """Name and version: `name@3`."""
    address: str
    time: str
    generation: str
    """Its label, empty where the engine keeps none."""
    content_hash: str
    commit: str
    rows: int
    kind: str
    """What `rows` counts: row, triple or answer."""
    result_hash: str

    @property
    def counted(self) -> str:
        return f"{self.rows:,} {self.kind}{'' if self.rows == 1 else 's'}"

    def text(self) -> str:
        """One paragraph."""
        data = [f"generation {self.generation}"] if self.generation else []
        data += [f"content SHA-256 {self.content_hash}"] if self.content_hash else []
        data += [f"folder commit {self.commit}"] if self.commit else []
        data.append(f"result SHA-256 {self.result_hash}")
        who = f"{self.author}. " if self.author else ""
        return (
            f'{who}"{self.title}" {self.dataset}, query {self.query}. Asked on {self.time}: {self.counted}. '
            f"{self.address} ({'; '.join(data)})."
        )

    def bibtex(self) -> str:
        """An entry of type misc; every field is escaped for TeX, the address stands in \\url."""
        note = self.counted + (f"; generation {self.generation}" if self.generation else "")
        note += f"; result SHA-256 {self.result_hash}"
        note += f"; content SHA-256 {self.content_hash}" if self.content_hash else ""
        note += f"; folder commit {self.commit}" if self.commit else ""
        fields = {
            "title": "{" + _escape(self.title) + "}",
            "author": "{" + _escape(self.author) + "}" if self.author else "",
            "howpublished": f"{_escape(self.dataset)}, query {_escape(self.query)}, {_url(self.address)}",
            "year": self.time[:4],
            "month": _MONTHS[int(self.time[5:7]) - 1],
            "note": _escape(note),
        }
        lines = [
            f"  {name} = {value if name == 'month' else '{' + value + '}'},"
            for name, value in fields.items()
            if value
        ]
        key = re.sub(r"[^A-Za-z0-9-]", "-", self.query) + f"-{self.result_hash[:8]}"
        return "\n".join([f"@misc{{{key},", *lines, "}"]) + "\n"


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], "\\" + found[0]), " ".join(text.split()))


def _url(address: str) -> str:
    # In \url only these three end or change the argument; they are escaped as an address escapes them.
    escaped = address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
    return f"\\url{{{escaped}}}"
