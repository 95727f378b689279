"""Dropwise additions: which drops a tip holds, when the shaker runs, and every command of it.

Drops that fall freely are here; those that are touched off are in `touched.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.target import commands as c
from compiler.target.beat import in_step
from compiler.target.fills import Fill, fills
from compiler.target.rounds import (
    SHAKE_MARGIN_S,
    SHORTEST_SHAKE_S,
    drop_timer,
    hover,
    in_turn,
    last_mixing,
    mix_wells,
    mixed_after,
    shake,
    shaking_timer,
)
from compiler.target.strokes import (
    Context,
    blow_out,
    dispense,
    draw_up,
    expel_gap,
    let_go,
    pick_up,
    prewet,
)
from compiler.target.touched import expand_touched, touched_shake_until_s


def drop_fills(block: p.DropsBlock, layout: Layout) -> tuple[Fill, ...]:
    """The rows of one round, by the fills of the shared tip that serve them."""
    return fills(block.rows, block.handling, layout.mounted[block.mount])


def makes_way(block: p.DropsBlock) -> bool:
    """Whether the shared tip is put into its rack while its pipette mixes the wells."""
    same = (block.mix_mount or block.mount) == block.mount
    return block.shared_tip and last_mixing(block) > 0 and same


def shake_until_s(block: p.DropsBlock, context: Context) -> float:
    """When in a round the shaker stops, in s from the round's start; 0 where it can't run.

    It stops early enough to be at rest when the next drop is due. It is not started where the
    drops themselves leave it less than `SHORTEST_SHAKE_S`.
    """
    if block.shaker is None or not block.rpm:
        return 0.0
    if not block.shared_tip:
        return touched_shake_until_s(block, context)
    clock, keeper = context.clock, context.timekeeper()
    for command in (*_one_round(block, context), _rest(block, context)):
        keeper.advance(command)
    stop = float(int(block.interval_s - clock.shake_down_s - SHAKE_MARGIN_S))
    fits = keeper.now_s + clock.shake_up_s + SHORTEST_SHAKE_S <= stop
    return stop if fits else 0.0


def blows_out(block: p.DropsBlock) -> bool:
    """Whether a falling drop ends with a blow-out: not where the tip holds drops for more rows."""
    return len(block.rows) == 1


def expand_drops(block: p.DropsBlock, context: Context) -> Iterator[c.Command]:
    """The commands of a DropsBlock."""
    until_s = shake_until_s(block, context)
    if block.shared_tip:
        yield from _expand_shared(block, context, until_s)
    else:
        yield from expand_touched(block, context, until_s)


def _expand_shared(block: p.DropsBlock, context: Context, until_s: float) -> Iterator[c.Command]:
    """Each round starts with the tip in the same place: the drops are as far apart as the timers.

    The interval after the last drop is waited for only where the shaker stirs it in.
    """
    next_drop, mount = drop_timer(block, block.rows[0]), block.mount
    yield from _prepare(block, context)
    for number in range(1, block.count + 1):
        last = number == block.count
        yield c.StartTimer(next_drop, block.interval_s)
        if until_s:
            yield c.StartTimer(shaking_timer(block), until_s)
        yield from _one_round(block, context)
        yield from _mix(block, number, context)
        if until_s or not last:
            yield _rest(block, context)
        if until_s:
            yield from shake(block)
        if until_s or not last:
            yield c.AwaitTimers((next_drop,))
    if not (makes_way(block) and last_mixing(block) == block.count):
        yield let_go(mount, parked_at(block), context)


def parked_at(block: p.DropsBlock) -> c.WellRef | None:
    """The place to which the shared tip goes back for a later block; None where it is dropped."""
    first = block.rows[0]
    return first.tip if first.parks else None


def prewets_first(block: p.DropsBlock) -> bool:
    """Whether the shared tip is pre-wetted before the first round, so that all rounds are alike."""
    return block.handling.prewet_cycles > 0 and not block.handling.prewet_every_stroke


def _prepare(block: p.DropsBlock, context: Context) -> Iterator[c.Command]:
    """The tip on, pre-wetted, and above the source: no round starts behind another."""
    group = drop_fills(block, context.layout)[0]
    first = group[0]
    if first.tip is not None:
        yield pick_up(block.mount, first.tip, context)
    if prewets_first(block):
        total_ul = sum(sum(row.strokes_ul) for row in group)
        yield from prewet(block.mount, total_ul, first, block.handling, context)
    yield _rest(block, context)


def _rest(block: p.DropsBlock, context: Context) -> c.MoveTo:
    """The tip goes above the source, away from what is shaken."""
    return hover(block.mount, block.rows[0].source, context)


def _one_round(block: p.DropsBlock, context: Context) -> Iterator[c.Command]:
    """One drop to each row."""
    mount, how = block.mount, block.handling
    for group in drop_fills(block, context.layout):
        first = group[0]
        total_ul = sum(sum(row.strokes_ul) for row in group)
        if how.prewet_every_stroke:
            yield from prewet(mount, total_ul, first, how, context)
        yield from draw_up(mount, total_ul, first, how, context)
        yield from expel_gap(mount, first.dest, how, context)
        for row in group:
            drop: list[c.Command] = [dispense(mount, sum(row.strokes_ul), row, how, context)]
            if blows_out(block):
                drop.append(blow_out(mount, row, how.dispense_ul_s, context))
            yield from in_step(block, drop)


def _mix(block: p.DropsBlock, number: int, context: Context) -> Iterator[c.Command]:
    """Mixes the wells, where that is due; the drops' tip is in its rack where it is in the way."""
    tip = block.rows[0].tip
    away = makes_way(block) and (in_turn(block) or bool(mixed_after(block, number)))
    last = number == block.count
    if away:
        yield let_go(block.mount, parked_at(block) if last else tip, context)
    yield from mix_wells(block, number, context)
    if away and not last and tip is not None:
        yield pick_up(block.mount, tip, context)
