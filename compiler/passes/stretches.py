"""Stretches of a procedure that some wells may go through before others.

A stretch goes up to what concerns all wells at once: a pause, a temperature, a move, the end of the
script. What comes from one stock before it is for all wells, too: one tip serves them. Unless wells
stand after it: they are to stand for as long, whichever batch they are in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.passes.shares import Groups, Pipetting, atoms, visits
from compiler.stages.operations import (
    Agitate,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Stand,
)


@dataclass(frozen=True, slots=True)
class Shaken:
    """A hold on a shaker: it runs whenever the arm would wait for a batch's hold to be over."""

    on: Agitate
    hold: Hold
    off: Agitate


@dataclass(frozen=True, slots=True)
class Layers:
    """Mixing, settling and a draw of the same step: what a well goes through without a break."""

    mix: MixVessel
    hold: Hold
    draw: DrawPhase


Stage = Operation | Shaken | Layers


@dataclass(frozen=True, slots=True)
class Stretch:
    """Operations that one batch may go through before another: `first` counts all operations."""

    first: int
    stages: tuple[Stage, ...]

    @property
    def steps(self) -> frozenset[str]:
        """The steps of its operations."""
        return frozenset(each.step for stage in self.stages for each in operations_of(stage))

    @property
    def groups(self) -> Groups:
        """Reactions that can't be parted."""
        return atoms([o for s in self.stages for o in operations_of(s) if isinstance(o, Pipetting)])

    @property
    def stands_s(self) -> float:
        """How long wells stand with work before and after it, and no shaker needed meanwhile."""
        between = between_work(self.stages)
        return sum(stage.seconds for stage in between if isinstance(stage, Hold))


def stretches(
    operations: Sequence[Operation], hurried: frozenset[str] = frozenset()
) -> tuple[Stretch, ...]:
    """Where wells could go in batches: what is served well by well, and not from one stock yet.

    `hurried` are steps after which another one has to begin soon: they are in a stretch even so.
    """
    return tuple(_stretches(placed_first(operations), hurried))


def placed_first(operations: Sequence[Operation]) -> list[Operation]:
    """A vessel's labware that has its first place only after additions or holds has it before
    them, too: it stands there from the start, unless other labware stood there first."""
    found: list[Operation] = []
    stood: set[str] = set()
    taken: set[str | None] = set()
    barrier = 0  # behind the last operation that concerns all wells at once
    for operation in operations:
        if isinstance(operation, Stand):
            first = operation.vessel not in stood and operation.position not in taken
            stood.add(operation.vessel)
            taken.add(operation.position)
            if first:
                found.insert(barrier, operation)
                barrier += 1
                continue
        found.append(operation)
        if not isinstance(
            operation, Deliver | DeliverDrops | MixVessel | DrawPhase | Hold | Agitate
        ):
            barrier = len(found)
    return found


def _stretches(placed: Sequence[Operation], hurried: frozenset[str]) -> Iterator[Stretch]:
    place = 0
    while place < len(placed):
        stages: list[Stage] = []
        first = place
        while (stage := _stage(placed[place : place + 3])) is not None:
            stages.append(stage)
            place += len(operations_of(stage))
        begins = _begins(stages, hurried)
        if begins is not None:
            first += sum(len(operations_of(stage)) for stage in stages[:begins])
            yield _from_drops(Stretch(first, tuple(stages[begins:])), hurried)
        place += 1


def _from_drops(stretch: Stretch, hurried: frozenset[str]) -> Stretch:
    """Where no well stands while others could be served, what comes before drops is for all."""
    stages = stretch.stages
    drops = [n for n, stage in enumerate(stages) if isinstance(stage, DeliverDrops)]
    stands = any(_stands(stage) for stage in between_work(stages))
    if not drops or stands or stretch.steps & hurried:
        return stretch
    before = sum(len(operations_of(stage)) for stage in stages[: drops[0]])
    return Stretch(stretch.first + before, stages[drops[0] :])


def between_work(stages: Sequence[Stage]) -> Sequence[Stage]:
    """The stages from the first that the arm works on to the last."""
    work = [n for n, stage in enumerate(stages) if not _stands(stage)]
    return stages[work[0] : work[-1]] if work else ()


def _begins(stages: Sequence[Stage], hurried: frozenset[str]) -> int | None:
    """The stage that a stretch begins with: not from a common stock, unless wells stand then."""
    last = max((n for n, each in enumerate(stages) if not _stands(each)), default=0)
    for place, stage in enumerate(stages):
        if _stands(stage):
            continue
        own = not isinstance(stage, Deliver) or len(set(stage.materials.values())) > 1
        stands = place < last and _stands(stages[place + 1])
        if own or stands or any(each.step in hurried for each in operations_of(stage)):
            return place
    return None


def _stands(stage: Stage) -> bool:
    return isinstance(stage, Hold | Shaken)


def _stage(operations: Sequence[Operation]) -> Stage | None:
    """What the operations begin with, if it can be done for one batch and not yet for another."""
    match operations:
        case [Agitate() as on, Hold(mix=None) as hold, Agitate(rpm=0) as off] if on.rpm:
            return Shaken(on, hold, off)
        case [MixVessel() as mix, Hold(mix=None) as hold, DrawPhase() as draw]:
            if mix.step == hold.step == draw.step and visits(mix) == visits(draw):
                return Layers(mix, hold, draw)
            return mix
        case [Hold(mix=None) as hold, *_]:
            return hold
        case [Deliver() | DeliverDrops() | MixVessel() | DrawPhase() as work, *_]:
            return work if visits(work) else None
        case _:
            return None


def operations_of(stage: Stage) -> tuple[Operation, ...]:
    """The operations of a stage, in order."""
    match stage:
        case Shaken(on, hold, off):
            return (on, hold, off)
        case Layers(mix, hold, draw):
            return (mix, hold, draw)
        case _:
            return (stage,)
