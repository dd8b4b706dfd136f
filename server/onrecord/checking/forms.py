"""Findings as text: for people and their editors, for programs, for annotations on GitHub."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence

from onrecord.checking.findings import Finding

PathOf = Callable[[str], str]
"""The path to show for a file of the folder."""


def write_findings(findings: Sequence[Finding], form: str, path_of: PathOf) -> str:
    """The findings in `form`, one of FORMS, ending in a line break.

    `text` is `path:line:column: code: sentence remedy` a line, as editors
    read it, then a line with their number; `github` are workflow commands
    that annotate the lines; `json` is one object.
    """
    return FORMS[form](findings, path_of)


def _text(findings: Sequence[Finding], path_of: PathOf) -> str:
    lines = []
    for finding in findings:
        place = f":{finding.position.line}:{finding.position.column}" if finding.position else ""
        lines.append(_printable(f"{path_of(finding.file)}{place}: {finding.code}: {finding.message}"))
    return "\n".join([*lines, _count(findings)]) + "\n"


def _github(findings: Sequence[Finding], path_of: PathOf) -> str:
    lines = []
    for finding in findings:
        values = {"file": path_of(finding.file)}
        if finding.position:
            values |= {"line": str(finding.position.line), "col": str(finding.position.column)}
        values["title"] = finding.code
        properties = ",".join(f"{name}={_escape_property(value)}" for name, value in values.items())
        lines.append(f"::error {properties}::{_escape(finding.message)}")
    return "\n".join([*lines, _count(findings)]) + "\n"


def _json(findings: Sequence[Finding], path_of: PathOf) -> str:
    document = {
        "count": len(findings),
        "findings": [
            {
                "file": path_of(finding.file),
                "line": finding.position.line if finding.position else None,
                "column": finding.position.column if finding.position else None,
                "code": finding.code,
                "term": finding.term or None,
                "sentence": finding.sentence,
                "remedy": finding.remedy,
            }
            for finding in findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


FORMS: dict[str, Callable[[Sequence[Finding], PathOf], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
}


def _count(findings: Sequence[Finding]) -> str:
    if not findings:
        return "No findings."
    return f"{len(findings)} finding{'' if len(findings) == 1 else 's'}."


def _escape(text: str) -> str:
    """`text` as the message of a workflow command.

    >>> _escape("100 %\\nof it")
    '100 %25%0Aof it'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """`text` as a property of a workflow command.

    >>> _escape_property("a:b,c")
    'a%3Ab%2Cc'
    """
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def _printable(text: str) -> str:
    """`text` without characters that steer a terminal or the direction of its text."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
