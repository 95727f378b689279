"""Where things are: absolute deck coordinates of wells, tips and the trash, in mm.

The arithmetic is that of Opentrons' engine for labware of schema 2, from the same JSON, without
calibration: slot, plus the module's offset (turned where the slot turns the module), plus the
adapter, less what one sinks into the other, plus the well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from compiler.stages.layout import Layout, Placed
from compiler.target.commands import Point, WellRef
from compiler.target.labware import shared_data

_DECKS = {"OT-2": "ot2_standard", "Flex": "ot3_standard"}
# Opentrons' engine 9.0.0, labware_origin_math: labware sits that much lower on an OT-2's
# thermocycler unless its definition says otherwise.
_ON_OT2_THERMOCYCLER = Point(0.0, 0.0, 10.7)
_FLEX_AREA = {
    "heaterShakerModuleV1": "heaterShakerV1{slot}",
    "temperatureModuleV2": "temperatureModuleV2{slot}",
    "magneticBlockV1": "magneticBlockV1{slot}",
    "thermocyclerModuleV2": "thermocyclerModuleV2",
}
# Share of a tip's length by which a tip stands out of the rack when it is put back
# (`defaultReturnTipHeight` of the pipette definitions).
_RETURN_HEIGHT = {"OT-2": 0.5, "Flex": 0.71}


@dataclass(frozen=True, slots=True)
class Deck:
    """The deck at one moment: a layout, and the places of labware that was moved since.

    `origins` holds the corner of each labware, by label, from which its wells are measured.
    """

    layout: Layout
    places: Mapping[str, str]
    origins: Mapping[str, Point]

    def moved(self, label: str, to: str) -> Deck:
        """The deck after `label` went to a slot or onto a module (its label)."""
        return deck_of(self.layout, {**self.places, label: to})

    def labware(self, label: str) -> Placed:
        """What is placed under a label; raises KeyError for a label that is not on the deck."""
        for placed in self.layout.placed:
            if placed.label == label:
                return placed
        raise KeyError(label)

    def well(self, ref: WellRef, height_mm: float) -> Point:
        """The point `height_mm` above a well's inner bottom, on its axis."""
        well = self.labware(ref.labware).labware.wells[ref.well]
        origin = self.origins[ref.labware]
        return Point(origin.x + well.x, origin.y + well.y, origin.z + well.z + height_mm)

    def top(self, ref: WellRef, above_mm: float = 0.0) -> Point:
        """The point `above_mm` above the well's rim."""
        return self.well(ref, self.depth_mm(ref) + above_mm)

    def depth_mm(self, ref: WellRef) -> float:
        """How deep a well is."""
        return self.labware(ref.labware).labware.wells[ref.well].depth_mm

    def returned_tip(self, ref: WellRef) -> Point:
        """Where a tip is let go when it is put back into its rack."""
        rack = self.labware(ref.labware).labware
        sink = _RETURN_HEIGHT[self.layout.robot] * (rack.tip_length_mm or 0.0)
        return self.top(ref, -sink)

    def trash(self) -> Point:
        """The middle of the trash's opening (tips fall to the left and right of it in turn)."""
        slot = self.layout.trash
        deck = _deck(self.layout.robot)
        area = "fixedTrash" if slot is None else f"movableTrash{slot}"
        box = _area(deck, area)["boundingBox"]
        corner = _area_origin(deck, area, "12" if slot is None else slot)
        return Point(
            corner.x + box["xDimension"] / 2,
            corner.y + box["yDimension"] / 2,
            corner.z + box["zDimension"],
        )

    def tops_mm(self) -> dict[str, float]:
        """How high each labware reaches, by label."""
        return {p.label: self.origins[p.label].z + p.labware.height_mm for p in self.layout.placed}

    def highest_mm(self) -> float:
        """The highest point of any labware, over which the pipettes travel."""
        return max(self.tops_mm().values(), default=0.0)


def deck_of(layout: Layout, places: Mapping[str, str] | None = None) -> Deck:
    """The deck of a layout; `places` (label -> slot or module) where labware was moved."""
    moved = dict(places or {})
    origins = {
        placed.label: _origin(layout, moved_to(layout, placed, moved)) for placed in layout.placed
    }
    return Deck(layout, moved, origins)


def abreast(layout: Layout, first: WellRef) -> tuple[WellRef, ...]:
    """The wells of the column that begins with `first`, which eight channels reach at once."""
    labware = next(p.labware for p in layout.placed if p.label == first.labware)
    column = next(column for column in labware.columns if first.well in column)
    return tuple(WellRef(first.labware, well) for well in column[column.index(first.well) :])


def well_point(layout: Layout, ref: WellRef, height_mm: float) -> Point:
    """The point `height_mm` above a well's inner bottom, labware in its first place."""
    return deck_of(layout).well(ref, height_mm)


def moved_to(layout: Layout, placed: Placed, places: Mapping[str, str]) -> Placed:
    """`placed` where `places` says it is now, on the adapter that its new module needs."""
    to = places.get(placed.label)
    if to is None:
        return placed
    for module in layout.modules:
        if module.label == to:
            adapter = placed.labware.adapters.get(module.module.model)
            return replace(placed, slot=module.slot, on=to, adapter=adapter)
    return replace(placed, slot=to, on=None, adapter=None)


def slot_origin(robot: str, slot: str) -> Point:
    """The front left corner of a slot (or of a Flex staging slot). Raises KeyError."""
    return _area_origin(_deck(robot), slot, slot)


@cache
def adapter_definition(load_name: str) -> Mapping[str, Any]:
    """Version 1 of an adapter's definition, the one that scripts load."""
    path = f"labware/definitions/2/{load_name}/1.json"
    definition: Mapping[str, Any] = json.loads(_shared(path))
    return definition


def _origin(layout: Layout, placed: Placed) -> Point:
    """The corner from which the wells of a labware are measured."""
    definition: Mapping[str, Any] = placed.labware.definition
    corner = _point(definition.get("cornerOffsetFromSlot"))
    if placed.on is None:
        base = slot_origin(layout.robot, placed.slot)
        if placed.adapter is None:
            return _add(base, corner)
        return _add(base, _on_adapter(definition, placed.adapter), corner)
    model = next(m.module.model for m in layout.modules if m.label == placed.on)
    slot = next(m.slot for m in layout.modules if m.label == placed.on)
    base = _module_surface(layout.robot, model, slot)
    if placed.adapter is None:
        return _add(base, _sunk_into_module(layout.robot, definition, model), corner)
    below = _sunk_into_module(layout.robot, adapter_definition(placed.adapter), model)
    return _add(base, below, _on_adapter(definition, placed.adapter), corner)


def _module_surface(robot: str, model: str, slot: str) -> Point:
    """Where a module that stands in `slot` carries its labware."""
    deck = _deck(robot)
    if robot == "Flex":
        return _area_origin(deck, _FLEX_AREA[model].format(slot=slot), slot)
    module: Mapping[str, Any] = _module(model)
    offset = module["labwareOffset"]
    vector = (offset["x"], offset["y"], offset["z"], 1.0)
    turned = module["slotTransforms"].get(_DECKS[robot], {}).get(slot, {}).get("labwareOffset")
    if turned is not None:
        vector = tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in turned)
    return _add(slot_origin(robot, slot), Point(*vector[:3]))


def _sunk_into_module(robot: str, definition: Mapping[str, Any], model: str) -> Point:
    """The (negative) offset by which labware sinks into a module."""
    overlap = definition.get("stackingOffsetWithModule", {}).get(model)
    if overlap is not None:
        return _minus(_point(overlap))
    if robot == "OT-2" and model.startswith("thermocycler"):
        return _minus(_ON_OT2_THERMOCYCLER)
    return Point(0.0, 0.0, 0.0)


def _on_adapter(definition: Mapping[str, Any], adapter: str) -> Point:
    """The offset from an adapter's origin to that of the labware on it."""
    stacking = definition.get("stackingOffsetWithLabware", {})
    overlap = _point(stacking.get(adapter, stacking.get("default")))
    height = adapter_definition(adapter)["dimensions"]["zDimension"]
    return Point(overlap.x, overlap.y, height - overlap.z)


def _area(deck: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    for area in deck["locations"]["addressableAreas"]:
        if area["id"] == name:
            found: Mapping[str, Any] = area
            return found
    raise KeyError(name)


def _area_origin(deck: Mapping[str, Any], name: str, slot: str) -> Point:
    """The corner of an addressable area provided by the cutout of `slot`."""
    column = slot.replace("4", "3") if slot[0].isalpha() else slot  # staging slots: cutout of 3
    for cutout in deck["locations"]["cutouts"]:
        if cutout["id"] == f"cutout{column}":
            offset = _area(deck, name)["offsetFromCutoutFixture"]
            return _add(Point(*cutout["position"]), Point(*offset))
    raise KeyError(slot)


def _point(xyz: Mapping[str, float] | None) -> Point:
    return Point(xyz["x"], xyz["y"], xyz["z"]) if xyz else Point(0.0, 0.0, 0.0)


def _add(*points: Point) -> Point:
    return Point(sum(p.x for p in points), sum(p.y for p in points), sum(p.z for p in points))


def _minus(point: Point) -> Point:
    return Point(-point.x, -point.y, -point.z)


def _shared(path: str) -> str:
    return (shared_data() / path).read_text(encoding="utf-8")


@cache
def _deck(robot: str) -> Mapping[str, Any]:
    deck: Mapping[str, Any] = json.loads(_shared(f"deck/definitions/5/{_DECKS[robot]}.json"))
    return deck


@cache
def _module(model: str) -> Mapping[str, Any]:
    module: Mapping[str, Any] = json.loads(_shared(f"module/definitions/3/{model}.json"))
    return module
