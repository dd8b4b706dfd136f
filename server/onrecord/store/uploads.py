"""RDF that is sent for one graph, read into N-Quads for the writer; see `onrecord.store.trial`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph

from onrecord.errors import RequestError
from onrecord.store.spool import discard, spool


def read_upload(given: IO[bytes], message: Mapping[str, Any], directory: Path) -> tuple[int, IO[bytes]]:
    """The parts of an upload as N-Quads in the graph that they are meant for: how many, and their file.

    The file is spooled in `directory`. Raises RequestError for what cannot be
    read, and OSError for a full disk.
    """
    graph = pyoxigraph.NamedNode(message["graph"]) if message["graph"] else pyoxigraph.DefaultGraph()
    plan = spool(directory)
    count = 0

    def quads() -> Iterator[pyoxigraph.Quad]:
        nonlocal count
        for part in message["parts"]:
            parsed = pyoxigraph.parse(
                cast(IO[bytes], _Slice(given, int(part["size"]))),
                getattr(pyoxigraph.RdfFormat, part["serializer"]),
                base_iri=message.get("base_iri"),
                without_named_graphs=True,
                rename_blank_nodes=True,
            )
            for quad in parsed:
                count += 1
                yield pyoxigraph.Quad(quad.subject, quad.predicate, quad.object, graph)

    try:
        pyoxigraph.serialize(quads(), plan, pyoxigraph.RdfFormat.N_QUADS)
        plan.flush()
    except SyntaxError as error:
        plan.close()
        raise RequestError(f"The data cannot be read: {_reason(error)}") from None
    except ValueError as error:
        plan.close()
        raise RequestError(f"The data cannot be read: {str(error).rstrip('.')}.") from None
    except BaseException:
        discard(plan)
        raise
    return count, plan


class _Slice(io.RawIOBase):
    """The next `size` bytes of a file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        most = self._left if size is None or size < 0 else min(size, self._left)
        data = self._file.read(most)
        self._left -= len(data)
        return data


def _reason(error: SyntaxError) -> str:
    reason = str(error.msg or error).rstrip(".")
    if "LoadDocumentCallback" in reason:
        return "its @context is at another address, and nothing is fetched. Put the context into the data."
    where = f"line {error.lineno}, column {error.offset}: " if error.lineno else ""
    return f"{where}{reason}."
