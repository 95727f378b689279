"""By how much reactions may see other times than each other, and than what is written."""

from __future__ import annotations

SPREAD_S, SPREAD_SHARE = 30.0, 0.02
LONGER_S, LONGER_SHARE = 120.0, 0.5


def may_differ_s(wanted_s: float) -> float:
    """The most that may lie between two reactions, of a hold or an addition of so many seconds."""
    return max(SPREAD_S, SPREAD_SHARE * wanted_s)


def may_exceed_s(wanted_s: float) -> float:
    """By how much a hold may be longer than it says, for the sake of other reactions, before the
    user is told and batches are tried: no chemist takes 15 min for 10."""
    return max(LONGER_S, LONGER_SHARE * wanted_s)
