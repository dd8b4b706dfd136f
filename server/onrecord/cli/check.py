"""`onrecord check`: what must be mended in a folder."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from onrecord.cli.options import show_progress
from onrecord.folder import Folder, shipped_folder


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--source",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Directory of the sources' texts, found by their SHA-256: compare the spans with them.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people and editors, for programs, or as annotations of a GitHub workflow.",
)
def check(folder: Path | None, source: Path | None, form: str) -> None:
    """Check FOLDER (the one that ships, if none is named): syntax, names, OWL Lite, shapes, spans, queries.

    Each finding tells file, line, rule, what is wrong and what to do. The exit status is 1 if there is any.
    """
    # Imported here: the other commands do without rdflib and pyshacl.
    from onrecord.checking import check_folder, write_findings

    chosen = Folder(folder if folder is not None else shipped_folder())
    findings = check_folder(chosen, source, show_progress())
    sys.stdout.write(write_findings(findings, form, lambda name: shown_path(chosen, name)))
    sys.stdout.flush()
    if findings:
        sys.exit(1)


def shown_path(folder: Folder, name: str) -> str:
    """The path of a file of `folder`: relative to the working directory where it lies below it."""
    path = folder.path / name
    if not path.exists():
        # It belongs to the ontology that the folder imports.
        path = shipped_folder() / name
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
