"""Dropwise additions in batches, where a drop to every well takes longer than their interval.

A batch goes through the addition and all that follows it, up to something that concerns all wells
at once: a pause, a temperature, a move, the end of the script. While one batch stands, the arm
serves another, as long as it is back in time: nothing long is begun that another batch's next turn
would have to wait for. So each batch sees the same times. A hold on the shaker counts for each
batch by itself, too: the shaker runs while the arm rests, and between the drops of other batches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from compiler.stages.operations import (
    Agitate,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Stand,
    at_once,
)

_T = TypeVar("_T")
Pipetting = Deliver | DeliverDrops | MixVessel | DrawPhase
DROPS, TRANSFERS, MIXES = "drops", "transfers", "mixes"
TURN_S = 10.0  # about what a well's turn takes in anything but a dropwise addition
Groups = tuple[tuple[str, ...], ...]
"""Reactions that are served at once."""


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


Item = Operation | Begin | End


@dataclass(frozen=True, slots=True)
class _Shaken:
    """A hold on a shaker: it runs whenever the arm would wait for a batch's hold to be over."""

    on: Agitate
    hold: Hold
    off: Agitate


_Turn = Operation | _Shaken


Turns = Mapping[tuple[str, str], float]
"""How long a visit takes in a step's additions, draws and mixings, by step and kind (s)."""


def in_batches(
    operations: Sequence[Operation], batches: Mapping[str, int], turns: Turns | None = None
) -> tuple[Item, ...]:
    """The operations with additions (step -> number of batches) and what follows them divided.

    `turns` are what visits took when this was tried before; guesses without it.
    """
    items: list[Item] = []
    left = _placed_first(operations)
    while left:
        first = left.pop(0)
        if not isinstance(first, DeliverDrops) or batches.get(first.step, 1) < 2:
            items.append(first)
            continue
        stretch: list[_Turn] = [first]
        while left:
            shaken = _shaken(left)
            if shaken is not None:
                stretch.append(shaken)
                del left[:3]
            elif _goes_along(left[0]):
                stretch.append(left.pop(0))
            else:
                break
        items.extend(_overlapped(stretch, _shares(first, batches[first.step]), turns or {}))
    return tuple(items)


def _placed_first(operations: Sequence[Operation]) -> list[Operation]:
    """A vessel's labware that has its first place only after an addition has it before, too."""
    found: list[Operation] = []
    stood: set[str] = set()
    for operation in operations:
        last = found[-1] if found else None
        if not isinstance(operation, Stand):
            found.append(operation)
        elif isinstance(last, DeliverDrops) and operation.vessel not in stood:
            found.insert(-1, operation)
        else:
            found.append(operation)
        if isinstance(operation, Stand):
            stood.add(operation.vessel)
    return found


def _goes_along(operation: Operation) -> bool:
    """Whether an operation can be done for one batch and not yet for another."""
    if isinstance(operation, Hold):
        return operation.mix is None
    return isinstance(operation, Deliver | DeliverDrops | MixVessel | DrawPhase)


def _shaken(operations: Sequence[Operation]) -> _Shaken | None:
    """The hold on a shaker that operations begin with."""
    match operations[:3]:
        case [Agitate() as on, Hold(mix=None) as hold, Agitate(rpm=0) as off] if on.rpm:
            return _Shaken(on, hold, off)
        case _:
            return None


def _hold_of(turn: _Turn) -> Hold | None:
    if isinstance(turn, _Shaken):
        return turn.hold
    return turn if isinstance(turn, Hold) else None


def visits(operation: Pipetting) -> Groups:
    """What is served at once: columns, or wells one by one."""
    if isinstance(operation, MixVessel | DrawPhase):
        return at_once(operation.together, operation.stroke_ul)
    return at_once(operation.together, operation.volume_ul)


def _shares(addition: DeliverDrops, number: int) -> tuple[tuple[str, ...], ...]:
    """The reactions of each batch: as many wells in each, in the order of service."""
    groups = visits(addition)
    size = math.ceil(len(groups) / number)
    return tuple(
        tuple(reaction for group in groups[start : start + size] for reaction in group)
        for start in range(0, len(groups), size)
    )


def _overlapped(
    stretch: Sequence[_Turn], shares: Sequence[tuple[str, ...]], turns: Turns
) -> Iterator[Item]:
    """The stretch for each batch, one begun while another stands."""
    chains = [[_only(turn, share) for turn in stretch] for share in shares]
    queues = [[one for one in chain if one is not None] for chain in chains]
    ready_s = [0.0] * len(queues)
    running: dict[int, list[Item]] = {number: [] for number in range(len(queues))}
    now_s = 0.0
    while any(queues):
        batch = _next(queues, ready_s, now_s, turns)
        turn = queues[batch].pop(0)
        hold = _hold_of(turn)
        if hold is not None:
            key = f"{hold.step}, batch {batch + 1}"
            yield Begin(hold, key, shares[batch])
            end = End(hold, key)
            running[batch] += [turn.on, end, turn.off] if isinstance(turn, _Shaken) else [end]
            ready_s[batch] = max(now_s, ready_s[batch]) + hold.seconds
            continue
        assert not isinstance(turn, _Shaken)
        yield from running[batch]
        running[batch] = []
        now_s = max(now_s, ready_s[batch]) + _takes_s(turn, turns)
        ready_s[batch] = now_s
        yield turn
    for ends in running.values():
        yield from ends


def _next(
    queues: Sequence[Sequence[_Turn]], ready_s: Sequence[float], now_s: float, turns: Turns
) -> int:
    """The batch whose turn it is: a hold begins at once, else the one that is ready first.

    Not one whose turn would last beyond the time at which another has to go on.
    """
    waiting = [number for number, queue in enumerate(queues) if queue]
    for number in waiting:
        if _hold_of(queues[number][0]) is not None:
            return number
    begun = [number for number in waiting if ready_s[number] > 0.0]
    by_time = sorted(waiting, key=lambda number: (max(now_s, ready_s[number]), number))
    for number in by_time:
        ends_s = max(now_s, ready_s[number]) + _takes_s(queues[number][0], turns)
        if all(other == number or ready_s[other] >= ends_s for other in begun):
            return number
    return min(begun, key=lambda number: (ready_s[number], number))


def _takes_s(operation: _Turn, turns: Turns) -> float:
    """A dropwise addition takes the same for any number of wells, the others a turn for each."""
    if isinstance(operation, DeliverDrops):
        guess_s = operation.drops.count * operation.drops.interval_s
        return turns.get((operation.step, DROPS), guess_s)
    if isinstance(operation, Deliver | MixVessel | DrawPhase):
        kind = MIXES if isinstance(operation, MixVessel) else TRANSFERS
        return turns.get((operation.step, kind), TURN_S) * len(visits(operation))
    return 0.0


# --- a part of an operation -------------------------------------------------------------------


def _only(operation: _Turn, share: Iterable[str]) -> _Turn | None:
    """An operation for some of its reactions; None where it is for none of them."""
    mine = set(share)
    if isinstance(operation, Hold | _Shaken):
        return operation
    assert isinstance(operation, Deliver | DeliverDrops | MixVessel | DrawPhase)
    groups = tuple(group for group in visits(operation) if mine >= set(group))
    kept = {reaction for group in groups for reaction in group}
    if not kept:
        return None
    together = groups if operation.together else ()
    match operation:
        case Deliver():
            return replace(
                operation,
                volume_ul=_some(operation.volume_ul, kept),
                stroke_ul=_some(operation.stroke_ul, kept),
                materials=_some(operation.materials, kept),
                mix=_mix(operation.mix, kept),
                together=together,
            )
        case DeliverDrops():
            drops = replace(operation.drops, drop_ul=_some(operation.drops.drop_ul, kept))
            return replace(
                operation,
                volume_ul=_some(operation.volume_ul, kept),
                drops=drops,
                materials=_some(operation.materials, kept),
                mix=_mix(operation.mix, kept),
                together=together,
            )
        case DrawPhase():
            return replace(
                operation,
                draws=tuple(draw for draw in operation.draws if draw.reaction in kept),
                stroke_ul=_some(operation.stroke_ul, kept),
                together=together,
            )
        case MixVessel():
            return _mix(operation, kept)


def _mix(mix: MixVessel | None, kept: set[str]) -> MixVessel | None:
    if mix is None:
        return None
    return replace(
        mix,
        stroke_ul=_some(mix.stroke_ul, kept),
        height_mm=_some(mix.height_mm, kept),
        together=tuple(group for group in mix.together if kept >= set(group)),
    )


def _some(of: Mapping[str, _T], kept: set[str]) -> dict[str, _T]:
    return {reaction: value for reaction, value in of.items() if reaction in kept}
