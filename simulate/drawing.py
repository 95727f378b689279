"""What a stroke takes out of layers that lie on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulate.liquids import EMPTY, Kind, Layer, Parcel


@dataclass(frozen=True, slots=True)
class Stroke:
    """What was taken, layer by layer from the lowest; what is left, in all and of each layer; and
    how much there was too little."""

    taken: tuple[tuple[Kind, str, Parcel], ...]
    rest: Parcel
    rest_ul: Mapping[Kind, float]
    short_ul: float


def draw(stack: Sequence[Layer], below_ul: float, volume_ul: float) -> Stroke:
    """Draw from `stack` (bottom to top) with a tip that has `below_ul` under it: first the layer
    that the tip stands in, as far as it lies above the tip, then the ones above."""
    taken: list[tuple[Kind, str, Parcel]] = []
    left, rest, seen = volume_ul, EMPTY, 0.0
    rest_ul: dict[Kind, float] = {}
    for layer in stack:
        reachable = max(0.0, seen + layer.volume_ul - max(below_ul, seen))
        take = min(left, reachable)
        share = take / layer.volume_ul
        if take > 0.0:
            taken.append((layer.kind, layer.position, layer.parcel.share(share)))
        rest = rest.plus(layer.parcel.share(1.0 - share))
        rest_ul[layer.kind] = layer.volume_ul - take
        seen += rest_ul[layer.kind]
        left -= take
    return Stroke(tuple(taken), rest, rest_ul, left)
