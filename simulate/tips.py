"""What a tip holds: plugs of liquid and air, the last drawn nearest to its mouth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from compiler.target import commands as c
from simulate.ledger import Drawn
from simulate.liquids import Kind, Parcel


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
    """A tip: its place in the rack, the plugs in it (the first drawn first)."""

    ref: c.WellRef
    since: int
    plugs: list[Plug] = field(default_factory=list)

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
