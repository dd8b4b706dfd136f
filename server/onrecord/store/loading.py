"""Loading files of RDF into a store, as fast as the engine can, with progress.

The store is a private copy of the live one: a bulk load that breaks off leaves
some of its triples behind, so the caller throws the copy away when this raises.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import pyoxigraph

from onrecord.errors import LoadError
from onrecord.store.live import LiveStore

_GZIP = b"\x1f\x8b"
_BUFFER = 1 << 20
_TOLD_EVERY = 0.5
_NAMING_GRAPHS = ("N_QUADS", "TRIG", "JSON_LD")
_READS_BETWEEN_LOOKS = 512
"""The engine reads 2 KB at a time; the clock need not be asked each time."""


@dataclass(frozen=True)
class Source:
    """A file to load, gzipped or not; `serializer` is the engine's name of its format.

    `graph` is where triples go that name no graph themselves, empty for the unnamed graph.
    `shown` is what people call the file.
    """

    path: str
    serializer: str
    graph: str = ""
    base_iri: str | None = None
    shown: str = ""

    def message(self) -> dict[str, object]:
        """As it crosses a process boundary; `read` undoes it."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Source:
        return cls(**document)


@dataclass(frozen=True)
class LoadProgress:
    """How many bytes (as they lie on the disk) of how many have been read, and the file at hand."""

    done: int
    total: int
    file: str


Tell = Callable[[LoadProgress], None]


def load_sources(store: pyoxigraph.Store, sources: Sequence[Source], tell: Tell) -> int:
    """Load all of `sources` into `store`; returns the bytes read.

    Blank nodes of different files stay different. Raises LoadError, naming the
    file and the place in it, and OSError when the store cannot be written.
    """
    total = sum(_size(source) for source in sources)
    done = 0
    for source in sources:
        with _open(source) as file:
            _load(store, source, _Reader(source, file, done, total, tell))
            done += file.tell()
        tell(LoadProgress(done, total, source.shown))
    return done


def load_live(live: LiveStore, sources: Sequence[Source], tell: Tell) -> int:
    """Load `sources` into the live store, all of them or nothing; returns the bytes read.

    Raises LoadError, FolderGraphError for a graph of the folder, and OSError.
    """
    live.ownership.refuse([source.graph for source in sources])
    names_graphs = any(source.serializer in _NAMING_GRAPHS for source in sources)
    owned = sorted(live.ownership.graphs) if names_graphs else []
    done = 0

    def change(private: pyoxigraph.Store) -> None:
        nonlocal done
        before = [_count(private, iri) for iri in owned]
        done = load_sources(private, sources, tell)
        # A load only adds, so a graph of the folder that grew was written to.
        live.ownership.refuse(
            [iri for iri, count in zip(owned, before, strict=True) if _count(private, iri) != count]
        )

    live.replace(change)
    return done


def _count(store: pyoxigraph.Store, graph: str) -> int:
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    assert isinstance(found, pyoxigraph.QuerySolutions)
    number = next(found)["n"]
    assert isinstance(number, pyoxigraph.Literal)
    return int(number.value)


class _Reader:
    """The bytes of a source as the engine reads them; its own troubles become LoadErrors."""

    def __init__(self, source: Source, file: IO[bytes], before: int, total: int, tell: Tell) -> None:
        self._source, self._file = source, file
        self._before, self._total, self._tell = before, total, tell
        is_gzipped = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        self._data: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=file) if is_gzipped else file
        self._reads = 0
        self._told = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._data.read(size)
        except EOFError:
            raise LoadError(f"{self._source.shown} breaks off: its gzip stream has no end.") from None
        except (OSError, zlib.error) as error:
            reason = str(getattr(error, "strerror", None) or error).rstrip(".")
            raise LoadError(f"{self._source.shown} cannot be read: {reason}.") from None
        self._reads += 1
        if self._reads % _READS_BETWEEN_LOOKS == 0 and time.monotonic() - self._told >= _TOLD_EVERY:
            self._told = time.monotonic()
            self._tell(LoadProgress(self._before + self._file.tell(), self._total, self._source.shown))
        return data


def _load(store: pyoxigraph.Store, source: Source, reader: _Reader) -> None:
    try:
        graph = pyoxigraph.NamedNode(source.graph) if source.graph else pyoxigraph.DefaultGraph()
        store.bulk_load(
            input=reader,  # type: ignore[arg-type]  # `read` is all that the engine asks of it
            format=getattr(pyoxigraph.RdfFormat, source.serializer),
            base_iri=source.base_iri,
            to_graph=graph,
        )
    except SyntaxError as error:
        place = f":{error.lineno}:{error.offset}" if error.lineno else ""
        raise LoadError(f"{source.shown}{place}: {str(error.msg).rstrip('.')}. Nothing was loaded.") from None
    except ValueError as error:
        raise LoadError(f"{source.shown}: {str(error).rstrip('.')}. Nothing was loaded.") from None


def _open(source: Source) -> IO[bytes]:
    try:
        return open(source.path, "rb", buffering=_BUFFER)
    except OSError as error:
        raise LoadError(f"{source.shown} cannot be read: {error.strerror}.") from None


def _size(source: Source) -> int:
    try:
        return Path(source.path).stat().st_size
    except OSError as error:
        raise LoadError(f"{source.shown} cannot be read: {error.strerror}.") from None
