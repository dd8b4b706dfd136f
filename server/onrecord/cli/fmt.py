"""`onrecord fmt`: Turtle and TriG in canonical form."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from onrecord.building.formatting import format_file
from onrecord.errors import FolderError
from onrecord.folder import Folder, shipped_folder

_SUFFIXES = (".ttl", ".trig")


@click.command()
@click.argument("paths", metavar="[FOLDER | FILES...]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--check", "check_only", is_flag=True, help="Write nothing; list what would change, exit 1 if any."
)
def fmt(paths: tuple[Path, ...], check_only: bool) -> None:
    """Write the Turtle and TriG files of FOLDER (the one that ships, if none is named) in canonical form.

    Sorted, one predicate a line, the comment at the head kept; the triples stay the same.
    """
    files = list(dict.fromkeys(file for path in paths or (shipped_folder(),) for file in _files(path)))
    changed, failed = 0, 0
    for file in files:
        try:
            text = format_file(file)
            if text.encode() == file.read_bytes():
                continue
            if not check_only:
                _replace(file, text)
        except FolderError as error:
            failed += 1
            print(f"onrecord: {error.detail}", file=sys.stderr)
            continue
        changed += 1
        print(file)
    told = "would change" if check_only else "changed"
    print(f"{changed} of {len(files)} file{'' if len(files) == 1 else 's'} {told}.")
    if failed or (check_only and changed):
        sys.exit(1)


def _files(path: Path) -> Iterator[Path]:
    """The files to format at `path`: itself, those of a folder, or all below another directory."""
    if not path.is_dir():
        yield path
        return
    tops = [path]
    if (path / "ontology" / "dataset.ttl").is_file():
        tops = [Folder(path).path / top for top in ("ontology", "triples")]
    for top in tops:
        yield from sorted(file for file in top.rglob("*") if file.suffix in _SUFFIXES and file.is_file())


def _replace(file: Path, text: str) -> None:
    """Write `text` in one step, so that nobody reads half a file. Raises FolderError."""
    target = file.resolve()
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        shutil.copymode(target, unfinished)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise FolderError(f"{file} cannot be written: {error.strerror}.") from error
