"""Which pick-ups take the same tip: the rule for tips that go back into their rack.

A tip that has touched a vessel stays with that vessel of that reaction and does one kind of work:

- mixing it, as long as it is the same mixture: until something is drawn from it, or the operator
  does more to it than add a substance or put a cap on;
- in a step that draws one layer: mixing the two layers, and drawing that layer to the same place,
  in all rounds of the step. Where the mixture was mixed before, that tip goes on to do this: it is
  rinsed by the mixing before it draws.

A tip that has only been in one liquid's stocks may go back into them within a step. Everything
else takes a fresh tip and drops it: a charge that is mixed with the tip that brought it, a sample,
a drop that is touched off. No tip is kept from one script to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compiler.passes.rows import FRESH
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
from compiler.target.fills import by_tip

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
    # the tip that mixes a well, and draws from it, in a step that draws one layer
    working: dict[tuple[str, _Well], Life] = field(default_factory=dict)

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
                drops = [row for row in fresh_places(block) if isinstance(row, Row)]
                stock = self._stock(block, block.rows) if block.shared_tip else None
                yield from ((block.mount, stock) for _ in drops)
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
        for rows in by_tip(block.rows):
            if rows[0].tip == FRESH:
                yield block.mount, self._of_tip(block, rows)
            more = (tip for row in rows for tip in row.more_tips)
            yield from ((block.mount, None) for tip in more if tip == FRESH)

    def _of_tip(self, block: TransferBlock, rows: Sequence[Row]) -> Life | None:
        """The life of a tip that serves these rows; none where it touches another well's liquid."""
        if block.handling.touch_off or any(row.mix or row.more_tips for row in rows):
            return None
        if block.what == "charge":
            return self._stock(block, rows)
        (row, *others) = rows
        well = (block.mount, row.source, row.others)
        layer = ("layer", self.part, block.step, *well, row.dest)
        return None if others else self._of_layer(block.step, well, layer)

    def _stock(self, block: TransferBlock | DropsBlock, rows: Sequence[Row]) -> Life:
        """The life of a tip that has only been in these rows' stocks: a liquid may have several."""
        material = {stock.well: stock.material for stock in self.layout.stocks}
        liquids = {material.get(row.source, str(row.source)) for row in rows}
        return ("stock", self.part, block.step, block.mount, *sorted(liquids))

    def _mixing(self, step: str, mount: str, row: MixRow) -> Life:
        well = (mount, row.well, row.others)
        mixture: Life = ("mixture", self.part, *well, self.mixtures.get(row.well, 0))
        if len(self.layers.get((step, well), ())) == 1:
            return self.working.setdefault((step, well), mixture)
        return mixture

    def _of_layer(self, step: str, well: _Well, layer: Life) -> Life:
        """The tip that draws a layer: the one that has mixed it in the same step, where one has."""
        return self.working.get((step, well), layer)
