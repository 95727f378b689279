"""Tips: what each holds (plugs of liquid and air, the last drawn nearest to its mouth), and which
of them wait in their racks to be taken up again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from compiler.target import commands as c
from simulate.liquids import Kind, Parcel

if TYPE_CHECKING:
    from simulate.ledger import Drawn


@dataclass(frozen=True, slots=True)
class Plug:
    """A plug of liquid in a tip; `drawn` None is air."""

    volume_ul: float
    parcel: Parcel
    drawn: Drawn | None
    kind: Kind = "single"
    position: str = "single"

    def split(self, volume_ul: float) -> tuple[Plug, Plug]:
        """The last `volume_ul` of it, and the rest."""
        share = volume_ul / self.volume_ul
        out = replace(self, volume_ul=volume_ul, parcel=self.parcel.share(share))
        rest = replace(
            self, volume_ul=self.volume_ul - volume_ul, parcel=self.parcel.share(1 - share)
        )
        return out, rest


@dataclass(slots=True)
class Tip:
    """A tip: its place in the rack, the plugs in it (the first drawn first).

    `since` counts the tips of the run in the order in which they were first taken.
    """

    ref: c.WellRef
    since: int
    plugs: list[Plug] = field(default_factory=list)

    @property
    def liquid_ul(self) -> float:
        """The liquid in it."""
        return sum(plug.volume_ul for plug in self.plugs if plug.drawn is not None)

    def pop(self, volume_ul: float) -> list[Plug]:
        """What leaves the tip when `volume_ul` is pushed out: the last drawn first."""
        out: list[Plug] = []
        left = volume_ul
        while self.plugs and left > 1e-9:
            plug = self.plugs.pop()
            if plug.volume_ul > left + 1e-9:
                part, rest = plug.split(left)
                self.plugs.append(rest)
                plug = part
            left -= plug.volume_ul
            out.append(plug)
        return out


@dataclass(slots=True)
class Racks:
    """The tips of a run from part to part: used ones that wait in their places (`parked`), and
    places whose tip is in the trash (`empty`, with the part in which it went)."""

    parked: dict[c.WellRef, Tip] = field(default_factory=dict)
    empty: dict[c.WellRef, int] = field(default_factory=dict)
    taken: int = 0

    def take(self, ref: c.WellRef) -> Tip:
        """The tip of a place: the one that waits there, else a new one."""
        if ref in self.parked:
            return self.parked.pop(ref)
        self.taken += 1
        return Tip(ref, self.taken)

    def copy(self) -> Racks:
        """The same racks, which may go another way from here."""
        return Racks(dict(self.parked), dict(self.empty), self.taken)

    def refill(self, rack: str) -> None:
        """The operator replaces a rack with a full one."""
        self.parked = {ref: tip for ref, tip in self.parked.items() if ref.labware != rack}
        self.empty = {ref: part for ref, part in self.empty.items() if ref.labware != rack}
