"""Wells that are mixed, settle and are drawn in turn: one is mixed while the ones before settle.

Mixing all wells, then waiting, then drawing all of them makes each wait as long as the arm takes
for the whole round, and the faster of the two rounds keep the pace of the slower one. In turn, a
well settles for as long as the arm takes for the next one or two, and the arm never waits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.passes.pace import allowed_s
from compiler.passes.rounds import round_span_s
from compiler.stages.program import (
    AwaitBlock,
    Block,
    MixBlock,
    Part,
    Program,
    SettleBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.settling import settled_s, turn_timer
from compiler.target.spread import may_differ_s
from compiler.target.strokes import Context, in_place

MOST_AHEAD = 12
"""Wells between mixing and drawing: more than any settling time needs."""
ALIGNING = 10
"""How often the timers are made longer for all wells to settle alike."""
SPARE_S = 6.0
"""A well settles for about that much longer than its timer runs: the way to it."""
KEPT = 0.9
"""Of what wells may differ by: a robot's ways are not the clock's."""


def settling(program: Program) -> Program:
    """The program with layers of several wells mixed and drawn in turn."""
    return replace(program, parts=tuple(_in_part(program, part) for part in program.parts))


@dataclass(frozen=True, slots=True)
class _Found:
    """Mixing, a hold and a draw of the same wells: four blocks, from `first` on."""

    first: int
    mix: MixBlock
    draw: TransferBlock
    settle_s: float
    context: Context


def _in_part(program: Program, part: Part) -> Part:
    contexts = [context for _, context in in_place(program.layout, part)]
    rounds: dict[tuple[str, int], list[_Found]] = {}
    for found in _layers(part.blocks, contexts):
        rounds.setdefault((found.draw.step, found.draw.round), []).append(found)
    made: dict[int, SettleBlock] = {}
    for mine in rounds.values():
        made.update(_in_turn(mine))
    blocks: list[Block] = []
    place = 0
    while place < len(part.blocks):
        blocks.append(made.get(place, part.blocks[place]))
        place += 4 if place in made else 1
    return replace(part, blocks=tuple(blocks))


def _layers(blocks: Sequence[Block], contexts: Sequence[Context]) -> Iterator[_Found]:
    for first, context in enumerate(contexts):
        match blocks[first : first + 4]:
            case [MixBlock() as mix, TimerBlock() as timer, AwaitBlock(), TransferBlock() as draw]:
                if mix.step == timer.step == draw.step and _alike(mix, draw):
                    yield _Found(first, mix, draw, timer.seconds, context)
            case _:
                pass


def _in_turn(batches: Sequence[_Found]) -> dict[int, SettleBlock]:
    """The layers of a round, which may be in batches: all of them in turn, where that is over
    sooner than one round of mixing and one of drawing; else none, for all wells to settle alike."""
    made: dict[int, SettleBlock] = {}
    saved_s = 0.0
    for each in batches:
        ways = list(in_turns(each.mix, each.draw, each.settle_s, each.context))
        if not ways:
            return {}
        takes_s, block = min(ways, key=lambda way: (way[0], way[1].ahead))
        saved_s += _round_by_round_s(each.mix, each.draw, each.settle_s, each.context) - takes_s
        made[each.first] = block
    return made if saved_s >= 0.0 else {}


def _alike(mix: MixBlock, draw: TransferBlock) -> bool:
    """Whether both serve the same wells, several of them, one by one with tips that come and go."""
    wells = [(row.reaction, row.well, row.others) for row in mix.rows]
    rows = draw.rows
    return (
        len(rows) > 1
        and draw.what == "draw"
        and wells == [(row.reaction, row.source, row.others) for row in rows]
        and all(row.tip is not None and row.mix is None for row in rows)
        and all(row.tip is not None for row in mix.rows)
        and len({len(row.strokes_ul) == 1 for row in rows}) == 1
    )


@dataclass(frozen=True, slots=True)
class Course:
    """How a SettleBlock goes: the least and the most that a well settles, and the whole (s)."""

    least_s: float
    most_s: float
    takes_s: float


def _round_by_round_s(
    mix: MixBlock, draw: TransferBlock, settle_s: float, context: Context
) -> float:
    """All wells mixed, then all drawn, the faster of the two rounds with a beat."""
    spans_s = [round_span_s(mix, context), round_span_s(draw, context, first=True)]
    keeper = context.timekeeper()
    for block in (mix, draw):
        for command in expand(block, context):
            keeper.advance(command)
    beats_s = max(0.0, abs(spans_s[0] - spans_s[1]) - allowed_s(settle_s))
    return keeper.now_s + beats_s + max(0.0, settle_s - max(spans_s))


def in_turns(
    mix: MixBlock, draw: TransferBlock, settle_s: float, context: Context
) -> Iterator[tuple[float, SettleBlock]]:
    """(time, block) for each number of wells that may be mixed ahead."""
    may_s = KEPT * may_differ_s(settle_s)
    for ahead in range(1, min(len(draw.rows) - 1, MOST_AHEAD) + 1):
        block = SettleBlock(
            step=draw.step,
            mix=mix,
            draw=draw,
            settle_s=settle_s,
            ahead=ahead,
            beat_s=0.0,
            wanted_s=settle_s,
        )
        block = replace(block, beat_s=_shortest_turn_s(block, context))
        course = course_of(block, context)
        for _ in range(ALIGNING):  # at the end nothing is mixed between two draws
            more_s = course.most_s - course.least_s - may_s
            if more_s <= 0.0:
                yield course.takes_s, block
                break
            wait_s = max(block.settle_s, course.least_s - SPARE_S) + more_s
            block = replace(block, settle_s=math.ceil(10 * wait_s) / 10)
            course = course_of(block, context)
        if course.least_s > 2 * settle_s:
            return  # more of them only settle for longer


def _shortest_turn_s(block: SettleBlock, context: Context) -> float:
    """Of the turns in which one well is mixed and another drawn, the one that is over first."""
    keeper = context.timekeeper()
    starts_s: list[float] = []
    waited_s = 0.0
    turns_s: list[float] = []
    for command in expand(block, context):
        if isinstance(command, c.StartTimer) and command.timer == turn_timer(block):
            turns_s += [keeper.now_s - starts_s[-1] - waited_s] if starts_s else []
            starts_s.append(keeper.now_s)
            waited_s = 0.0
        keeper.advance(command)
        if isinstance(command, c.AwaitTimers):
            waited_s += keeper.waited_s
    both = turns_s[block.ahead : len(block.rows)]
    return math.floor(10 * min(both)) / 10


def course_of(block: SettleBlock, context: Context) -> Course:
    """A block past the clock."""
    keeper = context.timekeeper()
    timed = [(command, *keeper.advance(command)) for command in expand(block, context)]
    seen_s = settled_s(block, timed).values()
    return Course(min(seen_s), max(seen_s), keeper.now_s)
