"""The thresholds of the physical rules, from data/limits.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Thresholds; the unit is in the name, shares are of 1."""

    boiling_warning_k: float  # this far below the boiling point
    boiling_error_k: float
    boiling_note_up_to_c: float  # at room temperature it is no more than a note
    boiling_minimum_share: float
    sealed_warning_kpa: float
    sealed_error_kpa: float
    freezing_margin_k: float
    vapour_loss_warning: float
    vapour_loss_dry: float
    least_headspace_mm: float
    concentration_from_s: float  # shorter steps are filling, not reacting


@cache
def limits() -> Limits:
    """The thresholds as shipped."""
    data = json.loads(files("compiler.data").joinpath("limits.json").read_text(encoding="utf-8"))
    data.pop("sources")
    return Limits(**data)
