"""The three folders as one object: find, read, describe themselves.

A folder holds `ontology/`, `triples/` and `queries/`. Each RDF file is one
named graph: a Turtle or N-Triples file the one derived from its path, a TriG
or N-Quads file the one that it names.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph

from onrecord import __version__
from onrecord.errors import FolderError, FolderSyntaxError, Position
from onrecord.terms import DCTERMS, ONTOLOGY, OWL, REC, IriSpace

COPIES = "copies"
"""Holds dated copies of what others say: graphs that are neither reasoned over nor in the default graph."""
GRAPH_SUFFIXES = (".ttl", ".nt")
DATASET_SUFFIXES = (".trig", ".nq")
RDF_FORMATS = {
    ".ttl": pyoxigraph.RdfFormat.TURTLE,
    ".nt": pyoxigraph.RdfFormat.N_TRIPLES,
    ".trig": pyoxigraph.RdfFormat.TRIG,
    ".nq": pyoxigraph.RdfFormat.N_QUADS,
}
_IMPORTED_FILES = ("ontology/onrecord.ttl", "ontology/shapes.ttl", "ontology/terms.ttl")
_DESCRIPTION = "ontology/dataset.ttl"
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BYTE_ORDER_MARK = "The file starts with a byte order mark."


@dataclass(frozen=True)
class RdfFile:
    """One file of RDF: `name` is its path in the folder, with `/` on every platform."""

    path: Path
    name: str

    @property
    def is_dataset(self) -> bool:
        """Whether the file names its graph itself (TriG, N-Quads)."""
        return self.path.suffix in DATASET_SUFFIXES

    def graph(self, space: IriSpace) -> str:
        """The named graph of a Turtle or N-Triples file."""
        return space.graph(self.name.removesuffix(self.path.suffix))

    def read_bytes(self) -> bytes:
        """What the file holds. Raises FolderError when it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise FolderError(f"{self.name} cannot be read: {error.strerror}.") from error

    def quads(self, space: IriSpace) -> list[pyoxigraph.Quad]:
        """The file's quads, all in one named graph. Raises as `read` does."""
        return list(self.read(space))

    def read(self, space: IriSpace) -> Iterator[pyoxigraph.Quad]:
        """The file's quads one by one, all in one named graph; a large file is never held as quads.

        Raises, on the way, FolderSyntaxError with line and column, and FolderError for a
        file that cannot be read or that names no graph or several.
        """
        data = self.read_bytes()
        if data.startswith(BYTE_ORDER_MARKS):
            raise FolderSyntaxError(
                self.name,
                Position(1, 1),
                BYTE_ORDER_MARK,
                "Save it as UTF-8 without it, then start again.",
            )
        try:
            parsed = pyoxigraph.parse(
                data,
                RDF_FORMATS[self.path.suffix],
                base_iri=space.base,
                without_named_graphs=not self.is_dataset,
                rename_blank_nodes=True,
            )
            if self.is_dataset:
                yield from self._of_one_graph(parsed)
            else:
                graph = pyoxigraph.NamedNode(self.graph(space))
                for q in parsed:
                    yield pyoxigraph.Quad(q.subject, q.predicate, q.object, graph)
        except SyntaxError as error:
            raise FolderSyntaxError(
                self.name, _position(error), _reason(error), "Mend the file, then start again."
            ) from None

    def _of_one_graph(self, quads: Iterable[pyoxigraph.Quad]) -> Iterator[pyoxigraph.Quad]:
        graphs: set[object] = set()
        for quad in quads:
            graph = quad.graph_name
            if graph not in graphs:
                graphs.add(graph)
            if len(graphs) == 1 and isinstance(graph, pyoxigraph.NamedNode):
                yield quad
        if not all(isinstance(graph, pyoxigraph.NamedNode) for graph in graphs) or len(graphs) > 1:
            names = {"_:" if isinstance(g, pyoxigraph.BlankNode) else str(g) for g in graphs}
            raise FolderError(
                f"{self.name} must hold exactly one named graph, but it holds {', '.join(sorted(names))}. "
                "Write each graph into a file of its own."
            )


@dataclass(frozen=True)
class Description:
    """How a folder describes itself in `ontology/dataset.ttl`."""

    space: IriSpace
    title: str
    description: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ("en",)
    imports_ontology: bool = False
    facts: tuple[pyoxigraph.Triple, ...] = ()
    """All that the file says."""
    subject: str = ""
    """The IRI of what has the title and the IRI space."""


class Folder:
    """A folder on disk. Nothing is read before it is asked for.

    Raises FolderError when `path` is no directory or has no `ontology/dataset.ttl`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        if not self.path.is_dir():
            what = f"{path} is a file, not a folder." if path.exists() else f"There is no folder {path}."
            raise FolderError(f"{what} Name one that holds ontology/, triples/ and queries/.")
        if not (self.path / _DESCRIPTION).is_file():
            raise FolderError(
                f"{path} has no {_DESCRIPTION}, which tells its IRI space, title and licence. "
                "Name a folder that holds ontology/, triples/ and queries/."
            )

    @property
    def queries(self) -> Path:
        """The directory of saved queries; it may be absent."""
        return self.path / "queries"

    @cached_property
    def description(self) -> Description:
        """Raises FolderError or FolderSyntaxError when the description is absent or incomplete."""
        file = RdfFile(self.path / _DESCRIPTION, _DESCRIPTION)
        quads = file.quads(IriSpace("urn:x-onrecord:"))
        values: dict[str, list[str]] = {}
        for quad in quads:
            if isinstance(quad.object, (pyoxigraph.NamedNode, pyoxigraph.Literal)):
                values.setdefault(quad.predicate.value, []).append(quad.object.value)
        spaces = values.get(REC + "iriSpace", [])
        if len(spaces) != 1 or not spaces[0].endswith(("/", "#")) or not _is_iri(spaces[0]):
            raise FolderError(
                f'{_DESCRIPTION} must tell exactly one rec:iriSpace, an absolute IRI that ends in "/" or "#"'
                f"; it tells {', '.join(spaces) or 'none'}."
            )
        first = {name: values.get(DCTERMS + name, [""])[0] for name in ("title", "description", "license")}
        return Description(
            IriSpace(spaces[0]),
            first["title"] or self.path.name,
            first["description"],
            first["license"],
            tuple(values.get(DCTERMS + "language", ["en"])),
            ONTOLOGY in values.get(OWL + "imports", []),
            tuple(quad.triple for quad in quads),
            next(str(q.subject)[1:-1] for q in quads if q.predicate.value == REC + "iriSpace"),
        )

    def files(self) -> list[RdfFile]:
        """The RDF files, sorted by name; with the package's ontology where the folder imports it.

        Links to files are followed, links to directories are not. Raises
        FolderError for a directory that cannot be listed and for a name that
        is not UTF-8.
        """
        return self.list_files(self.description.imports_ontology)

    def list_files(self, imports_ontology: bool) -> list[RdfFile]:
        """As `files`, also for a folder whose description cannot be read."""
        files, refused = self.survey(imports_ontology)
        if refused:
            raise refused[0]
        return files

    def survey(self, imports_ontology: bool) -> tuple[list[RdfFile], list[FolderError]]:
        """The RDF files that can be listed, and an error for each file or directory that cannot."""
        found = {}
        refused: list[FolderError] = []
        if imports_ontology:
            shipped = shipped_folder()
            found = {name: RdfFile(shipped / name, name) for name in _IMPORTED_FILES}
        for top in ("ontology", "triples"):
            for path in self._walk(self.path / top, refused):
                name = path.relative_to(self.path).as_posix()
                try:
                    if path.suffix in RDF_FORMATS and _is_regular(path, name):
                        found[name] = RdfFile(path, _check_name(name))
                except FolderError as error:
                    refused.append(error)
        return [found[name] for name in sorted(found)], refused

    def copies(self) -> list[RdfFile]:
        """The dated copies: Turtle and N-Triples files in `copies/`, sorted. Raises as `files` does."""
        refused: list[FolderError] = []
        found = {}
        for path in self._walk(self.path / COPIES, refused):
            name = path.relative_to(self.path).as_posix()
            if path.suffix in GRAPH_SUFFIXES and _is_regular(path, name):
                found[name] = RdfFile(path, _check_name(name))
        if refused:
            raise refused[0]
        return [found[name] for name in sorted(found)]

    def _walk(self, top: Path, refused: list[FolderError]) -> Iterator[Path]:
        """All that is no directory, at any depth below `top`, which may be absent."""

        def refuse(error: OSError) -> None:
            path = Path(os.fsdecode(error.filename))
            if os.path.lexists(path):
                name = _show(path.relative_to(self.path).as_posix())
                refused.append(FolderError(f"The directory {name} cannot be read: {error.strerror}."))

        for directory, _, names in os.walk(top, onerror=refuse):
            for name in names:
                yield Path(directory, name)

    def digest(self) -> str:
        """SHA-256 over what a store built from this folder depends on, in hexadecimal.

        Raises FolderError as `files` does, and for a file that cannot be read.
        """
        total = hashlib.sha256(__version__.encode())
        for file in (*self.files(), *self.copies()):
            total.update(os.fsencode(file.name) + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        for path in sorted(self.queries.glob("*.rq")):
            # The graph that tells of saved queries leaves out those that cannot be read, and so does this.
            try:
                data = path.read_bytes() if stat.S_ISREG(path.stat().st_mode) else b""
            except OSError:
                data = b""
            total.update(os.fsencode(path.name) + b"\0" + hashlib.sha256(data).digest())
        return total.hexdigest()


def shipped_folder() -> Path:
    """The folder that ships with the package: inside a wheel, or the repository's own."""
    package = Path(__file__).parent
    builtin = package / "builtin"
    return builtin if builtin.is_dir() else package.parent.parent


def _is_iri(text: str) -> bool:
    """Whether `text` is an absolute IRI."""
    try:
        pyoxigraph.NamedNode(text)
    except ValueError:
        return False
    return True


def _is_regular(path: Path, name: str) -> bool:
    """Whether `path` leads to a regular file; a link that leads nowhere does not. Raises FolderError."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return False
        raise FolderError(f"{_show(name)} cannot be read: {error.strerror}.") from error


def _check_name(name: str) -> str:
    """`name`, of which an IRI can be made. Raises FolderError."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise FolderError(f"The name {_show(name)} is not UTF-8; rename the file.") from None
    return name


def _show(name: str) -> str:
    """`name` with the bytes that are not UTF-8 spelt out, so that it can be printed."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _position(error: SyntaxError) -> Position | None:
    if error.lineno is None:
        return None
    return Position(error.lineno, error.offset or 1)


def _reason(error: SyntaxError) -> str:
    text = str(error.msg)
    marker = " column "
    if text.startswith("Parser error at line") and marker in text:
        text = text.partition(": ")[2]
    return text[:1].upper() + text[1:].rstrip(".") + "."
