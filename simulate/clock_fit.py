"""A clock fitted to a robot's run log: least squares over what each command of the arm took.

A command's time is linear in the times of the clock (tips, blow-out, latch) and not in its speeds
and accelerations; the ways themselves come from the positions in the log. Parameters are fitted
in units of the published ones, so that a millimetre and a second weigh alike, with a loss that
grows slowly for the few commands during which somebody opened the door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compiler.target import commands as c
from compiler.target.clock import Clock, Timekeeper, Way, load_clock
from compiler.target.clock_parameters import FITTABLE
from simulate.deck_height import highest_mm, tops_mm
from simulate.run_log import LogFault, RunLog

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

FEWEST = 20
"""Commands of the arm below which nothing is fitted."""
OUTLIER_S = 0.5
"""Residuals beyond this count less and less (scipy's `soft_l1`)."""
LONGEST_COMMAND_S = 10.0
"""What may lie between two commands; more is somebody's doing."""
_DIGITS = 4

_CONSTANT: Mapping[type[Any], str] = {
    c.PickUpTip: "pick_up_s",
    c.DropTip: "drop_s",
    c.BlowOut: "blow_out_s",
    c.TouchTip: "touch_tip_s",
    c.Shake: "shake_up_s",
    c.StopShaking: "shake_down_s",
    c.Latch: "latch_s",
    c.MoveLabware: "gripper_s",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One command that the fit sees: its way (None: the arm stays) and the time over its flow."""

    kind: str
    way: Way | None
    flow_s: float
    constant: str | None
    took_s: float


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left unexplained of a kind of command, s."""

    kind: str
    commands: int
    mean_s: float
    rms_s: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted clock: its parameters, those that the log says nothing about, and how good it is."""

    robot: str
    parameters: Mapping[str, float]
    unseen: tuple[str, ...]
    commands: int
    measured_s: float
    published_s: float
    fitted_s: float
    residuals: tuple[Residual, ...]

    def as_object(self) -> dict[str, Any]:
        """The clock file (schemas/clock.schema.json)."""
        return {
            "kind": "clock",
            "version": 1,
            "robot": self.robot,
            "parameters": dict(self.parameters),
            "fit": {
                "commands": self.commands,
                "measured_s": round(self.measured_s, 3),
                "published_s": round(self.published_s, 3),
                "fitted_s": round(self.fitted_s, 3),
                "unseen": list(self.unseen),
                "residuals": [
                    {
                        "command": r.kind,
                        "commands": r.commands,
                        "mean_s": round(r.mean_s, 4),
                        "rms_s": round(r.rms_s, 4),
                    }
                    for r in self.residuals
                ],
            },
        }


def fit_clock(log: RunLog) -> Fit:
    """Fits the parameters of a robot's clock. Raises LogFault where there is too little to see."""
    samples = samples_of(log)
    if len(samples) < FEWEST:
        raise LogFault(
            f"{len(samples)} commands of the arm have a time and a place; {FEWEST} are needed"
        )
    import numpy as np
    from scipy.optimize import least_squares

    clock = load_clock(log.robot)
    model = _Model(samples, clock)
    published = {name: float(getattr(clock, name)) for name in FITTABLE}
    names = [name for name in FITTABLE if model.depends_on(name, published)]
    units = np.array([published[name] or 1.0 for name in names])
    start = np.array([published[name] / unit for name, unit in zip(names, units, strict=True)])

    def off(scaled: Numbers) -> Numbers:
        found = dict(zip(names, scaled * units, strict=True))
        apart: Numbers = model.seconds({**published, **found}) - model.took_s
        return apart

    lowest = np.array([0.0 if name == "command_s" else 0.02 for name in names])
    highest = np.array([LONGEST_COMMAND_S if name == "command_s" else 50.0 for name in names])
    solved = least_squares(
        off, start, bounds=(lowest, highest), loss="soft_l1", f_scale=OUTLIER_S, xtol=1e-10
    )
    values = {
        name: _rounded(value * unit)
        for name, value, unit in zip(names, solved.x, units, strict=True)
    }
    left = model.took_s - model.seconds({**published, **values})
    return Fit(
        robot=log.robot,
        parameters=values,
        unseen=tuple(name for name in FITTABLE if name not in names),
        commands=len(samples),
        measured_s=float(model.took_s.sum()),
        published_s=float(model.seconds(published).sum()),
        fitted_s=float(model.seconds({**published, **values}).sum()),
        residuals=_residuals(samples, left),
    )


def samples_of(log: RunLog) -> tuple[Sample, ...]:
    """The commands whose time is the arm's or a module's own, each with the way it went.

    Waits, pauses and what stands for several commands of the log are left out, and so is the
    first way, which starts nobody knows where.
    """
    keeper = Timekeeper(
        load_clock(log.robot), travel_mm=highest_mm(log.trace), tops_mm=tops_mm(log.trace)
    )
    how_many: dict[int, int] = {}
    for traced in log.trace.commands:
        how_many[traced.index] = how_many.get(traced.index, 0) + 1
    found: list[Sample] = []
    first = True
    for traced in log.trace.commands:
        command, way, flow_s = traced.command, None, 0.0
        match command:
            case (
                c.PickUpTip(mount, well, point)
                | c.DropTip(mount, well, point)
                | c.BlowOut(mount, well, point)
                | c.TouchTip(mount, well, point)
            ):
                way = keeper.way(mount, well, point)
            case c.Aspirate(mount, well, point) | c.Dispense(mount, well, point):
                way = keeper.way(mount, well, point)
                flow_s = command.volume_ul / command.flow_ul_s if command.flow_ul_s else 0.0
            case c.MoveTo(mount, well, point):
                way = keeper.way(mount, well, point, command.speed_mm_s)
            case c.AirGap(_, volume_ul, flow_ul_s):
                way, flow_s = Way(0.0, 0.0, 0.0), volume_ul / flow_ul_s if flow_ul_s else 0.0
            case c.Shake() | c.StopShaking() | c.Latch():
                pass
            case c.MoveLabware():
                keeper.advance(command)  # its place, and how high it is there
                if not command.by_gripper:
                    continue
            case _:
                continue
        took_s = log.seconds[traced.index]
        usable = took_s is not None and how_many[traced.index] == 1 and not (first and way)
        first = first and way is None
        if usable and took_s is not None:
            kind = type(command).__name__
            found.append(Sample(kind, way, flow_s, _CONSTANT.get(type(command)), took_s))
    return tuple(found)


class _Model:
    """The samples as columns, and what a clock makes of them: the clock's own formulas."""

    def __init__(self, samples: Sequence[Sample], clock: Clock) -> None:
        import numpy as np

        still = Way(0.0, 0.0, 0.0)
        ways = [sample.way or still for sample in samples]
        self._up = np.array([way.up_mm for way in ways])
        self._across = np.array([way.across_mm for way in ways])
        self._down = np.array([way.down_mm for way in ways])
        self._speed = np.array([way.speed_mm_s or np.inf for way in ways])
        self._flow = np.array([sample.flow_s for sample in samples])
        self._arm = np.array([float(sample.way is not None) for sample in samples])
        self._constants = {
            name: np.array([float(sample.constant == name) for sample in samples])
            for name in dict.fromkeys(_CONSTANT.values())
        }
        self.took_s = np.array([sample.took_s for sample in samples])

    def seconds(self, p: Mapping[str, float]) -> Numbers:
        """What each sample takes by the parameters."""
        import numpy as np

        z = np.minimum(self._speed, p["z_mm_s"])
        # as Clock.across_s: a command's own speed replaces the gantry's
        xy = np.where(np.isfinite(self._speed), self._speed, p["travel_mm_s"])
        total: Numbers = (
            self._flow
            + self._arm * p["command_s"]
            + _moves_s(self._up, z, p["z_mm_s2"])
            + _moves_s(self._across, xy, p["xy_mm_s2"])
            + _moves_s(self._down, z, p["z_mm_s2"])
        )
        for name, column in self._constants.items():
            total = total + p[name] * column
        return total

    def depends_on(self, name: str, published: Mapping[str, float]) -> bool:
        """Whether the log shows a parameter at all."""
        more = 1.3 * published[name] or 1.0
        apart = abs(self.seconds({**published, name: more}) - self.seconds(published))
        return bool(apart.max() > 1e-3)


def _moves_s(distance: Numbers, speed: Numbers, acceleration: float) -> Numbers:
    """Trapezoids and triangles, as `compiler.target.clock` has them."""
    import numpy as np

    long = distance >= speed**2 / acceleration
    # an infinite speed is never reached; the other branch counts there
    capped = np.where(np.isfinite(speed), speed, 1.0)
    trapezoid = distance / capped + capped / acceleration
    found: Numbers = np.where(long, trapezoid, 2.0 * np.sqrt(distance / acceleration))
    return found


def _residuals(samples: Sequence[Sample], left: Numbers) -> tuple[Residual, ...]:
    groups: dict[str, list[float]] = {}
    for sample, off_s in zip(samples, left, strict=True):
        groups.setdefault(sample.kind, []).append(float(off_s))
    return tuple(
        Residual(
            kind,
            len(values),
            sum(values) / len(values),
            (sum(value**2 for value in values) / len(values)) ** 0.5,
        )
        for kind, values in sorted(groups.items())
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
