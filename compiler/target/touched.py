"""Drops that hang at the tip and are touched off: a tip is filled once, and never refilled.

The tip is ready above its well before the drop is due, however long a new tip or the mixing took:
so the drops are as far apart as the timer says.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.rounds import (
    SHORTEST_SHAKE_S,
    drop_timer,
    hover,
    mix_wells,
    shake,
    shaking_timer,
)
from compiler.target.strokes import (
    AIR_GAP_MM,
    Context,
    blow_out,
    dispense,
    draw_up,
    expel_gap,
    let_go,
    pick_up,
    prewet,
    touch,
)

READY_MARGIN_S = 3.0
"""Between a tip that is ready and its drop: the ways to tips and trash differ a little."""


def begins_fill(block: p.DropsBlock, number: int) -> bool:
    """Whether a round begins with a fresh tip."""
    return (number - 1) % block.per_fill == 0


def ends_fill(block: p.DropsBlock, number: int) -> bool:
    """Whether a round empties the tip."""
    return number % block.per_fill == 0 or number == block.count


def fill_tips(row: p.Row) -> tuple[c.WellRef, ...]:
    """The tips of a row's fills, in order."""
    return row.more_tips if row.tip is None else (row.tip, *row.more_tips)


def touched_shake_until_s(block: p.DropsBlock, context: Context) -> float:
    """When the shaker stops, in s from the first row's drop; 0 where it can't run.

    A fresh tip for the next drop is filled after that.
    """
    clock, keeper = context.clock, context.timekeeper()
    keeper.advance(let_go(block.mount, None, context))  # where the last tip went
    before_s = keeper.now_s
    refilled = 1 if block.count > block.per_fill else block.count
    for command in _ready(block, block.rows[0], refilled, context):
        keeper.advance(command)
    ready_s = keeper.now_s - before_s
    for row in block.rows:
        if row is not block.rows[0]:
            for command in _ready(block, row, refilled, context):
                keeper.advance(command)
        for command in _give(block, row, block.count, context):
            keeper.advance(command)
    given_s = keeper.now_s - before_s - ready_s
    stop = float(int(block.interval_s - ready_s - clock.shake_down_s - READY_MARGIN_S))
    return stop if given_s + clock.shake_up_s + SHORTEST_SHAKE_S <= stop else 0.0


def expand_touched(block: p.DropsBlock, context: Context, until_s: float) -> Iterator[c.Command]:
    """The commands of a DropsBlock whose drops are touched off."""
    for number in range(1, block.count + 1):
        for row in block.rows:
            timer = drop_timer(block, row)
            yield from _ready(block, row, number, context)
            if number > 1:
                yield c.AwaitTimers((timer,))
            yield c.StartTimer(timer, block.interval_s)
            if until_s and row is block.rows[0]:
                yield c.StartTimer(shaking_timer(block), until_s)
            yield from _give(block, row, number, context)
        yield from mix_wells(block, number, context)
        if until_s:
            if not ends_fill(block, number):
                yield hover(block.mount, _tip(block, block.rows[0], number), context)
            yield from shake(block)


def _tip(block: p.DropsBlock, row: p.Row, number: int) -> c.WellRef:
    return fill_tips(row)[(number - 1) // block.per_fill]


def _ready(block: p.DropsBlock, row: p.Row, number: int, context: Context) -> Iterator[c.Command]:
    """The tip above its well, with liquid in it."""
    mount, how = block.mount, block.handling
    if begins_fill(block, number):
        yield pick_up(mount, _tip(block, row, number), context)
        total_ul = min(block.per_fill, block.count - number + 1) * sum(row.strokes_ul)
        yield from prewet(mount, total_ul, row, how, context)
        yield from draw_up(mount, total_ul, row, how, context)
    yield hover(mount, row.dest, context)


def _give(block: p.DropsBlock, row: p.Row, number: int, context: Context) -> Iterator[c.Command]:
    """One drop to one row; the tip goes when it is empty."""
    mount, how, deck = block.mount, block.handling, context.deck
    yield from expel_gap(mount, row.dest, how, context)
    yield dispense(mount, sum(row.strokes_ul), row, how, context)
    if ends_fill(block, number):
        yield blow_out(mount, row, how.dispense_ul_s, context)
        yield from touch(mount, row.dest, how, context)
        yield let_go(mount, None, context)
        return
    yield from touch(mount, row.dest, how, context)
    if how.air_gap_ul:
        above = deck.depth_mm(row.dest) + AIR_GAP_MM
        yield c.MoveTo(mount, row.dest, deck.top(row.dest, AIR_GAP_MM), above, None)
        yield c.AirGap(mount, how.air_gap_ul, how.aspirate_ul_s)
