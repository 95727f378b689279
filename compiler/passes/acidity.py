"""The acid-base side of the books: what decides the pH in a vessel, as a bracket.

The acidic end keeps all CO2 in solution, lets Boc2O have taken its amine and halides have given
their acid, and takes the lowest pKa of a range; the basic end lets CO2 go as far as acid sets it
free, and takes the highest pKa. What is charged counts, whatever layer it is in: an ion stays in
the water, and the neutral form of an amine may be in the other layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from compiler.chemistry.acid_base import Protolyte, Solution, ph_of, shifted
from compiler.chemistry.ionisation import (
    CARBONIC,
    Brings,
    brings,
    carbonic_acid,
    rules,
    substance_brings,
)
from compiler.chemistry.mixture import Contents
from compiler.chemistry.phases import Layer, is_salt
from compiler.stages.charges import Miscibility, Recipe, Substance, Supplied

BICARBONATE_PH = 8.34  # of NaHCO3 in water, (pKa1 + pKa2) / 2: below it CO2 leaves
_Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Acidity:
    """The two ends of what is in the water of a vessel."""

    acidic: Solution
    basic: Solution

    def plus(self, added: Acidity) -> Acidity:
        """With something poured in."""
        return Acidity(self.acidic.plus(added.acidic), self.basic.plus(added.basic))

    def bracket(self) -> tuple[float, float]:
        """The lowest and the highest pH."""
        ends = ph_of(self.acidic), ph_of(self.basic)
        return min(ends), max(ends)


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Why the pH of a vessel cannot be known."""

    why: str


@dataclass(slots=True)
class AcidBook:
    """How much CO2 each vessel may have lost so far; everything else follows from its contents.

    `reckons` says whether snapshots get a pH: that costs an import of SciPy.
    """

    recipe: Recipe
    reckons: bool
    _lost_mmol: dict[_Key, float] = field(default_factory=dict)

    def bracket(
        self, key: _Key, contents: Contents, split: tuple[Layer, ...]
    ) -> tuple[float, float] | None:
        """The pH in a vessel as (lowest, highest), where it is wanted and can be known."""
        if not self.reckons or not contents.known:
            return None
        found = self.state(key, contents, split)
        return found.bracket() if isinstance(found, Acidity) else None

    def state(self, key: _Key, contents: Contents, split: tuple[Layer, ...]) -> Acidity | NotKnown:
        """What decides the pH in a vessel now. Call it after each change: it keeps track of CO2."""
        water = _aqueous(split)
        if water is None:
            return NotKnown("it holds no water")
        share = _water_ul(water) / water.volume_ul
        if share < rules().water_share:
            return NotKnown(f"only {100 * share:.0f} % of its aqueous layer is water")
        organic_ul = contents.volume_ul - water.volume_ul
        gathered = self._gather(contents, organic_ul / water.volume_ul)
        if isinstance(gathered, NotKnown):
            return gathered
        ends, carbonate, formed, blocked = gathered
        kept = carbonate + formed
        lost = self._lose(key, kept, ends.acidic)
        acid = carbonic_acid()
        acidic = _with(ends.acidic, (acid, kept), *blocked)
        basic = _with(ends.basic, (acid, max(kept - lost, 0.0)))
        volume_ul = water.volume_ul
        return Acidity(replace(acidic, volume_ul=volume_ul), replace(basic, volume_ul=volume_ul))

    def _lose(self, key: _Key, kept_mmol: float, acidic: Solution) -> float:
        """CO2 that may have left by now: what the other acids have set free at the most."""
        alkalinity = acidic.charge_mmol(BICARBONATE_PH)
        now = kept_mmol - min(max(alkalinity, 0.0), kept_mmol)
        lost = min(max(self._lost_mmol.get(key, 0.0), now), kept_mmol)
        self._lost_mmol[key] = lost
        return lost

    def carry(self, source: _Key, into: _Key, before: Contents, drawn: Contents) -> None:
        """What has been lost belongs to the carbonate that is drawn, wherever it goes."""
        lost = self._lost_mmol.get(source, 0.0)
        held = self._carbonate(before)
        if lost <= 0 or held <= 0:
            return
        moved = lost * min(self._carbonate(drawn) / held, 1.0)
        self._lost_mmol[source] = lost - moved
        self._lost_mmol[into] = self._lost_mmol.get(into, 0.0) + moved

    def _carbonate(self, contents: Contents) -> float:
        gathered = self._gather(contents, 0.0)
        return 0.0 if isinstance(gathered, NotKnown) else gathered[1] + gathered[2]

    def _gather(
        self, contents: Contents, organic_per_water: float
    ) -> tuple[Acidity, float, float, tuple[tuple[Protolyte, float], ...]] | NotKnown:
        """The ends without CO2; CO2 of carbonates; CO2 from Boc2O; what Boc2O leaves of amines.

        The acidic end has the amines as Boc2O left them, so the fourth part is what it adds.
        """
        known = rules()
        acidic = basic = Solution(0.0, (), 0.0)
        carbonate = dicarbonate = 0.0
        amines: list[tuple[tuple[Protolyte, ...], float]] = []
        for _, substance, found, mmol in self._members(contents):
            if found.unknown is not None:
                return NotKnown(found.unknown)
            if known.dicarbonate_class in substance.classes:
                dicarbonate += mmol
            own = [(p, n * mmol) for p, n in found.acidic.protolytes if p.name != CARBONIC]
            carbonate += sum(n * mmol for p, n in found.acidic.protolytes if p.name == CARBONIC)
            if known.blocked_amine_class in substance.classes:
                amines.append((tuple(p for p, _ in own if p.charge > 0), mmol))
            capacity = 0.0 if is_salt(substance) else known.partition_most * organic_per_water
            acidic = _with(
                acidic, *((shifted(p, capacity) if p.charge > 0 else p, n) for p, n in own)
            )
            basic = _with(
                basic, *((p, n * mmol) for p, n in found.basic.protolytes if p.name != CARBONIC)
            )
            acidic = replace(acidic, strong_mmol=acidic.strong_mmol + found.acidic.strong * mmol)
            basic = replace(basic, strong_mmol=basic.strong_mmol + found.basic.strong * mmol)
        formed, change = _blocked(dicarbonate, amines)
        return Acidity(acidic, basic), carbonate, formed, change

    def _members(self, contents: Contents) -> Iterator[tuple[str, Substance, Brings, float]]:
        """Everything in a vessel that may have a part in its pH: name, what it is, mmol."""
        supplied = self.recipe.supplied
        for held in contents.liquids:
            if held.key in supplied:
                yield held.key, supplied[held.key].substance, self.brings(held.key), held.mmol
            elif held.liquid.miscibility is not Miscibility.WATER:
                substance = held.liquid.substance
                yield held.key, substance, substance_brings(substance), held.mmol
        for key, mmol in contents.solutes.items():
            if key in supplied:
                yield key, supplied[key].substance, self.brings(key), mmol

    def brings(self, material: str) -> Brings:
        """What a mol of a material brings, its declared salt included."""
        declared = self.recipe.procedure.materials.get(material)
        return brings(self.recipe.supplied[material], declared.salt if declared else None)

    def titrant(self, supplied: Supplied) -> Acidity | NotKnown:
        """1 mmol of an acid or base as it is supplied."""
        found = self.brings(supplied.key)
        if found.unknown is not None:
            return NotKnown(found.unknown)
        volume_ul = 1000.0 / supplied.molarity_mol_l if supplied.molarity_mol_l else 0.0
        return Acidity(
            Solution(found.acidic.strong, found.acidic.protolytes, volume_ul),
            Solution(found.basic.strong, found.basic.protolytes, volume_ul),
        )


def _aqueous(split: tuple[Layer, ...]) -> Layer | None:
    return next((layer for layer in split if _water_ul(layer) > 0), None)


def _water_ul(layer: Layer) -> float:
    return sum(
        held.volume_ul
        for held in layer.contents.liquids
        if held.liquid.miscibility is Miscibility.WATER
    )


def _with(solution: Solution, *more: tuple[Protolyte, float]) -> Solution:
    present = tuple((protolyte, mmol) for protolyte, mmol in more if mmol)
    return replace(solution, protolytes=(*solution.protolytes, *present))


def _blocked(
    dicarbonate_mmol: float, amines: list[tuple[tuple[Protolyte, ...], float]]
) -> tuple[float, tuple[tuple[Protolyte, float], ...]]:
    """(CO2, change): each Boc2O takes one basic site of an amine and sets one CO2 free.

    The change replaces an amine by one with a site less: its weakest, since what remains is a
    first site again. A negative amount takes the intact amine away.
    """
    left = dicarbonate_mmol
    change: list[tuple[Protolyte, float]] = []
    for protolytes, mmol in amines:
        taken = min(left, mmol)
        left -= taken
        for one in protolytes[:1]:
            change += [(one, -taken), (replace(one, pka=one.pka[1:], charge=one.charge - 1), taken)]
    return dicarbonate_mmol - left, tuple(change)
