"""Unrolls a program's blocks into commands: exactly what the written script does, one by one.

Where a block leaves something open, this is what is done (and the script says the same):

- A fresh tip is pre-wetted in its first source with the volume of its first stroke. After each
  aspiration the tip waits in the liquid, rises slowly to the rim, and takes an air gap, which is
  expelled above the next well before the liquid. Each stroke ends with a blow-out where it was
  dispensed; mixing with the same tip follows the last one, with a blow-out of its own.
- The wall is touched (touch-off) by a tip that is dropped next, and after every drop of a
  dropwise addition whose handling asks for it; never where the labware forbids it.
- Between the rounds of a dropwise addition a tip that touches nothing waits above the source, and
  one that was touched off above its well (above its place in the rack while the well is shaken).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.stages.operations import Handling
from compiler.target import commands as c
from compiler.target.clock import Clock, Timekeeper, load_clock
from compiler.target.deck import Deck, deck_of

AIR_GAP_MM = 5.0
"""How far above the rim an air gap is taken (Opentrons' default)."""
TOUCH_MM = -1.0
"""Where a wall is touched, from the rim (Opentrons' default)."""
TOUCH_MM_S = 60.0
"""How fast a wall is touched (Opentrons' default)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What blocks are expanded against: the deck as it stands, and the clock."""

    deck: Deck
    clock: Clock

    @property
    def layout(self) -> Layout:
        """The layout of the deck."""
        return self.deck.layout

    def timekeeper(self, operator_s: float | None = None) -> Timekeeper:
        """A clock for this deck that has not started yet."""
        return Timekeeper(
            self.clock,
            modules={m.label: m.module.model for m in self.layout.modules},
            travel_mm=self.deck.highest_mm(),
            tops_mm={label: (top,) for label, top in self.deck.tops_mm().items()},
            operator_s=operator_s,
        )


def context_of(layout: Layout, part: p.Part | None = None) -> Context:
    """The context in which a part starts (the layout as placed, where there is no part)."""
    return Context(
        deck_of(layout, part.on_deck if part else None), load_clock(layout.robot, layout.clock)
    )


def in_place(layout: Layout, part: p.Part) -> Iterator[tuple[p.Block, Context]]:
    """A part's blocks, each with the deck as it stands when the block begins."""
    context = context_of(layout, part)
    for block in part.blocks:
        yield block, context
        if isinstance(block, p.MoveBlock):
            context = replace(context, deck=context.deck.moved(block.label, block.to))


def pick_up(mount: str, tip: c.WellRef, context: Context) -> c.PickUpTip:
    """Takes a tip."""
    return c.PickUpTip(mount, tip, context.deck.top(tip))


def let_go(mount: str, tip: c.WellRef | None, context: Context) -> c.DropTip:
    """Back into the rack (`tip`), or into the trash (None)."""
    deck = context.deck
    return c.DropTip(mount, tip, deck.trash() if tip is None else deck.returned_tip(tip))


def prewet(
    mount: str, volume_ul: float, row: p.Row, how: Handling, context: Context
) -> Iterator[c.Command]:
    """Fills and empties a fresh tip in the source, to saturate the air in it."""
    point = context.deck.well(row.source, row.source_mm)
    for _ in range(how.prewet_cycles):
        yield c.Aspirate(mount, row.source, point, row.source_mm, volume_ul, how.aspirate_ul_s)
        if how.prewet_wait_s:
            yield c.Delay(how.prewet_wait_s)
        yield c.Dispense(mount, row.source, point, row.source_mm, volume_ul, how.dispense_ul_s)


def draw_up(
    mount: str, volume_ul: float, row: p.Row, how: Handling, context: Context
) -> Iterator[c.Command]:
    """Draws from a row's source, and takes the air gap above it."""
    deck, well = context.deck, row.source
    point = deck.well(well, row.source_mm)
    yield c.Aspirate(mount, well, point, row.source_mm, volume_ul, how.aspirate_ul_s)
    if how.settle_s:
        yield c.Delay(how.settle_s)
    yield c.MoveTo(mount, well, deck.top(well), deck.depth_mm(well), how.withdraw_mm_s)
    if how.air_gap_ul:
        above = deck.depth_mm(well) + AIR_GAP_MM
        yield c.MoveTo(mount, well, deck.top(well, AIR_GAP_MM), above, None)
        yield c.AirGap(mount, how.air_gap_ul, how.aspirate_ul_s)


def expel_gap(mount: str, well: c.WellRef, how: Handling, context: Context) -> Iterator[c.Command]:
    """Lets the air gap out above a well."""
    if how.air_gap_ul:
        deck = context.deck
        yield c.Dispense(
            mount, well, deck.top(well), deck.depth_mm(well), how.air_gap_ul, how.dispense_ul_s
        )


def dispense(
    mount: str, volume_ul: float, row: p.Row, how: Handling, context: Context
) -> c.Dispense:
    """Delivers to a row's destination."""
    point = context.deck.well(row.dest, row.dest_mm)
    return c.Dispense(mount, row.dest, point, row.dest_mm, volume_ul, how.dispense_ul_s)


def blow_out(mount: str, row: p.Row, flow_ul_s: float, context: Context) -> c.BlowOut:
    """Blows out where a row was delivered."""
    return c.BlowOut(mount, row.dest, context.deck.well(row.dest, row.dest_mm), flow_ul_s)


def mix(mount: str, well: c.WellRef, spec: p.MixSpec, context: Context) -> Iterator[c.Command]:
    """Mixes a well with the tip that is on."""
    point = context.deck.well(well, spec.height_mm)
    for _ in range(spec.cycles):
        yield c.Aspirate(mount, well, point, spec.height_mm, spec.stroke_ul, spec.flow_ul_s)
        yield c.Dispense(mount, well, point, spec.height_mm, spec.stroke_ul, spec.flow_ul_s)


def may_touch(well: c.WellRef, how: Handling, deck: Deck) -> bool:
    """Whether the handling asks for touching the wall, and the labware allows it."""
    parameters = deck.labware(well.labware).labware.definition.get("parameters", {})
    quirks = parameters.get("quirks", ()) if isinstance(parameters, Mapping) else ()
    return how.touch_off and "touchTipDisabled" not in (quirks or ())


def touch(mount: str, well: c.WellRef, how: Handling, context: Context) -> Iterator[c.Command]:
    """Touches the wall, where that is asked for and allowed."""
    if may_touch(well, how, context.deck):
        yield c.TouchTip(mount, well, context.deck.top(well, TOUCH_MM), TOUCH_MM_S)


def mix_row(
    row: p.MixRow, mount: str, how: Handling, context: Context, *, drop: bool
) -> Iterator[c.Command]:
    """One well mixed with its own tip, which goes back into its place.

    With `drop` it is dropped, unless the row parks it for later.
    """
    deck = context.deck
    if row.tip is not None:
        yield pick_up(mount, row.tip, context)
    yield from mix(mount, row.well, row.mix, context)
    yield c.BlowOut(mount, row.well, deck.top(row.well), row.mix.flow_ul_s)
    if drop:
        yield from touch(mount, row.well, how, context)
    yield let_go(mount, None if drop and not row.parks else row.tip, context)
