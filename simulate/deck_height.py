"""How high the labware on a deck is, as far as a trace shows it."""

from __future__ import annotations

from compiler.target import commands as c
from simulate.traced import Trace


def tops_mm(trace: Trace) -> dict[str, list[float]]:
    """How high each labware reaches, in its first place and after each move.

    On the deck that is its own height, on modules and adapters what the commands at its wells say.
    """
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


def highest_mm(trace: Trace) -> float | None:
    """The highest of all, over which pipettes travel; None where nothing says so."""
    return max((max(heights) for heights in tops_mm(trace).values()), default=None)
