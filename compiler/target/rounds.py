"""What the rounds of a dropwise addition have in common: their timers, and when wells are mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.strokes import Context, mix_row

REST_MM = 10.0
"""How far above a rim a tip waits."""
SHORTEST_SHAKE_S = 5.0
"""A shaker is not started between drops for less than this."""
SHAKE_MARGIN_S = 1.0
"""Between a shaker at rest and what is due then."""


def drop_timer(block: p.DropsBlock, row: p.Row) -> str:
    """The timer of a row's next drop: one for all rows where they share a tip."""
    one = block.shared_tip or len(block.rows) == 1
    return f"{block.step}: next drop" + ("" if one else f" to {row.dest}")


def shaking_timer(block: p.DropsBlock) -> str:
    """The timer of the end of shaking."""
    return f"{block.step}: end of shaking"


def in_turn(block: p.DropsBlock) -> bool:
    """Whether the wells are mixed in turn, some after each round, and not all after the same one.

    So the arm's work is the same in every round. No well gets more than `mix_every` drops between
    two mixings.
    """
    return len(block.mix_rows) > 1 and (block.mix_every or 1) > 1


def last_mixing(block: p.DropsBlock) -> int:
    """The round after which the mixing tips are used for the last time, the last one: no drop is
    left unmixed. 0 where there is no mixing."""
    return block.count if block.mix_every is not None and block.mix_rows else 0


def mixed_after(block: p.DropsBlock, number: int) -> tuple[p.MixRow, ...]:
    """The wells that are mixed after a round."""
    every = block.mix_every or 1
    if not 0 < number <= last_mixing(block):
        return ()
    if number == block.count:
        return block.mix_rows
    return tuple(
        row
        for index, row in enumerate(block.mix_rows)
        if (number + (index if in_turn(block) else 0)) % every == 0
    )


def mix_wells(block: p.DropsBlock, number: int, context: Context) -> Iterator[c.Command]:
    """Mixes the wells after a round that are due then."""
    drop, mount = number == last_mixing(block), block.mix_mount or block.mount
    how = replace(block.handling, touch_off=False)  # its tips leave no drops
    for row in mixed_after(block, number):
        yield from mix_row(row, mount, how, context, drop=drop)


def shake(block: p.DropsBlock) -> Iterator[c.Command]:
    """Runs the shaker until its timer is due."""
    if block.shaker is not None:
        yield c.Shake(block.shaker, block.rpm)
        yield c.AwaitTimers((shaking_timer(block),))
        yield c.StopShaking(block.shaker)


def hover(mount: str, well: c.WellRef, context: Context) -> c.MoveTo:
    """A tip waits above a well's rim."""
    height = context.deck.depth_mm(well) + REST_MM
    return c.MoveTo(mount, well, context.deck.top(well, REST_MM), height, None)
