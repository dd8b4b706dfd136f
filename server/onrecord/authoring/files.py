"""The one module of this package that reads and writes: texts, folders, articles. It overwrites nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pyoxigraph import Quad

from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.skeleton import write_skeleton
from onrecord.authoring.suggestions import Suggestion, suggest
from onrecord.authoring.vocabulary import Vocabulary, read_vocabulary
from onrecord.authoring.worksheet import write_worksheet
from onrecord.errors import FolderError, FolderSyntaxError, RequestError
from onrecord.folder import Folder

SUGGESTIONS = "suggestions"
_ARTICLES = "triples/articles/"
_KEPT_OUT = "# Working pages: they hold words of the articles, and are no part of the graph.\n*\n"


@dataclass(frozen=True)
class NewArticle:
    """What `create_article` wrote."""

    file: Path
    worksheet: Path
    sentences: int
    suggestions: tuple[Suggestion, ...]


def read_article(path: Path) -> Article:
    """The text at `path`, byte for byte. Raises RequestError for one that is no UTF-8 or has no words."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except UnicodeDecodeError as error:
        raise RequestError(f"{path} is not UTF-8 (byte {error.start}). Save the text as UTF-8.") from None
    article = Article(text)
    if "\0" in text or not article.sentences:
        raise RequestError(f"{path} holds no text. Give the article as plain text.")
    return article


def vocabulary_of(folder: Folder) -> Vocabulary:
    """The folder's vocabulary, that of the ontology it imports included.

    An article that does not parse is passed over, since one half written has
    gaps. Raises FolderSyntaxError for any other file.
    """
    space = folder.description.space
    quads: list[Quad] = []
    for file in folder.files():
        try:
            quads += file.quads(space)
        except FolderSyntaxError:
            if not file.name.startswith(_ARTICLES):
                raise
    return read_vocabulary(quads)


def choose_encoder(folder: Folder, vocabulary: Vocabulary, given: str | None) -> str:
    """The IRI of the encoder: the one given (`id/NAME` or an IRI), else the only one the folder declares.

    Raises FolderError when it is not declared, or when there are several and none is given.
    """
    space = folder.description.space
    known = ", ".join(space.shorten(encoder) for encoder in vocabulary.encoders) or "none"
    if given is None:
        if len(vocabulary.encoders) == 1:
            return vocabulary.encoders[0]
        raise FolderError(f"Who writes this down? Encoders of the folder: {known}. Name one with --encoder.")
    encoder = given if ":" in given else space.base + given
    if encoder not in vocabulary.encoders:
        raise FolderError(
            f'"{given}" is no encoder of the folder; encoders: {known}. Declare it in triples/entities.ttl '
            f"(<{encoder}> a rec:Encoder), or name another with --encoder."
        )
    return encoder


def create_folder(path: Path, texts: Mapping[str, str]) -> None:
    """Write `texts` into the new folder `path`. Raises FolderError when there is something already."""
    if path.exists() and not path.is_dir():
        raise FolderError(f"{path} is a file. Name a folder that does not exist yet, or an empty one.")
    held = sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
    if held:
        raise FolderError(
            f"{path} is not empty; it holds {', '.join(held[:3])}{' and more' * (len(held) > 3)}. "
            "Name a folder that does not exist yet, or an empty one."
        )
    for name, text in texts.items():
        _write_new(path / name, text)


def create_article(
    folder: Folder, article: Article, encoder: str | None, label: str, written: date | None, moment: datetime
) -> NewArticle:
    """Write the skeleton of `article` into the folder, and beside the graph a page of suggestions.

    Raises FolderError when either is there already, or the encoder is not known.
    """
    vocabulary = vocabulary_of(folder)
    by = choose_encoder(folder, vocabulary, encoder)
    encoding = Encoding(folder.description.space, article.name, by, moment)
    file = folder.path / "triples" / "articles" / f"{article.name}.ttl"
    worksheet = folder.path / SUGGESTIONS / f"{article.name}.md"
    for path in (file, worksheet):
        if path.exists():
            raise FolderError(
                f"{path} is there already, and is not overwritten. "
                "Go on in the article's file, or move both away to start again: "
                f"triples/articles/{file.name} and {SUGGESTIONS}/{worksheet.name}."
            )
    suggestions = suggest(article, vocabulary, encoding, written)
    page = write_worksheet(article, encoding, label, written, suggestions)
    _write_new(file, write_skeleton(article, encoding, label, written))
    kept_out = folder.path / SUGGESTIONS / ".gitignore"
    if not kept_out.exists():
        _write_new(kept_out, _KEPT_OUT)
    _write_new(worksheet, page)
    return NewArticle(file, worksheet, len(article.sentences), tuple(suggestions))


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise FolderError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}.") from None
