"""What a robot does, one primitive at a time.

The program expands into these, and the simulator's trace is parsed into the same ones: the clock,
the timeline and the tests read a single vocabulary. Points are absolute deck millimetres;
`height_mm` is above the inner bottom of the well. A `well` is addressed by the label of its
labware and its name. `mount` is "left" or "right".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place above the deck, in mm."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class WellRef:
    """A well, by its labware's label and its name: `reactors`, `A1`."""

    labware: str
    well: str

    def __str__(self) -> str:
        """`reactors/A1`, as messages show it."""
        return f"{self.labware}/{self.well}"


@dataclass(frozen=True, slots=True)
class PickUpTip:
    """`tip` is the first of the tips that a multi-channel takes."""

    mount: str
    tip: WellRef
    point: Point


@dataclass(frozen=True, slots=True)
class DropTip:
    """Into the trash (`into` None) or back into a rack."""

    mount: str
    into: WellRef | None
    point: Point


@dataclass(frozen=True, slots=True)
class Aspirate:
    """Draws liquid from a well."""

    mount: str
    well: WellRef
    point: Point
    height_mm: float
    volume_ul: float
    flow_ul_s: float


@dataclass(frozen=True, slots=True)
class Dispense:
    """Delivers liquid to a well, or to the trash (`well` None)."""

    mount: str
    well: WellRef | None
    point: Point
    height_mm: float
    volume_ul: float
    flow_ul_s: float


@dataclass(frozen=True, slots=True)
class AirGap:
    """Draws air, above the well last visited."""

    mount: str
    volume_ul: float
    flow_ul_s: float


@dataclass(frozen=True, slots=True)
class BlowOut:
    """Empties the tip, into a well or the trash (`well` None)."""

    mount: str
    well: WellRef | None
    point: Point
    flow_ul_s: float


@dataclass(frozen=True, slots=True)
class TouchTip:
    """Touches the well's wall in four places."""

    mount: str
    well: WellRef
    point: Point
    speed_mm_s: float


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Moves the tip without pipetting. `speed_mm_s` None is the gantry's own."""

    mount: str
    well: WellRef | None
    point: Point
    height_mm: float
    speed_mm_s: float | None


@dataclass(frozen=True, slots=True)
class Delay:
    """Waits."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Starts a timer that runs beside what follows."""

    timer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitTimers:
    """Waits until the timers have run out."""

    timers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Stops until the operator resumes the run."""

    message: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line in the run log. `[step]` in front says which step what follows belongs to."""

    message: str


@dataclass(frozen=True, slots=True)
class SetTemperature:
    """A module starts towards a temperature."""

    module: str
    celsius: float


@dataclass(frozen=True, slots=True)
class AwaitTemperature:
    """Waits until the module is at its temperature."""

    module: str
    celsius: float


@dataclass(frozen=True, slots=True)
class Deactivate:
    """A module stops heating or cooling."""

    module: str


@dataclass(frozen=True, slots=True)
class Shake:
    """A shaker gets up to speed."""

    module: str
    rpm: int


@dataclass(frozen=True, slots=True)
class StopShaking:
    """A shaker comes to rest."""

    module: str


@dataclass(frozen=True, slots=True)
class Latch:
    """A shaker's labware latch."""

    module: str
    close: bool


@dataclass(frozen=True, slots=True)
class MoveLabware:
    """Moves labware; `to` is a slot, or a module's name."""

    labware: str
    to: str
    by_gripper: bool


Command = (
    PickUpTip
    | DropTip
    | Aspirate
    | Dispense
    | AirGap
    | BlowOut
    | TouchTip
    | MoveTo
    | Delay
    | StartTimer
    | AwaitTimers
    | Pause
    | Comment
    | SetTemperature
    | AwaitTemperature
    | Deactivate
    | Shake
    | StopShaking
    | Latch
    | MoveLabware
)
