"""Dropwise additions: which drops a tip holds, when the shaker runs, and every command of it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.target import commands as c
from compiler.target.strokes import (
    Context,
    blow_out,
    dispense,
    draw_up,
    expel_gap,
    let_go,
    mix_row,
    pick_up,
    prewet,
    touch,
)

REST_MM = 10.0
"""How far above the source's rim a tip waits between drops."""
SHORTEST_SHAKE_S = 5.0
"""A shaker is not started between drops for less than this."""


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


def blows_out(block: p.DropsBlock) -> bool:
    """Whether a drop ends with a blow-out: not where the tip holds drops for more rows."""
    return not block.shared_tip or len(block.rows) == 1


def expand_drops(block: p.DropsBlock, context: Context) -> Iterator[c.Command]:
    """The commands of a DropsBlock."""
    next_drop, shaken = timer_names(block)
    until_s = shake_until_s(block, context)
    mount, how = block.mount, block.handling
    yield from _prepare(block, context)
    for number in range(1, block.count + 1):
        timed = number < block.count or until_s > 0.0
        yield c.StartTimer(next_drop, block.interval_s)
        if until_s:
            yield c.StartTimer(shaken, until_s)
        yield from _one_round(block, context, number)
        if until_s and block.shaker is not None:
            yield c.Shake(block.shaker, block.rpm)
            yield c.AwaitTimers((shaken,))
            yield c.StopShaking(block.shaker)
        if block.mix_every and number % block.mix_every == 0:
            drop = number == last_mixing(block)
            for row in block.mix_rows:
                yield from mix_row(row, block.mix_mount or mount, how, context, drop=drop)
        if timed:
            yield c.AwaitTimers((next_drop,))
    if not is_parked(block):
        yield let_go(mount, None, context)


def prewets_first(block: p.DropsBlock) -> bool:
    """Whether the tips are pre-wetted before the first round, so that all rounds are alike."""
    return block.handling.prewet_cycles > 0 and not block.handling.prewet_every_stroke


def _prepare(block: p.DropsBlock, context: Context) -> Iterator[c.Command]:
    """Tips on, pre-wetted, and where each round will find them: no round starts behind another."""
    mount, how, parked = block.mount, block.handling, is_parked(block)
    if parked and not prewets_first(block):
        return
    groups = fills(block, context.layout)
    for group in groups[:1] if block.shared_tip else groups:
        first = group[0]
        if first.tip is not None:
            yield pick_up(mount, first.tip, context)
        if prewets_first(block):
            total_ul = sum(sum(row.strokes_ul) for row in group)
            yield from prewet(mount, total_ul, first, how, context)
        if parked:
            yield let_go(mount, first.tip, context)
    if not parked:
        yield _rest(block, context)


def _rest(block: p.DropsBlock, context: Context) -> c.MoveTo:
    """The tip that stays on goes above the source, away from what is shaken."""
    source = block.rows[0].source
    height = context.deck.depth_mm(source) + REST_MM
    return c.MoveTo(block.mount, source, context.deck.top(source, REST_MM), height, None)


def _one_round(block: p.DropsBlock, context: Context, number: int) -> Iterator[c.Command]:
    """One drop to each row; the tip ends above the source, in its rack, or in the trash."""
    mount, how, parked = block.mount, block.handling, is_parked(block)
    last = number == block.count
    for index, group in enumerate(fills(block, context.layout)):
        first = group[0]
        taken = parked and (not block.shared_tip or index == 0)
        if taken and first.tip is not None:
            yield pick_up(mount, first.tip, context)
        total_ul = sum(sum(row.strokes_ul) for row in group)
        if how.prewet_every_stroke:
            yield from prewet(mount, total_ul, first, how, context)
        yield from draw_up(mount, total_ul, first, how, context)
        yield from expel_gap(mount, first.dest, how, context)
        for row in group:
            yield dispense(mount, sum(row.strokes_ul), row, how, context)
            if blows_out(block):
                yield blow_out(mount, row, how.dispense_ul_s, context)
            yield from touch(mount, row.dest, how, context)
        if parked and not block.shared_tip:
            yield let_go(mount, None if last else first.tip, context)
    if parked and block.shared_tip:
        yield let_go(mount, None if last else block.rows[0].tip, context)
    if not parked:
        yield _rest(block, context)


def timer_names(block: p.DropsBlock | p.MixHoldBlock) -> tuple[str, str]:
    """The timers of a block: (next drop, end of shaking) or (end of the hold, next mixing)."""
    if isinstance(block, p.DropsBlock):
        return f"{block.step}: next drop", f"{block.step}: end of shaking"
    return f"{block.step}: end of hold", f"{block.step}: next mixing"
