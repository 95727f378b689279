"""Which batch's turn it is: chains of turns on one arm, with holds between them, by CP-SAT.

Each batch of wells is a chain of turns. The arm does one turn at a time. Between two turns of a
chain a hold may lie: the next turn begins when it is over, and hardly later. What is sought is the
order in which all chains are done first.

The solver is OR-tools' CP-SAT with one worker, a fixed seed and a limit that counts its own steps
and no clock time: the same input gives the same order on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

PER_S = 10  # the solver counts in whole numbers: tenths of a second
EFFORT, DOZEN = 0.2, 12  # CP-SAT's deterministic time; enough for a dozen batches
GAP = 0.002  # an order this close to the best one will do


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the arm does for a batch without a break.

    `hold_s` has to pass between the end of the turn before it in its chain (or the start, for the
    first one) and its own start, and no more than `slack_s` besides; None where it may wait.
    `drain_s` of `seconds` are saved where the next turn of the chain follows at once.
    """

    seconds: float
    hold_s: float = 0.0
    slack_s: float | None = None
    drain_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A batch: its turns in order, and the hold after the last one."""

    turns: tuple[Turn, ...]
    tail_s: float = 0.0


Order = tuple[tuple[int, int], ...]
"""(chain, turn) in the order of the arm."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of the arm, when each turn starts, and how long all of it takes (s).

    Before each turn the arm waits `waits_s` for a hold of its batch to be over, and rests
    `rests_s` though nothing holds it up, so that it is free when another batch's hold is over.
    """

    sequence: Order
    waits_s: tuple[float, ...]
    rests_s: tuple[float, ...]
    starts_s: tuple[float, ...]
    seconds: float


def in_a_row(chains: Sequence[Chain]) -> Ordering:
    """One chain after the other: always possible."""
    return _timed(chains, _one_by_one(chains))


@lru_cache(maxsize=64)
def ordering(chains: tuple[Chain, ...]) -> Ordering:
    """The order in which all turns are over first, as far as the solver gets. Kept, since the
    same batches are tried beside others."""
    if not any(turn.hold_s for chain in chains for turn in chain.turns):
        return in_a_row(chains)
    first = min((_timed(chains, one(chains)) for one in (_one_by_one, _soonest)), key=_seconds)
    better = _solved(chains, first)
    return first if better is None else min(first, _timed(chains, better), key=_seconds)


def _seconds(ordering: Ordering) -> float:
    return ordering.seconds


def _one_by_one(chains: Sequence[Chain]) -> Order:
    return tuple((c, t) for c, chain in enumerate(chains) for t in range(len(chain.turns)))


def _soonest(chains: Sequence[Chain]) -> Order:
    """One chain after the other, each as soon as all its turns fit between those of the others."""
    busy: list[tuple[float, float, int, int]] = []  # from, to, chain, turn
    before: list[float] = []  # the starts of the chain before
    for number, chain in enumerate(chains):
        from_s = before[0] if before else 0.0
        alike = len(before) == len(chain.turns)
        while True:
            starts_s, late_s = _fitted(chain, from_s, busy, before if alike else ())
            if late_s <= 0.0:
                break
            from_s += late_s
        for place, (start_s, turn) in enumerate(zip(starts_s, chain.turns, strict=True)):
            busy.append((start_s, start_s + turn.seconds, number, place))
        busy.sort()
        before = starts_s
    return tuple((number, place) for _, _, number, place in busy)


def _fitted(
    chain: Chain,
    from_s: float,
    busy: Sequence[tuple[float, float, int, int]],
    before: Sequence[float],
) -> tuple[list[float], float]:
    """The starts of a chain's turns if it begins then, and by how much one of them would be later
    than it may; the starts end there. Wells are served in one order: no turn is before that of
    the chain `before`."""
    starts_s: list[float] = []
    free_s = from_s
    for place, turn in enumerate(chain.turns):
        due_s = free_s + turn.hold_s
        start_s = max(due_s, before[place]) if before else due_s
        for begins_s, ends_s, _, _ in busy:
            if begins_s < start_s + turn.seconds and ends_s > start_s:
                start_s = ends_s
        starts_s.append(start_s)
        if turn.slack_s is not None and place and start_s - due_s > turn.slack_s + 1e-6:
            return starts_s, start_s - due_s - turn.slack_s
        free_s = start_s + turn.seconds
    return starts_s, 0.0


def _timed(chains: Sequence[Chain], sequence: Order) -> Ordering:
    """Every turn as early as the order, the holds and what they may be late allow.

    These are differences between starts, so that the earliest start of each is the longest path
    to it; the paths are found by relaxing all differences until nothing moves.
    """
    place = {turn: n for n, turn in enumerate(sequence)}
    takes_s = [chains[c].turns[t].seconds for c, t in sequence]
    for n, (one, other) in enumerate(pairwise(sequence)):
        if one[0] == other[0] and one[1] + 1 == other[1]:
            takes_s[n] -= chains[one[0]].turns[one[1]].drain_s
    apart: list[tuple[int, int, float]] = []  # start of the second >= start of the first + seconds
    apart += [(n, n + 1, takes_s[n]) for n in range(len(sequence) - 1)]
    for (c, t), n in place.items():
        turn = chains[c].turns[t]
        if t == 0:
            continue
        before = place[c, t - 1]
        apart.append((before, n, takes_s[before] + turn.hold_s))
        if turn.slack_s is not None:
            apart.append((n, before, -(takes_s[before] + turn.hold_s + turn.slack_s)))
    starts_s = [chains[c].turns[t].hold_s if t == 0 else 0.0 for c, t in sequence]
    for _ in range(len(sequence) + 1):
        before_s = list(starts_s)
        for first, second, seconds in apart:
            starts_s[second] = max(starts_s[second], starts_s[first] + seconds)
        if starts_s == before_s:
            break
    ends_s = [start + takes for start, takes in zip(starts_s, takes_s, strict=True)]
    free_s = [0.0, *ends_s[:-1]]
    due_s = list(free_s)
    for (c, t), n in place.items():
        since_s = ends_s[place[c, t - 1]] if t else 0.0
        due_s[n] = max(due_s[n], since_s + chains[c].turns[t].hold_s)
    rests_s = tuple(max(0.0, s - due) for s, due in zip(starts_s, due_s, strict=True))
    waits_s = tuple(due - free for due, free in zip(due_s, free_s, strict=True))
    lasts_s = [
        ends_s[place[c, len(chain.turns) - 1]] + chain.tail_s
        for c, chain in enumerate(chains)
        if chain.turns
    ]
    lasts = max(lasts_s, default=0.0)
    return Ordering(sequence, waits_s, rests_s, tuple(starts_s), lasts)


def _solved(chains: Sequence[Chain], first: Ordering) -> Order | None:
    """An order that is quicker than a `first` one, as far as CP-SAT gets; None without one. The
    first one is no hint to it: beginning there it ends nearby."""
    from ortools.sat.python import cp_model  # here: it takes half a second, and few runs need it

    model = cp_model.CpModel()
    horizon = math.ceil(PER_S * first.seconds) + 2 * len(first.sequence)  # tenths are rounded up
    end = model.new_int_var(0, horizon, "end")
    starts: list[list[Any]] = []
    intervals: list[Any] = []
    for number, chain in enumerate(chains):
        mine: list[Any] = []
        before: Any = 0
        joined: Any = None
        for place, turn in enumerate(chain.turns):
            start = model.new_int_var(0, horizon, f"start {number}.{place}")
            finish = model.new_int_var(0, horizon, f"finish {number}.{place}")
            if joined is not None:  # the turn before is not drained, since this one follows at once
                model.add(start == before).only_enforce_if(joined)
            size: Any = _tenths(turn.seconds)
            joined = None
            if turn.drain_s and place + 1 < len(chain.turns):
                joined = model.new_bool_var(f"joined {number}.{place}")
                size = size - _tenths(turn.drain_s) * joined
            intervals.append(model.new_interval_var(start, size, finish, f"turn {number}.{place}"))
            model.add(start >= before + _tenths(turn.hold_s))
            if turn.slack_s is not None:
                model.add(start <= before + _tenths(turn.hold_s + turn.slack_s))
            mine.append(start)
            before = finish
        model.add(end >= before + _tenths(chain.tail_s))
        starts.append(mine)
    model.add_no_overlap(intervals)
    for mine, others in pairwise(starts):  # wells are served in one order
        alike = len(mine) == len(others)
        for one, other in zip(mine, others, strict=True) if alike else [(mine[0], others[0])]:
            model.add(one <= other)
    model.minimize(end)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    # One machine, and chains that leave it little choice: what propagates most wins by far, and
    # a linear relaxation says nothing.
    solver.parameters.linearization_level = 0
    solver.parameters.use_strong_propagation_in_disjunctive = True
    # many batches keep it busy for longer than it counts
    solver.parameters.max_deterministic_time = EFFORT * min(1.0, DOZEN / len(chains))
    solver.parameters.relative_gap_limit = GAP
    if solver.status_name(solver.solve(model)) not in ("OPTIMAL", "FEASIBLE"):
        return None
    timed = [
        (solver.value(start), number, place)
        for number, mine in enumerate(starts)
        for place, start in enumerate(mine)
    ]
    return tuple((number, place) for _, number, place in sorted(timed))


def _tenths(seconds: float) -> int:
    return math.ceil(PER_S * seconds - 1e-6)
