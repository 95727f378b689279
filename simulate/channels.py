"""Which wells lie under the channels of a pipette."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.target.commands import WellRef
from simulate.traced import LoadedLabware

_ROWS, _COLUMNS = 8, 12  # of nozzles, 9 mm apart


def under_channels(
    item: LoadedLabware | None, first: WellRef, count: int, upwards: bool
) -> list[WellRef]:
    """The wells under `count` channels, from the one that a command names downwards (upwards
    where the lowest nozzle is the one that aims). A trough is under all of them."""
    if count <= 1:
        return [first] * count
    columns = item.definition.get("ordering", []) if item else []
    if count > _ROWS:
        names = _under_all(columns, first.well)[:count]
    else:
        column = next((names for names in columns if first.well in names), [first.well])
        names = _down(column, column.index(first.well), count, upwards)
    return [WellRef(first.labware, name) for name in names]


def _down(column: Sequence[str], start: int, count: int, upwards: bool) -> list[str]:
    """The wells of one column under channels in a row; the last one is under those left over."""
    pitch = max(1, len(column) // _ROWS)
    below = column[start::-pitch] if upwards else column[start::pitch]
    names = list(below[:count]) if len(column) > 1 else list(column)
    return names + [names[-1]] * (count - len(names))


def _under_all(columns: Sequence[Sequence[str]], first: str) -> list[str]:
    """The wells under 96 channels, column by column. A plate of 384 has a well in four under
    them; of a reservoir with few wells each is under several columns."""
    number = next((n for n, column in enumerate(columns) if first in column), None)
    if number is None:
        return [first] * (_ROWS * _COLUMNS)
    row, pitch = columns[number].index(first), len(columns) // _COLUMNS
    names: list[str] = []
    for nozzle in range(_COLUMNS):
        at = number + nozzle * pitch if pitch else nozzle * len(columns) // _COLUMNS
        column = columns[min(at, len(columns) - 1)]
        names += _down(column, min(row, len(column) - 1), _ROWS, upwards=False)
    return names
