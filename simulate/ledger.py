"""What the replay writes down: every transfer, every wait, every pause, and what wells hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.target.commands import WellRef
from simulate.liquids import EMPTY, Kind, Parcel
from simulate.tips import Racks
from simulate.traced import Trace

AMBIENT_C = 22.5  # the middle of `rt` in the language


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where in the run something happened: command, step, line of the script, and when (s)."""

    index: int
    step: str | None
    line: int | None
    starts_s: float
    ends_s: float


@dataclass(frozen=True, slots=True)
class Climate:
    """What the modules do. `celsius` is None while a module is on its way to a target."""

    celsius: Mapping[str, float | None] = field(default_factory=dict)
    rpm: Mapping[str, int] = field(default_factory=dict)
    on: Mapping[str, str] = field(default_factory=dict)  # labware -> module under it

    def of(self, labware: str) -> float | None:
        """The temperature of labware; None while nobody can say."""
        return self.celsius.get(self.on.get(labware, ""), AMBIENT_C)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One aspiration. `air_ul` is what the tip drew from above the liquid; `interface_mm` and
    `top_mm` are the levels before it, `held_ul` what was in the well (as far as it was `declared`),
    `rest_ul` what it left of each layer."""

    stamp: Stamp
    mount: str
    well: WellRef
    height_mm: float
    volume_ul: float
    air_ul: float
    interface_mm: float | None
    top_mm: float
    rest_ul: Mapping[Kind, float]
    held_ul: float = 0.0
    declared: bool = True


@dataclass(frozen=True, slots=True)
class Transfer:
    """Liquid from one well to another, or to the trash (`into` None).

    `drawn` is the aspiration that it came from, `kind` and `position` the layer; `blown` where
    it left the tip only at a blow-out.
    """

    drawn: Drawn
    stamp: Stamp
    into: WellRef | None
    parcel: Parcel
    kind: Kind
    position: str
    climate: Climate
    blown: bool = False

    @property
    def source(self) -> WellRef:
        """The well that it was drawn from."""
        return self.drawn.well

    @property
    def volume_ul(self) -> float:
        """The volume of liquid, in µL."""
        return self.parcel.volume_ul

    @property
    def is_mixing(self) -> bool:
        """Whether it went back to where it came from."""
        return self.into == self.drawn.well


@dataclass(frozen=True, slots=True)
class Touch:
    """A tip that went into a well's liquid, or along its wall (`wall`).

    `holds` are the liquids that were in the well before, `brings` those that the tip delivered.
    """

    stamp: Stamp
    tip: WellRef
    well: WellRef
    since: int  # the how-manieth tip of the run it is
    wall: bool = False
    holds: frozenset[str] = frozenset()
    brings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wait:
    """Time that the script let pass: a delay, or a timer from its start to the wait for it."""

    stamp: Stamp
    started_step: str | None
    seconds: float
    starts_s: float
    ends_s: float


@dataclass(frozen=True, slots=True)
class SetPoint:
    """A module that reached a temperature (awaited), was sent to one, or went off (None)."""

    stamp: Stamp
    module: str
    celsius: float | None
    awaited: bool


@dataclass(frozen=True, slots=True)
class Spin:
    """A shaker that starts, and the fullest well on it: its µL, and its capacity."""

    stamp: Stamp
    module: str
    rpm: int
    well: WellRef
    volume_ul: float
    capacity_ul: float


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop for the operator; `steps` has the step of each line that asks for a charge, `asked`
    those lines' text."""

    stamp: Stamp
    steps: tuple[str, ...]
    asked: tuple[str, ...]
    climate: Climate


@dataclass(frozen=True, slots=True)
class Addition:
    """What the operator put in at a pause: the nth time for its step (from 1)."""

    stamp: Stamp
    step: str
    nth: int
    well: WellRef
    parcel: Parcel
    material: str
    climate: Climate


@dataclass(frozen=True, slots=True)
class TipMisused:
    """A tip that is put back with liquid in it (`volume_ul`), or the place of a tip that went into
    the trash in an earlier part, and from which one is taken again (`since_part`)."""

    stamp: Stamp
    tip: WellRef
    volume_ul: float = 0.0
    since_part: int | None = None


@dataclass(slots=True)
class WellState:
    """What a well holds now. `declared` is False where nobody said what was in it.

    `by_hand` is True once the operator has handed back something else than was there.
    """

    contents: Parcel = EMPTY
    highest_ul: float = 0.0
    aspirated_ul: float = 0.0
    declared: bool = True
    by_hand: bool = False


@dataclass(slots=True)
class State:
    """What one part hands on to the next: contents, modules, how often the operator acted, tips."""

    wells: dict[WellRef, WellState] = field(default_factory=dict)
    climate: Climate = field(default_factory=Climate)
    operator_lines: dict[str, int] = field(default_factory=dict)
    racks: Racks = field(default_factory=Racks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """One script, replayed. `after` gives the contents of the wells at each step's last end."""

    trace: Trace
    part: int
    stamps: tuple[Stamp, ...]
    drawn: tuple[Drawn, ...]
    transfers: tuple[Transfer, ...]
    additions: tuple[Addition, ...]
    touches: tuple[Touch, ...]
    waits: tuple[Wait, ...]
    pauses: tuple[Pause, ...]
    set_points: tuple[SetPoint, ...]
    climates: tuple[tuple[float, Climate], ...]
    after: Mapping[str, Mapping[WellRef, Parcel]]
    tips_used: int
    tips_kept: tuple[tuple[str, WellRef, Stamp], ...]
    overfilled: tuple[tuple[Stamp, WellRef, float, float], ...]  # well, µL in it, capacity
    state: State
    spins: tuple[Spin, ...] = ()
    misused: tuple[TipMisused, ...] = ()

    @property
    def duration_s(self) -> float:
        """From the first command to the end of the last."""
        return self.stamps[-1].ends_s if self.stamps else 0.0

    def climate_during(self, starts_s: float, ends_s: float) -> tuple[Climate, ...]:
        """Every climate that prevailed at some time strictly inside an interval."""
        found = []
        for i, (since, climate) in enumerate(self.climates):
            until = self.climates[i + 1][0] if i + 1 < len(self.climates) else float("inf")
            if since < ends_s - 1e-6 and until > starts_s + 1e-6:
                found.append(climate)
        return tuple(found)
