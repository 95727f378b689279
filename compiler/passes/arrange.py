"""How many batches, and the program with them: scheduled, looked at, and scheduled again.

How long a round takes is known only when tips have their places. So the program is made with all
wells at once; where drops would be late it is made again with as many batches as keep their
interval; and where all wells stand while the arm does, in two and more batches, of which the
quickest is kept if that is worth it. So it is where a step has to begin soon after another. Each is
made twice: one batch after another for what turns take, then in the best order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from compiler.diagnostics.finding import Finding, has_errors
from compiler.passes.batches import (
    DRAINS,
    DRAWS,
    DROPS,
    HOLDS,
    LAYERS,
    MIXES,
    TRANSFERS,
    Division,
    Turns,
    hurried,
    least_s,
    may_save_s,
)
from compiler.passes.intervals import intervals, late
from compiler.passes.limits import limits_of, waits_of
from compiler.passes.pace import pace
from compiler.passes.rounds import reactions_of
from compiler.passes.schedule import schedule
from compiler.passes.settling import settling
from compiler.passes.stretches import Stretch, stretches
from compiler.passes.tips import tips
from compiler.plan.elapsed import Elapsed, off
from compiler.plan.timeline import timeline
from compiler.stages.layout import Layout
from compiler.stages.program import (
    AwaitBlock,
    DropsBlock,
    MixBlock,
    Program,
    SettleBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target.expand import expand
from compiler.target.spread import may_differ_s, may_exceed_s
from compiler.target.strokes import in_place

WORTH_SHARE, WORTH_S = 0.05, 300.0
"""What batches must save that nobody asked for: a script without them is easier to read."""
ALIKE, LONGEST = 0.7, 1.1
"""How much less wells must differ for batches, and how much longer these may take then."""
MOST_BATCHES = 6


@dataclass(frozen=True)
class _Made:
    """A program, how long it takes, and what is wrong with its tips; `layout` has no racks yet."""

    layout: Layout
    program: Program
    findings: tuple[Finding, ...]
    division: Division

    @property
    def failed(self) -> bool:
        """Whether there are not enough tips."""
        return has_errors(self.findings)

    @cached_property
    def seconds(self) -> float:
        """Its duration by the clock."""
        return timeline(self.program).duration_s

    @cached_property
    def off(self) -> tuple[tuple[Elapsed, ...], tuple[Elapsed, ...]]:
        """What wells see differently by more than they may, and what is too long for all."""
        return off(self.program)

    @property
    def excess(self) -> float:
        """By how much, in all: 1.0 where one hold differs twice as much as it may, or is twice as
        much too long."""
        uneven, long = self.off
        return sum(s.spread_s / may_differ_s(s.wanted_s) - 1 for s in uneven) + sum(
            (s.own_s - s.wanted_s) / may_exceed_s(s.wanted_s) - 1 for s in long
        )


def arrange(layout: Layout) -> tuple[Program, tuple[Finding, ...]]:
    """The program with its tips, in as few batches as keep the intervals of its drops, or in more
    where that is quicker."""
    made = _in_time(layout)
    if not made.failed and not has_errors(intervals(made.program)):
        made = _overlapped(_soon_enough(made))
    return made.program, made.findings


def _make(layout: Layout, division: Division) -> _Made:
    """The program in these batches, in the best order."""
    made = _in_a_row(layout, division)
    if made.failed or not _is_divided(division):
        return made
    return _ordered(made)


def _in_a_row(layout: Layout, division: Division) -> _Made:
    """The program in these batches, one after another."""
    return _with_tips(layout, division, None)


def _ordered(made: _Made) -> _Made:
    """The same batches in the best order, by what their turns take."""
    return _with_tips(made.layout, made.division, turns_of(made.program))


def _with_tips(layout: Layout, division: Division, turns: Turns | None) -> _Made:
    program, findings = tips(schedule(layout, division, turns))
    if not has_errors(findings):
        program = pace(settling(program))
    return _Made(layout, program, findings, division)


def _is_divided(division: Division) -> bool:
    return any(number > 1 for number in division.values())


def _in_time(layout: Layout) -> _Made:
    """In as few batches as keep the intervals of all dropwise additions. Where no number of batches
    does, they are not ordered: it is an error."""
    made = _in_a_row(layout, {})
    ordered = False
    while not made.failed:
        division = _wanted(made)
        if division != made.division:
            made, ordered = _in_a_row(layout, division), False
        elif ordered or not _is_divided(division) or has_errors(intervals(made.program)):
            break
        else:
            made, ordered = _ordered(made), True
    return made


def _wanted(made: _Made) -> Division:
    """The batches, and more of them where drops are late."""
    where = _stretches(made.layout)
    now = {step: made.division.get(s.first, 1) for s in where for step in s.steps}
    wanted = late(made.program, now)
    division = dict(made.division)
    for stretch in where:
        most = max((n for step, n in wanted.items() if step in stretch.steps), default=0)
        if most:
            division[stretch.first] = min(most, len(stretch.groups))
    return division


def _soon_enough(made: _Made) -> _Made:
    """In as many batches as it takes for each step to begin within its limit; as it was where no
    number of batches does it."""
    found = made
    for stretch in _stretches(made.layout):
        while (over := _over(found, stretch)) > 1.0:
            now = found.division.get(stretch.first, 1)
            number = min(max(now + 1, math.ceil(now * over)), len(stretch.groups))
            if number == now:
                return made
            found = _make(made.layout, {**found.division, stretch.first: number})
            if found.failed:
                return made
    return found


def _over(made: _Made, stretch: Stretch) -> float:
    """How many times longer than its limit a reaction waits, for limits within a stretch."""
    return max(
        (
            waited.most_s / max(waited.limit.seconds, 1.0)
            for waited in waits_of(made.program)
            if {waited.limit.step, waited.limit.after} <= stretch.steps
        ),
        default=0.0,
    )


def _stretches(layout: Layout) -> tuple[Stretch, ...]:
    return stretches(layout.operations.operations, hurried(limits_of(layout)))


def _overlapped(made: _Made) -> _Made:
    """In more batches where all wells stand while the arm could serve some of them, or where wells
    would see different times."""
    best = made
    for stretch in _stretches(made.layout):
        if len(stretch.groups) < 2:
            continue
        turns = turns_of(made.program)
        idle = stretch.stands_s >= WORTH_S and may_save_s(stretch, turns) >= _worth_s(made)
        if not idle and not any(seen.step in stretch.steps for each in best.off for seen in each):
            continue
        fewest = made.division.get(stretch.first, 1)
        for number in range(max(2, fewest + 1), min(MOST_BATCHES, len(stretch.groups)) + 1):
            if least_s(stretch, number, turns) > LONGEST * best.seconds:
                break
            tried = _make(made.layout, {**best.division, stretch.first: number})
            if not tried.failed and not late(tried.program, {}) and _better(tried, best):
                best = tried
    return best


def _better(one: _Made, other: _Made) -> bool:
    """Whether batches are worth it: all wells see the times that are written at last, or such that
    are a good deal nearer to them and it takes hardly longer; or it is that much quicker and they
    are no farther from them."""
    if _broken(one) > _broken(other):
        return False
    if other.off[0] and not any(one.off):
        return True
    if one.excess > other.excess:
        return False
    if one.excess <= ALIKE * other.excess and one.seconds <= LONGEST * other.seconds:
        return one.excess < other.excess or one.seconds < other.seconds - _worth_s(other)
    return one.seconds < other.seconds - _worth_s(other)


def _broken(made: _Made) -> int:
    """How many limits are not kept."""
    return sum(waited.most_s > waited.limit.seconds for waited in waits_of(made.program))


def _worth_s(made: _Made) -> float:
    return max(WORTH_S, WORTH_SHARE * made.seconds)


# --- what turns take --------------------------------------------------------------------------


def turns_of(program: Program) -> Turns:
    """How long the arm takes for its turns by the clock, where they stand in the run, and what is
    left of batches' holds after them."""
    seen = _Seen()
    for part in program.parts:
        keeper = None
        ready_s: dict[str, float] = {}  # by reaction: when it was last served
        over_s: dict[str, tuple[TimerBlock, float]] = {}
        for block, context in in_place(program.layout, part):
            keeper = keeper or context.timekeeper()
            begun_s = keeper.now_s
            for command in expand(block, context):
                keeper.advance(command)
            if isinstance(block, TimerBlock) and block.is_hold and block.reactions:
                over_s[block.timer] = (block, begun_s + block.seconds)
            elif isinstance(block, AwaitBlock) and block.timer in over_s:
                timer, ends_s = over_s.pop(block.timer)
                left_s = ends_s - max(ready_s.get(r, 0.0) for r in timer.reactions)
                seen.longest((timer.step, HOLDS, timer.reactions), max(0.0, left_s))
            elif isinstance(block, SettleBlock | DropsBlock | TransferBlock | MixBlock):
                seen.turn(block, keeper.now_s - begun_s)
                rows = block.mix.rows if isinstance(block, SettleBlock) else block.rows
                ready_s.update((r, keeper.now_s) for row in rows for r in reactions_of(row))
    return seen.turns()


@dataclass
class _Seen:
    """Turns as they are met: by step, kind and wells, and one by one."""

    found: dict[tuple[str, str, tuple[str, ...]], float] = field(default_factory=dict)
    visits: dict[tuple[str, str], list[tuple[int, float]]] = field(default_factory=dict)

    def longest(self, key: tuple[str, str, tuple[str, ...]], seconds: float) -> None:
        """Keeps the longest of turns that are alike."""
        self.found[key] = max(seconds, self.found.get(key, 0.0))

    def turn(
        self, block: SettleBlock | DropsBlock | TransferBlock | MixBlock, takes_s: float
    ) -> None:
        """Keeps a turn."""
        if isinstance(block, SettleBlock):
            self.longest((block.step, LAYERS, ()), block.beat_s)
            drain_s = takes_s - block.beat_s * len(block.rows)
            self.longest((block.step, DRAINS, ()), max(0.0, drain_s))
            return
        kind = _kind(block)
        wells = tuple(r for row in block.rows for r in reactions_of(row))
        self.longest((block.step, kind, wells), takes_s)
        self.visits.setdefault((block.step, kind), []).append((len(block.rows), takes_s))

    def turns(self) -> Turns:
        """All of them, with one visit of each kind."""
        found = dict(self.found)
        for (step, kind), seen in self.visits.items():
            rows, takes_s = sum(n for n, _ in seen), sum(s for _, s in seen)
            found[step, kind, ()] = max(s for _, s in seen) if kind == DROPS else takes_s / rows
        return found


def _kind(block: DropsBlock | TransferBlock | MixBlock) -> str:
    if isinstance(block, DropsBlock):
        return DROPS
    if isinstance(block, MixBlock):
        return MIXES
    return DRAWS if block.what == "draw" else TRANSFERS
