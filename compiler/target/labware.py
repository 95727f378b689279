"""Labware, as Opentrons' definitions describe it, with the material they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.target.geometry import WellShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """One well. x, y, z are those of the inner bottom's centre, from the labware's origin (mm).

    `capacity_ul` is the smaller of the declared and the geometric volume. `mouth_mm` is the
    smallest width of the opening.
    """

    name: str
    x: float
    y: float
    z: float
    depth_mm: float
    declared_ul: float
    capacity_ul: float
    mouth_mm: float
    shape: WellShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Labware:
    """One labware definition. `wells` stand in Opentrons' order: A1, B1, ... H1, A2, ..."""

    load_name: str
    namespace: str
    version: int
    display_name: str
    category: str  # "wellPlate", "tubeRack", "reservoir", "tipRack", "aluminumBlock", ...
    custom: bool  # written into the script instead of loaded by name
    definition: Mapping[str, object] = field(repr=False)
    wells: Mapping[str, Well] = field(repr=False)
    columns: tuple[tuple[str, ...], ...]
    material: str | None
    fits: frozenset[str]  # module models it may stand on, with or without an adapter
    adapters: Mapping[str, str]  # module model -> load name of the adapter it needs
    height_mm: float
    tip_ul: float | None = None  # for tip racks
    tip_length_mm: float | None = None
    tip_overlap_mm: float | None = None
