"""How high the labware on a deck reaches, as a trace shows it."""

from __future__ import annotations

from compiler.target import commands as c
from compiler.target.expand import TIMERS_SINCE
from simulate.traced import Trace


def tops_mm(trace: Trace) -> dict[str, list[float]]:
    """How high each labware reaches, in its first place and after each move.

    On the deck that is its own height, on modules and adapters what the commands at its wells say.
    Empty below API level 2.27: scripts have no timers there, and what they wait for was planned
    for the clock's own height.
    """
    major, minor = (int(part) for part in trace.api_level.split(".")[:2])
    if (major, minor) < TIMERS_SINCE:
        return {}
    heights = {
        label: float(item.definition["dimensions"]["zDimension"])
        for label, item in trace.labware.items()
        if "zDimension" in item.definition.get("dimensions", {})
    }
    tops = {label: [height] for label, height in heights.items()}
    for traced in trace.commands:
        command = traced.command
        if isinstance(command, c.MoveLabware) and command.labware in tops:
            tops[command.labware].append(heights[command.labware])
        if not isinstance(command, c.Aspirate | c.Dispense | c.MoveTo) or command.well is None:
            continue
        label, well = command.well.labware, command.well.well
        wells = trace.labware[label].definition.get("wells", {})
        if label in heights and well in wells and traced.surface_mm is None:
            bottom_mm = command.point.z - command.height_mm - float(wells[well]["z"])
            tops[label][-1] = max(tops[label][-1], bottom_mm + heights[label])
    return tops
