"""YAML in comment lines, read strictly and without constructing anything.

All scalars are the text that stands there: `no`, `7.0` and `2018-03-28` keep
their letters. Repeated and unknown keys, aliases and tags are errors, each
with its line and column in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol

import yaml

from onrecord.errors import SavedQueryError

_DEEPEST = 8
_LONGEST = 100_000


class _Mark(Protocol):
    """A place in YAML, counted from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class CommentYaml:
    """The YAML that stands in the lines of `text` that start with `mark`.

    These lines must follow each other; other comments and empty lines may
    stand before them. Everything raises SavedQueryError.
    """

    def __init__(self, path: str, text: str, mark: str) -> None:
        self.path = path
        self.mark = mark
        self.first = 1
        self.indents: list[int] = []
        """How many characters of each line stand before its YAML."""
        self.source = self._extract(text)

    def _extract(self, text: str) -> str:
        lines: list[str] = []
        ended = False
        for number, line in enumerate(text.split("\n"), start=1):
            stripped = line.strip()
            if stripped.startswith(self.mark):
                if ended:
                    raise SavedQueryError(
                        f"{self.path}:{number}:1: this header line stands apart from the header. "
                        "Put all header lines together at the top."
                    )
                content = line[line.index(self.mark) + len(self.mark) :].rstrip()
                # One space after the mark is part of it; what follows indents the YAML.
                lines.append(content.removeprefix(" "))
                self.indents.append(line.index(self.mark) + len(self.mark) + content.startswith(" "))
                self.first = self.first if len(lines) > 1 else number
            else:
                ended = bool(lines) or (stripped != "" and not stripped.startswith("#"))
        source = "\n".join(lines)
        if len(source) > _LONGEST:
            raise SavedQueryError(
                f"{self.path}:{self.first}: the header is longer than {_LONGEST:,} characters."
            )
        return source

    def root(self) -> yaml.Node:
        """The node of the one document."""
        missing = f"Add a first line such as: {self.mark} summary: What it answers."
        if not self.source.strip():
            raise self.error(None, "there is no header.", missing)
        try:
            self._refuse_features()
            node = yaml.compose(self.source, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            reason = f"the header is not YAML: {error.problem or 'it cannot be read'}."
            mark = error.problem_mark or error.context_mark
            raise self._error_at(mark, reason, "Put text that has : or # in it in quotes.") from None
        except yaml.YAMLError:
            raise self.error(
                None, "the header has a character that YAML does not allow.", "Remove it."
            ) from None
        if node is None:
            raise self.error(None, "the header is empty.", missing)
        return node

    def _refuse_features(self) -> None:
        depth = 0
        for event in yaml.parse(self.source, Loader=yaml.SafeLoader):
            mark = event.start_mark
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise self._error_at(mark, "anchors and aliases are not read.", "Write the value out.")
            if getattr(event, "tag", None) is not None:
                raise self._error_at(mark, "tags are not read.", "Leave the tag out.")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise self._error_at(mark, "this is nested too deep.", f"The limit is {_DEEPEST}.")

    def mapping(self, node: yaml.Node, what: str, known: Sequence[str] | None) -> dict[str, yaml.Node]:
        """The keys of `node` with their values; keys outside `known` are errors unless it is None."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"{what} must be keys with values.", "Write key: value.")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key, "a key")
            if name in found:
                raise self.error(key, f'"{name}" stands twice in {what}.', "Keep one.")
            if known is not None and name not in known:
                near = get_close_matches(name[:60], known, n=1)
                meant = f"Did you mean {near[0]}? " if near else ""
                reason = f'"{name[:60]}" is not a key of {what}.'
                raise self.error(key, reason, f"{meant}Known: {', '.join(known)}.")
            found[name] = value
        return found

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """The items of a list."""
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(
                node, f"{what} must be a list.", "Write [a, b], or lines that start with a dash."
            )
        return list(node.value)

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        """The texts of a list, or the one text that stands there instead."""
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(item, what) for item in node.value)
        return (self.text(node, what),)

    def text(self, node: yaml.Node, what: str) -> str:
        """A scalar as its text."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(
                node, f"{what} must be a text.", "Put text that has brackets or : in it in quotes."
            )
        return str(node.value).strip()

    def flag(self, node: yaml.Node, what: str) -> bool:
        """`true` or `false`."""
        value = self.text(node, what)
        if value not in ("true", "false"):
            raise self.error(node, f'{what} is "{value}".', "Write true or false.")
        return value == "true"

    def line_of(self, node: yaml.Node) -> int:
        """The line of the file in which `node` starts."""
        return self.first + node.start_mark.line

    def error(self, node: yaml.Node | None, reason: str, remedy: str) -> SavedQueryError:
        """An error that starts with the place of `node`, or of the header."""
        return self._error_at(None if node is None else node.start_mark, reason, remedy)

    def _error_at(self, mark: _Mark | None, reason: str, remedy: str) -> SavedQueryError:
        if mark is None or not self.indents:
            return SavedQueryError(f"{self.path}:{self.first}: {reason} {remedy}")
        line = min(mark.line, len(self.indents) - 1)
        column = mark.column + self.indents[line] + 1
        return SavedQueryError(f"{self.path}:{self.first + line}:{column}: {reason} {remedy}")
