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


@dataclass(frozen=True, slots=True)
class _Share:
    """An acid or base of the acidic end.

    `capacity` is P x V(organic) / V(water) at the most, for what may be in the other layer;
    `amine` says that Boc2O takes it.
    """

    protolyte: Protolyte
    mmol: float
    capacity: float
    amine: bool


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Both ends without volume and CO2, and all CO2 that there is (mmol)."""

    ends: Acidity
    co2: float


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
        ends, co2 = gathered.ends, gathered.co2
        lost = self._lose(key, co2, ends.acidic)
        acid, volume_ul = carbonic_acid(), water.volume_ul
        return Acidity(
            replace(_with(ends.acidic, (acid, co2)), volume_ul=volume_ul),
            replace(_with(ends.basic, (acid, max(co2 - lost, 0.0))), volume_ul=volume_ul),
        )

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
        return 0.0 if isinstance(gathered, NotKnown) else gathered.co2

    def _gather(self, contents: Contents, organic_per_water: float) -> _Gathered | NotKnown:
        """Everything that decides the pH, CO2 by itself."""
        known = rules()
        acidic: list[_Share] = []
        basic: list[tuple[Protolyte, float]] = []
        strong = [0.0, 0.0]
        carbonate = dicarbonate = 0.0
        for substance, found, mmol in self._members(contents):
            if found.unknown is not None:
                return NotKnown(found.unknown)
            if known.dicarbonate_class in substance.classes:
                dicarbonate += mmol
            amine = known.blocked_amine_class in substance.classes
            capacity = 0.0 if is_salt(substance) else known.partition_most * organic_per_water
            for one, n in found.acidic.protolytes:
                if one.name == CARBONIC:
                    carbonate += n * mmol
                else:
                    base = one.charge > 0
                    acidic.append(_Share(one, n * mmol, capacity * base, amine and base))
            basic += [(p, n * mmol) for p, n in found.basic.protolytes if p.name != CARBONIC]
            strong[0] += found.acidic.strong * mmol
            strong[1] += found.basic.strong * mmol
        formed, acidic = _blocked(dicarbonate, acidic)
        drawn_away = tuple((shifted(one.protolyte, one.capacity), one.mmol) for one in acidic)
        ends = Acidity(
            _with(Solution(strong[0], (), 0.0), *drawn_away),
            _with(Solution(strong[1], (), 0.0), *basic),
        )
        return _Gathered(ends, carbonate + formed)

    def _members(self, contents: Contents) -> Iterator[tuple[Substance, Brings, float]]:
        """Everything in a vessel that may have a part in its pH, with its mmol."""
        supplied = self.recipe.supplied
        for held in contents.liquids:
            if held.key in supplied:
                yield supplied[held.key].substance, self.brings(held.key), held.mmol
            elif held.liquid.miscibility is not Miscibility.WATER:
                substance = held.liquid.substance
                yield substance, substance_brings(substance), held.mmol
        for key, mmol in contents.solutes.items():
            if key in supplied:
                yield supplied[key].substance, self.brings(key), mmol

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


def _blocked(dicarbonate_mmol: float, shares: list[_Share]) -> tuple[float, list[_Share]]:
    """(CO2, shares): each Boc2O takes one basic site of an amine and sets one CO2 free.

    What remains of an amine with two sites is a first site again: the weakest one has gone.
    """
    left = dicarbonate_mmol
    changed: list[_Share] = []
    for one in shares:
        taken = min(left, one.mmol) if one.amine else 0.0
        left -= taken
        rest = one.protolyte
        rest = replace(rest, pka=rest.pka[1:], charge=rest.charge - 1)
        changed.append(replace(one, mmol=one.mmol - taken))
        if taken and rest.pka:
            changed.append(replace(one, protolyte=rest, mmol=taken, amine=False))
    return dicarbonate_mmol - left, changed
