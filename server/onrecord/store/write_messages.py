"""A write as it crosses to the supervisor: a small message, and its data in a file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

from onrecord.engine import QueriesWrite, UpdateRequest, Write
from onrecord.errors import StoreError
from onrecord.store.loading import Source
from onrecord.store.spool import discard, naming_disk, spool

_LONGEST_NAMES = 200


def describe_load(sources: Sequence[Source], by: str) -> dict[str, object]:
    """The message that asks for `sources` to be loaded."""
    names = ", ".join(source.shown for source in sources)
    what = f"LOAD {names}" if len(names) <= _LONGEST_NAMES else f"LOAD of {len(sources)} files"
    return {"op": "load", "by": by, "what": what, "sources": [source.message() for source in sources]}


def describe_write(request: Write, directory: Path) -> tuple[dict[str, object], IO[bytes] | None]:
    """The message for `request`, and the file in `directory` that holds its data, None for a deletion."""
    if isinstance(request, QueriesWrite):
        return {"op": "list-queries", "by": request.by, "what": "The saved queries, listed anew"}, None
    message: dict[str, object] = {
        "by": request.by,
        "base_iri": request.base_iri,
        "condition": asdict(request.condition),
    }
    if isinstance(request, UpdateRequest):
        message |= {
            "op": "update",
            "using": list(request.using),
            "using_named": list(request.using_named),
            "graph": request.within,
        }
        return message, spool(directory, request.text.encode())
    message |= {"op": request.action, "graph": request.graph}
    if not request.parts:
        return message, None
    message["parts"] = [{"serializer": part.format.serializer, "size": part.size} for part in request.parts]
    file = spool(directory)
    try:
        with naming_disk(directory):
            for part in request.parts:
                shutil.copyfileobj(part.data, file)
            file.flush()
    except StoreError:
        discard(file)
        raise
    return message, file
