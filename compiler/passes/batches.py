"""Dropwise additions in batches, where a drop to every well takes longer than their interval.

A batch goes through the addition and all that follows it, up to something that concerns all wells
at once: a pause, a temperature, the shaker, a move, the end of the script. While one batch stands,
the arm serves another, as long as it is back in time: nothing long is begun that another batch's
next turn would have to wait for. So each batch sees the same times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from compiler.stages.operations import (
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
)

_T = TypeVar("_T")
Pipetting = Deliver | DeliverDrops | MixVessel | DrawPhase
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


def in_batches(operations: Sequence[Operation], batches: Mapping[str, int]) -> tuple[Item, ...]:
    """The operations with additions (step -> number of batches) and what follows them divided."""
    items: list[Item] = []
    left = list(operations)
    while left:
        first = left.pop(0)
        if not isinstance(first, DeliverDrops) or batches.get(first.step, 1) < 2:
            items.append(first)
            continue
        stretch: list[Operation] = [first]
        while left and _goes_along(left[0]):
            stretch.append(left.pop(0))
        items.extend(_overlapped(stretch, _shares(first, batches[first.step])))
    return tuple(items)


def _goes_along(operation: Operation) -> bool:
    """Whether an operation can be done for one batch and not yet for another."""
    if isinstance(operation, Hold):
        return operation.mix is None
    return isinstance(operation, Deliver | DeliverDrops | MixVessel | DrawPhase)


def visits(operation: Pipetting) -> Groups:
    """What is served at once: columns, or wells one by one."""
    if operation.together:
        return operation.together
    if isinstance(operation, DrawPhase):
        return tuple((draw.reaction,) for draw in operation.draws)
    volumes = operation.stroke_ul if isinstance(operation, MixVessel) else operation.volume_ul
    return tuple((reaction,) for reaction in volumes)


def _shares(addition: DeliverDrops, number: int) -> tuple[tuple[str, ...], ...]:
    """The reactions of each batch: as many wells in each, in the order of service."""
    groups = visits(addition)
    size = math.ceil(len(groups) / number)
    return tuple(
        tuple(reaction for group in groups[start : start + size] for reaction in group)
        for start in range(0, len(groups), size)
    )


def _overlapped(stretch: Sequence[Operation], shares: Sequence[tuple[str, ...]]) -> Iterator[Item]:
    """The stretch for each batch, one begun while another stands."""
    chains = [[_only(operation, share) for operation in stretch] for share in shares]
    queues = [[one for one in chain if one is not None] for chain in chains]
    ready_s = [0.0] * len(queues)
    running: dict[int, list[End]] = {number: [] for number in range(len(queues))}
    now_s = 0.0
    while any(queues):
        batch = _next(queues, ready_s, now_s)
        operation = queues[batch].pop(0)
        if isinstance(operation, Hold):
            key = f"{operation.step}, batch {batch + 1}"
            yield Begin(operation, key, shares[batch])
            running[batch].append(End(operation, key))
            ready_s[batch] = max(now_s, ready_s[batch]) + operation.seconds
            if not queues[batch]:
                continue
        else:
            yield from running[batch]
            running[batch] = []
            now_s = max(now_s, ready_s[batch]) + _takes_s(operation)
            ready_s[batch] = now_s
            yield operation
    for ends in running.values():
        yield from ends


def _next(queues: Sequence[Sequence[Operation]], ready_s: Sequence[float], now_s: float) -> int:
    """The batch whose turn it is: a hold begins at once, else the one that is ready first.

    Not one whose turn would last beyond the time at which another has to go on.
    """
    waiting = [number for number, queue in enumerate(queues) if queue]
    for number in waiting:
        if isinstance(queues[number][0], Hold):
            return number
    begun = [number for number in waiting if ready_s[number] > 0.0]
    by_time = sorted(waiting, key=lambda number: (max(now_s, ready_s[number]), number))
    for number in by_time:
        ends_s = max(now_s, ready_s[number]) + _takes_s(queues[number][0])
        if all(other == number or ready_s[other] >= ends_s for other in begun):
            return number
    return min(begun, key=lambda number: (ready_s[number], number))


def _takes_s(operation: Operation) -> float:
    if isinstance(operation, DeliverDrops):
        return operation.drops.count * operation.drops.interval_s
    if isinstance(operation, Deliver | MixVessel | DrawPhase):
        return TURN_S * len(visits(operation))
    return 0.0


# --- a part of an operation -------------------------------------------------------------------


def _only(operation: Operation, share: Iterable[str]) -> Operation | None:
    """An operation for some of its reactions; None where it is for none of them."""
    mine = set(share)
    if isinstance(operation, Hold):
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
