"""What the build writes for authors: relayed claims, and links that are certain."""

import pyoxigraph
from pyoxigraph import NamedNode, Store

from onrecord.building.derive import derive

PREFIXES = """
@prefix : <https://example.org/> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
@prefix certainty: <https://w3id.org/onrecord/term/certainty/> .
:kind rec:directProperty rec:denies .
"""


def derived(turtle: str) -> set[str]:
    store = Store()
    store.load(
        (PREFIXES + turtle).encode(), pyoxigraph.RdfFormat.TURTLE, to_graph=NamedNode("https://example.org/g")
    )
    return {
        " ".join(str(getattr(t, "value", t)).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for t in triple)
        for triple in derive(store)
    }


def test_every_relay_of_a_chain_conveys_the_claim_and_only_its_maker_makes_it() -> None:
    assert derived(
        ":narrator rec:relays :agency . :agency rec:relays :spokeswoman . :spokeswoman rec:makes :c ."
    ) == {
        "narrator conveys c",
        "agency conveys c",
    }


def test_relays_in_a_circle_end() -> None:
    assert derived(":a rec:relays :b . :b rec:relays :a . :b rec:makes :c .") == {
        "a conveys c",
        "b conveys c",
    }


def test_a_certain_link_writes_the_direct_property_of_its_kind() -> None:
    assert derived(":l rec:from :c ; rec:to :d ; rec:kind :kind ; rec:certainty certainty:certain .") == {
        "c denies d"
    }


def test_an_uncertain_link_writes_nothing() -> None:
    assert (
        derived(":l rec:from :c ; rec:to :d ; rec:kind :kind ; rec:certainty certainty:possible .") == set()
    )
