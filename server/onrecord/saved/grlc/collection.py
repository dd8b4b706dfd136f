"""A directory, a file or a list of addresses of grlc queries."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from onrecord.admission import admit
from onrecord.engine import Engine
from onrecord.errors import RequestError, StoreError
from onrecord.saved.grlc.conversion import Conversion, convert
from onrecord.saved.rows import read_result_rows
from onrecord.terms import IriSpace

_LONGEST = 200_000
_QUERIES = (".rq", ".sparql")
_OTHERS = {
    ".json": "queries in JSON for SPARQLTransformer are not read",
    ".tpf": "triple pattern fragments are not asked here",
}
"""Files of a collection that hold something else that grlc answers."""
_LISTS = (".yml", ".yaml")


@dataclass(frozen=True)
class Imported:
    """What became of a collection: each file by its name, with the conversion or why there is none."""

    conversions: tuple[tuple[str, Conversion], ...]
    refused: tuple[tuple[str, str], ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.refused and all(made.text and not made.lost for _, made in self.conversions)

    @property
    def failures(self) -> int:
        """How many files became no saved query."""
        return len(self.refused) + sum(not made.text for _, made in self.conversions)


def import_collection(source: Path) -> Imported:
    """Convert the queries in the directory `source`, in that file, or those that a YAML file lists.

    Nothing is fetched: what a list has elsewhere is refused by name. Raises
    RequestError for a source that is not there.
    """
    refused: list[tuple[str, str]] = []
    if source.is_dir():
        files = [path for path in sorted(source.rglob("*")) if ".git" not in path.parts and path.is_file()]
    elif source.suffix in _LISTS and source.is_file():
        files = []
        for entry in _list_of(source):
            if "://" in entry:
                refused.append(
                    (entry, "it lies elsewhere and is not fetched; save it as a file and name that")
                )
            else:
                files.append(source.parent / entry)
    elif source.is_file():
        files = [source]
    else:
        raise RequestError(f"{source} is not there. Name a directory, a .rq file or a list (.yml) of grlc's.")
    conversions: list[tuple[str, Conversion]] = []
    names: dict[str, str] = {}
    for path in files:
        shown = str(path.relative_to(source)) if source.is_dir() else path.name
        if path.suffix in _OTHERS and (path != source or not source.is_dir()):
            refused.append((shown, _OTHERS[path.suffix]))
        if path.suffix not in _QUERIES:
            continue
        try:
            text = _read(path)
        except (OSError, ValueError) as error:
            refused.append((shown, f"it cannot be read: {error}"))
            continue
        made = convert(path.stem, text)
        if made.name in names:
            refused.append((shown, f"{names[made.name]} is called {made.name} here already; rename one"))
            continue
        names[made.name] = shown
        conversions.append((shown, made))
    return Imported(tuple(conversions), tuple(refused))


def judge_imported(engine: Engine, imported: Imported, most_bytes: int) -> Imported:
    """The collection without what the engine does not understand. Raises UnavailableError.

    Texts that ask other endpoints are taken as they are: no engine sees SERVICE.
    """
    return replace(
        imported,
        conversions=tuple((shown, _judge(engine, made, most_bytes)) for shown, made in imported.conversions),
    )


def _judge(engine: Engine, made: Conversion, most_bytes: int) -> Conversion:
    if not made.text:
        return made
    try:
        admitted = admit(made.text, most_bytes, federates=True)
        if not admitted.operation.services:
            read_result_rows(engine, made.text, IriSpace("https://example.org/"), most_bytes)
    except RequestError as error:
        return replace(made, text="", lost=(*made.lost, error.detail))
    return made


def write_converted(imported: Imported, directory: Path, *, replaces: bool = False) -> list[Path]:
    """Write each converted query as `NAME.rq` into `directory`, made if absent; returns what was written.

    Raises RequestError before anything is written when a file with another
    text is there and `replace` is not given, and StoreError.
    """
    wanted = {directory / f"{made.name}.rq": made.text for _, made in imported.conversions if made.text}
    try:
        others = [p.name for p, text in wanted.items() if p.exists() and p.read_text("utf-8") != text]
        if others and not replaces:
            raise RequestError(
                f"{directory} has other texts of {', '.join(others)}. Nothing was written; "
                "compare them, then use --replace."
            )
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in wanted.items():
            unfinished = path.with_name(f".{path.name}.tmp")
            unfinished.write_text(text, encoding="utf-8", newline="\n")
            os.replace(unfinished, path)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{directory} cannot be written: {error}.") from error
    return list(wanted)


def _list_of(source: Path) -> list[str]:
    try:
        document = yaml.load(_read(source), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise RequestError(f"{source} cannot be read: {error}.") from None
    listed = document.get("queries") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise RequestError(f"{source} lists no queries. A list of grlc's has them under the key queries.")
    return [str(entry) for entry in listed]


def _read(path: Path) -> str:
    """The text of a file. Raises OSError, and ValueError for what is no text of that length."""
    with path.open("rb") as file:
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST:,} bytes")
    return data.decode("utf-8")
