"""After `account`: what every vessel holds after each step, phase by phase, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.stages.charges import Assumption, Charges
from compiler.stages.vessels import House


class PhaseKind(StrEnum):
    """Which liquid a layer is."""

    SINGLE = "single"
    ORGANIC = "organic"
    AQUEOUS = "aqueous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One layer. Heights are above the vessel's inner bottom, None where the shape is unknown.

    `interface_mm` (None for a single phase) and `top_mm` are those of the whole column of liquid
    and so the same for both layers. `position` is None for a single phase.
    """

    kind: PhaseKind
    position: str | None  # "upper" | "lower"
    volume_ul: float
    density_g_ml: float
    interface_mm: float | None
    top_mm: float | None
    solvents_ul: Mapping[str, float] = field(default_factory=dict)  # liquid name -> uL
    mmol: Mapping[str, float] = field(default_factory=dict)  # material -> mmol


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A vessel at a moment: `charged`, `settled` (before a draw) or `drawn` (after it)."""

    step: str
    moment: str
    round: int  # 1 for the first round of an extraction; 1 otherwise
    reaction: str
    vessel: str
    volume_ul: float
    mmol: Mapping[str, float]  # material -> mmol as charged, solids included
    ph: tuple[float, float] | None
    phases: tuple[Phase, ...]
    temperature_c: float = 22.5
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A phase that is taken out: how much, from where, what stays, what was recovered so far.

    `recovered` is 1 - product of (guard / layer) over the rounds up to this one.
    `tip_mm` is the height of the tip above the inner bottom.
    """

    step: str
    reaction: str
    vessel: str
    into: str
    round: int
    phase: PhaseKind
    position: str  # "upper" | "lower" | "single"
    volume_ul: float
    guard_ul: float
    interface_mm: float | None
    tip_mm: float | None
    recovered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GasEvolved:
    """Gas that a step can evolve, at 25 °C and 1 atm."""

    step: str
    reaction: str
    gas: str
    mmol: float
    volume_ml: float
    vessel: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything the passes after this one may know of the chemistry.

    `charges` are those of the charge stage with every `make up to` filled in. `highest_ul` gives
    the fullest that each vessel kind gets, over reactions.
    """

    charges: Charges
    house: House
    snapshots: tuple[Snapshot, ...]
    draws: tuple[Draw, ...]
    gas: tuple[GasEvolved, ...]
    highest_ul: Mapping[str, float]
    assumptions: tuple[Assumption, ...]
