"""Modules: what their maker guarantees, not what the engine lets through."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One kind of module. Temperatures are None where it can't hold any."""

    model: str  # "temperatureModuleV2", "heaterShakerModuleV1", "thermocyclerModuleV2"
    display_name: str
    min_c: float | None
    max_c: float | None
    tolerance_c: float
    cools: bool
    min_rpm: int | None
    max_rpm: int | None
    slots: dict[str, tuple[str, ...]]  # robot -> slots in which it may stand, preferred first
    occupies: dict[str, tuple[str, ...]]  # robot -> more slots that it covers ("7" -> "8", ...)
