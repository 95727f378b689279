"""How many racks the tips of a program fill, and which place each tip has in them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compiler.stages.layout import Layout
from compiler.target.commands import WellRef
from compiler.target.labware import Labware, load_labware

CHANNELS = 8
"""What an eight-channel pipette takes at once: a whole column."""

Needs = Mapping[str, int]
"""Mount -> how often it takes a tip (or a column of them)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of tip, and the pipettes that use it, eight-channels first."""

    rack: Labware
    mounts: tuple[tuple[str, int], ...]  # mount, channels

    def per_rack(self, mount: str) -> int:
        """How often a pipette takes tips from a full rack."""
        return len(self.rack.wells) // dict(self.mounts)[mount]

    def racks(self, needs: Needs) -> int:
        """The fewest racks for what is needed."""
        return min(self._apart(needs), self._together(needs))

    def places(self, needs: Needs, labels: Sequence[str]) -> Mapping[str, tuple[WellRef, ...]]:
        """The tips (row A's of each column) for every mount, in the order of use.

        Two pipettes have racks of their own, unless one rack less does for both: then the second
        goes on where the first ends, the eight-channel being the first.
        """
        wells = [WellRef(label, well) for label in labels for well in self.rack.wells]
        share = self._together(needs) < self._apart(needs)
        found: dict[str, tuple[WellRef, ...]] = {}
        start = 0
        for mount, channels in self.mounts:
            count = needs.get(mount, 0)
            found[mount] = tuple(wells[start : start + count * channels : channels])
            start += count * channels if share else self._own(mount, count) * len(self.rack.wells)
        return found

    def _own(self, mount: str, count: int) -> int:
        return math.ceil(count / self.per_rack(mount))

    def _apart(self, needs: Needs) -> int:
        return sum(self._own(mount, needs.get(mount, 0)) for mount, _ in self.mounts)

    def _together(self, needs: Needs) -> int:
        tips = sum(needs.get(mount, 0) * channels for mount, channels in self.mounts)
        return math.ceil(tips / len(self.rack.wells))


def kinds_of(layout: Layout, mounts: Sequence[str]) -> tuple[Kind, ...]:
    """The kinds of tip that these mounts use."""
    found: dict[str, list[tuple[str, int]]] = {}
    for mount in sorted(mounts):
        holder = layout.mounted[mount]
        channels = CHANNELS if holder.pipette.channels == CHANNELS else 1
        found.setdefault(holder.tip_load_name, []).append((mount, channels))
    return tuple(
        Kind(load_labware(name), tuple(sorted(users, key=lambda user: (-user[1], user[0]))))
        for name, users in found.items()
    )
