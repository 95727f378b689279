"""Wells in batches: what goes along with a batch, and in which order the arm serves them.

Where a drop to every well takes longer than the interval, or where the arm would stand still while
all wells stand, the wells are divided. A batch goes through a stretch of the procedure, up to
something that concerns all wells at once: a pause, a temperature, a move, the end of the script.
While one batch stands, the arm serves another, and is back when the first one's hold is over: each
batch sees the same times. `ordering.py` finds the order.

A hold on the shaker counts for each batch by itself, too: the shaker runs while the arm rests, and
between the drops of other batches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.passes.ordering import Chain, Turn, ordering
from compiler.passes.shares import Groups, Pipetting, atoms, only, visits
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
from compiler.target.spread import may_differ_s

DROPS, TRANSFERS, MIXES, LAYERS, DRAINS = "drops", "transfers", "mixes", "layers", "drains"
TURN_S = 10.0  # about what a well's turn takes in anything but a dropwise addition
LATE = 0.25  # of what wells may differ by, a batch may be late; the rest is its rows'
LEAST_REST_S = 5.0  # a shorter one is not worth a line of the script
LEAST_SHAKE_S = 15.0  # a shaker that is started and stopped takes half of that
PIECE = 4  # wells whose layers are mixed and drawn without a break, at least
PIECES = 5  # so many breaks there may be in a batch, at most


@dataclass(frozen=True, slots=True)
class Begin:
    """A batch's hold begins; `key` names it until it ends."""

    hold: Hold
    key: str
    reactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """A batch's hold has to be over."""

    hold: Hold
    key: str


@dataclass(frozen=True, slots=True)
class Rest:
    """The arm rests, so that it is free when another batch's hold is over."""

    step: str
    seconds: float
    reactions: tuple[str, ...]


Item = Operation | Begin | End | Rest

Turns = Mapping[tuple[str, str, tuple[str, ...]], float]
"""How long the arm takes, by step, kind and reactions (s); with no reactions for one visit. A
dropwise addition takes the same for any number of wells."""


@dataclass(frozen=True, slots=True)
class _Shaken:
    """A hold on a shaker: it runs whenever the arm would wait for a batch's hold to be over."""

    on: Agitate
    hold: Hold
    off: Agitate


@dataclass(frozen=True, slots=True)
class _Layers:
    """Mixing, settling and a draw of the same step: what a well goes through without a break."""

    mix: MixVessel
    hold: Hold
    draw: DrawPhase


_Stage = Operation | _Shaken | _Layers


@dataclass(frozen=True, slots=True)
class Stretch:
    """Operations that one batch may go through before another: `first` counts all operations."""

    first: int
    stages: tuple[_Stage, ...]

    @property
    def steps(self) -> frozenset[str]:
        """The steps of its operations."""
        return frozenset(each.step for stage in self.stages for each in _operations(stage))

    @property
    def groups(self) -> Groups:
        """Reactions that can't be parted."""
        return atoms([o for s in self.stages for o in _operations(s) if isinstance(o, Pipetting)])

    @property
    def stands_s(self) -> float:
        """How long wells stand with work before and after it, and no shaker needed meanwhile."""
        between = _between_work(self.stages)
        return sum(stage.seconds for stage in between if isinstance(stage, Hold))


Division = Mapping[int, int]
"""In how many batches the wells go, by the first operation of a stretch."""


def in_batches(
    operations: Sequence[Operation], division: Division, turns: Turns | None = None
) -> tuple[Item, ...]:
    """The operations with the stretches of `division` in batches.

    `turns` are what visits took when this was tried before; guesses without it.
    """
    placed = placed_first(operations)
    found = {stretch.first: stretch for stretch in _stretches(placed)}
    items: list[Item] = []
    place = 0
    while place < len(placed):
        stretch, number = found.get(place), division.get(place, 1)
        if stretch is None or number < 2:
            items.append(placed[place])
            place += 1
            continue
        items.extend(_divided(stretch, number, turns or {}))
        place += sum(len(_operations(stage)) for stage in stretch.stages)
    return tuple(items)


def stretches(operations: Sequence[Operation]) -> tuple[Stretch, ...]:
    """Where wells could go in batches: what is served well by well, and not from one stock yet."""
    return tuple(_stretches(placed_first(operations)))


def placed_first(operations: Sequence[Operation]) -> list[Operation]:
    """A vessel's labware that has its first place only after additions has it before them, too."""
    found: list[Operation] = []
    stood: set[str] = set()
    barrier = 0  # behind the last operation that concerns all wells at once
    for operation in operations:
        if isinstance(operation, Stand) and operation.vessel not in stood:
            stood.add(operation.vessel)
            found.insert(barrier, operation)
            barrier += 1
            continue
        found.append(operation)
        if not isinstance(operation, Deliver | DeliverDrops | MixVessel | DrawPhase):
            barrier = len(found)
    return found


# --- stretches ------------------------------------------------------------------------------


def _stretches(placed: Sequence[Operation]) -> Iterator[Stretch]:
    place = 0
    while place < len(placed):
        stages: list[_Stage] = []
        first = place
        while (stage := _stage(placed[place : place + 3])) is not None:
            if not stages and not _begins(stage):
                first += len(_operations(stage))
            else:
                stages.append(stage)
            place += len(_operations(stage))
        if stages:
            yield _from_drops(Stretch(first, tuple(stages)))
        place += 1


def _from_drops(stretch: Stretch) -> Stretch:
    """Where no well stands while others could be served, what comes before drops is for all."""
    stages = stretch.stages
    drops = [n for n, stage in enumerate(stages) if isinstance(stage, DeliverDrops)]
    if not drops or any(isinstance(stage, Hold | _Shaken) for stage in _between_work(stages)):
        return stretch
    before = sum(len(_operations(stage)) for stage in stages[: drops[0]])
    return Stretch(stretch.first + before, stages[drops[0] :])


def _between_work(stages: Sequence[_Stage]) -> Sequence[_Stage]:
    """The stages from the first that the arm works on to the last."""
    work = [n for n, stage in enumerate(stages) if not isinstance(stage, Hold | _Shaken)]
    return stages[work[0] : work[-1]] if work else ()


def _begins(stage: _Stage) -> bool:
    """Whether a stretch may begin with it: what comes from a common stock is for all at once."""
    if isinstance(stage, Hold | _Shaken):
        return False
    return not isinstance(stage, Deliver) or 2 * len(set(stage.materials.values())) > len(
        visits(stage)
    )


def _stage(operations: Sequence[Operation]) -> _Stage | None:
    """What the operations begin with, if it can be done for one batch and not yet for another."""
    match operations:
        case [Agitate() as on, Hold(mix=None) as hold, Agitate(rpm=0) as off] if on.rpm:
            return _Shaken(on, hold, off)
        case [MixVessel() as mix, Hold(mix=None) as hold, DrawPhase() as draw]:
            if mix.step == hold.step == draw.step and visits(mix) == visits(draw):
                return _Layers(mix, hold, draw)
            return mix
        case [Hold(mix=None) as hold, *_]:
            return hold
        case [Deliver() | DeliverDrops() | MixVessel() | DrawPhase() as work, *_]:
            return work if visits(work) else None
        case _:
            return None


def _operations(stage: _Stage) -> tuple[Operation, ...]:
    match stage:
        case _Shaken(on, hold, off):
            return (on, hold, off)
        case _Layers(mix, hold, draw):
            return (mix, hold, draw)
        case _:
            return (stage,)


# --- batches --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch's way through a stretch: work, each with the holds before it; `last` come after."""

    reactions: tuple[str, ...]
    work: tuple[_Stage, ...]
    holds: tuple[tuple[Hold | _Shaken, ...], ...]
    last: tuple[Hold | _Shaken, ...]


def _divided(stretch: Stretch, number: int, turns: Turns) -> Iterator[Item]:
    """The stretch for each batch, one served while another stands."""
    batches = [_batch(stretch.stages, share) for share in _shares(stretch.groups, number)]
    found = ordering([_chain(batch, turns) for batch in batches])
    sequence = found.sequence
    running: dict[int, list[Item]] = {}
    for place, (whose, turn) in enumerate(sequence):
        batch = batches[whose]
        ends = running.pop(whose, [])
        shakes = found.waits_s[place] >= LEAST_SHAKE_S
        yield from (end for end in ends if shakes or not isinstance(end, Agitate))
        if found.rests_s[place] > LEAST_REST_S:
            rest_s = round(found.rests_s[place], 1)
            rest = Rest(_operations(batch.work[turn])[0].step, rest_s, batch.reactions)
            yield from _shaken_meanwhile(rest, running)
        yield from _one_after_another(batch.work, sequence, place)
        more = turn + 1 < len(batch.work)
        begun = batch.holds[turn + 1] if more else batch.last
        for hold in begun:
            plain = hold.hold if isinstance(hold, _Shaken) else hold
            key = f"{plain.step}, batch {whose + 1}"
            yield Begin(plain, key, batch.reactions)
            end = End(plain, key)
            mine = running.setdefault(whose, [])
            mine += [hold.on, end, hold.off] if isinstance(hold, _Shaken) else [end]
    for left in running.values():
        yield from left


def least_s(stretch: Stretch, number: int, turns: Turns) -> float:
    """What the arm does in a stretch at least, in so many batches."""
    found = 0.0
    for share in _shares(stretch.groups, number):
        chain = _chain(_batch(stretch.stages, share), turns)
        found += sum(turn.seconds - turn.drain_s for turn in chain.turns)
    return found


def _shaken_meanwhile(rest: Rest, running: Mapping[int, Sequence[Item]]) -> Iterator[Item]:
    """The arm rests; where other batches are in a hold on the shaker, it runs."""
    switches = [
        [each for each in ends if isinstance(each, Agitate)] for ends in running.values() if ends
    ]
    on, off = next((pair for pair in switches if len(pair) == 2), (None, None))
    yield from (rest,) if on is None or off is None else (on, rest, off)


def _one_after_another(
    work: Sequence[_Stage], sequence: Sequence[tuple[int, int]], place: int
) -> Iterator[Item]:
    """A turn's operations; pieces that follow each other without a break are one."""
    whose, turn = sequence[place]
    stage = work[turn]
    if not isinstance(stage, _Layers):
        yield from _operations(stage)
        return
    if place and _continues(work, sequence[place - 1], (whose, turn)):
        return  # it went with the piece before
    pieces = [stage]
    for before, after in zip(sequence[place:], sequence[place + 1 :], strict=False):
        if not _continues(work, before, after):
            break
        following = work[after[1]]
        assert isinstance(following, _Layers)
        pieces.append(following)
    mine = {r for piece in pieces for r in piece.mix.stroke_ul}
    yield from _operations(_joined(pieces, mine))


def _continues(work: Sequence[_Stage], before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a turn is the next piece of the same layers, right after the one before."""
    if before[0] != after[0] or before[1] + 1 != after[1] or after[1] >= len(work):
        return False
    one, other = work[before[1]], work[after[1]]
    if not (isinstance(one, _Layers) and isinstance(other, _Layers)):
        return False
    return (one.mix.step, one.draw.round) == (other.mix.step, other.draw.round)


def _joined(pieces: Sequence[_Layers], mine: set[str]) -> _Layers:
    """Pieces as one again."""
    first = pieces[0]
    mixes, draws = [piece.mix for piece in pieces], [piece.draw for piece in pieces]
    mix = replace(
        first.mix,
        stroke_ul={r: ul for each in mixes for r, ul in each.stroke_ul.items()},
        height_mm={r: mm for each in mixes for r, mm in each.height_mm.items()},
        together=tuple(group for each in mixes for group in each.together),
    )
    draw = replace(
        first.draw,
        draws=tuple(draw for each in draws for draw in each.draws),
        stroke_ul={r: ul for each in draws for r, ul in each.stroke_ul.items()},
        together=tuple(group for each in draws for group in each.together),
    )
    assert mine == set(mix.stroke_ul)
    return _Layers(mix, first.hold, draw)


def _shares(groups: Groups, number: int) -> tuple[Groups, ...]:
    """The wells of each batch: as many in each, in the order of service."""
    size = math.ceil(len(groups) / number)
    return tuple(groups[start : start + size] for start in range(0, len(groups), size))


def _batch(stages: Sequence[_Stage], share: Groups) -> _Batch:
    work: list[_Stage] = []
    holds: list[tuple[Hold | _Shaken, ...]] = []
    waiting: list[Hold | _Shaken] = []
    for stage in stages:
        if isinstance(stage, Hold | _Shaken):
            waiting.append(stage)
            continue
        for piece in _pieces(stage, share):
            work.append(piece)
            holds.append(tuple(waiting))
            waiting = []
    reactions = tuple(reaction for group in share for reaction in group)
    return _Batch(reactions, tuple(work), tuple(holds), tuple(waiting))


def _pieces(stage: _Stage, share: Groups) -> Iterator[_Stage]:
    """A stage for a batch; layers in pieces, between which another batch may be served."""
    if not isinstance(stage, _Layers):
        assert isinstance(stage, Pipetting)
        mine = only(stage, share)
        if mine is not None:
            yield mine
        return
    size = max(PIECE, math.ceil(len(share) / PIECES))
    for start in range(0, len(share), size):
        end = start + size if len(share) - start >= 2 * size else len(share)
        piece = share[start:end]
        mix, draw = only(stage.mix, piece), only(stage.draw, piece)
        if isinstance(mix, MixVessel) and isinstance(draw, DrawPhase):
            yield _Layers(mix, stage.hold, draw)
        if end == len(share):
            return


def _chain(batch: _Batch, turns: Turns) -> Chain:
    found = []
    for stage, holds in zip(batch.work, batch.holds, strict=True):
        hold_s = sum(_seconds(hold) for hold in holds)
        slack_s = LATE * may_differ_s(hold_s) if holds else None
        takes_s, drain_s = _takes_s(stage, turns)
        found.append(Turn(seconds=takes_s, hold_s=hold_s, slack_s=slack_s, drain_s=drain_s))
    return Chain(turns=tuple(found), tail_s=sum(_seconds(hold) for hold in batch.last))


def _seconds(hold: Hold | _Shaken) -> float:
    return hold.hold.seconds if isinstance(hold, _Shaken) else hold.seconds


def _takes_s(stage: _Stage, turns: Turns) -> tuple[float, float]:
    """How long a turn takes, and what of it is the wait for the last wells to settle."""
    if isinstance(stage, _Layers):
        one_s = turns.get((stage.mix.step, LAYERS, ()), 2 * TURN_S)
        drain_s = turns.get((stage.mix.step, DRAINS, ()), stage.hold.seconds)
        return one_s * len(visits(stage.mix)) + drain_s, drain_s
    assert isinstance(stage, Pipetting)
    groups = visits(stage)
    wells = tuple(reaction for group in groups for reaction in group)
    if isinstance(stage, DeliverDrops):
        kind, guess_s = DROPS, stage.drops.count * stage.drops.interval_s
        one_s = turns.get((stage.step, kind, ()), guess_s)
    else:
        kind = MIXES if isinstance(stage, MixVessel) else TRANSFERS
        one_s = turns.get((stage.step, kind, ()), TURN_S) * len(groups)
    return turns.get((stage.step, kind, wells), one_s), 0.0
