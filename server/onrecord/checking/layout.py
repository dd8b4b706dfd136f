"""Files that `onrecord fmt` would change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from onrecord.building.formatting import format_trig, format_turtle
from onrecord.building.formatting_source import read_source
from onrecord.checking.findings import Finding
from onrecord.checking.reading import Contents, Reading
from onrecord.errors import FolderError, FolderSyntaxError, Position

_FORMATS = {".ttl": format_turtle, ".trig": format_trig}


def check_layout(contents: Contents) -> Iterator[Finding]:
    """The folder's own Turtle and TriG files that parse and are not in canonical form."""
    for reading in contents.readings:
        if reading.is_own and not reading.findings and reading.file.path.suffix in _FORMATS:
            yield from _check(reading)


def _check(reading: Reading) -> Iterator[Finding]:
    for line in read_source(reading.text).lost_comments:
        yield Finding(
            reading.name,
            Position(line, 1),
            "comment-in-body",
            "",
            "A comment below the head of a file is lost when it is formatted.",
            "Write it into the graph (rdfs:comment), or move it to the top of the file.",
        )
    text = reading.text.removeprefix("\ufeff")
    try:
        formatted = _FORMATS[reading.file.path.suffix](text, reading.name)
    except FolderSyntaxError:
        return
    except FolderError as error:
        if not read_source(text).lost_comments:
            yield Finding(reading.name, None, "not-formatted", "", error.detail, "")
        return
    if formatted != reading.text:
        lines = zip_longest(reading.text.split("\n"), formatted.split("\n"))
        number = next(n for n, (is_, should) in enumerate(lines, 1) if is_ != should)
        yield Finding(
            reading.name,
            Position(number, 1),
            "not-formatted",
            "",
            "From this line on the file is not in canonical form.",
            "Run: onrecord fmt",
        )
