"""Rows in step: every well sees the same times, and no hold waits for wells that are done.

Between what is done before a hold and what is done after it, each well waits as long as the arm
takes to come round. Where the round after the hold is faster or slower than the one before it by
more than what is allowed (2 % of the hold, or 30 s), the faster one gets a beat. And where wells
are served one by one, the hold counts from the first of them: while the arm serves the others, the
first is standing already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.passes.intervals import longest_round
from compiler.stages.program import (
    AwaitBlock,
    Block,
    DropsBlock,
    MixBlock,
    MixRow,
    Part,
    Program,
    ShakeBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.fills import by_tip
from compiler.target.spread import may_differ_s
from compiler.target.strokes import Context, in_place

SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)  # of a beat, where drops have no room for all of it
ROOM_S = 2.0  # what is left of the interval then
KEPT = 0.7  # of what wells may differ by: batches may be a little late besides

Served = TransferBlock | DropsBlock | MixBlock


@dataclass(frozen=True, slots=True)
class _Held:
    """A hold in a part: the blocks before and after it, and that of its timer, by index."""

    before: int
    timer: int
    after: int
    seconds: float
    shaken: bool


def allowed_s(hold_s: float) -> float:
    """By how much the rounds before and after a hold may differ."""
    return KEPT * may_differ_s(hold_s)


def pace(program: Program) -> Program:
    """The program with beats where wells would see different times, and holds from the first."""
    return replace(program, parts=tuple(_in_part(program, part) for part in program.parts))


def _in_part(program: Program, part: Part) -> Part:
    contexts = [context for _, context in in_place(program.layout, part)]
    blocks = list(part.blocks)
    holds = tuple(_holds(blocks))
    for held in holds:
        _in_step(blocks, contexts, held)
    slower_s = [_slower_before_s(blocks, contexts, held) for held in holds]
    for held, more_s in reversed([*zip(holds, slower_s, strict=True)]):
        _from_the_first(blocks, held, more_s)  # from the end: what is put in moves what follows
    return replace(part, blocks=tuple(blocks))


def _holds(blocks: Sequence[Block]) -> Iterator[_Held]:
    """Holds between two rounds over the same wells, with nothing else but shaking in them."""
    for index, block in enumerate(blocks):
        if not isinstance(block, TimerBlock) or not block.is_hold:
            continue
        before = _next_served(blocks, range(index - 1, -1, -1), (ShakeBlock, TimerBlock))
        over = _over(blocks, block.timer)
        after = _next_served(blocks, range(over, len(blocks)), (ShakeBlock, AwaitBlock, TimerBlock))
        if before is None or after is None or _visits(blocks[before]) != _visits(blocks[after]):
            continue
        shaken = any(isinstance(b, ShakeBlock) for b in blocks[before:after])
        yield _Held(before, index, after, block.seconds, shaken)


def _over(blocks: Sequence[Block], timer: str) -> int:
    """Where a timer is waited for; other batches may be served before that."""
    ends = (n for n, b in enumerate(blocks) if isinstance(b, AwaitBlock) and b.timer == timer)
    return next(ends, len(blocks))


def _next_served(
    blocks: Sequence[Block], way: range, passed: tuple[type[Block], ...]
) -> int | None:
    for index in way:
        block = blocks[index]
        if isinstance(block, Served):
            return index
        if not isinstance(block, passed):
            return None
    return None


def _visits(block: Block) -> tuple[str, ...]:
    return tuple(row.reaction for row in block.rows) if isinstance(block, Served) else ()


def _in_step(blocks: list[Block], contexts: Sequence[Context], held: _Held) -> None:
    """Gives the faster of the two rounds a beat."""
    rows = len(_visits(blocks[held.before]))
    if rows < 2:
        return
    before_s = round_span_s(blocks[held.before], contexts[held.before])
    after_s = round_span_s(blocks[held.after], contexts[held.after], first=True)
    slower, faster = (before_s, held.after) if before_s > after_s else (after_s, held.before)
    if abs(before_s - after_s) <= allowed_s(held.seconds):
        return
    block = blocks[faster]
    assert isinstance(block, Served)
    beat_s = max((slower - allowed_s(held.seconds)) / (rows - 1), block.beat_s or 0.0)
    if not isinstance(block, DropsBlock):
        blocks[faster] = replace(block, beat_s=round(beat_s, 1))
        return
    for share in SHARES:
        paced = replace(block, beat_s=round(share * beat_s, 1))
        if _keeps_up(paced, contexts[faster]):
            blocks[faster] = paced
            return


def _keeps_up(block: DropsBlock, context: Context) -> bool:
    """Whether drops with a beat leave the shaker its time, and are in time for the next ones."""
    if block.shaker is not None and block.rpm:
        return (block.beat_s or 0.0) * len(block.rows) <= block.interval_s / 2
    longest = longest_round(block, context)
    return longest is None or longest.over_s <= -ROOM_S


def round_span_s(block: Block, context: Context, *, first: bool = False) -> float:
    """From the first row's turn to the last one's (s); see `_turns_s`."""
    turns_s = _turns_s(block, context, first=first)
    return turns_s[-1] if turns_s else 0.0


def _turns_s(block: Block, context: Context, *, first: bool) -> list[float]:
    """Each row's turn, from the first one's (s): when each well is left for the last time,
    or with `first` when each is come to for the first time. Drops are mixed in between."""
    assert isinstance(block, Served)
    keeper = context.timekeeper()
    draws = isinstance(block, TransferBlock) and block.what == "draw"
    wells = [
        row.well if isinstance(row, MixRow) else row.source if draws else row.dest
        for row in block.rows
    ]
    at = {ref: i for i, ref in enumerate(wells)}
    turns: dict[int, float] = {}
    for command in expand(block, context):
        start, end = keeper.advance(command)
        if isinstance(command, c.Aspirate | c.Dispense) and command.well in at:
            place = at[command.well]
            turns[place] = turns.get(place, start) if first else end
    if len(turns) < len(wells):
        return []
    return [turns[place] - turns[0] for place in range(len(wells))]


def _slower_before_s(blocks: Sequence[Block], contexts: Sequence[Context], held: _Held) -> float:
    """By how much any row is later in the round before a hold than in the one after it."""
    left_s = _turns_s(blocks[held.before], contexts[held.before], first=False)
    come_s = _turns_s(blocks[held.after], contexts[held.after], first=True)
    if len(left_s) != len(come_s):
        return max(left_s, default=0.0)
    return max((left - come for left, come in zip(left_s, come_s, strict=True)), default=0.0)


def _from_the_first(blocks: list[Block], held: _Held, more_s: float) -> None:
    """Starts the hold's timer when the first row is done (or the rows that share its tip)."""
    block, timer = blocks[held.before], blocks[held.timer]
    if held.shaken or held.timer != held.before + 1 or not isinstance(timer, TimerBlock):
        return
    if not isinstance(block, TransferBlock | MixBlock):
        return
    count = len(next(by_tip(block.rows))) if isinstance(block, TransferBlock) else 1
    if count == len(block.rows):
        return  # one tip serves all of them, and nothing comes between its rows
    more_s = round(more_s, 1)
    first, rest = _divided(block, count)
    blocks[held.before : held.timer + 1] = [
        first,
        replace(timer, seconds=timer.seconds + more_s, more_s=timer.more_s + more_s),
        rest,
    ]


def _divided(block: TransferBlock | MixBlock, count: int) -> tuple[Block, Block]:
    """The first rows by themselves, and the others."""
    if isinstance(block, MixBlock):
        return replace(block, rows=block.rows[:count]), replace(block, rows=block.rows[count:])
    return replace(block, rows=block.rows[:count]), replace(block, rows=block.rows[count:])
