"""The deck from above, to scale, as SVG: slots, modules, labware, and every well.

One unit is one millimetre. Wells in use are groups of their own, which the page's script colours
for the chosen step; the others are drawn once a labware, as one path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from compiler.stages.layout import Layout, Placed
from compiler.target.deck import deck_of, slot_origin
from compiler.target.labware import shared_data

_SLOTS = {
    "Flex": tuple(f"{row}{column}" for row in "ABCD" for column in "123"),
    "OT-2": tuple(str(number) for number in range(1, 13)),
}
_SLOT_MM = (128.0, 86.0)


@dataclass(frozen=True, slots=True)
class WellShape:
    """A well from above: centre and half sizes in mm; `round_` for circles."""

    name: str
    x: float
    y: float
    half_x: float
    half_y: float
    round_: bool


@dataclass(frozen=True, slots=True)
class Item:
    """Labware, a module or a free slot on the map. y grows downwards, as SVG has it."""

    label: str
    title: str
    slot: str
    x: float
    y: float
    width: float
    height: float
    used: tuple[WellShape, ...] = ()
    others: str = ""  # one path for the wells that are not used
    is_tips: bool = False


@dataclass(frozen=True, slots=True)
class DeckMap:
    """Everything to draw, back to front, and the size of the drawing in mm."""

    left: float
    top: float
    width: float
    height: float
    slots: tuple[Item, ...]
    modules: tuple[Item, ...]
    labware: tuple[Item, ...]


def deck_map(layout: Layout, used: Mapping[str, object]) -> DeckMap:
    """The deck at the start. `used` has the wells ("reactors/A1") to draw one by one."""
    deck = deck_of(layout)
    slots = tuple(_slot(layout.robot, name) for name in _SLOTS[layout.robot])
    modules = tuple(_module(layout, label.label) for label in layout.modules)
    labware = tuple(
        _labware(placed, deck.origins[placed.label].x, deck.origins[placed.label].y, used)
        for placed in layout.placed
    )
    if layout.trash is not None:
        corner = slot_origin(layout.robot, layout.trash)
        labware += (
            Item("trash", "trash bin", layout.trash, corner.x, -corner.y - _SLOT_MM[1], *_SLOT_MM),
        )
    every = (*slots, *modules, *labware)
    left, top = min(i.x for i in every) - 6, min(i.y for i in every) - 6
    right, bottom = max(i.x + i.width for i in every) + 6, max(i.y + i.height for i in every) + 14
    return DeckMap(left, top, right - left, bottom - top, slots, modules, labware)


@dataclass(frozen=True, slots=True)
class PlateView:
    """One labware by itself, with the names of its rows and columns and where they stand."""

    label: str
    where: str
    item: Item
    rows: tuple[tuple[str, float], ...]
    columns: tuple[tuple[str, float], ...]


def plate_view(placed: Placed, used: Mapping[str, object]) -> PlateView:
    """A labware in its own coordinates."""
    wells = placed.labware.wells
    rows: dict[str, float] = {}
    columns: dict[str, float] = {}
    for name, well in wells.items():
        rows.setdefault(name.rstrip("0123456789"), _mm(-well.y))
        columns.setdefault(name.lstrip("ABCDEFGHIJKLMNOP"), _mm(well.x))
    many = len(wells) > 1
    on = f" on {placed.on}" if placed.on else ""
    return PlateView(
        placed.label,
        f"slot {placed.slot}{on}",
        _labware(placed, 0.0, 0.0, used),
        tuple(rows.items()) if many else (),
        tuple(columns.items()) if many else (),
    )


def _slot(robot: str, name: str) -> Item:
    corner = slot_origin(robot, name)
    return Item(name, f"slot {name}", name, corner.x, -corner.y - _SLOT_MM[1], *_SLOT_MM)


def _module(layout: Layout, label: str) -> Item:
    module = next(m for m in layout.modules if m.label == label)
    facts = _module_facts(module.module.model)
    size = facts["dimensions"]
    width = float(size.get("xDimension", _SLOT_MM[0]))
    height = float(size.get("yDimension", _SLOT_MM[1]))
    corner = slot_origin(layout.robot, module.slot)
    # A Flex takes its modules into the deck, in caddies with the outline of the slot.
    if layout.robot == "Flex":
        x, y, width, height = corner.x - 4, corner.y - 4, _SLOT_MM[0] + 8, _SLOT_MM[1] + 8
    else:
        offset = facts["cornerOffsetFromSlot"]
        turned = int(module.slot) % 3 == 0  # on the right side modules look the other way
        x = corner.x + (_SLOT_MM[0] - width - offset["x"] if turned else offset["x"])
        y = corner.y + offset["y"]
    return Item(label, module.module.display_name, module.slot, x, -y - height, width, height)


def _labware(placed: Placed, x: float, y: float, used: Mapping[str, object]) -> Item:
    definition: Mapping[str, Any] = placed.labware.definition
    width, height = _outline(definition)
    shapes = [_well(placed, name, x, y, definition["wells"][name]) for name in placed.labware.wells]
    mine = tuple(s for s in shapes if f"{placed.label}/{s.name}" in used)
    taken = {shape.name for shape in mine}
    others = "".join(_outline_path(s) for s in shapes if s.name not in taken)
    return Item(
        placed.label,
        placed.labware.display_name,
        placed.slot,
        x,
        -y - height,
        width,
        height,
        mine,
        others,
        placed.labware.tip_ul is not None,
    )


def _outline(definition: Mapping[str, Any]) -> tuple[float, float]:
    if definition["schemaVersion"] == 3:
        box = definition["extents"]["total"]
        front, back = box["frontRightTop"], box["backLeftBottom"]
        return float(front["x"] - back["x"]), float(back["y"] - front["y"])
    size = definition["dimensions"]
    return float(size["xDimension"]), float(size["yDimension"])


def _well(placed: Placed, name: str, x: float, y: float, raw: Mapping[str, Any]) -> WellShape:
    well = placed.labware.wells[name]
    if raw.get("shape") == "circular":
        half = float(raw["diameter"]) / 2
        return WellShape(name, _mm(x + well.x), _mm(-y - well.y), half, half, True)
    half_x, half_y = float(raw["xDimension"]) / 2, float(raw["yDimension"]) / 2
    return WellShape(name, _mm(x + well.x), _mm(-y - well.y), half_x, half_y, False)


def _mm(value: float) -> float:
    return round(value, 2)


def _outline_path(shape: WellShape) -> str:
    if shape.round_:
        r = f"{shape.half_x:g}"
        start = f"M{shape.x - shape.half_x:.2f} {shape.y:g}"
        return (
            f"{start}a{r} {r} 0 1 0 {2 * shape.half_x:g} 0a{r} {r} 0 1 0 -{2 * shape.half_x:g} 0z"
        )
    return (
        f"M{shape.x - shape.half_x:.2f} {shape.y - shape.half_y:.2f}"
        f"h{2 * shape.half_x:g}v{2 * shape.half_y:g}h-{2 * shape.half_x:g}z"
    )


@cache
def _module_facts(model: str) -> Mapping[str, Any]:
    path = shared_data() / "module" / "definitions" / "3" / f"{model}.json"
    facts: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return facts
