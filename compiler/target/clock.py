"""How long commands take: one clock for the plan and for the simulation of what was written.

Motion is an arc: up, across, down, each with its speed limit and acceleration; pipetting is
volume over flow. The constants stand in data/clock.json with their sources. They are estimates:
scripts keep their intervals by timers, and use this clock only to see that the work fits in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import dist, inf, sqrt
from typing import Any

from compiler.target import commands as c
from compiler.target.pauses import said_s


@dataclass(frozen=True, slots=True)
class Way:
    """How far a tip goes up, across and down (mm); `speed_mm_s` where a command limits it."""

    up_mm: float
    across_mm: float
    down_mm: float
    speed_mm_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The constants of one robot: s, mm/s, mm/s2, mm; `ramps` in (up to degC, degC/s).

    `travel_mm` is the height at which pipettes travel where the deck is not known.
    """

    robot: str
    travel_mm_s: float
    xy_mm_s2: float
    z_mm_s: float
    z_mm_s2: float
    travel_mm: float
    mount_offset_mm: float
    clearance_mm: float
    in_labware_mm: float
    pick_up_s: float
    drop_s: float
    blow_out_s: float
    touch_tip_s: float
    shake_up_s: float
    shake_down_s: float
    latch_s: float
    gripper_s: float
    operator_s: float
    operator_action_s: float
    command_s: float
    start_celsius: float
    ramps: Mapping[str, Mapping[str, tuple[tuple[float, float], ...]]]

    def way_s(self, way: Way) -> float:
        """The time of a tip's way: up, across, down, one after the other."""
        return (
            self.up_down_s(way.up_mm, way.speed_mm_s)
            + self.across_s(way.across_mm, way.speed_mm_s)
            + self.up_down_s(way.down_mm, way.speed_mm_s)
        )

    def across_s(self, distance_mm: float, speed_mm_s: float | None = None) -> float:
        """The time for a horizontal move."""
        return _move_s(distance_mm, speed_mm_s or self.travel_mm_s, self.xy_mm_s2)

    def up_down_s(self, distance_mm: float, speed_mm_s: float | None = None) -> float:
        """The time for a vertical move; `speed_mm_s` can't be above the axis' own."""
        return _move_s(distance_mm, min(speed_mm_s or inf, self.z_mm_s), self.z_mm_s2)

    def ramp_s(self, module: str, start_c: float, end_c: float) -> float:
        """The time that a module (its model, or the start of it) takes between two temperatures.

        Raises KeyError for a module that has no temperature.
        """
        kind = next(kind for kind in (*self.ramps, module) if module.startswith(kind))
        table = self.ramps[kind]["up" if end_c > start_c else "down"]
        low, high = sorted((start_c, end_c))
        total, floor = 0.0, -inf
        for ceiling, rate in table:
            total += max(0.0, min(high, ceiling) - max(low, floor)) / rate
            floor = ceiling
        return total


def _move_s(distance_mm: float, speed_mm_s: float, acceleration_mm_s2: float) -> float:
    """A move from rest to rest under a speed limit (trapezoid, or triangle where it is short)."""
    if distance_mm >= speed_mm_s**2 / acceleration_mm_s2:
        return distance_mm / speed_mm_s + speed_mm_s / acceleration_mm_s2
    return 2.0 * sqrt(distance_mm / acceleration_mm_s2)


def load_clock(robot: str, own: Mapping[str, float] | None = None) -> Clock:
    """The clock of a robot ("OT-2" or "Flex"), with its `own` parameters where they are known.

    Raises KeyError for another robot, TypeError for parameters that a clock does not have.
    """
    clock = _shipped(robot)
    changes: dict[str, Any] = dict(own or {})
    return replace(clock, **changes) if changes else clock


@cache
def _shipped(robot: str) -> Clock:
    text = (files("compiler.data") / "clock.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    ramps = {
        kind: {
            way: tuple((inf if top is None else top, rate) for top, rate in zones)
            for way, zones in ways.items()
        }
        for kind, ways in table["ramps"].items()
    }
    plain = {
        key: value
        for key, value in table.items()
        if key not in ("about", "robots", "ramps", "sources", "lid_s")
    }
    return Clock(robot=robot, ramps=ramps, **table["robots"][robot], **plain)


class Timekeeper:
    """Follows commands one by one and says when each starts and ends, in s from the first.

    It keeps where the arm is, what the timers and modules are doing. `modules` gives each module
    label its model; `travel_mm` is how high the pipettes travel from labware to labware, `tops_mm`
    how high each labware reaches, over which they go from well to well (in its first place, and
    after each move); `operator_s` how long a pause takes whose message does not say it; `celsius`
    what modules are at already. Timers run beside the commands; a wait ends when the timer is due,
    at once if it is overdue, so lateness moves everything that follows.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        modules: Mapping[str, str] | None = None,
        travel_mm: float | None = None,
        operator_s: float | None = None,
        now_s: float = 0.0,
        celsius: Mapping[str, float] | None = None,
        tops_mm: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        self.clock = clock
        self.now_s = now_s
        self.waited_s = 0.0  # what the last AwaitTimers had to wait
        self.overdue_s = 0.0  # and how long its timers had run out by then
        self._modules = dict(modules or {})
        self._travel_mm = clock.travel_mm if travel_mm is None else travel_mm
        self._operator_s = clock.operator_s if operator_s is None else operator_s
        self._due_s: dict[str, float] = {}
        self._celsius = dict(celsius or {})
        self._tops_mm: Mapping[str, Sequence[float]] = tops_mm or {}
        self._moves: dict[str, int] = {}
        self._arrives_s: dict[str, float] = {}
        self._at: tuple[str, c.WellRef | None, c.Point] | None = None  # mount, well, tip

    def advance(self, command: c.Command) -> tuple[float, float]:
        """Takes the next command; returns when it starts and when it ends."""
        start = self.now_s
        self.now_s = start + self._duration_s(command)
        return start, self.now_s

    def next_script(self, tops_mm: Mapping[str, Sequence[float]] | None = None) -> None:
        """Another script starts: the arm goes home, timers end with the one before."""
        self._at = None
        self._tops_mm = tops_mm or {}
        self._moves = {}
        self._due_s.clear()

    def _duration_s(self, command: c.Command) -> float:
        clock = self.clock
        match command:
            case c.PickUpTip(mount, tip, point):
                return self._go(mount, tip, point) + clock.pick_up_s
            case c.DropTip(mount, into, point):
                return self._go(mount, into, point) + clock.drop_s
            case c.Aspirate(mount, well, point) | c.Dispense(mount, well, point):
                return self._go(mount, well, point) + command.volume_ul / command.flow_ul_s
            case c.AirGap(_, volume_ul, flow_ul_s):
                return clock.command_s + volume_ul / flow_ul_s
            case c.BlowOut(mount, well, point):
                return self._go(mount, well, point) + clock.blow_out_s
            case c.TouchTip(mount, well, point):
                return self._go(mount, well, point) + clock.touch_tip_s
            case c.MoveTo(mount, well, point):
                return self._go(mount, well, point, command.speed_mm_s)
            case c.Delay(seconds):
                return max(0.0, seconds)
            case c.Pause(message):
                said = said_s(message)
                return self._operator_s if said is None else said
            case c.StartTimer(timer, seconds):
                self._due_s[timer] = self.now_s + seconds
                return 0.0
            case c.AwaitTimers(timers):
                due = max((self._due_s.get(timer, self.now_s) for timer in timers), default=0.0)
                self.waited_s = max(0.0, due - self.now_s)
                self.overdue_s = max(0.0, self.now_s - due)
                return self.waited_s
            case c.MoveLabware(label):
                self._moves[label] = self._moves.get(label, 0) + 1
                return clock.gripper_s if command.by_gripper else self._operator_s
            case _:
                return self._module_s(command)

    def _module_s(self, command: c.Command) -> float:
        """The time of a module's command; setting a temperature is instant, waiting is not."""
        match command:
            case c.SetTemperature(module, celsius):
                start = self._celsius.get(module, self.clock.start_celsius)
                model = self._modules.get(module, module)
                self._arrives_s[module] = self.now_s + self.clock.ramp_s(model, start, celsius)
                self._celsius[module] = celsius
                return 0.0
            case c.AwaitTemperature(module):
                return max(0.0, self._arrives_s.get(module, self.now_s) - self.now_s)
            case c.Shake():
                return self.clock.shake_up_s
            case c.StopShaking():
                return self.clock.shake_down_s
            case c.Latch():
                return self.clock.latch_s
            case _:  # comments, and modules going off
                return 0.0

    def _go(
        self, mount: str, well: c.WellRef | None, to: c.Point, speed_mm_s: float | None = None
    ) -> float:
        """The time of a way, and what the robot takes to start on it; the tip is there then."""
        return self.clock.command_s + self.clock.way_s(self.way(mount, well, to, speed_mm_s))

    def way(
        self, mount: str, well: c.WellRef | None, to: c.Point, speed_mm_s: float | None = None
    ) -> Way:
        """Moves a tip: straight within a well, else up to the travel height, over and down.

        From well to well of one labware that is a little above its rim, else above everything
        (Opentrons' engine 9.0.0, motion_planning/waypoints.py and state/motion.py).
        """
        before = self._at
        self._at = (mount, well, to)
        if before is None:
            return Way(0.0, 0.0, max(0.0, self._travel_mm - to.z), speed_mm_s)
        other, left, from_ = before
        if other == mount and (from_ == to or (well is not None and left == well)):
            return Way(0.0, 0.0, abs(to.z - from_.z), speed_mm_s)
        across = dist((from_.x, from_.y), (to.x, to.y))
        if other != mount:
            across += self.clock.mount_offset_mm
        over = self._travel_mm + self.clock.clearance_mm
        if other == mount and well is not None and left is not None:
            tops = self._tops_mm.get(well.labware, ()) if well.labware == left.labware else ()
            place = self._moves.get(well.labware, 0)
            if place < len(tops):
                over = tops[place] + self.clock.in_labware_mm
        travel = max(over, from_.z, to.z)
        return Way(travel - from_.z, across, travel - to.z, speed_mm_s)
