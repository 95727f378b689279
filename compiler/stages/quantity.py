"""A quantity as a document states it, in the canonical unit of its dimension."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compiler.diagnostics.finding import Span


class Dimension(StrEnum):
    """What a quantity measures. The canonical unit of each stands beside it."""

    TIME = "time"  # s
    TEMPERATURE = "temperature"  # degC
    TEMPERATURE_DIFFERENCE = "temperature difference"  # K
    VOLUME = "volume"  # uL
    AMOUNT = "amount of substance"  # mmol
    MASS = "mass"  # mg
    EQUIVALENTS = "equivalents"  # mol per mol of the basis
    CONCENTRATION = "concentration"  # mol/L = mmol/mL
    DENSITY = "density"  # g/mL
    VOLUME_RATE = "volume per time"  # uL/s
    VOLUME_PER_AMOUNT = "volume per amount"  # uL/mmol
    VOLUME_PER_MASS = "volume per mass"  # uL/mg
    FRACTION = "fraction"  # 1 (0.97 for 97 %)
    MASS_FRACTION = "mass fraction"  # 1 (0.37 for 37 wt%)
    PRESSURE = "pressure"  # kPa
    SPEED = "rotation"  # rpm
    LENGTH = "length"  # mm
    PH = "pH"  # 1
    MOLAR_MASS = "molar mass"  # g/mol


class Origin(StrEnum):
    """How the planned value came to be."""

    WRITTEN = "written"  # one number stands in the document
    PLANNED = "planned"  # {between: ..., plan: ...}
    LOW_END = "low end"  # a range without a plan
    OPEN = "open"  # a temperature range: the bench decides (nearest the middle)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, or a range of them, or a hole.

    `low` and `high` are what the chemistry allows, `plan` what is planned inside; all three are
    in the canonical unit of `dimension`, and equal for a plain number. `plan` is None for a
    temperature range whose plan the bench decides (`Origin.OPEN`) and for a hole. `text` is
    what the document says.
    """

    dimension: Dimension
    low: float
    high: float
    plan: float | None
    origin: Origin
    text: str
    span: Span
    assumed: str | None = None
    hole: bool = False

    @property
    def value(self) -> float:
        """The planned number; raises ValueError for a hole or an open range."""
        if self.plan is None:
            raise ValueError(f"{self.text!r} has no planned value")
        return self.plan

    @property
    def is_range(self) -> bool:
        """Whether the document allows more than one value."""
        return self.low != self.high
