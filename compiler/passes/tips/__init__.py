"""Names every tip, and puts the racks that hold them into the free slots.

One tip serves a stock over many wells as long as it touches nothing. A tip that has touched a
vessel stays with that vessel: `lives.py` says for how long it goes back into its place and is
taken up again. Drops that are touched off take a fresh one for every fill: such a tip never goes
back into the stock. Tips are used in the order of the rack and go on from part to part; where the
free slots don't hold enough of them, the operator replaces racks (`refills.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes.rows import FRESH
from compiler.passes.tips.lives import PickUp, pick_ups
from compiler.passes.tips.racks import Kind, kinds_of
from compiler.passes.tips.refills import Loading, loading, needs_of, with_refills
from compiler.stages.layout import Layout, Mounted, Placed
from compiler.stages.program import (
    Block,
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    MixRow,
    Part,
    PauseBlock,
    Program,
    Row,
    SettleBlock,
    TransferBlock,
)
from compiler.target.commands import WellRef
from compiler.target.labware import Labware

__all__ = ["fresh_tips", "tips", "tips_used"]


def tips(program: Program) -> tuple[Program, tuple[Finding, ...]]:
    """The program with named tips, and the layout with its racks; P-TIP-1 where they don't fit."""
    picked = pick_ups(program.layout, [part.blocks for part in program.parts])
    kinds = kinds_of(program.layout, sorted({each.mount for each in picked}))
    loaded = loading(program, kinds, len(program.layout.free_slots))
    if loaded is None:
        return program, (_too_many(program.layout, picked, kinds),)
    layout, labels = _with_racks(program.layout, kinds, loaded.racks)
    taken, used = _taken(loaded, kinds, labels)
    names = iter(taken)
    parts = [
        replace(part, blocks=tuple(_named(block, names) for block in blocks))
        for part, blocks in zip(program.parts, loaded.blocks, strict=True)
    ]
    return Program(layout, with_refills(parts, used, loaded.starts, layout)), ()


def fresh_tips(part: Part) -> Iterator[tuple[str, WellRef]]:
    """(mount, tip) for every tip that a part uses, at its first pick-up.

    With an eight-channel pipette `tip` is row A's of a column. A place whose rack was replaced in
    between has another tip.
    """
    seen: set[WellRef] = set()
    for block in part.blocks:
        if isinstance(block, PauseBlock):
            seen = {tip for tip in seen if tip.labware not in block.refills}
        for mount, tip in _tips_of(block):
            if tip not in seen:
                seen.add(tip)
                yield mount, tip


def tips_used(program: Program) -> int:
    """How many tips a program uses: eight for each column that an eight-channel takes."""
    mounted = program.layout.mounted
    return sum(
        mounted[mount].pipette.channels for part in program.parts for mount, _ in fresh_tips(part)
    )


def _tips_of(block: Block) -> Iterator[tuple[str, WellRef]]:
    """(mount, tip) for every pick-up that a block's rows name."""
    if isinstance(block, TransferBlock | DropsBlock):
        for row in block.rows:
            first = () if row.tip is None else (row.tip,)
            yield from ((block.mount, tip) for tip in (*first, *row.more_tips))
    if isinstance(block, DropsBlock) and block.mix_mount is not None:
        yield from ((block.mix_mount, r.tip) for r in block.mix_rows if r.tip is not None)
    if isinstance(block, MixBlock | MixHoldBlock):
        yield from ((block.mount, row.tip) for row in block.rows if row.tip is not None)
    if isinstance(block, SettleBlock):
        yield from (*_tips_of(block.mix), *_tips_of(block.draw))


# --- racks ------------------------------------------------------------------------------------


def _with_racks(
    layout: Layout, kinds: Sequence[Kind], numbers: Sequence[int]
) -> tuple[Layout, list[tuple[str, ...]]]:
    """The layout with the racks of each kind in its free slots, and their labels."""
    free = list(layout.free_slots)
    placed = list(layout.placed)
    labels: list[tuple[str, ...]] = []
    of_mount: dict[str, tuple[str, ...]] = {}
    for kind, count in zip(kinds, numbers, strict=True):
        holder = layout.mounted[kind.mounts[0][0]]
        slots, free = free[:count], free[count:]
        labels.append(tuple(_label(kind.rack, holder, n) for n in range(1, count + 1)))
        of_mount |= {mount: labels[-1] for mount, _ in kind.mounts}
        placed += [
            Placed(label=label, labware=kind.rack, slot=slot, on=None)
            for label, slot in zip(labels[-1], slots, strict=True)
        ]
    mounted = {
        mount: replace(holder, tip_racks=of_mount.get(mount, ()))
        for mount, holder in layout.mounted.items()
    }
    made = replace(layout, placed=tuple(placed), mounted=mounted, free_slots=tuple(free))
    return made, labels


def _label(rack: Labware, holder: Mounted, number: int) -> str:
    volume = rack.tip_ul or holder.tip_volume_ul
    return f"tips_{volume:g}_{number}"


def _too_many(layout: Layout, picked: Sequence[PickUp], kinds: Sequence[Kind]) -> Finding:
    bench = layout.operations.ledger.house.bench
    channels = dict(user for kind in kinds for user in kind.mounts)
    total = sum(channels[mount] * count for mount, count in needs_of(picked).items())
    slots = len(layout.free_slots)
    return platform.TIP_1.at(
        bench.spans.whole if bench is not None else None,
        f"{total} tips of {len(kinds)} kinds are needed, {slots} slots are left for racks, and"
        " there is no moment at which the operator could replace them",
        help="run fewer reactions at a time, or take labware off the deck",
    )


# --- names ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """A tip by its name, and whether it goes back into its place."""

    tip: WellRef
    parks: bool


def _taken(
    loaded: Loading, kinds: Sequence[Kind], labels: Sequence[tuple[str, ...]]
) -> tuple[list[_Taken], list[frozenset[str]]]:
    """The tips of all pick-ups in order, and the racks that each load takes tips from."""
    found: list[_Taken] = []
    racks: list[frozenset[str]] = []
    for load in range(len(loaded.starts)):
        mine = [each for each in loaded.picked if loaded.load_of(each.block) == load]
        # once used tips have lives of their own
        lives = [(n,) if each.life is None else each.life for n, each in enumerate(mine)]
        needs: dict[str, int] = {}
        for each in dict(zip(lives, mine, strict=True)).values():
            needs[each.mount] = needs.get(each.mount, 0) + 1
        supply: dict[str, Iterator[WellRef]] = {}
        for kind, racks_of_kind in zip(kinds, labels, strict=True):
            places = kind.places(needs, racks_of_kind)
            supply |= {mount: iter(tips) for mount, tips in places.items()}
        last = {life: number for number, life in enumerate(lives)}
        named: dict[object, WellRef] = {}
        for number, (life, each) in enumerate(zip(lives, mine, strict=True)):
            if life not in named:
                named[life] = next(supply[each.mount])
            found.append(_Taken(named[life], last[life] > number))
        racks.append(frozenset(tip.labware for tip in named.values()))
    return found, racks


def _named(block: Block, names: Iterator[_Taken]) -> Block:
    if isinstance(block, TransferBlock):
        return replace(block, rows=tuple(_named_row(row, names) for row in block.rows))
    if isinstance(block, DropsBlock):
        rows = tuple(_named_row(row, names) for row in block.rows)
        mixed = tuple(_named_mix(row, names) for row in block.mix_rows)
        return replace(block, rows=rows, mix_rows=mixed)
    if isinstance(block, MixBlock | MixHoldBlock):
        return replace(block, rows=tuple(_named_mix(row, names) for row in block.rows))
    return block


def _named_row(row: Row, names: Iterator[_Taken]) -> Row:
    """A row's tips, one after the other."""
    tip, parks = row.tip, row.parks
    if tip == FRESH:
        taken = next(names)
        tip, parks = taken.tip, taken.parks
    more = tuple(next(names).tip if other == FRESH else other for other in row.more_tips)
    return replace(row, tip=tip, more_tips=more, parks=parks)


def _named_mix(row: MixRow, names: Iterator[_Taken]) -> MixRow:
    if row.tip != FRESH:
        return row
    taken = next(names)
    return replace(row, tip=taken.tip, parks=taken.parks)
