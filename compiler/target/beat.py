"""The beat of a block: the least time from the start of one row to the start of the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.stages import program as p
from compiler.target import commands as c

Beating = p.TransferBlock | p.DropsBlock | p.MixBlock


def beat_timer(block: Beating) -> str:
    """The timer that keeps the rows of a block in step."""
    return f"{block.step}: next well"


def in_step(block: Beating, commands: Iterable[c.Command]) -> Iterator[c.Command]:
    """What is done for one row, and the time until the next."""
    if block.beat_s is not None:
        yield c.StartTimer(beat_timer(block), block.beat_s)
    yield from commands
    if block.beat_s is not None:
        yield c.AwaitTimers((beat_timer(block),))
