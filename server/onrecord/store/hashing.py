"""The content hash of a generation: equal for equal quads, on any machine, after a dump and a restore.

SHA-256 over the N-Quads of all graphs, in UTF-8, sorted by their bytes, each
line ended by a line feed, as the engine writes them. Labels of blank nodes say
nothing, so those quads are named anew by RDFC-1.0 (RDF Dataset
Canonicalization) over all quads that have one. Empty graphs are not in it.
"""

from __future__ import annotations

import hashlib
import heapq
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pyoxigraph
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, RdfFormat

_CHUNK = 500_000
"""Lines that are sorted at once."""
_NAMING_SECONDS = 60.0
"""Some graphs of blank nodes cannot be named in any reasonable time."""


class NoHashError(Exception):
    """There is no hash, for the reason told. Never leaves the package boundary."""


class InterruptedHashError(Exception):
    """Something more urgent came. Never leaves the package boundary."""


def hash_content(
    store: pyoxigraph.Store, directory: Path, is_wanted: Callable[[], bool] = lambda: True
) -> str:
    """The content hash of what `store` holds, in hexadecimal.

    Sorts in files of `directory` (one and a half times the N-Quads).
    `is_wanted` is asked now and then. Raises NoHashError, InterruptedHashError and OSError.
    """
    with (
        ExitStack() as stack,
        tempfile.TemporaryDirectory(dir=directory, prefix="hash-", suffix=".tmp") as name,
    ):
        dumped = stack.enter_context((Path(name) / "dump.nq").open("w+b"))
        store.dump(dumped, RdfFormat.N_QUADS)
        dumped.seek(0)
        runs: list[Iterable[bytes]] = []
        chunk: list[bytes] = []
        unnamed: list[bytes] = []
        for line in dumped:
            if b"_:" in line and _has_blank_node(line):
                unnamed.append(line)
                continue
            chunk.append(line)
            if len(chunk) >= _CHUNK:
                if not is_wanted():
                    raise InterruptedHashError
                runs.append(
                    _sorted_run(chunk, stack.enter_context((Path(name) / f"{len(runs)}").open("w+b")))
                )
                chunk = []
        runs += [sorted(chunk), sorted(_name_blank_nodes(unnamed))]
        total = hashlib.sha256()
        for line in _watched(heapq.merge(*runs), is_wanted):
            total.update(line)
        return total.hexdigest()


def _sorted_run(lines: list[bytes], file: IO[bytes]) -> IO[bytes]:
    lines.sort()
    file.writelines(lines)
    file.seek(0)
    return file


def _watched(lines: Iterable[bytes], is_wanted: Callable[[], bool]) -> Iterator[bytes]:
    for place, line in enumerate(lines):
        if place % _CHUNK == _CHUNK - 1 and not is_wanted():
            raise InterruptedHashError
        yield line


def _has_blank_node(line: bytes) -> bool:
    return any(_mentions(quad) for quad in pyoxigraph.parse(line, RdfFormat.N_QUADS))


def _mentions(term: object) -> bool:
    if isinstance(term, BlankNode):
        return True
    if isinstance(term, Quad):
        return any(map(_mentions, (term.subject, term.object, term.graph_name)))
    return isinstance(term, pyoxigraph.Triple) and any(map(_mentions, (term.subject, term.object)))


def _name_blank_nodes(lines: list[bytes]) -> list[bytes]:
    """The same quads with canonical labels: in a process of its own, since it may take for ever."""
    if not lines:
        return []
    command = [sys.executable, "-m", "onrecord.store.hashing"]
    try:
        done = subprocess.run(
            command, input=b"".join(lines), capture_output=True, timeout=_NAMING_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        raise NoHashError(
            f"its blank nodes cannot be told apart within {_NAMING_SECONDS:g} seconds"
        ) from None
    except subprocess.CalledProcessError:
        raise NoHashError("its blank nodes cannot be told apart") from None
    return done.stdout.splitlines(keepends=True)


def canonicalize(data: bytes) -> bytes:
    """N-Quads with the labels of RDFC-1.0.

    >>> canonicalize(b"_:x <urn:p> _:y .\\n") == canonicalize(b"_:b <urn:p> _:a .\\n")
    True
    """
    dataset = Dataset(pyoxigraph.parse(data, RdfFormat.N_QUADS))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return pyoxigraph.serialize(dataset, format=RdfFormat.N_QUADS) or b""


if __name__ == "__main__":
    sys.stdout.buffer.write(canonicalize(sys.stdin.buffer.read()))
