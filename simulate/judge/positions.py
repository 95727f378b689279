"""Where tips go: below a well's bottom, outside it, or where not all of them have a well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compiler.diagnostics.codes import platform as p
from compiler.target import commands as c
from simulate.judge.case import Case, Fault, fault, of
from simulate.traced import LoadedLabware, TracedCommand

BELOW_MM = 0.05
PITCH_MM = 9.0  # between channels (SLAS 4, 96 wells)
TIP_PLACE_MM = 2.0  # how far a nozzle may be off a tip that it picks up


def check_depth(case: Case) -> Iterator[Fault]:
    """A tip below the bottom of a well."""
    if not case.trace.has_heights:
        return
    heights = {drawn.stamp.index: drawn.height_mm for drawn in case.ledger.drawn}
    for traced in case.trace.commands:
        match traced.command:
            case (
                c.Aspirate(_, c.WellRef() as well, _, height)
                | c.Dispense(_, c.WellRef() as well, _, height)
                | c.MoveTo(_, c.WellRef() as well, _, height)
            ):
                if traced.surface_mm is not None:
                    height = heights.get(traced.index, 0.0)
            case _:
                continue
        item = case.labware(well)
        if height < -BELOW_MM and item is not None and not item.is_tip_rack:
            yield fault(
                p.DEPTH,
                of(traced),
                f"the tip goes {-height:.1f} mm below the bottom of {well}",
                "count heights from the bottom: well.bottom(1)",
            )


def check_outside(case: Case) -> Iterator[Fault]:
    """A tip beside its well: while it is below the rim, or pipettes."""
    for traced in case.trace.commands:
        if traced.aside_mm == (0.0, 0.0):
            continue
        height, pipettes = 0.0, True
        match traced.command:
            case c.Aspirate(_, c.WellRef() as well, _, height) | c.Dispense(
                _, c.WellRef() as well, _, height
            ):
                pass
            case c.BlowOut(_, c.WellRef() as well):
                pass
            case c.MoveTo(_, c.WellRef() as well, _, height):
                pipettes = False
            case _:
                continue
        item, model = case.labware(well), case.model(well)
        if item is None or model is None or item.is_tip_rack:
            continue
        inside = height < model.depth_mm or traced.surface_mm is not None
        if not (inside or pipettes) or _within(
            item.definition["wells"][well.well], *traced.aside_mm
        ):
            continue
        x, y = traced.aside_mm
        yield fault(
            p.OUTSIDE,
            of(traced),
            f"the tip is {x:g} mm, {y:g} mm (x, y) off the middle of {well}, which is "
            f"{_size(item.definition['wells'][well.well])}",
            "move the tip by less than half the opening",
        )


def _within(well: Mapping[str, Any], x: float, y: float) -> bool:
    if well.get("shape") == "circular":
        return bool(x * x + y * y <= (float(well["diameter"]) / 2) ** 2)
    return abs(x) <= float(well["xDimension"]) / 2 and abs(y) <= float(well["yDimension"]) / 2


def _size(well: Mapping[str, Any]) -> str:
    if well.get("shape") == "circular":
        return f"{float(well['diameter']):g} mm wide"
    return f"{float(well['xDimension']):g} mm by {float(well['yDimension']):g} mm wide"


def check_channels(case: Case) -> Iterator[Fault]:
    """Several channels, and not a well (or a tip) under each of them."""
    tips: dict[str, tuple[int, bool]] = {}
    told: set[tuple[str, c.WellRef, int]] = set()
    for traced in case.trace.commands:
        match traced.command:
            case c.PickUpTip(mount, well):
                tips[mount] = traced.channels, traced.upwards
            case c.DropTip(mount):
                tips.pop(mount, None)
                continue
            case c.Aspirate(mount, c.WellRef() as well) | c.Dispense(mount, c.WellRef() as well):
                pass
            case _:
                continue
        count, upwards = tips.get(mount, (1, False))
        item = case.labware(well)
        if count <= 1 or item is None or (mount, well, count) in told:
            continue
        told.add((mount, well, count))
        without = _without_place(item, well.well, count, upwards)
        if without:
            yield _misfit(traced, well, item, count, without)


def _misfit(
    traced: TracedCommand, well: c.WellRef, item: LoadedLabware, count: int, without: int
) -> Fault:
    what = "tip" if item.is_tip_rack else "well"
    return fault(
        p.CHANNELS,
        of(traced),
        f"the pipette uses {count} channels at {well}, and {without} of them have no {what} below",
        "an 8-channel aims at row A of a column of eight, or at a trough; else use one channel",
    )


def _without_place(item: LoadedLabware, name: str, count: int, upwards: bool) -> int:
    """How many channels have no well under them."""
    wells: Mapping[str, Any] = item.definition.get("wells", {})
    first = wells.get(name)
    quirks = item.definition.get("parameters", {}).get("quirks") or ()
    if first is None or (count > 8 and any(quirk.startswith("offsetPipette") for quirk in quirks)):
        return 0
    x, y = float(first["x"]), float(first["y"])
    step = PITCH_MM if upwards else -PITCH_MM
    if "centerMultichannelOnWells" in quirks:
        y -= step * (min(count, 8) - 1) / 2
        if len(wells) == 1:  # then columns are centred too
            x -= PITCH_MM * ((count - 1) // 8) / 2
    places = [(x + PITCH_MM * (i // 8), y + step * (i % 8)) for i in range(count)]
    return sum(not any(_at(well, *place, item) for well in wells.values()) for place in places)


def _at(well: Mapping[str, Any], x: float, y: float, item: LoadedLabware) -> bool:
    dx, dy = x - float(well["x"]), y - float(well["y"])
    if item.is_tip_rack:
        return abs(dx) <= TIP_PLACE_MM and abs(dy) <= TIP_PLACE_MM
    return _within(well, dx, dy)
