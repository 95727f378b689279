"""Rows in step: every well sees the same times, and no hold waits for wells that are done.

Between what is done before a hold and what is done after it, each well waits as long as the arm
takes to come round. Where the round after the hold is faster or slower than the one before it by
more than what is allowed (2 % of the hold, or 30 s), the faster one gets a beat; where rows of one
round take different times, both may need one. And where wells are served one by one, the hold
counts from the first of them: while the arm serves the others, the first is standing already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.passes.rounds import Round, Served, Turns, joined, reactions_in, spread_s
from compiler.stages.program import (
    AwaitBlock,
    Block,
    MixBlock,
    Part,
    Program,
    ShakeBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target.fills import by_tip
from compiler.target.spread import may_differ_s
from compiler.target.strokes import Context, in_place

PASSES = 3
KEPT = 0.7  # of what wells may differ by: batches may be a little late besides


@dataclass(frozen=True, slots=True)
class _Held:
    """A hold in a part: the rounds before and after it, and its timer, as indices of blocks."""

    before: tuple[int, ...]
    timer: int
    after: tuple[int, ...]
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
    for _ in range(PASSES):  # a round is before one hold, and after another
        changed = [_in_step(blocks, contexts, held) for held in holds]
        if not any(changed):
            break
    timers: dict[int, list[tuple[_Held, float]]] = {}
    for held in holds:
        more_s = _slower_before_s(blocks, contexts, held)
        timers.setdefault(held.before[-1], []).append((held, more_s))
    for before in sorted(timers, reverse=True):  # what is put in moves what follows
        _from_the_first(blocks, before, timers[before])
    return replace(part, blocks=tuple(blocks))


def _holds(blocks: Sequence[Block]) -> Iterator[_Held]:
    """Holds between two rounds over the same wells, with nothing else but shaking in them. A
    control may go without one of the rounds."""
    for index, block in enumerate(blocks):
        if not isinstance(block, TimerBlock) or not block.is_hold:
            continue
        before = _next_served(blocks, range(index - 1, -1, -1), (ShakeBlock, TimerBlock))
        over = _over(blocks, block.timer)
        after = _next_served(blocks, range(over, len(blocks)), (ShakeBlock, AwaitBlock, TimerBlock))
        if before is None or after is None:
            continue
        left, come = (
            reactions_in(b) for n in (before, after) if isinstance(b := blocks[n], Served)
        )
        if not left & come or (block.reactions and not left <= set(block.reactions)):
            continue
        shaken = any(isinstance(b, ShakeBlock) for b in blocks[before:after])
        rounds = joined(blocks, before, -1), joined(blocks, after, 1)
        yield _Held(rounds[0], index, rounds[1], block.seconds, shaken)


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


def _round(blocks: Sequence[Block], contexts: Sequence[Context], places: Sequence[int]) -> Round:
    served = [block for n in places if isinstance(block := blocks[n], Served)]
    return Round(tuple(served), tuple(contexts[n] for n in places))


def _in_step(blocks: list[Block], contexts: Sequence[Context], held: _Held) -> bool:
    """Gives the faster of the two rounds a beat, or both: what takes least and will do. Whether
    there was anything to change."""
    before, after = (_round(blocks, contexts, places) for places in (held.before, held.after))
    if len(before.reactions & after.reactions) < 2:
        return False
    may_s = allowed_s(held.seconds)
    best: tuple[float, float] | None = None
    made = [*before.blocks, *after.blocks]
    for ways in _ways(before, after, may_s):
        for one, other in ways:
            turns = one.turns(first=False), other.turns(first=True)
            uneven_s = max(0.0, spread_s(*turns) - may_s)
            worth = (uneven_s, turns[0].seconds + turns[1].seconds)
            if best is None or worth < best:
                best, made = worth, [*one.blocks, *other.blocks]
        if best is not None and best[0] == 0.0:
            break
    places = (*held.before, *held.after)
    changed = [blocks[place] for place in places] != made
    for place, block in zip(places, made, strict=True):
        blocks[place] = block
    return changed


def _ways(before: Round, after: Round, may_s: float) -> Iterator[Iterator[tuple[Round, Round]]]:
    """As they are; one in step with the other; both, where the rows of one are uneven. Each way
    that is enough makes the later ones needless."""
    yield iter(((before, after),))
    left, come = before.turns(first=False), after.turns(first=True)
    span_s = max(left.seconds, come.seconds, may_s)
    for spare in (may_s / span_s, 0.0):
        yield _followed(before, after, left, come, spare)
    for one, other in ((before, after.even()), (before.even(), after)):
        left, come = one.turns(first=False), other.turns(first=True)
        yield _followed(one, other, left, come, may_s / max(left.seconds, come.seconds, may_s))


def _followed(
    before: Round, after: Round, left: Turns, come: Turns, spare: float
) -> Iterator[tuple[Round, Round]]:
    yield before.following(come, spare), after
    yield before, after.following(left, spare)


def _slower_before_s(blocks: Sequence[Block], contexts: Sequence[Context], held: _Held) -> float:
    """By how much any row of the block before a hold is left later than it is come to in the round
    after it; both from the first row's turn. What is not in that round comes after it."""
    left = _round(blocks, contexts, held.before[-1:]).turns(first=False)
    come = _round(blocks, contexts, held.after).turns(first=True)
    begun_s, first_s = min(left.at_s.values(), default=0.0), min(come.at_s.values(), default=0.0)
    slower_s = (
        left_s - begun_s - (come.at_s.get(reaction, come.seconds) - first_s)
        for reaction, left_s in left.at_s.items()
    )
    return max(0.0, max(slower_s, default=0.0))


def _from_the_first(blocks: list[Block], before: int, held: Sequence[tuple[_Held, float]]) -> None:
    """Starts the timers of the holds after a block when its first row is done (or the rows that
    share its tip); each as much longer as a row may be slower."""
    block = blocks[before]
    if not isinstance(block, TransferBlock | MixBlock):
        return
    timers: list[TimerBlock] = []
    for number, (each, more_s) in enumerate(held, start=1):
        timer = blocks[each.timer]
        if each.shaken or each.timer != before + number or not isinstance(timer, TimerBlock):
            break
        longer_s = round(more_s, 1)
        timers.append(
            replace(timer, seconds=timer.seconds + longer_s, more_s=timer.more_s + longer_s)
        )
    count = len(next(by_tip(block.rows))) if isinstance(block, TransferBlock) else 1
    if not timers or count == len(block.rows):
        return  # one tip serves all of them, and nothing comes between its rows
    first, rest = _divided(block, count)
    blocks[before : before + 1 + len(timers)] = [first, *timers, rest]


def _divided(block: TransferBlock | MixBlock, count: int) -> tuple[Block, Block]:
    """The first rows by themselves, and the others."""
    if isinstance(block, MixBlock):
        return replace(block, rows=block.rows[:count]), replace(block, rows=block.rows[count:])
    return replace(block, rows=block.rows[:count]), replace(block, rows=block.rows[count:])
