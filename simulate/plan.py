"""The parts of a plan.json that a run is held against, typed.

Only what has to be proven is read: stocks and their compositions, the operator's charges, the
charges, draws, holds and the rest that the run must show. Lists that the plan leaves out are empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from compiler.target.commands import WellRef
from simulate.liquids import Parcel


class PlanFault(Exception):  # noqa: N818 - it says what happened
    """The plan can't be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A source: where it stands, how much of it, and what a µL of it is."""

    material: str
    well: WellRef
    volume_ul: float
    dead_ul: float
    per_ul: Parcel


@dataclass(frozen=True, slots=True)
class Portions:
    """An addition in n portions, one every `every_s`."""

    n: int
    every_s: float


@dataclass(frozen=True, slots=True)
class Drops:
    """An addition drop by drop. `pipette` is the pipette's name."""

    count: int
    drop_ul: float
    interval_s: float
    pipette: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One addition to one vessel; amounts are totals over its drops or portions. `per_ul` is what
    the operator pours in, where the plan says."""

    step: str
    reaction: str
    material: str
    vessel: str
    mmol: float | None
    mass_mg: float | None
    volume_ul: float | None
    by_operator: bool
    round: int
    portions: Portions | None
    drops: Drops | None
    per_ul: Parcel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One layer (or aliquot) out of a vessel."""

    step: str
    reaction: str
    vessel: str
    into: str | None
    round: int
    phase: str
    position: str
    volume_ul: float
    guard_ul: float | None
    interface_mm: float | None
    tip_mm: float | None
    by_operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Time that must pass, at a temperature and a speed where they are given."""

    step: str
    seconds: float
    celsius: float | None
    rpm: float | None
    module: str | None
    part: int | None


@dataclass(frozen=True, slots=True)
class Stand:
    """What each of `reactions` stands at least, with nothing done to it: in a step of its own, or
    (with `round`) before the layers of that round are drawn."""

    step: str
    seconds: float
    round: int | None
    reactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """`step` begins at most `within_s` after the end of `after`, in every reaction."""

    step: str
    after: str
    within_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """A set point. With `module`: that module goes there in this step (None: it goes off) and
    stays. With `vessel`: that vessel has it while the step adds to it."""

    step: str
    celsius: float | None
    tolerance_k: float
    vessel: str | None
    module: str | None
    part: int | None


@dataclass(frozen=True, slots=True)
class Mixing:
    """Mixing by pipette that a step must show in a well: cycles in all, and their stroke."""

    step: str
    well: WellRef
    cycles: int
    stroke_ul: float


@dataclass(frozen=True, slots=True)
class Contents:
    """What a vessel holds at a moment of a step."""

    step: str
    moment: str
    round: int
    reaction: str
    vessel: str
    volume_ul: float
    mmol: Mapping[str, float]
    solvents_ul: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step, in the plan's order."""

    id: str
    verb: str
    text: str
    by_operator: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """One part: its file and its number; the step and the length of the hold before it."""

    file: str
    part: int
    hold_step: str | None = None
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the robot does `n` times in a step, with its numbers (mm, uL, s, ...)."""

    do: str
    mount: str | None
    at: str | None
    numbers: Mapping[str, float]
    n: int

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """What it is, with which pipette, where."""
        return self.do, self.mount, self.at


@dataclass(frozen=True, slots=True)
class StepActions:
    """What the robot does in a step of a part (None: before the first step). `order` is a
    checksum over the actions' keys as they follow each other."""

    part: int
    step: str | None
    does: tuple[Action, ...]
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan, as the verifier reads it. `wells` is keyed by (reaction, vessel)."""

    wells: Mapping[tuple[str, str], WellRef]
    waste: Mapping[str, WellRef]
    stocks: tuple[Stock, ...]
    charges: tuple[Charge, ...]
    draws: tuple[Draw, ...]
    holds: tuple[Hold, ...]
    temperatures: tuple[Temperature, ...]
    mixes: tuple[Mixing, ...]
    contents: tuple[Contents, ...]
    steps: tuple[PlannedStep, ...]
    scripts: tuple[Script, ...]
    module_slots: Mapping[str, str]
    lower_bound_s: float | None
    robot: str | None
    actions: tuple[StepActions, ...] = ()
    clock: Mapping[str, float] = field(default_factory=dict)  # the robot's own parameters
    limits: tuple[Limit, ...] = ()
    stands: tuple[Stand, ...] = ()

    def well(self, reaction: str, vessel: str) -> WellRef | None:
        """Where a vessel of a reaction stands; waste by `waste.organic` and the like."""
        if vessel.startswith("waste"):
            return self.waste.get(vessel.removeprefix("waste").removeprefix(".") or "organic")
        return self.wells.get((reaction, vessel))

    def stock_wells(self, material: str) -> frozenset[WellRef]:
        """The wells from which a material may be drawn."""
        return frozenset(stock.well for stock in self.stocks if stock.material == material)


def part_of(plan: Plan, file: str) -> int:
    """The part that a script file is; 1 where the plan does not list it."""
    name = PurePath(file).name
    return next((s.part for s in plan.scripts if PurePath(s.file).name == name), 1)
