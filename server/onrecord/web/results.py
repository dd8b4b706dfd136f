"""Answers as people read them: solution sequences to rows of cells. Knows no Flask."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from onrecord.documents.texts import heading
from onrecord.solutions import NUMBERS, Row, Term, TermKind
from onrecord.terms import RDF, REC, TERM, XSD, IriSpace

_MOMENT = re.compile(r"(-?\d{4,}-\d\d-\d\d)T(.+)")
_VOICE = TERM + "voice/"
VOICES = ("article", "party", "other-headline")
VOICE_IRIS = tuple(_VOICE + name for name in VOICES)


@dataclass(frozen=True)
class Cell:
    """One cell of a table; `href` is empty where there is nothing to open."""

    kind: Literal["iri", "literal", "number", "time", "bnode", "triple", "unbound"]
    text: str = ""
    title: str = ""
    href: str = ""
    language: str = ""
    note: str = ""
    labelled: bool = False


@dataclass(frozen=True)
class Table:
    """Rows for a page.

    `voices` has the voice of each row, or is empty. `folded` tells that label
    columns were folded into their IRIs; `empty` names columns left out
    because no row has a value there.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    voices: tuple[str, ...] = ()
    folded: bool = False
    empty: tuple[str, ...] = ()


def make_table(
    variables: Sequence[str],
    rows: Sequence[Row],
    labels: Mapping[str, str],
    space: IriSpace,
    link: Callable[[str], str],
    *,
    prefers_labels: bool = False,
) -> Table:
    """The table of `rows`: IRIs by their label, linked by `link` when they are the folder's.

    A column of literals called after an IRI column (`speakerLabel`), or that
    only repeats its labels, is folded into it, at the earlier of their
    places; a column without any value is left out. A folded column gives the
    text, but for `prefers_labels`, where that in `labels` comes first.
    """
    folded = _find_folds(variables, rows, labels)
    empty = [name for name in variables if rows and not any(name in row for row in rows)]
    words = {labels[_VOICE + slug]: slug for slug in VOICES if _VOICE + slug in labels}
    columns: list[str] = []
    for name in (name for name in variables if name not in empty):
        shown = folded.get(name, name)
        if shown not in columns:
            columns.append(shown)
    spoken = {iri: label for label, iri in folded.items()}
    table = tuple(
        tuple(
            _labelled_cell(
                row, name, spoken.get(name, ""), labels, space, link, prefers_labels=prefers_labels
            )
            for name in columns
        )
        for row in rows
    )
    voices = tuple(_voice_of(columns, row, words) for row in rows)
    return Table(
        _headings(columns),
        table,
        voices if any(voices) else (),
        bool(folded),
        tuple(heading(name) for name in empty),
    )


def _headings(columns: Sequence[str]) -> tuple[str, ...]:
    # "voice label" reads as "voice" where no other column is called so.
    taken = {heading(name) for name in columns}
    full = [heading(name) for name in columns]
    short = [text.removesuffix(" label") for text in full]
    return tuple(s if s not in taken else f for f, s in zip(full, short, strict=True))


def _voice_of(columns: Sequence[str], row: Row, words: Mapping[str, str]) -> str:
    """The voice that a row tells, by its term or by the label of the term in a column so called."""
    for name in columns:
        term = row.get(name)
        if term is not None and term.kind == "iri" and term.value.removeprefix(_VOICE) in VOICES:
            return term.value.removeprefix(_VOICE)
        if term is not None and term.kind == "literal" and name.startswith("voice") and term.value in words:
            return words[term.value]
    return ""


def _find_folds(variables: Sequence[str], rows: Sequence[Row], labels: Mapping[str, str]) -> dict[str, str]:
    """Literal column -> IRI column whose label it is, by its name or by repeating it in every row."""

    def only(name: str, kind: TermKind) -> bool:
        found = [row[name].kind for row in rows if name in row]
        return bool(found) and all(k == kind for k in found)

    iris = [name for name in variables if only(name, "iri")]
    texts = [name for name in variables if only(name, "literal")]
    folds = {f"{name}Label": name for name in iris if f"{name}Label" in texts}
    for name in texts:
        said = [row[name].value if name in row else None for row in rows]
        for other in iris:
            shown = [labels.get(row[other].value) if other in row else None for row in rows]
            if name not in folds and other not in folds.values() and shown == said:
                folds[name] = other
    return folds


def _labelled_cell(
    row: Row,
    name: str,
    label: str,
    labels: Mapping[str, str],
    space: IriSpace,
    link: Callable[[str], str],
    *,
    prefers_labels: bool,
) -> Cell:
    """The cell of column `name`, shown by the text of column `label` where a query gave one."""
    text = row.get(label)
    cell = _cell(row.get(name, text), labels, space, link)
    if text is None or cell.kind != "iri" or (prefers_labels and cell.labelled):
        return cell
    return replace(cell, text=text.value, language=text.language, labelled=True)


def _cell(term: Term | None, labels: Mapping[str, str], space: IriSpace, link: Callable[[str], str]) -> Cell:
    if term is None:
        return Cell("unbound")
    if term.kind == "iri":
        short = space.shorten(term.value)
        label = labels.get(term.value, "")
        own = space.to_path(term.value) is not None
        return Cell(
            "iri",
            label or short,
            term.value,
            link(term.value) if own else _outside(term.value),
            labelled=bool(label),
        )
    if term.kind == "bnode":
        return Cell("bnode", f"_:{term.value}", "blank node")
    if term.kind == "triple":
        texts = [_cell(part, labels, space, link).text for part in term.parts]
        return Cell("triple", f"<< {' '.join(texts)} >>")
    if term.datatype in NUMBERS:
        return Cell("number", term.value, space.shorten(term.datatype))
    moment = _MOMENT.fullmatch(term.value) if term.datatype == XSD + "dateTime" else None
    if moment is not None:
        return Cell("time", moment[1], term.value, note=moment[2])
    plain = term.datatype in (
        "",
        XSD + "string",
        RDF + "langString",
        XSD + "boolean",
        XSD + "dateTime",
        XSD + "date",
    )
    return Cell(
        "literal",
        term.value,
        language=term.language,
        note="" if plain else space.shorten(term.datatype),
    )


def _outside(iri: str) -> str:
    # Only web addresses become links: an IRI may also be a script.
    return iri if iri.startswith(("https://", "http://")) and not iri.startswith(REC) else ""
