"""What a vessel holds, component by component, and what comes with a liquid that is poured in.

Volumes are additive, and what is dissolved or suspended adds none: a solution's volume is that
of its solvent. That is how the worked references of the design reckon, and within the accuracy
of a pipette in dilute organic solution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from compiler.stages.charges import Charge, Liquid, Miscibility, Supplied
from compiler.stages.documents import Form

WATER = "water"
WATER_MW_G_MOL = 18.015
_RESIDUE_BP_C = 160.0  # what boils higher stays in the flask of a rotary evaporator


@dataclass(frozen=True, slots=True)
class Held:
    """One liquid in a vessel; `key` is the material under which its `mmol` are counted."""

    liquid: Liquid
    volume_ul: float
    key: str
    mmol: float

    def scaled(self, factor: float) -> Held:
        """The same liquid, `factor` times as much of it."""
        return replace(self, volume_ul=self.volume_ul * factor, mmol=self.mmol * factor)


@dataclass(frozen=True, slots=True)
class Contents:
    """A vessel's contents: liquids, solutes (mmol), and solids that stay solids (mmol).

    `known` is False after a step that could not be worked out: nothing is concluded from such
    contents, so that one mistake does not bring a page of findings.
    """

    liquids: tuple[Held, ...] = ()
    solutes: Mapping[str, float] = field(default_factory=dict)
    solids: Mapping[str, float] = field(default_factory=dict)
    known: bool = True

    @property
    def volume_ul(self) -> float:
        """The volume of all liquids (uL)."""
        return sum(held.volume_ul for held in self.liquids)

    @property
    def empty(self) -> bool:
        """Whether nothing at all is in the vessel."""
        return not (self.liquids or self.solutes or self.solids)

    def mmol(self) -> dict[str, float]:
        """Material -> mmol, solvents and solids included, in the order in which they came."""
        total: dict[str, float] = {}
        for held in self.liquids:
            total[held.key] = total.get(held.key, 0.0) + held.mmol
        for part in (self.solutes, self.solids):
            for key, amount in part.items():
                total[key] = total.get(key, 0.0) + amount
        return total

    def volumes_ul(self) -> dict[str, float]:
        """Liquid name -> uL."""
        total: dict[str, float] = {}
        for held in self.liquids:
            total[held.liquid.name] = total.get(held.liquid.name, 0.0) + held.volume_ul
        return total

    def density_g_ml(self) -> float:
        """The density by volume fraction; raises ValueError without liquid."""
        volume_ul = self.volume_ul
        if volume_ul <= 0:
            raise ValueError("no liquid, no density")
        return sum(h.volume_ul * h.liquid.density_g_ml for h in self.liquids) / volume_ul

    def scaled(self, factor: float) -> Contents:
        """The same mixture, `factor` times as much of it (solids stay where they are: none)."""
        return Contents(
            tuple(held.scaled(factor) for held in self.liquids),
            {key: amount * factor for key, amount in self.solutes.items()},
            {},
            self.known,
        )


def combine(first: Contents, second: Contents) -> Contents:
    """Both together; a liquid that is in both is one liquid, its density by volume."""
    liquids = list(first.liquids)
    for held in second.liquids:
        for index, old in enumerate(liquids):
            if (old.liquid.name, old.key) == (held.liquid.name, held.key):
                liquids[index] = _merged(old, held)
                break
        else:
            liquids.append(held)
    return Contents(
        tuple(liquids),
        _sum((first.solutes, second.solutes)),
        _sum((first.solids, second.solids)),
        first.known and second.known,
    )


def _merged(one: Held, other: Held) -> Held:
    volume_ul = one.volume_ul + other.volume_ul
    density = one.liquid.density_g_ml
    if volume_ul > 0:
        density = (
            one.volume_ul * one.liquid.density_g_ml + other.volume_ul * other.liquid.density_g_ml
        ) / volume_ul
    return replace(
        one,
        liquid=replace(one.liquid, density_g_ml=density),
        volume_ul=volume_ul,
        mmol=one.mmol + other.mmol,
    )


def _sum(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for key, amount in part.items():
            total[key] = total.get(key, 0.0) + amount
    return total


def composition_mmol_ml(supplied: Supplied) -> dict[str, float]:
    """Material -> mmol per mL of the liquid as it is drawn, its solvents included.

    The solute counts under the material's own key, an organic solvent under its name with its
    pure density, and the water of an aqueous solution as "water": what is left of the solution's
    mass once the solute's is taken off. Empty for a solid.
    """
    parts: dict[str, float] = {}
    if supplied.molarity_mol_l is not None and supplied.liquids:
        parts[supplied.key] = supplied.molarity_mol_l
    for liquid in supplied.liquids:
        key, mmol_ml = _solvent_part(supplied, liquid)
        if key != supplied.key or key not in parts:
            parts[key] = parts.get(key, 0.0) + mmol_ml
    return parts


def _solvent_part(supplied: Supplied, liquid: Liquid) -> tuple[str, float]:
    """The key under which a liquid is counted, and its mmol per mL of the whole."""
    if supplied.form is Form.NEAT and len(supplied.liquids) == 1:
        molarity = supplied.molarity_mol_l
        if molarity is None:
            molarity = 1000.0 * liquid.density_g_ml / liquid.substance.mw_g_mol
        return supplied.key, molarity
    mg_ml = 1000.0 * liquid.density_g_ml * liquid.fraction
    if liquid.miscibility is Miscibility.WATER:
        if supplied.molarity_mol_l is not None and len(supplied.liquids) == 1:
            mg_ml -= supplied.molarity_mol_l * supplied.substance.mw_g_mol
        return WATER, max(mg_ml, 0.0) / WATER_MW_G_MOL
    return liquid.name, mg_ml / liquid.substance.mw_g_mol


def poured(supplied: Supplied, charge: Charge, *, stays_solid: bool = False) -> Contents:
    """What one charge brings into a vessel."""
    mmol = charge.mmol or 0.0
    if not supplied.liquids:
        part = {charge.material: mmol} if charge.mmol is not None else {}
        return Contents(solids=part) if stays_solid else Contents(solutes=part)
    volume_ul = charge.volume_ul or 0.0
    liquids = []
    for liquid in supplied.liquids:
        key, mmol_ml = _solvent_part(supplied, liquid)
        liquids.append(
            Held(
                liquid,
                volume_ul * liquid.fraction,
                key,
                volume_ul / 1000.0 * mmol_ml,
            )
        )
    neat = supplied.form is Form.NEAT and len(liquids) == 1
    solutes = {charge.material: mmol} if charge.mmol is not None and not neat else {}
    if neat and charge.mmol is not None:
        liquids[0] = replace(liquids[0], mmol=mmol)
    return Contents(tuple(liquids), solutes)


def dried(contents: Contents) -> Contents:
    """What is left after concentration to dryness: solutes, and liquids that boil above 160 °C.

    A residue has no volume of its own any more.
    """
    residue = [
        {held.key: held.mmol} for held in contents.liquids if _boiling_c(held) > _RESIDUE_BP_C
    ]
    return Contents((), _sum((contents.solutes, *residue)), contents.solids, contents.known)


def _boiling_c(held: Held) -> float:
    """Where it boils; above everything where that is not known."""
    celsius = held.liquid.substance.boiling_c
    return math.inf if celsius is None else celsius


def boiled_down(contents: Contents, volume_ul: float) -> Contents:
    """Concentrated to a volume: the lowest boiling liquid goes first."""
    excess_ul = contents.volume_ul - volume_ul
    kept: dict[int, Held] = dict(enumerate(contents.liquids))
    by_boiling_point = sorted(kept, key=lambda i: (_boiling_c(contents.liquids[i]), i))
    for index in by_boiling_point:
        held = kept[index]
        gone_ul = min(max(excess_ul, 0.0), held.volume_ul)
        excess_ul -= gone_ul
        if gone_ul >= held.volume_ul:
            del kept[index]
        else:
            kept[index] = held.scaled(1.0 - gone_ul / held.volume_ul)
    return replace(contents, liquids=tuple(kept[index] for index in sorted(kept)))
