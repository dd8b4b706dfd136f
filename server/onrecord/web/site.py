"""What the routes share: the engine, the folder and what is remembered per generation."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app, request

from onrecord.config import Settings
from onrecord.engine import Engine, Generation, OnLeave
from onrecord.errors import FolderError, OnrecordError
from onrecord.folder import Folder
from onrecord.saved import Catalogue
from onrecord.search import CurrentIndex
from onrecord.sources import Sources
from onrecord.terms import IriSpace
from onrecord.web.visit import FAILURE, KEEP, TEXT

KEY = "onrecord"

Members = tuple[tuple[str, str], ...]
"""(IRI, label) of the instances of a class."""


@dataclass
class Site:
    """One served folder, or an empty store when it is None.

    What the folder tells of itself and its saved queries are read together,
    again when the generation changes.
    """

    engine: Engine
    _folder: Folder | None
    settings: Settings
    current: Engine
    """The same engine as it is now, whichever generation a request asks."""
    look: str
    """Digest of templates and stylesheet: a page's ETag changes with them."""
    index: CurrentIndex
    """Finds names."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _catalogue: Catalogue = field(default_factory=Catalogue)
    _read_for: Generation | None = None
    """The generation for which folder and catalogue were read."""
    reading: int = 0
    """How often folder and catalogue were read: with another number they may tell otherwise."""
    _members: tuple[Generation | None, dict[tuple[str, tuple[str, ...]], Members]] = (None, {})
    sources: Sources | None = field(init=False)
    """The texts that the operator keeps here; None where none are to be shown."""

    def __post_init__(self) -> None:
        source = self.settings.source
        self.sources = Sources(source) if source is not None else None

    def newest(self) -> Generation:
        """The newest generation, whichever a request asks: folder and saved queries are as of that one."""
        return self.current.generation()

    @property
    def folder(self) -> Folder | None:
        """The served folder, described as of this generation."""
        return self._read()[0]

    @property
    def space(self) -> IriSpace:
        folder = self.folder
        return folder.description.space if folder else IriSpace("urn:x-onrecord:none:")

    @property
    def title(self) -> str:
        folder = self.folder
        return folder.description.title if folder else "An empty store"

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of labels, the preferred one first."""
        folder = self.folder
        told = folder.description.languages if folder else ()
        return tuple(dict.fromkeys((*told, "en")))

    def base_iri(self, endpoint: str) -> str:
        """What relative IRIs of a query mean: the folder's IRI space, else the endpoint."""
        folder = self.folder
        return folder.description.space.base if folder else endpoint

    def catalogue(self) -> Catalogue:
        """The folder's saved queries as of this generation."""
        return self._read()[1]

    def _read(self) -> tuple[Folder | None, Catalogue]:
        generation = self.newest()
        with self._lock:
            if self._folder is not None and self._read_for != generation:
                self._folder = _describe_again(self._folder)
                self._catalogue = Catalogue.read(self._folder.queries)
                self._read_for = generation
                self.reading += 1
            return self._folder, self._catalogue

    def members(
        self, class_iri: str, tongues: tuple[str, ...], find: Callable[[], tuple[Generation, Members]]
    ) -> Members:
        """The instances of a class, named in `tongues`, by `find` at most once in a generation."""
        generation = self.engine.generation()
        with self._lock:
            remembered, known = self._members
            if remembered == generation and (class_iri, tongues) in known:
                return known[class_iri, tongues]
        generation, members = find()
        with self._lock:
            if self._members[0] != generation:
                self._members = (generation, {})
            self._members[1][class_iri, tongues] = members
        return members


def _describe_again(folder: Folder) -> Folder:
    """The folder with its description as it is now on disk; `folder` itself when that cannot be read."""
    try:
        fresh = Folder(folder.path)
        _ = fresh.description  # read here, and kept by the folder
    except FolderError:
        return folder
    return fresh


def site() -> Site:
    """The site of the current request's application."""
    return cast(Site, current_app.extensions[KEY])


def sender() -> str:
    """The address of the current request's client, empty where it is not known."""
    return request.remote_addr or ""


def on_leave() -> OnLeave | None:
    """How to learn that the client of this request left; None where the gateway cannot tell."""
    scope = request.environ.get("asgi.scope")
    found = scope.get("onrecord.on_leave") if isinstance(scope, dict) else None
    return cast("OnLeave | None", found)


def refuse_failed() -> None:
    """Raise what the engine said already to the query of this request, if it was asked before Flask was."""
    scope = request.environ.get("asgi.scope")
    failure = scope.get(FAILURE) if isinstance(scope, dict) else None
    if isinstance(failure, OnrecordError):
        raise failure


def tell_text(text: str) -> None:
    """Tell the layer before Flask which text was sent, for a log that wants texts."""
    scope = request.environ.get("asgi.scope")
    if isinstance(scope, dict):
        scope[TEXT] = text


def let_keep() -> None:
    """Tell the layer before Flask that this answer comes from the generation and the folder alone."""
    scope = request.environ.get("asgi.scope")
    keep = scope.get(KEEP) if isinstance(scope, dict) else None
    if keep is not None:
        keep()


def digest_files(*directories: Path) -> str:
    """SHA-256 over the files of `directories`, shortened, in hexadecimal."""
    total = hashlib.sha256()
    for directory in directories:
        for path in sorted(p for p in directory.rglob("*") if p.is_file()):
            total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]
