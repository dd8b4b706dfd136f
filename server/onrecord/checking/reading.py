"""The folder's files as they stand: what each states, and what in it cannot be read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyoxigraph

from onrecord.checking.findings import Finding
from onrecord.checking.scan import scan
from onrecord.errors import FolderError, FolderSyntaxError, Position
from onrecord.folder import BYTE_ORDER_MARK, BYTE_ORDER_MARKS, RDF_FORMATS, Folder, RdfFile, shipped_folder
from onrecord.terms import ONTOLOGY, IriSpace

SHAPES = "shapes.ttl"
"""The ends of the names of files below `ontology/` that hold SHACL shapes and nothing else."""
_SHIPPED_SHAPES = "ontology/shapes.ttl"
_DESCRIPTION = "ontology/dataset.ttl"
_DECLARATION = re.compile(r"^[ \t]*@?(?:prefix|base)\s[^\n]*", re.IGNORECASE | re.MULTILINE)
_STATEMENT_END = re.compile(r"\.[ \t]*(?:#[^\n]*)?\n(?=\s*[^\s;,\])])")


@dataclass(frozen=True)
class Reading:
    """One file: its text (empty where it is not UTF-8), what of it could be read, and what could not.

    `unread` are the names that stand where the text does not parse: of them
    the file may say more than is known here.
    """

    file: RdfFile
    text: str
    quads: tuple[pyoxigraph.Quad, ...]
    findings: tuple[Finding, ...] = ()
    unread: frozenset[str] = frozenset()
    is_own: bool = True
    """Whether it is a file of this folder, and not of the package's ontology that it imports."""

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def is_shapes(self) -> bool:
        """Whether it holds SHACL shapes, which are no part of the ontology and its data."""
        return is_shapes(self.name)


@dataclass(frozen=True)
class Contents:
    """The readings of a folder, in the order of their names, and its IRI space."""

    folder: Folder
    space: IriSpace
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...] = field(default=())
    """What is wrong with the folder's description of itself."""

    @property
    def unread(self) -> frozenset[str]:
        """The names of which some file may say more than is known."""
        return frozenset().union(*(reading.unread for reading in self.readings))


def is_shapes(name: str) -> bool:
    """Whether a file of that name holds SHACL shapes.

    >>> is_shapes("ontology/shapes.ttl"), is_shapes("ontology/harbour-shapes.ttl"), is_shapes("triples/x.ttl")
    (True, True, False)
    """
    return name.startswith("ontology/") and name.endswith(SHAPES)


def read_folder(folder: Folder) -> Contents:
    """Read every RDF file of `folder`. Never raises: what is wrong becomes a finding.

    The shapes of the package are read too where the folder has none of its
    own, so that leaving them out is no way round them.
    """
    findings: list[Finding] = []
    try:
        space, imports = folder.description.space, folder.description.imports_ontology
    except FolderError as error:
        space, imports = _guess(folder)
        # A syntax error in the description is found again with its file.
        if not isinstance(error, FolderSyntaxError):
            place = _line_of(folder, "iriSpace")
            findings.append(Finding(_DESCRIPTION, place, "description", "", error.detail, ""))
    files, refused = folder.survey(imports)
    findings += [Finding(".", None, "unreadable", "", error.detail, "") for error in refused]
    if not any(is_shapes(file.name) for file in files):
        files = [*files, RdfFile(shipped_folder() / _SHIPPED_SHAPES, _SHIPPED_SHAPES)]
    return Contents(folder, space, tuple(_read(file, folder, space) for file in files), tuple(findings))


def _description(folder: Folder) -> str:
    try:
        return (folder.path / _DESCRIPTION).read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _line_of(folder: Folder, word: str) -> Position | None:
    before, found, _ = _description(folder).partition(word)
    return Position(before.count("\n") + 1, 1) if found else None


def _guess(folder: Folder) -> tuple[IriSpace, bool]:
    """The IRI space, and whether the ontology is imported, of a description that cannot be read."""
    text = _description(folder)
    told = re.search(r'iriSpace\s+"([a-z]+:[^"\s]+[/#])"', text)
    return IriSpace(told[1] if told else "urn:x-onrecord:"), f"imports <{ONTOLOGY}>" in text


def _read(file: RdfFile, folder: Folder, space: IriSpace) -> Reading:
    is_own = file.path.is_relative_to(folder.path)
    try:
        data = file.path.read_bytes()
    except OSError as error:
        told = Finding(file.name, None, "unreadable", "", f"The file cannot be read: {error.strerror}.", "")
        return Reading(file, "", (), (told,), is_own=is_own)
    if data.startswith(BYTE_ORDER_MARKS):
        encoding = "utf-8" if data.startswith(codecs.BOM_UTF8) else "utf-16"
        told = Finding(
            file.name, Position(1, 1), "syntax", "", BYTE_ORDER_MARK, "Save it as UTF-8 without it."
        )
        unread = _names(data.decode(encoding, errors="replace").removeprefix("\ufeff"), space)
        return Reading(file, "", (), (told,), unread, is_own)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = Finding(
            file.name, Position(line, 1), "syntax", "", "The line is not UTF-8.", "Save the file as UTF-8."
        )
        unread = _names(data.decode("utf-8", errors="replace"), space)
        return Reading(file, "", (), (told,), unread, is_own)
    try:
        return Reading(file, text, tuple(_parse(file, text, space)), is_own=is_own)
    except SyntaxError as error:
        kept, unread = _recover(file, text, space)
        return Reading(file, text, tuple(kept), (_syntax(file, error),), unread, is_own)


def _parse(file: RdfFile, text: str, space: IriSpace) -> Iterator[pyoxigraph.Quad]:
    quads = pyoxigraph.parse(
        text,
        RDF_FORMATS[file.path.suffix],
        base_iri=space.base,
        without_named_graphs=not file.is_dataset,
        rename_blank_nodes=True,
    )
    if file.is_dataset:
        return quads
    graph = pyoxigraph.NamedNode(file.graph(space))
    return (pyoxigraph.Quad(q.subject, q.predicate, q.object, graph) for q in quads)


def _syntax(file: RdfFile, error: SyntaxError) -> Finding:
    place = Position(error.lineno, error.offset or 1) if error.lineno is not None else None
    reason = re.sub(r"^Parser error at line [^:]*: ", "", str(error.msg)).rstrip(".")
    sentence = f"{reason[:1].upper()}{reason[1:]}."
    return Finding(file.name, place, "syntax", "", sentence, "Mend it, then check again.")


def _recover(file: RdfFile, text: str, space: IriSpace) -> tuple[list[pyoxigraph.Quad], frozenset[str]]:
    """What the statements say that parse on their own, and the names in those that do not.

    So one syntax error does not make every name that its file declares
    unknown in all the others.
    """
    if file.is_dataset:
        return [], _names(text, space)
    head = "".join(map(_mend, _DECLARATION.findall(text)))
    kept: list[pyoxigraph.Quad] = []
    unread: set[str] = set()
    for block in _blocks(_DECLARATION.sub("", text)):
        try:
            kept += list(_parse(file, head + block, space))
        except SyntaxError:
            unread |= _names(head + block, space)
    return kept, frozenset(unread)


def _mend(declaration: str) -> str:
    """A declaration of a prefix, also one that lacks a bracket or the dot, as one that parses.

    >>> _mend("@prefix : <https://example.org/ .")
    '@prefix : <https://example.org/> .\\n'
    """
    told = re.search(r"prefix\s+([^\s:<]*):?\s*<?([^<>\s]+)", declaration, re.IGNORECASE)
    return f"@prefix {told[1]}: <{told[2]}> .\n" if told else declaration + "\n"


def _blocks(text: str) -> Iterator[str]:
    start = 0
    for end in _STATEMENT_END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


def _names(text: str, space: IriSpace) -> frozenset[str]:
    return frozenset(scan(text, space.base).mentions)
