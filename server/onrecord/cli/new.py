"""`onrecord new`: a folder of one's own, and in it the skeleton of an article."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from onrecord.authoring.files import create_article, create_folder, read_article
from onrecord.authoring.new_folder import read_space, write_folder
from onrecord.authoring.spans import join_words
from onrecord.authoring.times import spell_day
from onrecord.authoring.worksheet import summarize
from onrecord.errors import FolderError
from onrecord.folder import Folder


class _FolderOrArticle(click.Group):
    """A group with a command that need not be named: `new FOLDER` is `new folder FOLDER`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "folder", self.commands["folder"], args


@click.group(
    cls=_FolderOrArticle,
    context_settings={"ignore_unknown_options": True},
    subcommand_metavar="FOLDER --iri-space IRI --title TEXT | article TEXT_FILE --folder FOLDER",
)
def new() -> None:
    """Start a folder, or an article in it.

    `onrecord new FOLDER` makes a folder that can be served; `onrecord new article TEXT_FILE` writes the
    skeleton of an article into one, and suggestions to accept. Neither overwrites anything.
    """


@new.command("folder")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--iri-space", required=True, metavar="IRI", help='With which all its names begin; ends in "/" or "#".'
)
@click.option("--title", required=True, metavar="TEXT", help="What the folder is called on its pages.")
@click.option("--licence", metavar="IRI", help="Under what licence the graph may be used.")
def new_folder(folder: Path, iri_space: str, title: str, licence: str | None) -> None:
    """Make FOLDER: its description, an encoder, two saved queries."""
    space = read_space(iri_space)
    name = join_words(title)
    if not name:
        raise FolderError("The title is empty. Say in a few words what the folder holds: --title TEXT.")
    if licence is not None and (":" not in licence or set(licence) & set(' <>"{}|\\^`')):
        raise FolderError(
            f'The licence "{licence}" is no IRI. Give its address, such as https://creativecommons.org/licenses/by/4.0/.'
        )
    texts = write_folder(space, name, licence)
    create_folder(folder, texts)
    for path in texts:
        print(folder / path)
    print(f"Next: onrecord new article TEXT_FILE --folder {folder}")


@new.command("article")
@click.argument("text_file", type=click.Path(path_type=Path))
@click.option("--folder", required=True, type=click.Path(path_type=Path), help="Folder to write it into.")
@click.option(
    "--date", "written", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Day of the text."
)
@click.option("--label", metavar="TEXT", help="What the source is called.")
@click.option(
    "--encoder", metavar="id/NAME", help="Who writes it down; the folder's encoder, if it has one only."
)
def new_article(
    text_file: Path, folder: Path, written: datetime | None, label: str | None, encoder: str | None
) -> None:
    """Write the skeleton of the article in TEXT_FILE: source, narrator, sentences; and suggestions beside it.

    The text itself is not copied.
    """
    chosen = Folder(folder)
    article = read_article(text_file)
    day = written.date() if written else None
    name = join_words(label or "") or f"Text {article.name}" + (f" of {spell_day(day)}" if day else "")
    made = create_article(chosen, article, encoder, name, day, datetime.now(UTC))
    print(f"{made.file}    source, narrator, {made.sentences} sentences, no claim yet")
    print(f"{made.worksheet}    suggestions: {summarize(made.suggestions)}")
    print("Paste what you accept into the first file and fill in what begins with a question mark.")
