"""`onrecord span`: where words stand in a text, as an author pins a claim to them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.files import choose_encoder, read_article, vocabulary_of
from onrecord.authoring.records import span_record
from onrecord.authoring.search import find_nearest, find_words
from onrecord.authoring.spans import Span, join_words
from onrecord.errors import NotFoundError, RequestError
from onrecord.folder import Folder
from onrecord.terms import IriSpace


@click.command()
@click.argument("text_file", type=click.Path(path_type=Path))
@click.argument("words")
@click.option("--nth", type=click.IntRange(1), help="Which place, where the words stand in several.")
@click.option("--folder", type=click.Path(path_type=Path), help="Folder whose encoder signs the record.")
@click.option("--encoder", metavar="id/NAME", help="Which of the folder's encoders.")
def span(text_file: Path, words: str, nth: int | None, folder: Path | None, encoder: str | None) -> None:
    """Tell where WORDS stand in TEXT_FILE: start, end, SHA-256, and Turtle to paste.

    Line breaks and the shape of quotation marks do not matter.
    """
    article = read_article(text_file)
    found = _choose(article, words, nth)
    sentence = article.sentence_at(found.start)
    print(f"start    {found.start}\nend      {found.end}\nsha256   {found.sha256(article.text)}")
    print(
        f"sentence {sentence.id if sentence else ''}{' (all of it)' if article.is_sentence(found) else ''}\n"
    )
    print(span_record(article, found, _encoding(article, folder, encoder)), end="")


def _choose(article: Article, words: str, nth: int | None) -> Span:
    """The one place of `words`, or the nth. Raises NotFoundError and RequestError."""
    if not words.strip():
        raise RequestError("No words are given. Give some that stand in the text.")
    places = find_words(article.text, words)
    if not places:
        nearest = find_nearest(article.text, words)
        near = f" The nearest are {_show(article, nearest)}." if nearest else ""
        raise NotFoundError(f'"{join_words(words)}" does not stand in the text.{near}')
    if nth is not None and nth <= len(places):
        return places[nth - 1]
    if len(places) == 1 and nth is None:
        return places[0]
    listed = "\n".join(f"  {number}: {_show(article, place)}" for number, place in enumerate(places, 1))
    count = "once" if len(places) == 1 else f"{len(places)} times"
    raise RequestError(
        f'"{join_words(words)}" stands {count} in the text. Choose with --nth, or give more words.\n{listed}'
    )


def _show(article: Article, place: Span) -> str:
    sentence = article.sentence_at(place.start)
    around = Span(max(0, place.start - 20), min(len(article.text), place.end + 20))
    where = f"{sentence.id}, " if sentence else ""
    words, context = join_words(place.cut(article.text)), join_words(around.cut(article.text))
    return f'"{words}" ({where}{place.start} to {place.end}: ...{context}...)'


def _encoding(article: Article, folder: Path | None, encoder: str | None) -> Encoding:
    moment = datetime.now(UTC)
    if folder is None:
        return Encoding(IriSpace("urn:x-onrecord:"), article.name, None, moment)
    chosen = Folder(folder)
    by = choose_encoder(chosen, vocabulary_of(chosen), encoder)
    return Encoding(chosen.description.space, article.name, by, moment)
