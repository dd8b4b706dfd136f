"""Names on pages: the label of an IRI with its language, its address, and the IRI itself for the hover."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from onrecord.labels import Label, best_text
from onrecord.solutions import Term
from onrecord.terms import REC, TERM, IriSpace

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})

VOICES = {
    TERM + "voice/article": "article",
    TERM + "voice/party": "party",
    TERM + "voice/other-headline": "other-headline",
}


@dataclass(frozen=True)
class Name:
    """How a page shows an IRI; `href` is empty where there is nothing to open."""

    iri: str
    text: str
    href: str = ""
    language: str = ""
    labelled: bool = False


@dataclass(frozen=True)
class Names:
    """The names of one page."""

    space: IriSpace
    labels: Mapping[str, Label]
    languages: Sequence[str]
    link: Callable[[str], str]

    def of(self, iri: str) -> Name:
        label = self.labels.get(iri)
        text = label.text if label else self.space.shorten(iri)
        return Name(iri, text, self.href(iri), label.language if label else "", label is not None)

    def href(self, iri: str) -> str:
        """Where `iri` leads: a page here, its own address elsewhere, nowhere for what is no web address."""
        if self.space.to_path(iri) is not None:
            return self.link(iri)
        return iri if iri.startswith(("https://", "http://")) and not iri.startswith(REC) else ""

    def text(self, iri: str) -> str:
        """The label alone, for attributes and drawings."""
        return self.of(iri).text

    def side(self, iri: str) -> str:
        """`rtl` or `ltr`, as the label of `iri` is read: words round a verb follow the verb.

        Subject and object of a claim in the order of another script would change places.
        """
        label = self.labels.get(iri)
        return direction(label.language) if label and label.language else "ltr"

    def best(self, texts: Sequence[Term]) -> Label | None:
        """The one of several literals that suits the reader."""
        return best_text((t for t in texts if t.kind == "literal"), self.languages)

    def graph(self, iri: str) -> str:
        """A named graph as people know it: the file without its suffix, where it is the folder's.

        >>> Names(IriSpace("https://e.org/"), {}, (), str).graph("https://e.org/graph/triples/entities")
        'triples/entities'
        """
        return iri.removeprefix(self.space.base + "graph/")

    def only_voice(self, iris: Sequence[str]) -> str:
        """The voice where there is one that we know; else `several` or `unknown`."""
        if len(iris) > 1:
            return "several"
        return VOICES.get(iris[0], "unknown") if iris else "unknown"

    def slug(self, iri: str) -> str:
        """The last step of the IRI of one of the vocabulary's terms; empty for any other."""
        return iri.rpartition("/")[2] if iri.startswith(TERM) else ""

    def voice(self, iri: str) -> str:
        """The short word for a voice, for class names; empty where it is none that we know."""
        return VOICES.get(iri, "")


def direction(language: str) -> str:
    """`rtl` or `ltr` for a language, `auto` where it is unknown.

    >>> direction("ar-SY"), direction("en"), direction("")
    ('rtl', 'ltr', 'auto')
    """
    primary = language.partition("-")[0].lower()
    return "auto" if not primary else "rtl" if primary in _RIGHT_TO_LEFT else "ltr"
