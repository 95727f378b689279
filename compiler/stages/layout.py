"""After `place`: what stands where on the deck. Tip racks are added by `tips`, in `free_slots`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.stages.charges import Assumption, Supplied
from compiler.stages.operations import Operations
from compiler.target.commands import WellRef
from compiler.target.labware import Labware
from compiler.target.modules import Module
from compiler.target.pipettes import Pipette


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Labware on the deck: in `slot`, on the module named `on` (None: on the deck itself)."""

    label: str
    labware: Labware
    slot: str
    on: str | None
    adapter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedModule:
    """A module in its slot; `label` is the bench's name for it."""

    label: str
    module: Module
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A source of one material: what the operator fills in, dead volume included.

    `height_mm` is where the tip draws. A waste or a product vessel is no stock.
    """

    material: str
    supplied: Supplied
    well: WellRef
    volume_ul: float
    dead_ul: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A pipette on its mount, and the tip racks that serve it, in the order of use.

    `tip_racks` is empty until `tips` has counted them; `tip_load_name` is chosen by `lower`.
    """

    mount: str
    pipette: Pipette
    tip_racks: tuple[str, ...]  # labels
    tip_load_name: str
    tip_volume_ul: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The deck. `wells` gives (reaction, vessel) its well; `stocks` stand in order of first use.

    A material may have several stocks; `source` names the one that serves a reaction at a step.
    """

    operations: Operations
    robot: str
    api_level: str
    placed: tuple[Placed, ...]
    modules: tuple[PlacedModule, ...]
    trash: str | None  # slot of the Flex's trash bin; None for the OT-2's fixed one
    mounted: Mapping[str, Mounted]
    wells: Mapping[tuple[str, str], WellRef]
    stocks: tuple[Stock, ...]
    source: Mapping[tuple[str, str], WellRef]  # (step, reaction) -> stock well
    waste: Mapping[str, WellRef]  # "organic", "aqueous" -> well
    free_slots: tuple[str, ...] = ()  # left over for tip racks, nearest the pipettes' work first
    assumptions: tuple[Assumption, ...] = ()
    clock: Mapping[str, float] = field(default_factory=dict)  # the robot's own parameters
    source_mm: float = 1.0  # where a tip draws from a stock, above the inner bottom
