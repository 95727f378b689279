"""An operation for some of its reactions, and which reactions can't be parted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from compiler.stages.operations import Deliver, DeliverDrops, DrawPhase, MixVessel, at_once

_T = TypeVar("_T")
Pipetting = Deliver | DeliverDrops | MixVessel | DrawPhase
Groups = tuple[tuple[str, ...], ...]
"""Reactions that are served at once."""


def visits(operation: Pipetting) -> Groups:
    """What is served at once: columns, or wells one by one."""
    if isinstance(operation, MixVessel | DrawPhase):
        return at_once(operation.together, operation.stroke_ul)
    return at_once(operation.together, operation.volume_ul)


def atoms(operations: Sequence[Pipetting]) -> Groups:
    """The smallest groups of reactions of which no operation serves a part; in order of service."""
    home: dict[str, list[str]] = {}
    for operation in operations:
        for group in visits(operation):
            joined: list[str] = []
            for reaction in group:
                mine = home.get(reaction, [reaction])
                if mine is not joined:
                    joined.extend(r for r in mine if r not in joined)
            home.update(dict.fromkeys(joined, joined))
    found: dict[int, tuple[str, ...]] = {}
    for group_of in home.values():
        found.setdefault(id(group_of), tuple(group_of))
    return tuple(found.values())


def only(operation: Pipetting, share: Iterable[tuple[str, ...]]) -> Pipetting | None:
    """An operation for the reactions of some groups; None where it is for none of them."""
    mine = {reaction for group in share for reaction in group}
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
