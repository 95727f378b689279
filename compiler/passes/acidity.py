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
    """Both ends without volume and CO2; mmol of carbonate, and of amine that met Boc2O."""

    ends: Acidity
    carbonate: float
    blocked: float


@dataclass(slots=True)
class AcidBook:
    """What contents alone do not tell: CO2 that formed in each vessel, and that it may have lost.

    `reckons` says whether snapshots get a pH: that costs an import of SciPy.
    """

    recipe: Recipe
    reckons: bool
    _lost_mmol: dict[_Key, float] = field(default_factory=dict)
    _formed_mmol: dict[_Key, float] = field(default_factory=dict)
    _spent_mmol: dict[_Key, float] = field(default_factory=dict)

    def bracket(
        self, key: _Key, contents: Contents, split: tuple[Layer, ...]
    ) -> tuple[float, float] | None:
        """The pH in a vessel as (lowest, highest), where it is wanted and can be known."""
        if not self.reckons or not contents.known:
            return None
        found = self.state(key, contents, split)
        return found.bracket() if isinstance(found, Acidity) else None

    def state(
        self, key: _Key, contents: Contents, split: tuple[Layer, ...], *, watered: bool = False
    ) -> Acidity | NotKnown:
        """What decides the pH in a vessel now. Call it after each change: it keeps track of CO2.

        `watered` says that water is about to come: where there is none, and nothing that mixes
        with it, the volume is then 0.
        """
        water = _aqueous(split)
        cosolvent = any(h.liquid.miscibility is Miscibility.MISCIBLE for h in contents.liquids)
        if water is None and (cosolvent or not watered):
            return NotKnown("it holds no water")
        share = _water_ul(water.contents) / water.volume_ul if water else 1.0
        if share < rules().water_share:
            return NotKnown(f"only {100 * share:.0f} % of its aqueous layer is water")
        volume_ul = water.volume_ul if water else 0.0
        organic_ul = contents.volume_ul - volume_ul
        gathered = self._gather(contents, organic_ul / volume_ul if volume_ul else 0.0)
        if isinstance(gathered, NotKnown):
            return gathered
        ends, co2 = gathered.ends, gathered.carbonate + self._formed(key, gathered.blocked)
        lost = self._lose(key, co2, ends.acidic)
        acid = carbonic_acid()
        least = max(gathered.carbonate - lost, 0.0)  # Boc2O has not reacted, and CO2 has left
        return Acidity(
            replace(_with(ends.acidic, (acid, co2)), volume_ul=volume_ul),
            replace(_with(ends.basic, (acid, least)), volume_ul=volume_ul),
        )

    def _formed(self, key: _Key, blocked_mmol: float) -> float:
        """CO2 from Boc2O so far: each mmol of it counts once, wherever it goes afterwards."""
        new = max(blocked_mmol - self._spent_mmol.get(key, 0.0), 0.0)
        self._spent_mmol[key] = self._spent_mmol.get(key, 0.0) + new
        self._formed_mmol[key] = self._formed_mmol.get(key, 0.0) + new
        return self._formed_mmol[key]

    def _lose(self, key: _Key, co2_mmol: float, acidic: Solution) -> float:
        """CO2 that may have left by now: what the other acids have set free at the most."""
        alkalinity = acidic.charge_mmol(BICARBONATE_PH)
        now = co2_mmol - min(max(alkalinity, 0.0), co2_mmol)
        lost = min(max(self._lost_mmol.get(key, 0.0), now), co2_mmol)
        self._lost_mmol[key] = lost
        return lost

    def carry(self, source: _Key, into: _Key, before: Contents, drawn: Contents) -> None:
        """The history of what is drawn goes along: CO2 with the water, spent Boc2O with Boc2O."""
        water = _share(_water_ul(drawn), _water_ul(before), drawn.volume_ul, before.volume_ul)
        for history in (self._lost_mmol, self._formed_mmol):
            _move(history, source, into, water)
        boc2o = _share(self._boc2o_mmol(drawn), self._boc2o_mmol(before))
        _move(self._spent_mmol, source, into, boc2o)

    def _boc2o_mmol(self, contents: Contents) -> float:
        mark = rules().dicarbonate_class
        supplied = self.recipe.supplied
        return sum(
            mmol
            for key, mmol in contents.solutes.items()
            if key in supplied and mark in supplied[key].substance.classes
        )

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
        blocked, acidic = _blocked(dicarbonate, acidic)
        drawn_away = tuple((shifted(one.protolyte, one.capacity), one.mmol) for one in acidic)
        ends = Acidity(
            _with(Solution(strong[0], (), 0.0), *drawn_away),
            _with(Solution(strong[1], (), 0.0), *basic),
        )
        return _Gathered(ends, carbonate, blocked)

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
        declared = self.recipe.material(material)
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
    return next((layer for layer in split if _water_ul(layer.contents) > 0), None)


def _water_ul(contents: Contents) -> float:
    return sum(
        held.volume_ul for held in contents.liquids if held.liquid.miscibility is Miscibility.WATER
    )


def _share(part: float, whole: float, else_part: float = 0.0, else_whole: float = 0.0) -> float:
    """part / whole, or that of the others where there is no whole."""
    if whole <= 0:
        part, whole = else_part, else_whole
    return min(part / whole, 1.0) if whole > 0 else 0.0


def _move(history: dict[_Key, float], source: _Key, into: _Key, share: float) -> None:
    moved = history.get(source, 0.0) * share
    if moved > 0:
        history[source] -= moved
        history[into] = history.get(into, 0.0) + moved


def _with(solution: Solution, *more: tuple[Protolyte, float]) -> Solution:
    present = tuple((protolyte, mmol) for protolyte, mmol in more if mmol)
    return replace(solution, protolytes=(*solution.protolytes, *present))


def _blocked(dicarbonate_mmol: float, shares: list[_Share]) -> tuple[float, list[_Share]]:
    """(CO2, shares): each Boc2O takes one basic site of an amine and sets one CO2 free.

    What remains of an amine with two sites is a first site again (the weakest one has gone), and
    less basic than before.
    """
    left = dicarbonate_mmol
    changed: list[_Share] = []
    for one in shares:
        taken = min(left, one.mmol) if one.amine else 0.0
        left -= taken
        rest = one.protolyte
        lower = tuple(step - rules().acylated_lowering for step in rest.pka[1:])
        rest = replace(rest, pka=lower, charge=rest.charge - 1)
        changed.append(replace(one, mmol=one.mmol - taken))
        if taken and rest.pka:
            changed.append(replace(one, protolyte=rest, mmol=taken, amine=False))
    return dicarbonate_mmol - left, changed
