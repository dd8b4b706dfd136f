"""What a page about one thing tells above its record, by what kind of thing it is.

Driven by the classes and terms of the vocabulary alone: nothing here knows
an article, a party or a place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from onrecord.claims import SORTED_UP_TO, Claim, ClaimPage, Search, find_claims, read_claims, read_spans
from onrecord.entities import Neighbourhood, find_containment
from onrecord.solutions import Reader
from onrecord.terms import REC, TERM
from onrecord.web.catalogues import mark
from onrecord.web.passages import Passages
from onrecord.web.site import Site

MOST_CLAIMS = 20
MOST_IN_ARTICLE = 40
ALLIANCES = (TERM + "relation/supports", TERM + "relation/hasMember")
"""The families of relations by which somebody is on somebody's side."""
_FILTER_OF_TERMS = {
    REC + "Relation": "relation",
    REC + "SpeechAct": "act",
    REC + "Voice": "voice",
    REC + "Polarity": "polarity",
    REC + "Modality": "modality",
    REC + "Attribution": "attribution",
}


@dataclass(frozen=True)
class ClaimList:
    """A heading, one page of claims, and the filter of /claims that finds all of them."""

    title: str
    claims: tuple[Claim, ...]
    more: bool
    filters: tuple[tuple[str, str], ...]
    hint: str = ""


@dataclass(frozen=True)
class Story:
    """The template of a page, its values, and the IRIs that it names."""

    template: str = "thing.html"
    values: dict[str, object] = field(default_factory=dict)
    iris: tuple[str, ...] = ()


def tell(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    """The story of the thing `found`; page `page` of its lists."""
    types = found.types
    tellers: tuple[tuple[str, Callable[[Reader, Site, Neighbourhood, int], Story]], ...] = (
        (REC + "Claim", _tell_claim),
        (REC + "Statement", _tell_statement),
        (REC + "Source", _tell_article),
        (REC + "Location", _tell_place),
        (REC + "Agent", _tell_agent),
        (REC + "Entity", _tell_entity),
    )
    for class_iri, teller in tellers:
        if class_iri in types or any(f.object.value == class_iri for f in found.outgoing):
            return teller(asking, here, found, page)
    for class_iri, name in _FILTER_OF_TERMS.items():
        if class_iri in types:
            title = mark("Claims with this term")
            return _lists(asking, [_list(asking, here, title, page, {name: found.iri})], "lists.html")
    return Story()


def _tell_claim(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    claims = read_claims(asking, [found.iri])
    claim = claims[0]
    others = read_claims(
        asking, [*(b.other for b in claim.bearings), *claim.same_content, *claim.supersedes, *found.newer]
    )
    cues = [cue for said in claim.statements for cue in said.cues]
    spans = read_spans(asking, [*cues, *(e for b in claim.bearings for e in b.evidence)])
    values = {
        "claim": claim,
        "others": {other.iri: other for other in others},
        "spans": spans,
        "passages": Passages(here, asking, [*claim.evidence, *spans.values()]),
    }
    named = [*claim.iris(), *(iri for other in others for iri in other.iris())]
    sources = [span.source for span in spans.values()]
    return Story("claim.html", dict(values), tuple(filter(None, [*named, *sources])))


def _tell_statement(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    makes = [t.value for t in found.values(REC + "makes") if t.kind == "iri"]
    relays = [t.value for t in found.values(REC + "relays") if t.kind == "iri"]
    start = (page - 1) * MOST_CLAIMS
    shown = read_claims(asking, makes[start : start + MOST_CLAIMS])
    lists = (
        [ClaimList(mark("What it puts forward"), shown, len(makes) > start + MOST_CLAIMS, ())]
        if shown
        else []
    )
    if relays:
        text = (
            f"SELECT DISTINCT ?claim {{ <{found.iri}> <{REC}relays>+ ?said . ?said <{REC}makes> ?claim }} "
            f"ORDER BY ?claim LIMIT {MOST_CLAIMS + 1} OFFSET {start}"
        )
        passed = [row["claim"].value for row in asking.select(text, MOST_CLAIMS + 1).rows]
        hint = mark("Its speaker lets us know these and does not put them forward.")
        told = read_claims(asking, passed[:MOST_CLAIMS])
        lists.append(ClaimList(mark("What it passes on"), told, len(passed) > MOST_CLAIMS, (), hint))
    return _lists(asking, lists, "lists.html")


def _tell_article(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    listed = _list(
        asking,
        here,
        mark("Its claims, in the order of the text"),
        page,
        {"source": found.iri},
        MOST_IN_ARTICLE,
    )
    told = _lists(asking, [listed], "article.html")
    spans = [span for claim in listed.claims for span in claim.evidence]
    values = {**told.values, "passages": Passages(here, asking, spans)}
    return Story(told.template, values, told.iris)


def _tell_place(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    above, below, cut = find_containment(asking, found.iri)
    hint = mark("Set there, about it or about a place that is recorded to lie within it.")
    told = _lists(
        asking,
        [_list(asking, here, mark("What is claimed of this place"), page, {"place": found.iri}, hint=hint)],
        "place.html",
    )
    children: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for inside in below:
        children.setdefault(inside.outer, []).append((inside.inner, inside.graphs))
    named = [iri for c in (*above, *below) for iri in (c.inner, c.outer, *c.graphs)]
    values = {**told.values, "above": above, "children": children, "cut": cut}
    return Story(told.template, values, (*told.iris, *named))


def _tell_agent(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    said = _list(asking, here, mark("What they say"), page, {"speaker": found.iri})
    about = _list(asking, here, mark("What is said about them, and by whom"), page, {"about": found.iri})
    sides = _list(
        asking,
        here,
        mark("On whose side, according to whom and for when"),
        page,
        {"about": found.iri, "relation": ALLIANCES},
    )
    told = _lists(asking, [listed for listed in (said, about) if listed.claims], "agent.html")
    return Story(told.template, {**told.values, "sides": sides}, told.iris)


def _tell_entity(asking: Reader, here: Site, found: Neighbourhood, page: int) -> Story:
    return _lists(
        asking,
        [_list(asking, here, mark("What is said about it, and by whom"), page, {"about": found.iri})],
        "lists.html",
    )


def _list(
    asking: Reader,
    here: Site,
    title: str,
    page: int,
    filters: dict[str, str | tuple[str, ...]],
    size: int = MOST_CLAIMS,
    hint: str = "",
) -> ClaimList:
    iris = {name: (value,) if isinstance(value, str) else value for name, value in filters.items()}
    found = list_claims(asking, here, Search(iris), page, size)
    pairs = tuple((name, here.space.shorten(iri)) for name, values in iris.items() for iri in values)
    return ClaimList(title, read_claims(asking, found.claims), found.more, pairs, hint)


def list_claims(asking: Reader, here: Site, search: Search, page: int, size: int) -> ClaimPage:
    """A page of claims; in the order of the text while the graph is small or the question narrow."""
    return find_claims(asking, search, page, size, in_text_order=is_small(here))


def is_small(here: Site) -> bool:
    """Whether the graph has few enough claims to put lists of them in order."""
    return here.engine.status().classes.get(REC + "Claim", 0) <= SORTED_UP_TO


def _lists(asking: Reader, lists: list[ClaimList], template: str) -> Story:
    claims = [claim for listed in lists for claim in listed.claims]
    named = [iri for claim in claims for iri in claim.iris()]
    more = any(listed.more for listed in lists)
    return Story(
        template, {"lists": [listed for listed in lists if listed.claims], "more": more}, tuple(named)
    )
