"""Writes an index of names: a SQLite file that is never changed once it is whole.

The shortest names have the lowest numbers. So the first rows that fit are the
best ones, and a search may stop after some without sorting all that fit.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from onrecord.search.folding import fold, romanize, skeleton

Name = tuple[str, str, str]
MOST_NAMES = 2_000_000
"""Names that are indexed; a search tells when there are more."""
_SCHEMA = """
CREATE TABLE told (digest TEXT, complete INTEGER);
CREATE TABLE name (id INTEGER PRIMARY KEY, iri TEXT, text TEXT, language TEXT, folded TEXT, latin TEXT);
CREATE VIRTUAL TABLE spelled USING fts5(folded, latin, content='', tokenize='trigram');
CREATE VIRTUAL TABLE heard USING fts5(bones, content='', tokenize='unicode61');
CREATE TEMP TABLE raw (iri TEXT, text TEXT, language TEXT, folded TEXT);
"""
_ARRANGE = """
INSERT INTO name (iri, text, language, folded, latin)
  SELECT iri, text, language, folded, romanize(text) FROM raw ORDER BY length(folded), folded, iri;
DROP TABLE raw;
INSERT INTO spelled (rowid, folded, latin) SELECT id, folded, latin FROM name ORDER BY id;
INSERT INTO heard (rowid, bones) SELECT id, skeleton(text) FROM name ORDER BY id;
CREATE INDEX name_folded ON name (folded);
"""


def write_index(read: Callable[[], Iterable[Name]], target: Path, former: Path | None) -> None:
    """Index the names that `read` gives in the new file `target`, on disk when this returns.

    The same names as in `former` are not indexed again: `target` is then
    another name of that file. Raises OSError for what the disk does not take.
    """
    digest = _digest(read())
    try:
        if former is not None and _digest_of(former) == digest:
            os.link(former, target)
            return
        with closing(sqlite3.connect(target)) as base:
            # Nobody reads it before it is whole, and what is left of a broken one is removed.
            base.execute("PRAGMA journal_mode = OFF")
            base.execute("PRAGMA synchronous = OFF")
            fill(base, read(), digest)
    except sqlite3.Error as error:
        raise OSError(f"The index of names {target} cannot be written: {error}") from error
    with target.open("rb") as written:
        os.fsync(written.fileno())


def fill(base: sqlite3.Connection, names: Iterable[Name], digest: str = "") -> None:
    """Fill an empty database with the index of `names`. Raises sqlite3.Error."""
    base.create_function("romanize", 1, romanize, deterministic=True)
    base.create_function("skeleton", 1, skeleton, deterministic=True)
    base.executescript(_SCHEMA)
    listed = iter(names)
    with base:
        base.executemany(
            "INSERT INTO raw VALUES (?, ?, ?, ?)",
            ((iri, text, language, fold(text)) for iri, text, language in islice(listed, MOST_NAMES)),
        )
        is_complete = next(listed, None) is None
        base.execute("INSERT INTO told VALUES (?, ?)", (digest, is_complete))
    base.executescript(f"BEGIN; {_ARRANGE} COMMIT;")


def open_index(path: Path) -> sqlite3.Connection:
    """A whole index, to read, also after the file was removed. Raises sqlite3.Error."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _digest(names: Iterable[Name]) -> str:
    """The same for the same names in any order."""
    total = count = 0
    for name in names:
        total += int.from_bytes(hashlib.blake2b("\0".join(name).encode(), digest_size=16).digest())
        count += 1
    return f"{count}-{total % (1 << 128):032x}"


def _digest_of(path: Path) -> str:
    try:
        with closing(open_index(path)) as base:
            return str(base.execute("SELECT digest FROM told").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return ""  # It cannot be read: the names are indexed anew.
