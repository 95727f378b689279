"""How often a tip is filled that serves several wells: as many at a time as it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.stages import program as p
from compiler.stages.layout import Mounted
from compiler.stages.operations import Handling

Fill = tuple[p.Row, ...]


def fills(rows: Sequence[p.Row], how: Handling, mounted: Mounted) -> tuple[Fill, ...]:
    """The rows that one tip serves, by its fills: the tip's allowed share, less the air gap."""
    room_ul = min(mounted.tip_volume_ul * how.max_tip_fill, mounted.pipette.max_ul)
    room_ul -= how.air_gap_ul
    groups: list[list[p.Row]] = []
    held_ul = 0.0
    for row in rows:
        volume_ul = sum(row.strokes_ul)
        if not groups or held_ul + volume_ul > room_ul + 1e-6 or row.source != groups[-1][0].source:
            groups.append([])
            held_ul = 0.0
        groups[-1].append(row)
        held_ul += volume_ul
    return tuple(tuple(group) for group in groups)


def by_tip(rows: Sequence[p.Row]) -> Iterator[Fill]:
    """The rows in stretches, each served by the tip that its first row brings."""
    mine: list[p.Row] = []
    for row in rows:
        if row.tip is not None and mine:
            yield tuple(mine)
            mine = []
        mine.append(row)
    if mine:
        yield tuple(mine)


def distributes(rows: Fill, how: Handling) -> bool:
    """Whether the rows of one tip are served from common fills.

    Not where the tip touches anything, where one well takes more than a stroke, or where solids
    would settle in the tip meanwhile.
    """
    plain = all(len(row.strokes_ul) == 1 and row.mix is None for row in rows)
    return len(rows) > 1 and plain and not how.touch_off and not how.prewet_every_stroke
