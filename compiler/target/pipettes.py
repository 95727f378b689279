"""Pipettes and the tips they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipette:
    """One kind of pipette. `tip_racks` are load names, the usual one first; `min_ul` is the
    smallest volume that its maker specifies (in the mode that a script of ours uses)."""

    name: str  # "flex_1channel_1000", "p300_single_gen2"
    display_name: str
    robot: str
    channels: int
    min_ul: float
    max_ul: float
    tip_racks: tuple[str, ...]
    aspirate_ul_s: Mapping[float, float]  # tip volume -> default flow
    dispense_ul_s: Mapping[float, float]
