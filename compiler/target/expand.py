"""Unrolls a program's blocks into commands: exactly what the written script does, one by one.

Where a block leaves something open, this is what is done (and the script says the same):

- A fresh tip is pre-wetted in its first source with the volume of its first stroke. After each
  aspiration the tip waits in the liquid, rises slowly to the rim, and takes an air gap, which is
  expelled above the next well before the liquid. Each stroke ends with a blow-out where it was
  dispensed; mixing with the same tip comes before the last one.
- The wall is touched (touch-off) by a tip that is dropped next, and after every drop of a
  dropwise addition whose handling asks for it; never where the labware forbids it.
- Between the rounds of a dropwise addition the tip waits above the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.stages.operations import Handling
from compiler.target import commands as c
from compiler.target.clock import Clock, Timekeeper, load_clock
from compiler.target.deck import Deck, deck_of

REST_MM = 10.0
"""How far above the source's rim a tip waits between drops."""
TOUCH_MM = -1.0
"""Where a wall is touched, from the rim (Opentrons' default)."""
TOUCH_MM_S = 60.0
"""How fast a wall is touched (Opentrons' default)."""
SHORTEST_SHAKE_S = 5.0
"""A shaker is not started between drops for less than this."""
TIMERS_SINCE = (2, 27)
"""The API level from which a script can start timers."""


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
            operator_s=operator_s,
        )


def context_of(layout: Layout, part: p.Part | None = None) -> Context:
    """The context in which a part starts (the layout as placed, where there is no part)."""
    return Context(deck_of(layout, part.on_deck if part else None), load_clock(layout.robot))


def expand_part(program: p.Program, part: p.Part) -> Iterator[c.Command]:
    """Every command of one script, from the first latch to the last module that goes off."""
    context = context_of(program.layout, part)
    yield from opening(context, part)
    for index, block in enumerate(part.blocks):
        if starts_section(part, index):
            yield c.Comment(marker(program, block.step))
        yield from expand(block, context)
        if isinstance(block, p.MoveBlock):
            context = replace(context, deck=context.deck.moved(block.label, block.to))
    yield from closing(context, part)


def expand(block: p.Block, context: Context) -> Iterator[c.Command]:
    """The commands of one block. The deck is that before the block."""
    match block:
        case p.TransferBlock():
            yield from _transfer(block, context)
        case p.DropsBlock():
            yield from _drops(block, context)
        case p.MixBlock():
            for row in block.rows:
                yield from _mix_row(row, block.mount, block.handling, context, drop=True)
        case p.MixHoldBlock():
            yield from _mix_hold(block, context)
        case p.TimerBlock():
            yield c.StartTimer(block.timer, block.seconds)
        case p.AwaitBlock():
            yield c.AwaitTimers((block.timer,))
        case p.TemperatureBlock(module=module, celsius=celsius):
            if celsius is None:
                yield c.Deactivate(module)
            else:
                yield c.SetTemperature(module, celsius)
                yield c.AwaitTemperature(module, celsius)
        case p.ShakeBlock(module=module, rpm=rpm):
            if rpm:
                yield c.Latch(module, close=True)
                yield c.Shake(module, rpm)
            else:
                yield c.StopShaking(module)
        case p.PauseBlock():
            yield c.Pause(block.message)
        case p.MoveBlock():
            shakers = latches_for(block, context.deck)
            yield from (c.Latch(shaker, close=False) for shaker in shakers)
            yield c.MoveLabware(block.label, block.to, block.by_gripper)
            yield from (c.Latch(shaker, close=True) for shaker in shakers)


def starts_section(part: p.Part, index: int) -> bool:
    """Whether a block opens a section of the script: its step is not that of the block before."""
    return index == 0 or part.blocks[index - 1].step != part.blocks[index].step


def marker(program: p.Program, step: str) -> str:
    """The line of the run log that opens a step: its id in brackets, and its sentence."""
    for text in program.layout.operations.texts:
        if text.step == step:
            return f"[{step}] {text.text}"
    return f"[{step}]"


def is_shaker(context: Context, label: str) -> bool:
    """Whether a module shakes."""
    return any(m.label == label and m.module.max_rpm for m in context.layout.modules)


def latches_for(block: p.MoveBlock, deck: Deck) -> tuple[str, ...]:
    """The shakers whose latch must open for a move: where the labware comes from and goes to."""
    now = deck.places.get(block.label, deck.labware(block.label).on)
    shakers = [m.label for m in deck.layout.modules if m.module.max_rpm]
    return tuple(label for label in shakers if label in (now, block.to))


def opening(context: Context, part: p.Part) -> Iterator[c.Command]:
    """What a part does first: modules that were left working are taken over, latches closed."""
    for module in context.layout.modules:
        value = part.running.get(module.label)
        if module.module.max_rpm:
            if value is not None and is_speed(value):
                yield c.StopShaking(module.label)
            yield c.Latch(module.label, close=True)
        if value is not None and not (module.module.max_rpm and is_speed(value)):
            yield c.SetTemperature(module.label, value)
            yield c.AwaitTemperature(module.label, value)


def is_speed(value: float) -> bool:
    """Whether what a shaker is left at is a speed (200 rpm and more) or a temperature."""
    return value >= 200.0


def closing(context: Context, part: p.Part) -> Iterator[c.Command]:
    """What a part does last: everything that works goes off, except what must stay on."""
    shaking, heating = working(context, part)
    for module in context.layout.modules:
        if module.label in part.keep_on:
            continue
        if module.label in shaking:
            yield c.StopShaking(module.label)
        if module.label in heating:
            yield c.Deactivate(module.label)


def working(context: Context, part: p.Part) -> tuple[dict[str, int], dict[str, float]]:
    """The shakers (rpm) and the modules (degC) that work when the last block is done."""
    shaking: dict[str, int] = {}
    heating: dict[str, float] = {}
    for label, value in part.running.items():
        if not (is_shaker(context, label) and is_speed(value)):
            heating[label] = value
    for block in part.blocks:
        if isinstance(block, p.ShakeBlock):
            shaking.pop(block.module, None)
            if block.rpm:
                shaking[block.module] = block.rpm
        if isinstance(block, p.TemperatureBlock):
            heating.pop(block.module, None)
            if block.celsius is not None:
                heating[block.module] = block.celsius
    return shaking, heating


# --- one tip ----------------------------------------------------------------------------------


def _pick_up(mount: str, tip: c.WellRef, context: Context) -> c.PickUpTip:
    return c.PickUpTip(mount, tip, context.deck.top(tip))


def _let_go(mount: str, tip: c.WellRef | None, context: Context) -> c.DropTip:
    """Back into the rack (`tip`), or into the trash (None)."""
    deck = context.deck
    return c.DropTip(mount, tip, deck.trash() if tip is None else deck.returned_tip(tip))


def _prewet(
    mount: str, volume_ul: float, row: p.Row, how: Handling, context: Context
) -> Iterator[c.Command]:
    point = context.deck.well(row.source, row.source_mm)
    for _ in range(how.prewet_cycles):
        yield c.Aspirate(mount, row.source, point, row.source_mm, volume_ul, how.aspirate_ul_s)
        if how.prewet_wait_s:
            yield c.Delay(how.prewet_wait_s)
        yield c.Dispense(mount, row.source, point, row.source_mm, volume_ul, how.dispense_ul_s)


def _draw_up(
    mount: str, volume_ul: float, row: p.Row, how: Handling, context: Context
) -> Iterator[c.Command]:
    deck, well = context.deck, row.source
    point = deck.well(well, row.source_mm)
    yield c.Aspirate(mount, well, point, row.source_mm, volume_ul, how.aspirate_ul_s)
    if how.settle_s:
        yield c.Delay(how.settle_s)
    yield c.MoveTo(mount, well, deck.top(well), deck.depth_mm(well), how.withdraw_mm_s)
    if how.air_gap_ul:
        yield c.AirGap(mount, how.air_gap_ul, how.aspirate_ul_s)


def _expel_gap(mount: str, well: c.WellRef, how: Handling, context: Context) -> Iterator[c.Command]:
    if how.air_gap_ul:
        deck = context.deck
        yield c.Dispense(
            mount, well, deck.top(well), deck.depth_mm(well), how.air_gap_ul, how.dispense_ul_s
        )


def _dispense(
    mount: str, volume_ul: float, row: p.Row, how: Handling, context: Context
) -> c.Dispense:
    point = context.deck.well(row.dest, row.dest_mm)
    return c.Dispense(mount, row.dest, point, row.dest_mm, volume_ul, how.dispense_ul_s)


def _blow_out(mount: str, row: p.Row, how: Handling, context: Context) -> c.BlowOut:
    point = context.deck.well(row.dest, row.dest_mm)
    return c.BlowOut(mount, row.dest, point, how.dispense_ul_s)


def _mix(mount: str, well: c.WellRef, mix: p.MixSpec, context: Context) -> Iterator[c.Command]:
    point = context.deck.well(well, mix.height_mm)
    for _ in range(mix.cycles):
        yield c.Aspirate(mount, well, point, mix.height_mm, mix.stroke_ul, mix.flow_ul_s)
        yield c.Dispense(mount, well, point, mix.height_mm, mix.stroke_ul, mix.flow_ul_s)


def may_touch(well: c.WellRef, how: Handling, deck: Deck) -> bool:
    """Whether the handling asks for touching the wall, and the labware allows it."""
    parameters = deck.labware(well.labware).labware.definition.get("parameters", {})
    quirks = parameters.get("quirks", ()) if isinstance(parameters, Mapping) else ()
    return how.touch_off and "touchTipDisabled" not in (quirks or ())


def _touch(mount: str, well: c.WellRef, how: Handling, context: Context) -> Iterator[c.Command]:
    if may_touch(well, how, context.deck):
        yield c.TouchTip(mount, well, context.deck.top(well, TOUCH_MM), TOUCH_MM_S)


# --- blocks -----------------------------------------------------------------------------------


def _transfer(block: p.TransferBlock, context: Context) -> Iterator[c.Command]:
    mount, how, rows = block.mount, block.handling, block.rows
    for index, row in enumerate(rows):
        last_of_tip = index + 1 == len(rows) or rows[index + 1].tip is not None
        if row.tip is not None:
            yield _pick_up(mount, row.tip, context)
        for number, volume_ul in enumerate(row.strokes_ul, start=1):
            if how.prewet_every_stroke or (row.tip is not None and number == 1):
                yield from _prewet(mount, volume_ul, row, how, context)
            yield from _draw_up(mount, volume_ul, row, how, context)
            yield from _expel_gap(mount, row.dest, how, context)
            yield _dispense(mount, volume_ul, row, how, context)
            if row.mix is not None and number == len(row.strokes_ul):
                yield from _mix(mount, row.dest, row.mix, context)
            yield _blow_out(mount, row, how, context)
        if last_of_tip:
            yield from _touch(mount, row.dest, how, context)
            yield _let_go(mount, None, context)


def _mix_row(
    row: p.MixRow, mount: str, how: Handling, context: Context, *, drop: bool
) -> Iterator[c.Command]:
    """One well mixed with its own tip, which is dropped or goes back into its place."""
    deck = context.deck
    if row.tip is not None:
        yield _pick_up(mount, row.tip, context)
    yield from _mix(mount, row.well, row.mix, context)
    yield c.BlowOut(mount, row.well, deck.top(row.well), how.dispense_ul_s)
    if drop:
        yield from _touch(mount, row.well, how, context)
    yield _let_go(mount, None if drop else row.tip, context)


def hold_rounds(block: p.MixHoldBlock) -> int:
    """How often the wells are mixed: at the start, and every `every_s` before the end."""
    return max(1, ceil(block.seconds / block.every_s - 1e-9))


def _mix_hold(block: p.MixHoldBlock, context: Context) -> Iterator[c.Command]:
    rounds = hold_rounds(block)
    hold, beat = timer_names(block)
    yield c.StartTimer(hold, block.seconds)
    for number in range(1, rounds + 1):
        last = number == rounds
        if not last:
            yield c.StartTimer(beat, block.every_s)
        for row in block.rows:
            yield from _mix_row(row, block.mount, block.handling, context, drop=last)
        if not last:
            yield c.AwaitTimers((beat,))
    yield c.AwaitTimers((hold,))


def timer_names(block: p.DropsBlock | p.MixHoldBlock) -> tuple[str, str]:
    """The timers of a block: (next drop, end of shaking) or (end of the hold, next mixing)."""
    if isinstance(block, p.DropsBlock):
        return f"{block.step}: next drop", f"{block.step}: end of shaking"
    return f"{block.step}: end of hold", f"{block.step}: next mixing"


# --- dropwise ---------------------------------------------------------------------------------


def fills(block: p.DropsBlock, layout: Layout) -> tuple[tuple[p.Row, ...], ...]:
    """The rows of one round, by the fills of the tip that serve them."""
    if not block.shared_tip:
        return tuple((row,) for row in block.rows)
    how = block.handling
    room = layout.mounted[block.mount].tip_volume_ul * how.max_tip_fill
    room = min(room, layout.mounted[block.mount].pipette.max_ul) - how.air_gap_ul
    groups: list[list[p.Row]] = []
    held = 0.0
    for row in block.rows:
        drop = sum(row.strokes_ul)
        if not groups or held + drop > room + 1e-6 or row.source != groups[-1][0].source:
            groups.append([])
            held = 0.0
        groups[-1].append(row)
        held += drop
    return tuple(tuple(group) for group in groups)


def is_parked(block: p.DropsBlock) -> bool:
    """Whether the tips go back into the rack after each round: where the pipette needs others."""
    mixes = block.mix_every is not None and block.mix_every <= block.count and block.mix_rows
    return (not block.shared_tip and len(block.rows) > 1) or (
        bool(mixes) and (block.mix_mount or block.mount) == block.mount
    )


def last_mixing(block: p.DropsBlock) -> int:
    """The round after which the mixing tips are used for the last time; 0 where there is none."""
    if block.mix_every is None or not block.mix_rows:
        return 0
    return block.count - block.count % block.mix_every


def shake_until_s(block: p.DropsBlock, context: Context) -> float:
    """When in a round the shaker stops, in s from the round's start; 0 where it can't run.

    It stops early enough to be at rest when the next drop is due. It is not started where the
    drops themselves leave it less than `SHORTEST_SHAKE_S`.
    """
    if block.shaker is None or not block.rpm:
        return 0.0
    clock = context.clock
    keeper = context.timekeeper()
    for command in _one_round(block, context, 1):
        keeper.advance(command)
    stop = float(int(block.interval_s - clock.shake_down_s - 1.0))
    fits = keeper.now_s + clock.shake_up_s + SHORTEST_SHAKE_S <= stop
    return stop if fits else 0.0


def awaits_last(block: p.DropsBlock, context: Context) -> bool:
    """Whether the interval after the last drop is waited for: only where the shaker stirs it in.

    The drops count from start to start, T / N apart; what follows the last may start at once.
    """
    return shake_until_s(block, context) > 0.0


def _drops(block: p.DropsBlock, context: Context) -> Iterator[c.Command]:
    next_drop, shaken = timer_names(block)
    until_s = shake_until_s(block, context)
    for number in range(1, block.count + 1):
        timed = number < block.count or until_s > 0.0
        if timed:
            yield c.StartTimer(next_drop, block.interval_s)
        if until_s:
            yield c.StartTimer(shaken, until_s)
        yield from _one_round(block, context, number)
        if until_s and block.shaker is not None:
            yield c.Shake(block.shaker, block.rpm)
            yield c.AwaitTimers((shaken,))
            yield c.StopShaking(block.shaker)
        if block.mix_every and number % block.mix_every == 0:
            for row in block.mix_rows:
                yield from _mix_row(
                    row,
                    block.mix_mount or block.mount,
                    block.handling,
                    context,
                    drop=number == last_mixing(block),
                )
        if timed:
            yield c.AwaitTimers((next_drop,))
    if not is_parked(block):
        yield _let_go(block.mount, None, context)


def _one_round(block: p.DropsBlock, context: Context, number: int) -> Iterator[c.Command]:
    """One drop to each row; the tip ends above the source, in its rack, or in the trash."""
    mount, how, parked = block.mount, block.handling, is_parked(block)
    let_go = parked and not block.shared_tip
    for index, group in enumerate(fills(block, context.layout)):
        first = group[0]
        tip = block.rows[0].tip if block.shared_tip else first.tip
        fresh = let_go or index == 0
        if tip is not None and fresh and (parked or number == 1):
            yield _pick_up(mount, tip, context)
        total_ul = sum(sum(row.strokes_ul) for row in group)
        if how.prewet_every_stroke or (number == 1 and fresh):
            yield from _prewet(mount, total_ul, first, how, context)
        yield from _draw_up(mount, total_ul, first, how, context)
        yield from _expel_gap(mount, first.dest, how, context)
        for row in group:
            yield _dispense(mount, sum(row.strokes_ul), row, how, context)
            if len(group) == 1:
                yield _blow_out(mount, row, how, context)
            yield from _touch(mount, row.dest, how, context)
        if let_go:
            yield _let_go(mount, None if number == block.count else tip, context)
    if parked and block.shared_tip:
        last = number == block.count
        yield _let_go(mount, None if last else block.rows[0].tip, context)
    if not parked:
        source = block.rows[0].source
        height = context.deck.depth_mm(source) + REST_MM
        yield c.MoveTo(mount, source, context.deck.top(source, REST_MM), height, None)


# --- scripts without timers ----------------------------------------------------------------------


def has_timers(layout: Layout) -> bool:
    """Whether the script's API level has timers."""
    major, minor = layout.api_level.split(".")
    return (int(major), int(minor)) >= TIMERS_SINCE


def planned_slack_s(program: p.Program, part: p.Part) -> Mapping[str, float]:
    """How long a part waits for each timer, by the clock: the longest wait of each name.

    Below API level 2.27 a simulation waits this long; the longest, so that it is never early.
    """
    slack: dict[str, float] = {}
    keeper = context_of(program.layout, part).timekeeper()
    for command in expand_part(program, part):
        keeper.advance(command)
        if isinstance(command, c.AwaitTimers):
            for timer in command.timers:
                slack[timer] = max(slack.get(timer, 0.0), round(keeper.waited_s, 1))
    return slack
