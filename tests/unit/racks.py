"""Layouts with any pipettes and free slots, and blocks that take tips, for tests of `tips`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from compiler.passes.rows import FRESH
from compiler.stages import program as p
from compiler.stages.layout import Layout, Mounted
from compiler.stages.operations import Operations
from compiler.target.commands import WellRef
from compiler.target.pipettes import load_pipette
from tests.unit import handbuilt, programs

RACKS = {
    "flex_1channel_50": "opentrons_flex_96_tiprack_50ul",
    "flex_1channel_1000": "opentrons_flex_96_tiprack_200ul",
    "flex_8channel_1000": "opentrons_flex_96_tiprack_200ul",
}
STOCK = WellRef("stocks", "A1")
MIX = p.MixSpec(cycles=3, stroke_ul=50.0, height_mm=3.0, flow_ul_s=80.0)


def layout(pipettes: Mapping[str, str], slots: int, reactions: int = 2) -> Layout:
    """A Flex with these pipettes, and so many slots for racks."""
    made = programs.layout("Flex", reactions=reactions)
    mounted = {
        mount: Mounted(
            mount=mount,
            pipette=load_pipette(name),
            tip_racks=(),
            tip_load_name=RACKS[name],
            tip_volume_ul=200.0,
        )
        for mount, name in pipettes.items()
    }
    free = tuple(["A1", "A2", "B1", "D3", "C3"][:slots])
    placed = tuple(each for each in made.placed if not each.label.startswith("tips"))
    bench = SimpleNamespace(per_action=SimpleNamespace(value=30.0), spans=handbuilt.SPANS)
    house = SimpleNamespace(ledger=SimpleNamespace(house=SimpleNamespace(bench=bench)), texts=())
    operations = cast(Operations, house)
    return replace(made, operations=operations, placed=placed, mounted=mounted, free_slots=free)


def plate(number: int) -> WellRef:
    """A well of the deep-well plate, down its columns."""
    return WellRef("plate", f"{'ABCDEFGH'[number % 8]}{number // 8 + 1}")


def charges(count: int, mount: str, step: str = "charge", start: int = 0) -> p.TransferBlock:
    """A charge to so many wells, each mixed with the tip that brings it: tips used once."""
    rows = tuple(_row(number, STOCK, plate(number), MIX) for number in range(start, start + count))
    return _transfer(step, "charge", mount, rows)


def draws(count: int, mount: str, step: str = "extract", round_: int = 1) -> p.TransferBlock:
    """The same layer out of so many wells, each into a well of its own."""
    rows = tuple(_row(n, plate(n), WellRef("extracts", f"x{n}"), None) for n in range(count))
    return replace(_transfer(step, "draw", mount, rows), round=round_)


def mixing(count: int, mount: str, step: str = "mix") -> p.MixBlock:
    """So many wells mixed."""
    rows = tuple(
        p.MixRow(reaction=f"r{n}", well=plate(n), mix=MIX, tip=FRESH) for n in range(count)
    )
    return p.MixBlock(step=step, mount=mount, handling=programs.AQUEOUS, rows=rows)


def _row(number: int, source: WellRef, dest: WellRef, mix: p.MixSpec | None) -> p.Row:
    return p.Row(
        reaction=f"r{number}",
        source=source,
        dest=dest,
        strokes_ul=(50.0,),
        source_mm=1.0,
        dest_mm=20.0,
        tip=FRESH,
        mix=mix,
    )


def _transfer(step: str, what: str, mount: str, rows: tuple[p.Row, ...]) -> p.TransferBlock:
    return p.TransferBlock(
        step=step, what=what, material=None, mount=mount, handling=programs.AQUEOUS, rows=rows
    )


def program(deck: Layout, *parts: Sequence[p.Block]) -> p.Program:
    """Parts of these blocks."""
    first = programs.one_part(deck).parts[0]
    made = tuple(replace(first, number=n, blocks=tuple(b)) for n, b in enumerate(parts, start=1))
    return p.Program(deck, made)


def taken(block: p.Block) -> list[str]:
    """The tips of a block's rows, as `tips_200_1/A1`."""
    assert isinstance(block, p.TransferBlock | p.MixBlock)
    return [str(row.tip) for row in block.rows]


def parked(block: p.Block) -> list[bool]:
    """Which of a block's tips go back into their places."""
    assert isinstance(block, p.TransferBlock | p.MixBlock)
    return [row.parks for row in block.rows]
