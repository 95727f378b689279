"""After `lower`: unit operations, in order, each for all reactions that it serves.

Which labware a vessel is and where that may stand is known; which slot, well or tip is not.
Volumes are keyed by reaction id, in the order of service. Every operation belongs to a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compiler.stages.charges import Assumption
from compiler.stages.contents import Draw, Ledger
from compiler.target.pipettes import Pipette

WELLS = "\N{LEFT-POINTING ANGLE BRACKET}wells\N{RIGHT-POINTING ANGLE BRACKET}"
"""Stands in a task's text for the wells, which are known only when the deck is laid out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How a kind of liquid is pipetted: a named set of parameters, from data/handling.json."""

    name: str
    prewet_cycles: int
    prewet_wait_s: float
    aspirate_ul_s: float
    dispense_ul_s: float
    air_gap_ul: float
    settle_s: float  # waited after aspirating, tip in the liquid
    withdraw_mm_s: float
    max_tip_fill: float  # share of the tip's volume
    touch_off: bool
    prewet_every_stroke: bool = False  # suspensions: stirred up before each stroke


@dataclass(frozen=True, slots=True, kw_only=True)
class Drops:
    """A dropwise addition, the same for all reactions: n drops, one every `interval_s`.

    Where the handling touches off, a tip is filled once, for `per_fill` drops to one well.
    """

    count: int
    interval_s: float
    drop_ul: Mapping[str, float]  # reaction -> uL
    mix_every: int | None
    stir_by: str  # "shaker" | "pipette" | "operator" | "none"
    per_fill: int = 1


def at_once(
    together: tuple[tuple[str, ...], ...], reactions: Iterable[str]
) -> tuple[tuple[str, ...], ...]:
    """The reactions that are served at once: the columns, or one after the other."""
    return together or tuple((reaction,) for reaction in reactions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A liquid into a vessel, all at once, from above the liquid.

    `materials` has those that reactions take in place of `material`, by reaction. `together` are
    the columns that an eight-channel pipette serves at once, each from row A to row H; empty where
    every reaction is served by itself. In all operations it has all of the reactions, or none.
    """

    step: str
    material: str
    vessel: str
    volume_ul: Mapping[str, float]
    handling: Handling
    pipette: str  # the mount
    stroke_ul: Mapping[str, tuple[float, ...]]
    mix: MixVessel | None = None  # with the same tip, afterwards
    round: int = 1
    materials: Mapping[str, str] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverDrops:
    """A liquid into a vessel, drop by drop on a timer; `materials` as in `Deliver`."""

    step: str
    material: str
    vessel: str
    volume_ul: Mapping[str, float]
    handling: Handling
    pipette: str
    drops: Drops
    mix: MixVessel | None  # what `mix_every` does
    materials: Mapping[str, str] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MixVessel:
    """Mixing by pipette: `cycles` of `stroke_ul`, tip at `height_mm` above the inner bottom."""

    step: str
    vessel: str
    stroke_ul: Mapping[str, float]
    cycles: int
    height_mm: Mapping[str, float]
    handling: Handling
    pipette: str
    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPhase:
    """A layer (or an aliquot, or everything) out of a vessel into another."""

    step: str
    vessel: str
    into: str  # a vessel, "waste.organic" or "waste.aqueous"
    draws: tuple[Draw, ...]
    stroke_ul: Mapping[str, tuple[float, ...]]
    handling: Handling
    pipette: str
    round: int
    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """The vessel's labware must now stand on a module (None: it may stand anywhere)."""

    step: str
    vessel: str
    position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """A module goes to a temperature and the program waits for it; None switches it off."""

    step: str
    module: str
    celsius: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agitate:
    """A shaker runs at `rpm` until the next `Agitate`; 0 stops it."""

    step: str
    module: str
    rpm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Time passes: at least `seconds` from the operation before. `mix` is done every `every_s`."""

    step: str
    seconds: float
    vessel: str | None
    mix: MixVessel | None = None
    every_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing that the operator does: `text` has this run's numbers, and `WELLS` for the wells.

    `portion` counts from 1 where a charge is divided. `mass_mg` is per reaction, for solids.
    `at_once`: one action for all wells (a bath, an apparatus). `lasts_s` is what the work takes
    besides the operator's actions, however many wells there are.
    """

    step: str
    text: str
    vessel: str | None = None
    material: str | None = None
    portion: int | None = None
    portions: int | None = None
    mass_mg: Mapping[str, float] | None = None
    closes: bool | None = None  # caps the vessel (True), opens it (False)
    at_once: bool = False
    lasts_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The run stops until the operator has done all of `tasks` and resumes it."""

    tasks: tuple[Task, ...]

    @property
    def step(self) -> str:
        """The step of the first task."""
        return self.tasks[0].step


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The script ends here; the next part is started after `after`. `hold_s` is how long that is.

    `keep_on` are the modules that go on working meanwhile.
    """

    step: str
    after: str
    hold_s: float
    keep_on: tuple[str, ...]


Operation = (
    Deliver
    | DeliverDrops
    | MixVessel
    | DrawPhase
    | Stand
    | Temperature
    | Agitate
    | Hold
    | Ask
    | Split
)


@dataclass(frozen=True, slots=True)
class StepText:
    """A step as a chemist would write it in an experimental section, with this run's numbers."""

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class Operations:
    """The whole run as unit operations; `texts` has one sentence for every step.

    `tips` names the tip rack that each mount uses: a pipette has one kind of tip in a run.
    """

    ledger: Ledger
    pipettes: Mapping[str, Pipette]  # mount -> pipette
    tips: Mapping[str, str]  # mount -> load name of its tip rack
    operations: tuple[Operation, ...]
    texts: tuple[StepText, ...]
    assumptions: tuple[Assumption, ...]
