"""A write as it crosses to the supervisor: a small message, and its data in a file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from onrecord.engine import GraphWrite, UpdateRequest
from onrecord.store.loading import Source
from onrecord.store.spool import spool

_LONGEST_NAMES = 200


def describe_load(sources: Sequence[Source], by: str) -> dict[str, object]:
    """The message that asks for `sources` to be loaded."""
    names = ", ".join(source.shown for source in sources)
    what = f"LOAD {names}" if len(names) <= _LONGEST_NAMES else f"LOAD of {len(sources)} files"
    return {"op": "load", "by": by, "what": what, "sources": [source.message() for source in sources]}


def describe_write(
    request: UpdateRequest | GraphWrite, directory: Path
) -> tuple[dict[str, object], IO[bytes] | None]:
    """The message for `request`, and the file that holds its data, None for a deletion.

    The file has no name; it is made in `directory` unless the request's own
    data is a file already.
    """
    if isinstance(request, UpdateRequest):
        return {
            "op": "update",
            "by": request.by,
            "base_iri": request.base_iri,
            "using": list(request.using),
            "using_named": list(request.using_named),
        }, spool(directory, request.text.encode())
    message: dict[str, object] = {"op": request.action, "by": request.by, "graph": request.graph}
    if request.data is None or request.format is None:
        return message, None
    message |= {"serializer": request.format.serializer, "base_iri": request.base_iri}
    try:
        request.data.fileno()
    except OSError:  # as io.UnsupportedOperation: the data is in memory
        copy = spool(directory)
        shutil.copyfileobj(request.data, copy)
        copy.flush()
        return message, copy
    return message, request.data
