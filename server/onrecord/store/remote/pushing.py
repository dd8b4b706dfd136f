"""Putting the folder's graphs into the remote: the explicit step before it is served from there.

Nothing is touched but graphs of the folder: those in the graph space of its
IRIs, and those that an earlier push put there. The list of holdings loses its
digest first and gets the new one last, so that a push that broke off is seen.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph

from onrecord.building.build import build
from onrecord.config import Settings
from onrecord.errors import ConflictError
from onrecord.folder import Folder
from onrecord.store.remote.address import read_engine_address
from onrecord.store.remote.asking import ask_rows, exists, needs_merge
from onrecord.store.remote.holdings import (
    Holdings,
    ask_holdings,
    holdings_graph,
    merge_again,
    merged_graph,
    read_holdings,
    write_holdings,
)
from onrecord.store.remote.sending import insert_texts, put_graph, send_update
from onrecord.store.remote.transport import Transport
from onrecord.store.spool import spool

Tell = Callable[[str], None]


@dataclass(frozen=True)
class PushPlan:
    """What a push does: graphs that are put in the place of others, new ones, and ones that go."""

    replaced: tuple[str, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    sizes: dict[str, int]
    """Triples of each graph that is sent."""
    warnings: tuple[str, ...] = ()


class Push:
    """A built folder on its way to the engine that `settings` name; `directory` has room for it.

    Raises FolderError, SettingError, and what a query of the remote raises.
    """

    def __init__(self, folder: Folder, settings: Settings, directory: Path, tell: Tell) -> None:
        self._space = folder.description.space
        self._settings = settings
        self._directory = directory
        self._address = read_engine_address(settings)
        self._transport = Transport(self._address.authorization, settings.query_timeout)
        self._built: pyoxigraph.Store | None = pyoxigraph.Store(str(directory / "built"))
        report = build(self._built, folder, (), tell)
        self._before = self._read()
        files = {iri: report.files.get(iri, "") for iri in report.graphs}
        written = tuple(iri for iri in self._before.written if iri not in files)
        merged = merged_graph(self._space) if needs_merge(self._address, self._transport) else ""
        self._after = Holdings(folder.digest(), files, frozenset(report.apart), written, merged=merged)
        self._warnings = report.warnings

    def plan(self) -> PushPlan:
        """What `run` will do. Raises ConflictError for a graph that somebody else put there."""
        replaced, added = [], []
        for iri in self._after.files:
            if not exists(self._address, self._transport, iri):
                added.append(iri)
                continue
            if iri not in self._before.files and not iri.startswith(self._space.graph("")):
                raise ConflictError(
                    f"The engine holds a graph <{iri}> already, which is not in the folder's IRI "
                    "space and was "
                    "not put there by a push. Give the folder's graph another name, or remove that one first."
                )
            replaced.append(iri)
        dropped = [iri for iri in self._before.files if iri not in self._after.files]
        sizes = {iri: sum(1 for _ in self._triples(iri)) for iri in self._after.files}
        return PushPlan(tuple(replaced), tuple(added), tuple(dropped), sizes, self._warnings)

    def run(self, plan: PushPlan, tell: Tell) -> None:
        """Do it; a push that breaks off is done again from its beginning."""
        self._update(write_holdings(self._space, replace(self._unfinished(), digest="")))
        for iri in plan.dropped:
            tell(f"dropping <{iri}>")
            self._update(f"DROP SILENT GRAPH <{iri}>")
        for number, iri in enumerate(self._after.files, 1):
            tell(f"sending <{iri}>, {plan.sizes[iri]} triples ({number} of {len(self._after.files)})")
            self._send(iri)
        if self._after.merged:
            tell(f"merging the union into <{self._after.merged}>")
            for text in merge_again(self._after):
                self._update(text)
        self._update(write_holdings(self._space, self._after))

    def close(self) -> None:
        """Let go of the built graphs: an open store still writes to its directory."""
        self._built = None
        gc.collect()

    def _unfinished(self) -> Holdings:
        """Both lists together: what an unfinished push leaves belongs to the folder all the same."""
        files = {**self._before.files, **self._after.files}
        return replace(self._after, files=files, apart=self._before.apart | self._after.apart)

    def _send(self, iri: str) -> None:
        if self._address.graph_store is None:
            self._update(f"DROP SILENT GRAPH <{iri}>")
            for text in insert_texts(iri, self._triples(iri)):
                self._update(text)
            return
        with spool(self._directory) as file:
            pyoxigraph.serialize(self._triples(iri), file, pyoxigraph.RdfFormat.N_TRIPLES)
            file.flush()
            size = file.tell()
            file.seek(0)
            put_graph(self._address, self._transport, iri, file, size, self._settings.update_timeout)

    def _triples(self, iri: str) -> Iterator[pyoxigraph.Triple]:
        assert self._built is not None
        quads = self._built.quads_for_pattern(None, None, None, pyoxigraph.NamedNode(iri))
        return (quad.triple for quad in quads)

    def _update(self, text: str) -> None:
        send_update(self._address, self._transport, text, self._settings.update_timeout)

    def _read(self) -> Holdings:
        rows = ask_rows(
            self._address, self._transport, ask_holdings(self._space), [holdings_graph(self._space)]
        )
        return read_holdings(((s or "", p or "", o or "") for s, p, o in rows), ())
