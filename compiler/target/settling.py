"""The timers of wells that settle in turn, and how long each of them settles by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compiler.stages import program as p
from compiler.target import commands as c


def settle_timer(block: p.SettleBlock, row: p.Row) -> str:
    """The timer of a well that settles."""
    return f"{block.step}: {row.source} settled"


def turn_timer(block: p.SettleBlock) -> str:
    """The timer of a turn, in which one well is mixed and another one drawn."""
    return f"{block.step}: next turn"


def settled_s(
    block: p.SettleBlock, timed: Iterable[tuple[c.Command, float, float]]
) -> Mapping[c.WellRef, float]:
    """For each well the seconds from the end of its mixing to the start of its draw.

    `timed` are the block's commands, each with its start and its end.
    """
    of_timer = {settle_timer(block, row): row.source for row in block.rows}
    mixed_s: dict[c.WellRef, float] = {}
    found: dict[c.WellRef, float] = {}
    awaited: c.WellRef | None = None
    for command, start_s, end_s in timed:
        match command:
            case c.Dispense(well=c.WellRef() as well):
                mixed_s[well] = end_s
            case c.AwaitTimers(timers):
                awaited = of_timer.get(timers[0])
            case c.Aspirate(well=c.WellRef() as well) if well == awaited:
                found.setdefault(well, start_s - mixed_s[well])
            case _:
                pass
    return found
