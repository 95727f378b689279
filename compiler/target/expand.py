"""Unrolls a program's blocks into commands: exactly what the written script does, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.target import commands as c
from compiler.target.beat import in_step
from compiler.target.clock import Timekeeper
from compiler.target.deck import Deck
from compiler.target.drops import expand_drops
from compiler.target.fills import Fill, by_tip, distributes, fills
from compiler.target.settling import settle_timer, turn_timer
from compiler.target.strokes import (
    Context,
    blow_out,
    context_of,
    dispense,
    draw_up,
    expel_gap,
    in_place,
    let_go,
    mix,
    mix_row,
    pick_up,
    prewet,
    touch,
)
from compiler.target.wording import clean, clean_lines

TIMERS_SINCE = (2, 27)
"""The API level from which a script can start timers."""
TRASH_S = 0.5
"""What the two places in the trash make of a difference in the way to and from it."""


def expand_part(program: p.Program, part: p.Part) -> Iterator[c.Command]:
    """Every command of one script, from the first latch to the last module that goes off."""
    context = context_of(program.layout, part)
    yield from opening(context, part)
    for index, (block, here) in enumerate(in_place(program.layout, part)):
        if starts_section(part, index):
            yield c.Comment(marker(program, block.step))
        yield from expand(block, here)
    yield from closing(context, part)
    yield c.Comment(farewell(program, part))


def expand(block: p.Block, context: Context) -> Iterator[c.Command]:
    """The commands of one block. The deck is that before the block."""
    match block:
        case p.TransferBlock():
            yield from _transfer(block, context)
        case p.DropsBlock():
            yield from expand_drops(block, context)
        case p.MixBlock():
            for row in block.rows:
                mixed = mix_row(row, block.mount, block.handling, context, drop=True)
                yield from in_step(block, mixed)
        case p.SettleBlock():
            yield from _settle(block, context)
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
            yield c.Pause(clean_lines(block.message))
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
            return clean(f"[{step}] {text.text}")
    return clean(f"[{step}]")


def following(program: p.Program, part: p.Part) -> p.Part | None:
    """The part after a part."""
    return next((other for other in program.parts if other.number == part.number + 1), None)


def farewell(program: p.Program, part: p.Part) -> str:
    """The last line of a script's run log."""
    after = following(program, part)
    if after is None:
        return "The run is done."
    return f"Next: part {after.number}. Start it after: {clean(after.after) or 'this one'}"


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
            yield c.Latch(module.label, close=True)
            if value is not None and is_speed(value):
                yield c.StopShaking(module.label)
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


def _transfer(block: p.TransferBlock, context: Context) -> Iterator[c.Command]:
    for rows in by_tip(block.rows):
        if len(rows) == 1:
            yield from in_step(block, _with_tip(block, rows, context))
        else:
            yield from _with_tip(block, rows, context)


def _with_tip(block: p.TransferBlock, rows: Fill, context: Context) -> Iterator[c.Command]:
    """The rows of one tip, from taking it to letting it go."""
    first, last = rows[0], rows[-1]
    if first.tip is not None:
        yield pick_up(block.mount, first.tip, context)
    if distributes(rows, block.handling):
        yield from _distribute(block, rows, context)
    elif len(rows) == 1:
        yield from _strokes(block, first, context)
    else:
        for row in rows:
            yield from in_step(block, _strokes(block, row, context))
    yield from touch(block.mount, last.dest, block.handling, context)
    yield let_go(block.mount, first.tip if first.parks else None, context)


def _strokes(block: p.TransferBlock, row: p.Row, context: Context) -> Iterator[c.Command]:
    """One row, stroke by stroke, and its mixing."""
    mount, how = block.mount, block.handling
    for number, volume_ul in enumerate(row.strokes_ul, start=1):
        if how.prewet_every_stroke or (row.tip is not None and number == 1):
            yield from prewet(mount, volume_ul, row, how, context)
        yield from draw_up(mount, volume_ul, row, how, context)
        yield from expel_gap(mount, row.dest, how, context)
        yield dispense(mount, volume_ul, row, how, context)
        yield blow_out(mount, row, how.dispense_ul_s, context)
    if row.mix is not None:
        yield from mix(mount, row.dest, row.mix, context)
        yield blow_out(mount, row, row.mix.flow_ul_s, context)


def _distribute(block: p.TransferBlock, rows: Fill, context: Context) -> Iterator[c.Command]:
    """Rows that share a tip, from as few fills as it holds; it touches nothing between them."""
    mount, how = block.mount, block.handling
    for number, fill in enumerate(fills(rows, how, context.layout.mounted[mount]), start=1):
        total_ul = sum(sum(row.strokes_ul) for row in fill)
        if number == 1:
            yield from prewet(mount, total_ul, fill[0], how, context)
        yield from draw_up(mount, total_ul, fill[0], how, context)
        yield from expel_gap(mount, fill[0].dest, how, context)
        for row in fill:
            volume_ul = sum(row.strokes_ul)
            yield from in_step(block, iter((dispense(mount, volume_ul, row, how, context),)))


def _settle(block: p.SettleBlock, context: Context) -> Iterator[c.Command]:
    mixed, drawn = block.mix, block.draw
    beat = turn_timer(block)
    for turn in range(len(drawn.rows) + block.ahead):
        if turn:
            yield c.AwaitTimers((beat,))
        yield c.StartTimer(beat, block.beat_s)
        if turn < len(drawn.rows):
            row = mixed.rows[turn]
            *mixing, gone = mix_row(row, mixed.mount, mixed.handling, context, drop=True)
            yield from mixing
            yield c.StartTimer(settle_timer(block, drawn.rows[turn]), block.settle_s)
            yield gone
        if turn >= block.ahead:
            layer = drawn.rows[turn - block.ahead]
            taken, *drawing = _with_tip(drawn, (layer,), context)
            yield taken
            yield c.AwaitTimers((settle_timer(block, layer),))
            yield from drawing


def hold_rounds(block: p.MixHoldBlock) -> int:
    """How often the wells are mixed: at the start, and every `every_s` before the end."""
    return max(1, ceil(block.seconds / block.every_s - 1e-9))


def hold_timers(block: p.MixHoldBlock) -> tuple[str, str]:
    """The timers of a hold with mixing: its end, and the next mixing."""
    return f"{block.step}: end of hold", f"{block.step}: next mixing"


def _mix_hold(block: p.MixHoldBlock, context: Context) -> Iterator[c.Command]:
    rounds = hold_rounds(block)
    hold, beat = hold_timers(block)
    yield c.StartTimer(hold, block.seconds)
    for number in range(1, rounds + 1):
        last = number == rounds
        if rounds > 1:
            yield c.StartTimer(beat, block.every_s)
        for row in block.rows:
            yield from mix_row(row, block.mount, block.handling, context, drop=last)
        if not last:
            yield c.AwaitTimers((beat,))
    yield c.AwaitTimers((hold,))


def has_timers(layout: Layout) -> bool:
    """Whether the script's API level has timers."""
    major, minor = layout.api_level.split(".")
    return (int(major), int(minor)) >= TIMERS_SINCE


def rims_mm(layout: Layout, part: p.Part) -> Mapping[str, tuple[float, ...]]:
    """How high each labware reaches in a part: in its first place, and after each of its moves.

    Empty where scripts have no timers: what they wait for is planned without them.
    """
    if not has_timers(layout):
        return {}
    deck = context_of(layout, part).deck
    rims: dict[str, tuple[float, ...]] = {label: (top,) for label, top in deck.tops_mm().items()}
    for block in part.blocks:
        if isinstance(block, p.MoveBlock):
            deck = deck.moved(block.label, block.to)
            rims[block.label] = (*rims[block.label], deck.tops_mm()[block.label])
    return rims


def planned_waits_s(program: p.Program, part: p.Part) -> Mapping[str, tuple[float, ...]]:
    """How long a part waits for each timer, by the clock: every wait, in order, rounded up.

    Below API level 2.27 a simulation waits this long, so that it is never early. A simulation's
    clock does not know the deck; pipettes travel at its own height here, too. A tip that goes into
    the trash lands left or right of its middle, and the way back differs by up to `TRASH_S`.
    """
    waits: dict[str, list[float]] = {}
    context = context_of(program.layout, part)
    models = {m.label: m.module.model for m in program.layout.modules}
    keeper = Timekeeper(context.clock, modules=models)
    running: dict[str, float] = {}  # timer -> what to add, if a tip went into the trash meanwhile
    for command in expand_part(program, part):
        keeper.advance(command)
        if isinstance(command, c.StartTimer):
            running[command.timer] = 0.0
        if isinstance(command, c.DropTip) and command.into is None:
            running = dict.fromkeys(running, TRASH_S)
        if isinstance(command, c.AwaitTimers):
            spare_s = max((running.get(timer, 0.0) for timer in command.timers), default=0.0)
            spare_s = max(0.0, spare_s - keeper.overdue_s)
            wait_s = ceil(100 * (keeper.waited_s + spare_s) - 1e-6) / 100
            for timer in command.timers:
                waits.setdefault(timer, []).append(wait_s)
            keeper.advance(c.Delay(spare_s))  # what follows is that much later, too
    return {timer: tuple(found) for timer, found in waits.items()}
