"""When a heavy query gives its worker back to whoever has had less of this server.

A flood fills every heavy place with queries of many seconds. What another
sender asks would wait for one of them to overrun; instead, the one that has
held its worker for a while gives way to it, and waits in the long lane.
"""

from __future__ import annotations

from onrecord.supervision.lanes import HEAVY_QUANTUM, Lane

YIELD_LEAD = 3.0
"""Seconds of processor time that one must have been charged less than another to go before it."""
_PATIENCE: dict[Lane, float] = {"heavy": 1.0, "long": HEAVY_QUANTUM}
"""So long does a query of a lane hold its worker in any case."""


def seconds_until_it_yields(lane: Lane, held: float, lead: float | None) -> float | None:
    """Seconds until a query of `lane` that has held its worker for `held` gives way; None when it does not.

    `lead` is that of whoever waits, over who asked it (`Ledger.lead`); None when nobody waits.

    >>> seconds_until_it_yields("heavy", 0.25, 6.0), seconds_until_it_yields("heavy", 3.0, 6.0)
    (0.75, 0.0)
    >>> seconds_until_it_yields("heavy", 3.0, 1.0), seconds_until_it_yields("quick", 3.0, 6.0)
    (None, None)
    """
    patience = _PATIENCE.get(lane)
    if patience is None or lead is None or lead < YIELD_LEAD:
        return None
    return max(0.0, patience - held)


def may_stay(lead: float | None) -> bool:
    """Whether a heavy query over its quantum keeps its worker: whoever waits has had much more already.

    >>> may_stay(None), may_stay(-6.0), may_stay(0.0)
    (True, True, False)
    """
    return lead is None or lead <= -YIELD_LEAD
