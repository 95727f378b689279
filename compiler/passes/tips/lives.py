"""Which pick-ups take the same tip: the rule for tips that go back into their rack.

A tip that has touched a vessel stays with that vessel of that reaction and does one kind of work:

- mixing it, as long as it is the same mixture: until something is drawn from it, or the operator
  does more to it than add a substance or put a cap on;
- in a step that draws a layer: mixing the two layers, and drawing that layer to the same place, in
  all rounds of the step.

A tip that has only been in one stock may go back into it within a step. Everything else takes a
fresh tip and drops it: a charge that is mixed with the tip that brought it, a sample, a drop that
is touched off. No tip is kept from one script to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compiler.passes.schedule import FRESH
from compiler.stages.layout import Layout
from compiler.stages.program import (
    Block,
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    MixRow,
    PauseBlock,
    Row,
    TransferBlock,
)
from compiler.target.commands import WellRef

Life = tuple[object, ...]
"""What the pick-ups of one tip have in common."""


@dataclass(frozen=True, slots=True)
class PickUp:
    """A tip is taken: `block` counts the blocks of the whole program; `life` None: used once."""

    block: int
    mount: str
    life: Life | None


def pick_ups(layout: Layout, blocks: Sequence[Sequence[Block]]) -> tuple[PickUp, ...]:
    """Every `FRESH` of a program in the order in which blocks name their tips, part after part."""
    found: list[PickUp] = []
    number = 0
    for part, of_part in enumerate(blocks):
        reader = _Part(layout, part, _layers(of_part))
        for block in of_part:
            found.extend(PickUp(number, mount, life) for mount, life in reader.lives(block))
            number += 1
    return tuple(found)


def fresh_places(block: Block) -> Iterator[Row | MixRow]:
    """The rows that take a tip which has no name yet, once for each such tip, in order."""
    if isinstance(block, TransferBlock | DropsBlock):
        for row in block.rows:
            tips = (*(() if row.tip is None else (row.tip,)), *row.more_tips)
            yield from (row for tip in tips if tip == FRESH)
    if isinstance(block, DropsBlock):
        yield from (row for row in block.mix_rows if row.tip == FRESH)
    if isinstance(block, MixBlock | MixHoldBlock):
        yield from (row for row in block.rows if row.tip == FRESH)


_Well = tuple[str, WellRef, tuple[str, ...]]  # mount, well, the reactions in rows B to H
_Layers = dict[tuple[str, _Well], set[WellRef]]


def _layers(blocks: Sequence[Block]) -> _Layers:
    """Where the layers go that a step draws out of a well: (step, well) -> destinations."""
    found: _Layers = {}
    for block in blocks:
        if isinstance(block, TransferBlock) and block.what == "draw":
            for row in block.rows:
                well = (block.mount, row.source, row.others)
                found.setdefault((block.step, well), set()).add(row.dest)
    return found


@dataclass(slots=True)
class _Part:
    """Reads one script from its first block to its last."""

    layout: Layout
    part: int
    layers: _Layers
    mixtures: dict[WellRef, int] = field(default_factory=dict)  # well -> how often it has changed

    def lives(self, block: Block) -> Iterator[tuple[str, Life | None]]:
        """(mount, life) of every pick-up of a block."""
        match block:
            case TransferBlock():
                yield from self._transfer(block)
                if block.what == "draw":
                    for row in block.rows:
                        self._changes(row.source)
            case DropsBlock():
                mixes = [row for row in fresh_places(block) if isinstance(row, MixRow)]
                drops = sum(1 for _ in fresh_places(block)) - len(mixes)
                yield from [(block.mount, None)] * drops
                other = block.mix_mount or block.mount
                yield from ((other, self._mixing(block.step, other, row)) for row in mixes)
            case MixBlock() | MixHoldBlock():
                mount = block.mount
                rows = [row for row in block.rows if row.tip == FRESH]
                yield from ((mount, self._mixing(block.step, mount, row)) for row in rows)
            case PauseBlock():
                for task in block.tasks:
                    if task.material is None and task.closes is None:
                        for (_, vessel), well in self.layout.wells.items():
                            if vessel == task.vessel:
                                self._changes(well)
            case _:
                pass

    def _changes(self, well: WellRef) -> None:
        self.mixtures[well] = self.mixtures.get(well, 0) + 1

    def _transfer(self, block: TransferBlock) -> Iterator[tuple[str, Life | None]]:
        for index, row in enumerate(block.rows):
            if row.tip == FRESH:
                shared = index + 1 < len(block.rows) and block.rows[index + 1].tip is None
                once = shared or bool(row.more_tips) or block.handling.touch_off
                yield block.mount, None if once else self._of_row(block, row)
            yield from [(block.mount, None)] * sum(tip == FRESH for tip in row.more_tips)

    def _of_row(self, block: TransferBlock, row: Row) -> Life | None:
        well = (block.mount, row.source, row.others)
        if block.what == "draw":
            return ("layer", self.part, block.step, *well, row.dest)
        return ("stock", self.part, block.step, *well) if row.mix is None else None

    def _mixing(self, step: str, mount: str, row: MixRow) -> Life:
        well = (mount, row.well, row.others)
        into = self.layers.get((step, well), set())
        if len(into) == 1:
            return ("layer", self.part, step, *well, *into)
        return ("mixture", self.part, *well, self.mixtures.get(row.well, 0))
