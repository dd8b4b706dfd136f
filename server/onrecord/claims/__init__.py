"""Claims as people read them: who made them, through whom we know them, and what bears on them."""

from onrecord.claims.disputes import KINDS, Pair, Row, find_accusations, find_pairs, speakers_of
from onrecord.claims.facts import Facts, read_facts
from onrecord.claims.finding import FILTERS, SORTED_UP_TO, ClaimPage, Search, find_claims
from onrecord.claims.model import Bearing, Chain, Claim, Quantity, Span, Statement, Step, Time
from onrecord.claims.reading import read_claims, read_spans
from onrecord.claims.timeline import Moment, find_moments

__all__ = [
    "FILTERS",
    "KINDS",
    "SORTED_UP_TO",
    "Bearing",
    "Chain",
    "Claim",
    "ClaimPage",
    "Facts",
    "Moment",
    "Pair",
    "Quantity",
    "Row",
    "Search",
    "Span",
    "Statement",
    "Step",
    "Time",
    "find_accusations",
    "find_claims",
    "find_moments",
    "find_pairs",
    "read_claims",
    "read_facts",
    "read_spans",
    "speakers_of",
]
