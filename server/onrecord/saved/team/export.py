"""The team's queries as files, for git."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import RequestError, StoreError
from onrecord.saved.query import NAME
from onrecord.saved.team.records import QueryRecord
from onrecord.saved.team.shelf import QueryShelf


@dataclass(frozen=True)
class Exported:
    """Names of what was written, of what stood there already, and of what was left out, with the reason."""

    written: tuple[str, ...]
    same: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def export_queries(
    shelf: QueryShelf, directory: Path, *, private: bool = False, replace: bool = False
) -> Exported:
    """Write the newest text of each query of the team as `NAME.rq` into `directory`, made if absent.

    Archived queries are left out, and private ones unless `private`. Raises
    RequestError before anything is written when a file with another text is
    there and `replace` is not given, and StoreError for a directory that
    cannot be written.
    """
    written, same, left_out = [], [], []
    texts = shelf.newest_texts()
    chosen: list[tuple[QueryRecord, str, Path]] = []
    for record in shelf.records():
        reason = _left_out(record, private)
        if reason:
            left_out.append((record.name, reason))
        else:
            chosen.append((record, texts[record.line].text, directory / f"{record.name}.rq"))
    try:
        standing = {path: path.read_bytes() for _, _, path in chosen if os.path.lexists(path)}
        other = [r.name for r, text, path in chosen if path in standing and standing[path] != text.encode()]
        if other and not replace:
            raise RequestError(
                f"{directory} has other texts of {', '.join(other)}. Nothing was written; "
                "compare them, then use --replace."
            )
        directory.mkdir(parents=True, exist_ok=True)
        for record, text, path in chosen:
            if standing.get(path) == text.encode():
                same.append(record.name)
            else:
                _write(path, text)
                written.append(record.name)
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return Exported(tuple(written), tuple(same), tuple(left_out))


def _left_out(record: QueryRecord, private: bool) -> str:
    if NAME.fullmatch(record.name) is None:
        return "its name is no file name"
    if record.is_archived:
        return "archived"
    return "private" if record.visibility == "private" and not private else ""


def _write(path: Path, text: str) -> None:
    """Whole or not at all; a link that stands there is replaced, not followed."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    with temporary.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
