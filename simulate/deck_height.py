"""How high a deck is, as far as a trace shows it."""

from __future__ import annotations

from compiler.target import commands as c
from simulate.traced import Trace


def highest_mm(trace: Trace) -> float | None:
    """The highest labware, over which pipettes travel; None where nothing says so.

    On the deck that is the labware's own height; on modules and adapters it is what the commands
    at its wells say.
    """
    heights = {
        label: float(item.definition["dimensions"]["zDimension"])
        for label, item in trace.labware.items()
        if "zDimension" in item.definition.get("dimensions", {})
    }
    tops = dict(heights)
    for traced in trace.commands:
        command = traced.command
        if not isinstance(command, c.Aspirate | c.Dispense | c.MoveTo) or command.well is None:
            continue
        label, well = command.well.labware, command.well.well
        wells = trace.labware[label].definition.get("wells", {})
        if label in heights and well in wells and traced.surface_mm is None:
            bottom_mm = command.point.z - command.height_mm - float(wells[well]["z"])
            tops[label] = max(tops[label], bottom_mm + heights[label])
    return max(tops.values(), default=None)
