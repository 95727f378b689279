"""What the wells of a run hold, and how high it stands in them."""

from __future__ import annotations

from compiler.target import commands as c
from simulate.ledger import Stamp, WellState
from simulate.liquids import Parcel
from simulate.traced import Trace, TracedCommand
from simulate.wells import WellModel, well_model

TRACE_UL = 1e-6  # less is rounding


class Wells:
    """The wells' states by place, with their shapes; what is put in too much is noted.

    `all_known`: whether every well's contents are known from a plan.
    """

    def __init__(self, trace: Trace, states: dict[c.WellRef, WellState]) -> None:
        self._trace, self._states = trace, states
        self._models: dict[c.WellRef, WellModel | None] = {}
        self.all_known = False
        self.changed: set[c.WellRef] = set()  # since the player last looked
        self.overfilled: list[tuple[Stamp, c.WellRef, float, float]] = []

    def at(self, ref: c.WellRef) -> WellState:
        """A well; one that nobody has spoken of is empty, and without a plan marked so."""
        return self._states.setdefault(ref, WellState(declared=self.all_known))

    def liquids(self, ref: c.WellRef) -> frozenset[str]:
        """The names of what is in a well."""
        return frozenset(names_in(self.at(ref).contents))

    def model(self, ref: c.WellRef) -> WellModel | None:
        """A well's shape; None where its definition says nothing."""
        if ref not in self._models:
            item = self._trace.labware.get(ref.labware)
            known = item is not None and ref.well in item.definition.get("wells", {})
            self._models[ref] = well_model(item.definition, ref.well) if item and known else None
        return self._models[ref]

    def surface_mm(self, ref: c.WellRef) -> float:
        """How high the liquid stands above the bottom."""
        model = self.model(ref)
        return model.height_mm(self.at(ref).contents.volume_ul) if model else 0.0

    def height_mm(self, traced: TracedCommand, ref: c.WellRef, height_mm: float) -> float:
        """How high above the bottom a command aims: its own height, or one from the surface."""
        if traced.surface_mm is None:
            return height_mm
        return self.surface_mm(ref) + traced.surface_mm

    def put(self, stamp: Stamp, ref: c.WellRef, parcel: Parcel) -> None:
        """Add to a well, and note how full it gets."""
        well = self._states.setdefault(ref, WellState())
        well.contents = well.contents.plus(parcel)
        self.changed.add(ref)
        volume = well.contents.volume_ul
        capacity = self._capacity_ul(self.model(ref))
        if volume > capacity + 0.01 >= well.highest_ul:
            self.overfilled.append((stamp, ref, volume, capacity))
        well.highest_ul = max(well.highest_ul, volume)

    def _capacity_ul(self, model: WellModel | None) -> float:
        """What a well holds: with a plan also by its geometry, without one as it is declared
        (some definitions declare a little more than their geometry has)."""
        if model is None:
            return float("inf")
        return model.capacity_ul if self.all_known else model.declared_ul


def names_in(parcel: Parcel) -> list[str]:
    """The liquids of a parcel that are there in more than rounding."""
    return [liquid.name for liquid, volume in parcel.liquids.items() if volume > TRACE_UL]
