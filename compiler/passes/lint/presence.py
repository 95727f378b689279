"""What is together in a vessel: every compound with its amount, and the step that brought it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compiler.chemistry.mixture import WATER
from compiler.diagnostics.finding import Span
from compiler.stages.charges import Liquid, Miscibility, Recipe, Substance, Supplied

_NOTHING_MMOL = 1e-9
_SOLVENT_SHARE = 0.10  # a liquid that is less of a vessel than this is a reagent, not a solvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A compound in a vessel during a step; `mmol` is what was charged and has not been drawn.

    `came_at` is the index of the step that brought it into this vessel and `span` the place in
    the procedure that did. `share` is its part of the liquid by volume, 0 for a solute.
    """

    key: str
    label: str
    substance: Substance
    mmol: float
    came_at: int
    span: Span
    share: float
    supplied: Supplied | None

    @property
    def classes(self) -> frozenset[str]:
        """Its SMARTS classes."""
        return self.substance.classes

    @property
    def is_solvent(self) -> bool:
        """Whether it is a main liquid of the vessel."""
        return self.share >= _SOLVENT_SHARE

    def any_of(self, classes: Iterable[str]) -> bool:
        """Whether it belongs to one of the classes."""
        return not self.classes.isdisjoint(classes)


@dataclass(slots=True)
class Arrivals:
    """Follows, vessel by vessel, what came in at which step."""

    recipe: Recipe
    liquids: Mapping[str, Liquid]
    _came: dict[str, dict[str, tuple[int, Span]]] = field(default_factory=dict)
    _purified: dict[str, int] = field(default_factory=dict)

    def purified(self, vessel: str, index: int) -> None:
        """What was in a vessel before a purification is not known to be there after it."""
        self._purified[vessel] = index

    def look(
        self,
        vessel: str,
        index: int,
        cause: Span,
        mmol: Mapping[str, float],
        liquids_ul: Mapping[str, float],
    ) -> tuple[Present, ...]:
        """What a vessel holds at a step, in the order in which it came."""
        before = self._came.get(vessel, {})
        now = {
            key: before.get(key, (index, cause))
            for key, amount in mmol.items()
            if amount > _NOTHING_MMOL
        }
        self._came[vessel] = now
        gone_until = self._purified.get(vessel, -1)
        total_ul = sum(liquids_ul.values())
        shares = self._shares(liquids_ul, total_ul)
        found = []
        for key, (came_at, span) in now.items():
            substance = self._substance(key)
            if substance is None or came_at <= gone_until:
                continue
            supplied = self.recipe.supplied.get(key)
            found.append(
                Present(
                    key=key,
                    label=supplied.label if supplied is not None else key,
                    substance=substance,
                    mmol=mmol[key],
                    came_at=came_at,
                    span=span,
                    share=shares.get(_liquid_name(key, supplied), 0.0),
                    supplied=supplied,
                )
            )
        return tuple(found)

    def _shares(self, liquids_ul: Mapping[str, float], total_ul: float) -> dict[str, float]:
        """Liquid name -> its part of the volume; all aqueous solutions count as water."""
        shares: dict[str, float] = {}
        if total_ul <= 0:
            return shares
        for name, volume_ul in liquids_ul.items():
            liquid = self.liquids.get(name)
            watery = liquid is not None and liquid.miscibility is Miscibility.WATER
            at = WATER if watery else name
            shares[at] = shares.get(at, 0.0) + volume_ul / total_ul
        return shares

    def _substance(self, key: str) -> Substance | None:
        supplied = self.recipe.supplied.get(key)
        if supplied is not None:
            return supplied.substance
        liquid = self.liquids.get(key)
        if liquid is not None:
            return liquid.substance
        return _water() if key == WATER else None


def _liquid_name(key: str, supplied: Supplied | None) -> str:
    """The name under which a material's own liquid stands in a vessel."""
    if supplied is None or len(supplied.liquids) != 1 or supplied.medium is not None:
        return key
    return supplied.liquids[0].name


def _water() -> Substance | None:
    from compiler.chemistry.catalogue import Compound, load_catalogue

    entry = next(iter(load_catalogue().find(WATER)), None)
    return entry.substance() if isinstance(entry, Compound) else None
