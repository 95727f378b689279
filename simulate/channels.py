"""Which wells lie under the channels of a pipette."""

from __future__ import annotations

from compiler.target.commands import WellRef
from simulate.traced import LoadedLabware


def under_channels(
    item: LoadedLabware | None, first: WellRef, count: int, upwards: bool
) -> list[WellRef]:
    """The wells under `count` channels, from the one that a command names downwards (upwards
    where the lowest nozzle is the one that aims). A trough is under all of them."""
    if count <= 1:
        return [first] * count
    columns = item.definition.get("ordering", []) if item else []
    if count > 8:
        names = [name for column in columns for name in column][:count] or [first.well]
    else:
        column = next((names for names in columns if first.well in names), [first.well])
        start, pitch = column.index(first.well), max(1, len(column) // 8)
        below = column[start::-pitch] if upwards else column[start::pitch]
        names = below[:count] if len(column) > 1 else list(column)
    names = names + [names[-1]] * (count - len(names))
    return [WellRef(first.labware, name) for name in names]
