"""What a Turtle or TriG text holds beside its triples: comments and the labels of blank nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<iri> <(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*> )
    | (?P<string>
          \"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<comment> \#[^\n\r]* )
    | (?P<label> _:[^\s\[\](){},;:"'<>\#@^\\]+ )
    | (?P<space> \s+ )
    | (?P<other> \\. | . )
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True)
class Source:
    """`header` is the comment at the head, ending in a line break, or empty.

    `lost_comments` are the numbers of the lines, from 1, with a comment below
    the head; `labels` are those that the text gives to blank nodes, perhaps
    with some that only look like one.
    """

    header: str
    lost_comments: tuple[int, ...]
    labels: frozenset[str]


def read_source(text: str) -> Source:
    r"""Read the tokens of `text`, a Turtle or TriG document that parses.

    >>> read_source("# One.\n\n\n#   Two. \n\n<urn:x:a#b> <urn:x:c> '# no comment' . # lost\n")
    Source(header='# One.\n\n#   Two.\n', lost_comments=(6,), labels=frozenset())
    """
    head_end: int | None = None
    lost: list[int] = []
    labels: set[str] = set()
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "comment" and head_end is not None:
            lost.append(_line(text, token.start()))
        elif token.lastgroup not in ("comment", "space") and head_end is None:
            head_end = token.start()
        if token.lastgroup == "label":
            labels.add(token.group().removeprefix("_:").rstrip("."))
    return Source(_header(text[:head_end]), tuple(lost), frozenset(labels))


def _line(text: str, offset: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:offset])) + 1


def _header(head: str) -> str:
    kept: list[str] = []
    for line in re.split(r"\r\n|\r|\n", head):
        line = line.strip()
        if line or (kept and kept[-1]):
            kept.append(line)
    if kept and not kept[-1]:
        kept.pop()
    return "".join(f"{line}\n" for line in kept)
