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

from compiler.passes.limits import Limit
from compiler.passes.ordering import Chain, Ordering, Turn, in_a_row, ordering
from compiler.passes.shares import Groups, Pipetting, only, visits
from compiler.passes.stretches import (
    Layers,
    Shaken,
    Stage,
    Stretch,
    operations_of,
    placed_first,
    stretches,
)
from compiler.stages.operations import (
    Agitate,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
)
from compiler.target.spread import may_differ_s

DROPS, TRANSFERS, DRAWS, MIXES = "drops", "transfers", "draws", "mixes"
LAYERS, DRAINS = "layers", "drains"  # wells that settle in turn, and the end of their turns
HOLDS = "holds"  # what is left of a hold when the last well of its batch is ready
TURN_S = 10.0  # about what a well's turn takes in anything but a dropwise addition
LATE = 0.25  # of what wells may differ by, a batch may be late; the rest is its rows'
LEAST_REST_S = 5.0  # a shorter one is not worth a line of the script
LEAST_SHAKE_S = 15.0  # a shaker that is started and stopped takes half of that
PIECE = 4  # wells whose layers are mixed and drawn without a break, at least
PIECES = 5  # so many breaks there may be in a batch, at most


@dataclass(frozen=True, slots=True)
class Begin:
    """A batch's hold begins; `key` names it until it ends. `after_s` has to pass first: holds right
    before it, or what is done for other batches."""

    hold: Hold
    key: str
    reactions: tuple[str, ...]
    after_s: float = 0.0


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


Division = Mapping[int, int]
"""In how many batches the wells go, by the first operation of a stretch."""


def in_batches(
    operations: Sequence[Operation],
    division: Division,
    turns: Turns | None = None,
    limits: Sequence[Limit] = (),
) -> tuple[Item, ...]:
    """The operations with the stretches of `division` in batches.

    `turns` are what visits took when this was tried before; without it the batches go one after
    the other. `limits` say how soon a step begins after another.
    """
    placed = placed_first(operations)
    found = {stretch.first: stretch for stretch in stretches(operations, hurried(limits))}
    items: list[Item] = []
    place = 0
    while place < len(placed):
        stretch, number = found.get(place), division.get(place, 1)
        if stretch is None or number < 2:
            items.append(placed[place])
            place += 1
            continue
        items.extend(_divided(stretch, number, turns, limits))
        place += sum(len(operations_of(stage)) for stage in stretch.stages)
    return tuple(items)


# --- batches --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch's way through a stretch: work, each with the holds before it; `last` come after."""

    reactions: tuple[str, ...]
    work: tuple[Stage, ...]
    holds: tuple[tuple[Hold | Shaken, ...], ...]
    last: tuple[Hold | Shaken, ...]


def hurried(limits: Sequence[Limit]) -> frozenset[str]:
    """The steps after which another one has to begin soon."""
    return frozenset(limit.after for limit in limits)


def _divided(
    stretch: Stretch, number: int, turns: Turns | None, limits: Sequence[Limit]
) -> Iterator[Item]:
    """The stretch for each batch, one served while another stands."""
    batches = [_batch(stretch.stages, share) for share in _shares(stretch.groups, number)]
    chains = tuple(_chain(batch, turns or {}, limits) for batch in batches)
    found = in_a_row(chains) if turns is None else ordering(chains)
    sequence = found.sequence
    running: dict[int, list[Item]] = {}
    early = _standing_already(batches, found)
    for place, (whose, turn) in enumerate(sequence):
        for other, after_s in early.get(place, ()):
            yield from _begun(batches[other], other, batches[other].holds[0], running, after_s)
        batch = batches[whose]
        ends = running.pop(whose, [])
        shakes = found.waits_s[place] >= LEAST_SHAKE_S
        yield from (end for end in ends if shakes or not isinstance(end, Agitate))
        if found.rests_s[place] > LEAST_REST_S:
            rest_s = round(found.rests_s[place], 1)
            rest = Rest(operations_of(batch.work[turn])[0].step, rest_s, batch.reactions)
            yield from _shaken_meanwhile(rest, running)
        yield from _one_after_another(batch.work, sequence, place)
        more = turn + 1 < len(batch.work)
        holds = batch.holds[turn + 1] if more else batch.last
        yield from _begun(batch, whose, holds, running)
    for left in running.values():
        yield from left


def _standing_already(
    batches: Sequence[_Batch], found: Ordering
) -> dict[int, list[tuple[int, float]]]:
    """Holds before a batch's first turn: before which turn they begin, and how much later (s).

    What was done before the stretch stands, too. Such a hold ends when the arm is there, so that
    what has to follow it soon does.
    """
    early: dict[int, list[tuple[int, float]]] = {}
    for whose, batch in enumerate(batches):
        if not batch.work or not batch.holds[0]:
            continue
        due_s = found.starts_s[found.sequence.index((whose, 0))]
        begins_s = due_s - _sum_s(batch.holds[0])
        place = max((n for n, s in enumerate(found.starts_s) if s <= begins_s), default=0)
        after_s = max(0.0, begins_s - found.starts_s[place])
        early.setdefault(place, []).append((whose, round(after_s, 1)))
    return early


def _begun(
    batch: _Batch,
    whose: int,
    holds: Sequence[Hold | Shaken],
    running: dict[int, list[Item]],
    after_s: float = 0.0,
) -> Iterator[Item]:
    """A batch's holds begin, one after the other; `running` gets what ends them."""
    for hold in holds:
        plain = hold.hold if isinstance(hold, Shaken) else hold
        key = f"{plain.step}, batch {whose + 1}"
        yield Begin(plain, key, batch.reactions, after_s)
        after_s += plain.seconds
        end = End(plain, key)
        mine = running.setdefault(whose, [])
        mine += [hold.on, end, hold.off] if isinstance(hold, Shaken) else [end]


def may_save_s(stretch: Stretch, turns: Turns) -> float:
    """The most that batches can save: the arm's work before the last hold, or after the first one.

    The last batch's work after the hold follows all work before it, and all work after the hold
    follows the first batch's work before it.
    """
    chain = _chain(_batch(stretch.stages, stretch.groups), turns)
    holds = [n for n, turn in enumerate(chain.turns) if turn.hold_s]
    if not holds:
        return 0.0
    before_s = sum(turn.seconds for turn in chain.turns[: holds[-1]])
    after_s = sum(turn.seconds for turn in chain.turns[holds[0] :])
    return min(before_s, after_s)


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
    work: Sequence[Stage], sequence: Sequence[tuple[int, int]], place: int
) -> Iterator[Item]:
    """A turn's operations; pieces that follow each other without a break are one."""
    whose, turn = sequence[place]
    stage = work[turn]
    if not isinstance(stage, Layers):
        yield from operations_of(stage)
        return
    if place and _continues(work, sequence[place - 1], (whose, turn)):
        return  # it went with the piece before
    pieces = [stage]
    for before, after in zip(sequence[place:], sequence[place + 1 :], strict=False):
        if not _continues(work, before, after):
            break
        following = work[after[1]]
        assert isinstance(following, Layers)
        pieces.append(following)
    whole = _joined(pieces)
    wells = tuple(reaction for group in visits(whole.mix) for reaction in group)
    key = f"{whole.hold.step}, settling, turn {place}"
    yield whole.mix
    yield Begin(whole.hold, key, wells)
    yield End(whole.hold, key)
    yield whole.draw


def _continues(work: Sequence[Stage], before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a turn is the next piece of the same layers, right after the one before."""
    if before[0] != after[0] or before[1] + 1 != after[1] or after[1] >= len(work):
        return False
    one, other = work[before[1]], work[after[1]]
    if not (isinstance(one, Layers) and isinstance(other, Layers)):
        return False
    return (one.mix.step, one.draw.round) == (other.mix.step, other.draw.round)


def _joined(pieces: Sequence[Layers]) -> Layers:
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
    return Layers(mix, first.hold, draw)


def _shares(groups: Groups, number: int) -> tuple[Groups, ...]:
    """The wells of each batch: as many in each, in the order of service."""
    size = math.ceil(len(groups) / number)
    return tuple(groups[start : start + size] for start in range(0, len(groups), size))


def _batch(stages: Sequence[Stage], share: Groups) -> _Batch:
    work: list[Stage] = []
    holds: list[tuple[Hold | Shaken, ...]] = []
    waiting: list[Hold | Shaken] = []
    for stage in stages:
        if isinstance(stage, Hold | Shaken):
            waiting.append(stage)
            continue
        for piece in _pieces(stage, share):
            work.append(piece)
            holds.append(tuple(waiting))
            waiting = []
    reactions = tuple(reaction for group in share for reaction in group)
    return _Batch(reactions, tuple(work), tuple(holds), tuple(waiting))


def _pieces(stage: Stage, share: Groups) -> Iterator[Stage]:
    """A stage for a batch; layers in pieces, between which another batch may be served."""
    if not isinstance(stage, Layers):
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
            yield Layers(mix, stage.hold, draw)
        if end == len(share):
            return


def _chain(batch: _Batch, turns: Turns, limits: Sequence[Limit] = ()) -> Chain:
    within_s = {(limit.after, limit.step): limit.seconds for limit in limits}
    found: list[Turn] = []
    before: str | None = None
    for stage, holds in zip(batch.work, batch.holds, strict=True):
        hold_s = _left_s(holds, batch.reactions, turns) if found else _sum_s(holds)
        # what stands before its first turn stood with nothing done to it: it may stand longer
        slack_s = LATE * may_differ_s(hold_s) if holds and found else None
        step = operations_of(stage)[0].step
        limit_s = within_s.get((before or "", step))
        if limit_s is not None and not holds:  # the first well waits for the others of its batch
            slack_s = max(0.0, limit_s - found[-1].seconds)
        takes_s, drain_s = _takes_s(stage, turns)
        found.append(Turn(seconds=takes_s, hold_s=hold_s, slack_s=slack_s, drain_s=drain_s))
        before = step
    return Chain(turns=tuple(found), tail_s=_sum_s(batch.last))


def _left_s(holds: Sequence[Hold | Shaken], reactions: Sequence[str], turns: Turns) -> float:
    """What is left of holds in a row at the end of the turn before them: their timers may have been
    started when the first well was ready."""
    if not holds:
        return 0.0
    last = operations_of(holds[-1])[0].step
    return turns.get((last, HOLDS, tuple(reactions)), _sum_s(holds))


def _sum_s(holds: Sequence[Hold | Shaken]) -> float:
    return sum(_seconds(hold) for hold in holds)


def _seconds(hold: Hold | Shaken) -> float:
    return hold.hold.seconds if isinstance(hold, Shaken) else hold.seconds


def _takes_s(stage: Stage, turns: Turns) -> tuple[float, float]:
    """How long a turn takes, and what of it is the wait for the last wells to settle."""
    if isinstance(stage, Layers):
        return _layers_take_s(stage, turns)
    assert isinstance(stage, Pipetting)
    groups = visits(stage)
    wells = tuple(reaction for group in groups for reaction in group)
    match stage:
        case DeliverDrops():
            kind, of_all_s = DROPS, stage.drops.count * stage.drops.interval_s
            one_s = turns.get((stage.step, kind, ()), of_all_s)
        case _:
            kind = _kind(stage)
            one_s = turns.get((stage.step, kind, ()), TURN_S) * len(groups)
    return turns.get((stage.step, kind, wells), one_s), 0.0


def _kind(stage: Pipetting) -> str:
    if isinstance(stage, MixVessel):
        return MIXES
    return DRAWS if isinstance(stage, DrawPhase) else TRANSFERS


def _layers_take_s(stage: Layers, turns: Turns) -> tuple[float, float]:
    """Wells that settle in turn; or all mixed, then all drawn, if that is what was seen."""
    count, step, hold_s = len(visits(stage.mix)), stage.mix.step, stage.hold.seconds
    mix_s, draw_s = (turns.get((step, kind, ())) for kind in (MIXES, DRAWS))
    if (step, LAYERS, ()) in turns or mix_s is None or draw_s is None:
        drain_s = turns.get((step, DRAINS, ()), hold_s)
        return turns.get((step, LAYERS, ()), 2 * TURN_S) * count + drain_s, drain_s
    rest_s = mix_s * (count - 1)  # mixed while the first one settles
    return mix_s + max(rest_s, hold_s) + draw_s * count, 0.0
