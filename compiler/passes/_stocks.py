"""Where the stocks stand, and how much of each the operator fills in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.passes._seats import takes_eight
from compiler.passes.house import resists
from compiler.stages.charges import Recipe, Supplied
from compiler.stages.documents import Extract, Filter, Form, Mixture, Monitor, Transfer
from compiler.stages.layout import Stock
from compiler.stages.operations import Deliver, DeliverDrops, Operation, at_once
from compiler.target.commands import WellRef
from compiler.target.labware import Labware, Well

SOURCE_MM = 1.0  # the tip draws this high above the bottom (Opentrons' default clearance)
DEAD_SLICE_MM = 2.0  # what stays: the slice below the tip, and as much again above its opening
DEAD_SHARE = 0.05  # XChem CAR plans 5 %
ROUND_UP_UL = 10.0  # nobody fills in 217.3 uL
DEAD_RULE = (
    "what the tip leaves, 1 mm above the bottom: the larger of 5 % of what is drawn (XChem CAR) "
    "and a slice of 2 mm (in a 2 mL vial 157 µL, in an 8 mL vial 353 µL; Greenaway's group leaves "
    "400 µL), the sum rounded up to 10 µL"
)


Keys = tuple[tuple[str, str], ...]
"""(step, reaction) of what is drawn at once: one, or the eight of a column."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is drawn of one material: uL for each (step, reaction) or column of them, in order.

    `by_eight`: some of it by eight tips at once, which need a trough.
    """

    material: str
    supplied: Supplied
    units: Mapping[Keys, float]
    by_eight: bool = False

    @property
    def drawn_ul(self) -> float:
        """The sum over steps and reactions."""
        return sum(self.units.values())


@dataclass(frozen=True, slots=True)
class Shelf:
    """Free wells of one labware, all of one size: candidates for stocks. `rank` 0 is best."""

    entry: str
    labware: Labware
    free: tuple[str, ...]
    rank: int


def needs(recipe: Recipe, operations: Sequence[Operation]) -> tuple[Need, ...]:
    """What every material is drawn for, in the order of first use."""
    found: dict[str, dict[Keys, float]] = {}
    eights: set[str] = set()
    for operation in operations:
        if isinstance(operation, Deliver | DeliverDrops):
            for group in at_once(operation.together, operation.volume_ul):
                material = operation.materials.get(group[0], operation.material)
                units = found.setdefault(material, {})
                keys = tuple((operation.step, reaction) for reaction in group)
                drawn_ul = sum(operation.volume_ul[reaction] for reaction in group)
                units[keys] = units.get(keys, 0.0) + drawn_ul
                if operation.together:
                    eights.add(material)
    supplies = {material: supplied_as(recipe, material) for material in found}
    return tuple(
        Need(material, supplied, units, material in eights)
        for material, units in found.items()
        if (supplied := supplies[material]) is not None
    )


def supplied_as(recipe: Recipe, material: str) -> Supplied | None:
    """What a material is; a mixture that steps name by its parts is made up as one stock."""
    if material in recipe.supplied:
        return recipe.supplied[material]
    for mixture in _mixtures(recipe):
        parts = [recipe.supplied.get(name) for name in mixture.fractions]
        known = [part for part in parts if part is not None]
        if mixture.name == material and known and len(known) == len(parts):
            return _mixed(material, known, tuple(mixture.fractions.values()))
    return None


def _mixtures(recipe: Recipe) -> Iterator[Mixture]:
    for step in recipe.procedure.steps:
        if isinstance(step, Extract):
            yield step.with_
        if isinstance(step, Transfer | Filter) and step.rinse is not None:
            yield step.rinse.with_
        if isinstance(step, Monitor) and step.dilute_with is not None:
            yield step.dilute_with


def _mixed(name: str, parts: Sequence[Supplied], fractions: Sequence[float]) -> Supplied:
    """Volumes are taken as additive, so the density is the mean by volume."""
    densities = [part.density_g_ml for part in parts]
    known = [density for density in densities if density is not None]
    weighted = zip(known, fractions, strict=False)
    return replace(
        parts[0],
        key=name,
        label=name,
        form=Form.NEAT,
        molarity_mol_l=None,
        density_g_ml=sum(d * f for d, f in weighted) if len(known) == len(parts) else None,
        liquids=tuple(
            replace(liquid, fraction=liquid.fraction * fraction)
            for part, fraction in zip(parts, fractions, strict=True)
            for liquid in part.liquids
        ),
        medium=None,
        declared=None,
    )


def filled_ul(drawn_ul: float, well: Well) -> float:
    """What is filled in for a volume to be drawn, dead volume included (see `DEAD_RULE`)."""
    dead = max(DEAD_SHARE * drawn_ul, well.shape.volume_ul(DEAD_SLICE_MM))
    return math.ceil((drawn_ul + dead) / ROUND_UP_UL - 1e-9) * ROUND_UP_UL


@dataclass(frozen=True, slots=True)
class Shelved:
    """Where one material's stocks stand; `source` for each (step, reaction)."""

    stocks: tuple[Stock, ...]
    source: Mapping[tuple[str, str], WellRef]


def shelve(need: Need, shelves: Sequence[Shelf], fill: float) -> Shelved | None:
    """Puts a material into the smallest single well that holds it, else into several of one rack.

    None where it does not fit anywhere. Shelves of a better rank come first in both tries.
    """
    usable = [
        shelf
        for shelf in shelves
        if resists(shelf.labware.material, need.supplied.liquids)
        and (takes_eight(shelf.labware) or not need.by_eight)
    ]

    def capacity(shelf: Shelf) -> float:
        return shelf.labware.wells[shelf.free[0]].capacity_ul

    for wells, size in ((1, capacity), (None, _negative(capacity))):
        for shelf in sorted((s for s in usable if s.free), key=lambda s: (s.rank, size(s))):
            shelved = _pack(need, shelf, shelf.free[:wells], fill)
            if shelved is not None:
                return shelved
    return None


def _negative(measure: Callable[[Shelf], float]) -> Callable[[Shelf], float]:
    return lambda shelf: -measure(shelf)


def _pack(need: Need, shelf: Shelf, free: Sequence[str], fill: float) -> Shelved | None:
    """Fills one well after the other; each (step, reaction) is served from one well."""
    left = list(need.units.items())
    stocks: list[Stock] = []
    source: dict[tuple[str, str], WellRef] = {}
    for name in free:
        well = shelf.labware.wells[name]
        drawn = 0.0
        while left and filled_ul(drawn + left[0][1], well) <= fill * well.capacity_ul:
            keys, volume = left.pop(0)
            drawn += volume
            source.update(dict.fromkeys(keys, WellRef(shelf.entry, name)))
        if drawn == 0.0 and left:
            return None
        volume_ul = filled_ul(drawn, well)
        stocks.append(
            Stock(
                material=need.material,
                supplied=need.supplied,
                well=WellRef(shelf.entry, name),
                volume_ul=volume_ul,
                dead_ul=volume_ul - drawn,
            )
        )
        if not left:
            return Shelved(tuple(stocks), source)
    return None
