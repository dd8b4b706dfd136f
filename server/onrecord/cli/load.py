"""`onrecord load`: files of RDF into a store, all of them or none, while a server goes on serving."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from onrecord.cli.elsewhere import only_here
from onrecord.cli.options import name_operator, settings_options, store_of
from onrecord.config import read_settings
from onrecord.errors import LoadError, SettingError, StoreError, is_disk_full, name_failure
from onrecord.formats import RDF_FORMATS, Format, rdf_format
from onrecord.identity.register import Register
from onrecord.store.loading import LoadProgress, Source, Tell
from onrecord.supervision.bulk import load

_SHOWN_EVERY = 1.0
_MB = 1_000_000
_STDIN = "-"
_QUADS = ("nquads", "trig")


@click.command("load")
@click.argument("files", nargs=-1, required=True)
@click.option("--format", "format_name", help="Their format; needed for standard input.", metavar="FORMAT")
@click.option("--graph", help="The graph for triples; by default the unnamed one.", metavar="IRI", default="")
@click.option("--base", help="What relative IRIs are resolved against.", metavar="IRI")
@click.option("--folder", help="The folder whose server or store is meant.", type=click.Path(path_type=Path))
@settings_options("store", "empty")
@only_here(
    "load",
    "PUT each graph to /graphs of a server that runs with it, or use its own loader",
)
def load_command(
    files: tuple[str, ...],
    format_name: str | None,
    graph: str,
    base: str | None,
    folder: Path | None,
    **given: object,
) -> None:
    """Load FILES of RDF, gzipped or not, or standard input (-): all of them, or nothing.

    A server that runs on the store goes on serving, and serves the data when it is whole.
    """
    store = store_of(folder, read_settings(given))
    formats = [_choose_format(name, format_name, graph) for name in files]
    by = name_operator()
    started = time.monotonic()
    with ExitStack() as stack:
        sources = [
            Source(str(stack.enter_context(_at_rest(f))), format.serializer, graph, base, _shown(f))
            for f, format in zip(files, formats, strict=True)
        ]
        receipt = load(store, sources, by.name, _show(started))
    seconds = max(time.monotonic() - started, 1e-3)
    generation = receipt.generation
    audit = Register.of(store).audit
    try:
        audit.record(by, "write", 200, method="load", generation=generation.label, size=receipt.count)
    except StoreError as error:
        # The data is loaded and served: what the log lacks must not read as a failure of that.
        click.echo(f"The audit log lacks a line of this load: {error.detail}", err=True)
    megabytes = receipt.count / _MB
    click.echo(
        f"Loaded {megabytes:.1f} MB in {seconds:.1f} s ({megabytes / seconds:.1f} MB/s); "
        f"this is generation {generation.number}."
    )


def _choose_format(name: str, given: str | None, graph: str) -> Format:
    """The format of a file, by `--format` or by its name. Raises SettingError."""
    known = ", ".join(f.suffix for f in RDF_FORMATS)
    if given is None and name == _STDIN:
        raise SettingError(f"Standard input has no name that tells its format; add --format ({known}).")
    suffix = Path(name.removesuffix(".gz")).suffix.removeprefix(".")
    format = rdf_format(given if given is not None else suffix)
    if format is None:
        what = f'--format "{given}" is' if given is not None else f'The name "{name}" tells'
        raise SettingError(f"{what} no format of RDF; name one with --format: {known}.")
    if graph and format.name in _QUADS:
        raise SettingError(f"{name} is {format.name}, which names its graphs itself. Leave --graph out.")
    return format


@contextmanager
def _at_rest(name: str) -> Iterator[Path]:
    """`name` as a whole file: what still flows (standard input, a pipe) is copied into one first.

    Raises LoadError.
    """
    path = Path(name).absolute()
    if path.is_file() and name != _STDIN:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="onrecord-load-") as file:
        try:
            with sys.stdin.buffer if name == _STDIN else path.open("rb") as flowing:
                shutil.copyfileobj(flowing, file)
                file.flush()
        except OSError as error:
            if is_disk_full(error):
                raise name_failure(Path(file.name), error) from None
            raise LoadError(f"{_shown(name)} cannot be read: {error.strerror}.") from None
        yield Path(file.name)


def _shown(name: str) -> str:
    return "standard input" if name == _STDIN else name


def _show(started: float) -> Tell:
    """Progress on standard error: how much, how fast, how long still."""
    last = started

    def show(progress: LoadProgress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _SHOWN_EVERY:
            return
        last = now
        rate = progress.done / (now - started)
        left = (progress.total - progress.done) / rate if rate else 0.0
        print(
            f"  {progress.file}: {progress.done / _MB:.0f} of {progress.total / _MB:.0f} MB, "
            f"{rate / _MB:.1f} MB/s, {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )

    return show
