"""Time and modules in a run: what it waits for, sets, heats, shakes and moves."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from compiler.target import commands as c
from simulate.ledger import Climate, SetPoint, Stamp, Wait


class Surroundings:
    """Follows the commands that move no liquid; `climate` is how things stand now."""

    def __init__(self, climate: Climate, modules: Container[str]) -> None:
        self._modules = modules
        self._timers: dict[str, tuple[str | None, float, float]] = {}
        self.climate = climate
        self.climates: list[tuple[float, Climate]] = [(0.0, climate)]  # from when (s) on
        self.waits: list[Wait] = []
        self.set_points: list[SetPoint] = []

    def play(self, command: c.Command, stamp: Stamp) -> None:
        """Play one command; one that is about something else changes nothing."""
        match command:
            case c.Delay(seconds):
                wait = Wait(stamp, stamp.step, seconds, stamp.starts_s, stamp.ends_s)
                self.waits.append(wait)
            case c.StartTimer(timer, seconds):
                self._timers[timer] = (stamp.step, seconds, stamp.ends_s)
            case c.AwaitTimers(timers):
                for timer in timers:
                    if timer in self._timers:
                        step, seconds, since = self._timers[timer]
                        self.waits.append(Wait(stamp, step, seconds, since, stamp.ends_s))
            case _:
                self._play_module(command, stamp)

    def _play_module(self, command: c.Command, stamp: Stamp) -> None:
        climate = self.climate
        match command:
            case c.SetTemperature(module, celsius):
                self.set_points.append(SetPoint(stamp, module, celsius, awaited=False))
                self._change(stamp, replace(climate, celsius={**climate.celsius, module: None}))
            case c.AwaitTemperature(module, celsius):
                self.set_points.append(SetPoint(stamp, module, celsius, awaited=True))
                self._change(stamp, replace(climate, celsius={**climate.celsius, module: celsius}))
            case c.Deactivate(module):
                self.set_points.append(SetPoint(stamp, module, None, awaited=True))
                rest = {key: value for key, value in climate.celsius.items() if key != module}
                self._change(stamp, replace(climate, celsius=rest))
            case c.Shake(module, rpm):
                self._change(stamp, replace(climate, rpm={**climate.rpm, module: rpm}))
            case c.StopShaking(module):
                self._change(stamp, replace(climate, rpm={**climate.rpm, module: 0}))
            case c.MoveLabware(labware, to):
                on = {key: value for key, value in climate.on.items() if key != labware}
                if to in self._modules:
                    on[labware] = to
                self._change(stamp, replace(climate, on=on))
            case _:
                pass

    def _change(self, stamp: Stamp, climate: Climate) -> None:
        self.climate = climate
        self.climates.append((stamp.ends_s, climate))
