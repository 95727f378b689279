"""Names every tip, and puts the racks that hold them into the free slots.

One tip serves a stock over many wells as long as it touches nothing; everything else gets a
tip of its own. Drops that are touched off take a fresh one for every fill: a tip that has touched
a vessel never goes back into the stock. Tips are used in the order of the rack and go on from
part to part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes.schedule import FRESH
from compiler.stages.layout import Layout, Mounted, Placed
from compiler.stages.program import (
    Block,
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    MixRow,
    Part,
    Program,
    Row,
    TransferBlock,
)
from compiler.target.commands import WellRef
from compiler.target.labware import Labware, load_labware


def tips(program: Program) -> tuple[Program, tuple[Finding, ...]]:
    """The program with named tips, and the layout with its racks; P-TIP-1 where they don't fit."""
    needed = _needed(program)
    layout, findings = _racks(program.layout, needed)
    if findings:
        return replace(program, layout=layout), findings
    supply = {mount: _tips_of(layout, mount) for mount in needed}
    parts = tuple(
        replace(part, blocks=tuple(_name(block, supply) for block in part.blocks))
        for part in program.parts
    )
    return Program(layout, parts), ()


def fresh_tips(part: Part) -> Iterator[tuple[str, WellRef]]:
    """(mount, tip) for every tip that a part takes from a rack, in order."""
    for block in part.blocks:
        if isinstance(block, TransferBlock | DropsBlock):
            for row in block.rows:
                first = () if row.tip is None else (row.tip,)
                yield from ((block.mount, tip) for tip in (*first, *row.more_tips))
        if isinstance(block, DropsBlock) and block.mix_mount is not None:
            yield from ((block.mix_mount, r.tip) for r in block.mix_rows if r.tip is not None)
        if isinstance(block, MixBlock | MixHoldBlock):
            yield from ((block.mount, row.tip) for row in block.rows if row.tip is not None)


def _needed(program: Program) -> dict[str, int]:
    counted: dict[str, int] = {}
    for part in program.parts:
        for mount, _ in fresh_tips(part):
            counted[mount] = counted.get(mount, 0) + 1
    return counted


def _racks(layout: Layout, needed: dict[str, int]) -> tuple[Layout, tuple[Finding, ...]]:
    free = list(layout.free_slots)
    placed = list(layout.placed)
    mounted = dict(layout.mounted)
    wanted = 0
    for mount in sorted(needed):
        holder = mounted[mount]
        rack = load_labware(holder.tip_load_name)
        count = math.ceil(needed[mount] * holder.pipette.channels / len(rack.wells))
        wanted += count
        slots, free = free[:count], free[count:]
        labels = [_label(rack, holder, mount, number) for number in range(1, len(slots) + 1)]
        placed += [
            Placed(label=label, labware=rack, slot=slot, on=None)
            for label, slot in zip(labels, slots, strict=True)
        ]
        mounted[mount] = replace(holder, tip_racks=tuple(labels))
    made = replace(layout, placed=tuple(placed), mounted=mounted, free_slots=tuple(free))
    if wanted <= len(layout.free_slots):
        return made, ()
    bench = layout.operations.ledger.house.bench
    span = bench.spans.whole if bench is not None else None
    total = sum(needed.values())
    finding = platform.TIP_1.at(
        span,
        f"{total} tips are needed ({wanted} racks), and {len(layout.free_slots)} slots are left"
        f" for racks (at most {96 * len(layout.free_slots)} tips)",
        help="run fewer reactions at a time, or take labware off the deck",
    )
    return layout, (finding,)


def _label(rack: Labware, holder: Mounted, mount: str, number: int) -> str:
    volume = rack.tip_ul or holder.tip_volume_ul
    if holder.pipette.channels > 1:
        return f"tips_{volume:g}_{mount}_{number}"
    return f"tips_{volume:g}_{number}"


def _tips_of(layout: Layout, mount: str) -> Iterator[WellRef]:
    for label in layout.mounted[mount].tip_racks:
        rack = next(p.labware for p in layout.placed if p.label == label)
        eight = layout.mounted[mount].pipette.channels == 8
        for well in (column[0] for column in rack.columns) if eight else rack.wells:
            yield WellRef(label, well)


def _name(block: Block, supply: dict[str, Iterator[WellRef]]) -> Block:
    if isinstance(block, TransferBlock):
        return replace(block, rows=_name_rows(block.rows, supply[block.mount]))
    if isinstance(block, DropsBlock):
        rows = _name_rows(block.rows, supply[block.mount])
        if block.mix_mount is None:
            return replace(block, rows=rows)
        mixed = _name_mixes(block.mix_rows, supply[block.mix_mount])
        return replace(block, rows=rows, mix_rows=mixed)
    if isinstance(block, MixBlock | MixHoldBlock):
        return replace(block, rows=_name_mixes(block.rows, supply[block.mount]))
    return block


def _name_rows(rows: tuple[Row, ...], supply: Iterator[WellRef]) -> tuple[Row, ...]:
    """Each row's tips, one row after the other."""
    return tuple(
        replace(
            row,
            tip=next(supply) if row.tip == FRESH else row.tip,
            more_tips=tuple(next(supply) if tip == FRESH else tip for tip in row.more_tips),
        )
        for row in rows
    )


def _name_mixes(rows: tuple[MixRow, ...], supply: Iterator[WellRef]) -> tuple[MixRow, ...]:
    return tuple(replace(row, tip=next(supply)) if row.tip == FRESH else row for row in rows)
