"""By how much reactions may see different times."""

from __future__ import annotations

SPREAD_S, SPREAD_SHARE = 30.0, 0.02


def may_differ_s(wanted_s: float) -> float:
    """The most that may lie between two reactions, of a hold or an addition of so many seconds."""
    return max(SPREAD_S, SPREAD_SHARE * wanted_s)
