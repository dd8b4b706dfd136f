"""The suggestions as a page of Markdown to work through; it is no part of the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.records import not_after_writing, write_prefixes
from onrecord.authoring.spans import anchor
from onrecord.authoring.suggestions import KINDS, Suggestion

_ABOUT = """\
# Suggestions for {label} ({name})

Rules found these words in the text. None of it is a claim, nothing reads this page but you, and it holds no
sentence of the text. To accept a suggestion, paste its Turtle into `triples/articles/{name}.ttl` and replace
whatever begins with a question mark; until then the file does not parse. To refuse one, do nothing.
"""
_PREFIXES = """\
## Paste this first

The prefixes of all that follows. Declaring one twice does no harm; `onrecord fmt` removes those that are not
used, so paste them again when you go on later.

"""
_UNDATED = "## For what has no time of its own\n\n"


def write_worksheet(
    article: Article, encoding: Encoding, label: str, written: date | None, suggestions: Sequence[Suggestion]
) -> str:
    """The page: prefixes, then the sentences in order, each with its suggestions."""
    parts = [
        _ABOUT.format(label=label, name=article.name),
        _PREFIXES + _fence(write_prefixes(encoding.prefixes)),
    ]
    if written is not None:
        parts.append(_UNDATED + _fence(not_after_writing(written, encoding)))
    by_sentence: dict[str, list[str]] = {}
    for one in suggestions:
        by_sentence.setdefault(one.sentence.id, []).append(_section(one))
    for sentence in article.sentences:
        first = anchor(sentence.span.cut(article.text), whole_sentence=True)
        parts.append(f"## {sentence.id}: `span:{sentence.span}`, {_code(first)} …\n")
        parts += by_sentence.get(sentence.id, [])
    return "\n".join(parts)


def summarize(suggestions: Sequence[Suggestion]) -> str:
    """How many there are of each kind.

    >>> summarize([])
    'nothing'
    """
    counted = Counter(suggestion.kind for suggestion in suggestions)
    return (
        ", ".join(f"{counted[kind]} {kind}{'s' * (counted[kind] > 1)}" for kind in KINDS if counted[kind])
        or "nothing"
    )


def _section(one: Suggestion) -> str:
    return (
        f"### {one.kind.capitalize()}: {_code(one.words)}\n\n"
        f"{one.sentence.id}, {one.span.start} to {one.span.end}, SHA-256 `{one.sha256}`\n\n"
        f"{one.remark}\n\n{_fence(one.turtle)}"
    )


def _fence(turtle: str) -> str:
    return f"```turtle\n{turtle.rstrip()}\n```\n"


def _code(words: str) -> str:
    """`words` as a code span, whatever marks they hold."""
    return f"`` {words} ``" if "`" in words else f"`{words}`"
