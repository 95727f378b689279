"""What a well or a tip holds, and how it separates into layers.

Liquids that do not mix with water separate from water and what mixes with it, at once; density
decides which lies lower. A solute stays with the liquid it came in; a solid that somebody added
goes with the aqueous layer where there is one (it leaves no trace in any volume).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Kind = Literal["single", "organic", "aqueous"]
Home = Literal["organic", "aqueous", ""]

_Key = TypeVar("_Key")

_NOTHING_UL = 1e-6  # rounding of repeated additions, far below any drop


@dataclass(frozen=True, slots=True, order=True)
class Liquid:
    """A liquid as the plan describes it. `miscibility` with water: "water", "miscible" or
    "immiscible"; "unknown" for what a script declares without a plan."""

    name: str
    density_g_ml: float
    miscibility: str

    @property
    def home(self) -> Home:
        """The layer that it belongs to, where there are two."""
        return "organic" if self.miscibility == "immiscible" else "aqueous"


@dataclass(frozen=True, slots=True)
class Parcel:
    """An amount of liquid: µL of each liquid, mmol of each substance and where that belongs."""

    liquids: Mapping[Liquid, float] = field(default_factory=dict)
    mmol: Mapping[tuple[str, Home], float] = field(default_factory=dict)

    @property
    def volume_ul(self) -> float:
        """The volume, in µL; volumes add up."""
        return sum(self.liquids.values())

    def plus(self, other: Parcel) -> Parcel:
        """Both together."""
        return Parcel(_sum(self.liquids, other.liquids), _sum(self.mmol, other.mmol))

    def share(self, fraction: float) -> Parcel:
        """A part of it, alike throughout."""
        return Parcel(
            {liquid: volume * fraction for liquid, volume in self.liquids.items()},
            {key: mmol * fraction for key, mmol in self.mmol.items()},
        )

    def substances(self) -> dict[str, float]:
        """mmol of each substance, in order of name."""
        total: dict[str, float] = {}
        for (name, _), mmol in self.mmol.items():
            total[name] = total.get(name, 0.0) + mmol
        return dict(sorted(total.items()))


EMPTY = Parcel()


def _sum(a: Mapping[_Key, float], b: Mapping[_Key, float]) -> dict[_Key, float]:
    together = dict(a)
    for key, amount in b.items():
        together[key] = together.get(key, 0.0) + amount
    return together


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a well's contents."""

    kind: Kind
    position: str  # "single" | "lower" | "upper"
    parcel: Parcel
    density_g_ml: float | None

    @property
    def volume_ul(self) -> float:
        """The layer's volume, in µL."""
        return self.parcel.volume_ul


def layers(parcel: Parcel) -> tuple[Layer, ...]:
    """The layers of a well's contents, the lower one first; none for an empty well."""
    waters = any(
        liquid.miscibility == "water" and volume > _NOTHING_UL
        for liquid, volume in parcel.liquids.items()
    )
    oils = any(
        liquid.miscibility == "immiscible" and volume > _NOTHING_UL
        for liquid, volume in parcel.liquids.items()
    )
    if parcel.volume_ul <= _NOTHING_UL:
        return ()
    if not (waters and oils):
        return (Layer("single", "single", parcel, density(parcel)),)
    organic, aqueous = _part(parcel, ("organic",)), _part(parcel, ("aqueous", ""))
    heavy_organic = (density(organic) or 0.0) > (density(aqueous) or 0.0)
    ordered: tuple[tuple[Kind, Parcel], ...] = (("organic", organic), ("aqueous", aqueous))
    if not heavy_organic:
        ordered = ordered[::-1]
    return tuple(
        Layer(kind, position, part, density(part))
        for (kind, part), position in zip(ordered, ("lower", "upper"), strict=True)
    )


def density(parcel: Parcel) -> float | None:
    """g/mL, volumes being additive; None for nothing, or for an unknown liquid."""
    if not parcel.liquids or any(liquid.density_g_ml <= 0 for liquid in parcel.liquids):
        return None
    mass = sum(liquid.density_g_ml * volume for liquid, volume in parcel.liquids.items())
    return mass / parcel.volume_ul if parcel.volume_ul > 0 else None


def total(parcels: Iterable[Parcel]) -> Parcel:
    """All of them together."""
    together = EMPTY
    for parcel in parcels:
        together = together.plus(parcel)
    return together


def _part(parcel: Parcel, homes: tuple[str, ...]) -> Parcel:
    return Parcel(
        {liquid: volume for liquid, volume in parcel.liquids.items() if liquid.home in homes},
        {key: mmol for key, mmol in parcel.mmol.items() if key[1] in homes},
    )
