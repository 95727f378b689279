"""What would lower a bound: the same run with an eight-channel, other tips, drops or stocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import dist

from compiler.plan.bound import Bound, lower_bound, rounded
from compiler.stages import operations as o
from compiler.stages.layout import Layout, Mounted
from compiler.target.deck import deck_of
from compiler.target.labware import load_labware

WORTH = 0.02
"""Less than this share of a part's bound is not worth a word."""
ROWS = "ABCDEFGH"


def lower_by(layout: Layout, bound: Bound) -> Mapping[int, tuple[str, ...]]:
    """For each part (by its number) what would lower its bound, with the time that it saves.

    Each is the bound of the same run with one thing changed, so that they don't add up.
    """
    found: dict[int, list[str]] = {}
    for words, change in _CHANGES:
        changed = change(layout)
        if changed is None:
            continue
        for before, after in zip(bound.parts, lower_bound(changed).parts, strict=True):
            saved_s = before.seconds - after.seconds
            if saved_s > WORTH * before.seconds:
                found.setdefault(before.number, []).append(f"{words}: {rounded(saved_s)} less")
    return {number: tuple(lines) for number, lines in found.items()}


# --- changes; None where there is nothing to change -------------------------------------------


def _columns(layout: Layout) -> Layout | None:
    """The same pipettes with eight channels, wherever whole columns take the same."""
    if any(mounted.pipette.channels > 1 for mounted in layout.mounted.values()):
        return None
    made = tuple(_by_column(layout, each) for each in layout.operations.operations)
    return _with(layout, made)


def _by_column(layout: Layout, operation: o.Operation) -> o.Operation:
    if not isinstance(operation, o.Deliver | o.DeliverDrops | o.DrawPhase | o.MixVessel):
        return operation
    if isinstance(operation, o.Deliver | o.DeliverDrops) and operation.materials:
        return operation
    if isinstance(operation, o.DeliverDrops):
        asked: Mapping[str, object] = operation.drops.drop_ul
    else:
        asked = operation.stroke_ul
    columns: dict[tuple[str, str], dict[str, str]] = {}
    for reaction in asked:
        well = layout.wells[reaction, operation.vessel]
        columns.setdefault((well.labware, well.well[1:]), {})[well.well[0]] = reaction
    together = []
    for rows in columns.values():
        if sorted(rows) != list(ROWS) or len({str(asked[each]) for each in rows.values()}) > 1:
            return operation
        together.append(tuple(rows[row] for row in ROWS))
    made = replace(operation, together=tuple(together))
    if isinstance(made, o.Deliver | o.DeliverDrops) and made.mix is not None:
        return replace(made, mix=replace(made.mix, together=tuple(together)))
    return made


def _larger_drops(layout: Layout) -> Layout | None:
    """Half as many drops, twice as large; from the first to the last as long as before."""
    made: list[o.Operation] = []
    for each in layout.operations.operations:
        if isinstance(each, o.DeliverDrops) and each.drops.count >= 4:
            drops = each.drops
            twice = {reaction: 2 * ul for reaction, ul in drops.drop_ul.items()}
            count = drops.count // 2
            every_s = (drops.count - 1) * drops.interval_s / (count - 1)
            half = replace(drops, count=count, interval_s=every_s, drop_ul=twice)
            made.append(replace(each, drops=half))
        else:
            made.append(each)
    return _with(layout, tuple(made))


def _larger_tips(layout: Layout) -> Layout | None:
    """Each pipette with the largest of its tips."""
    mounted = {mount: _largest(each) for mount, each in layout.mounted.items()}
    return None if mounted == dict(layout.mounted) else replace(layout, mounted=mounted)


def _largest(mounted: Mounted) -> Mounted:
    sizes = [load_labware(name).tip_ul or 0.0 for name in mounted.pipette.tip_racks]
    return replace(mounted, tip_volume_ul=max([mounted.tip_volume_ul, *sizes]))


def _nearer_stock(layout: Layout) -> Layout | None:
    """The stock that is drawn from most often changes places with what is nearest to its wells."""
    visits = Counter(well.labware for well in layout.source.values())
    vessel = next((well.labware for well in layout.wells.values()), None)
    if not visits or vessel is None:
        return None
    stock = visits.most_common(1)[0][0]
    origins = deck_of(layout).origins
    standing = {p.label: p for p in layout.placed if p.on is None and p.label != vessel}
    if stock not in standing:
        return None

    def away_mm(label: str) -> float:
        one, other = origins[vessel], origins[label]
        return dist((one.x, one.y), (other.x, other.y))

    nearest = min(standing, key=away_mm)
    if away_mm(stock) <= away_mm(nearest):
        return None
    slots = {stock: standing[nearest].slot, nearest: standing[stock].slot}
    placed = (replace(p, slot=slots.get(p.label, p.slot)) for p in layout.placed)
    return replace(layout, placed=tuple(placed))


def _with(layout: Layout, made: tuple[o.Operation, ...]) -> Layout | None:
    if made == layout.operations.operations:
        return None
    return replace(layout, operations=replace(layout.operations, operations=made))


_CHANGES: tuple[tuple[str, Callable[[Layout], Layout | None]], ...] = (
    ("an eight-channel pipette for whole columns", _columns),
    ("drops twice as large, half as many", _larger_drops),
    ("the largest tips of each pipette", _larger_tips),
    ("the stock in the place next to its wells", _nearer_stock),
)
