"""What every document is made of: the places of values, mixtures, amounts, acknowledgements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.diagnostics.finding import Span
from compiler.stages.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Spans:
    """Where a mapping stands, and where the value of each of its keys does."""

    whole: Span
    keys: Mapping[str, Span] = field(default_factory=dict)

    def at(self, key: str) -> Span:
        """The span of the value under `key`, or of the whole mapping where the key is absent."""
        return self.keys.get(key, self.whole)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A finding that somebody accepts, and why. `step` None means any step."""

    code: str
    step: str | None
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Mixture:
    """A liquid named in `in:` or `with:`: parts by volume of named solvents, summing to 1."""

    fractions: Mapping[str, float]
    span: Span

    @property
    def name(self) -> str:
        """`DCM`, or `DCM/MeOH 9:1`."""
        names = list(self.fractions)
        if len(names) == 1:
            return names[0]
        smallest = min(self.fractions.values())
        ratio = ":".join(f"{part / smallest:g}" for part in self.fractions.values())
        return f"{'/'.join(names)} {ratio}"


class AmountKind(StrEnum):
    """What an `amount` is measured in."""

    EQUIVALENTS = "equiv"
    AMOUNT = "mmol"  # of the solute
    MASS = "mg"  # of the solute
    VOLUME = "uL"  # of the liquid as supplied
    VOLUME_PER_AMOUNT = "uL/mmol"  # of the basis
    VOLUME_PER_MASS = "uL/mg"  # of the basis
    MAKE_UP_TO = "make up to"  # a concentration of the basis, in mol/L


@dataclass(frozen=True, slots=True)
class Amount:
    """An `amount` or `volume` of a step. `at_scale` (mmol) is what an absolute one refers to."""

    kind: AmountKind
    quantity: Quantity
    at_scale: Quantity | None = None
