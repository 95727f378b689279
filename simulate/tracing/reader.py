"""What is remembered while commands are read: ids, places, targets; and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from compiler.target import commands as c
from simulate.engine import EngineCommand, EngineRun
from simulate.traced import (
    Declared,
    Happening,
    LoadedLabware,
    LoadedModule,
    LoadedPipette,
    TracedCommand,
    has_heights,
)

NOWHERE = c.Point(0.0, 0.0, 0.0)


@dataclass(slots=True)
class Place:
    """Where a pipette's tip is."""

    well: c.WellRef | None = None
    point: c.Point = NOWHERE
    height: float = 0.0
    surface: float | None = None
    aside: tuple[float, float] = (0.0, 0.0)


class Reader:
    """Walks through the commands, keeping what the later ones refer to by id."""

    def __init__(self, run: EngineRun) -> None:
        self.run = run
        self.step: str | None = None
        # Below 2.14 the engine hides where the tip is: volumes only, as if from the bottom.
        self.has_heights = has_heights(run.api_level)
        self.index = 0
        self.line: int | None = None
        self.inner: int | None = None
        self.via: tuple[str, ...] = ()
        self.places: dict[str, Place] = {}
        self.targets: dict[str, float] = {}
        self.nozzles: dict[str, tuple[int, bool]] = {}  # tips, and whether they lie upwards
        self.tasks: dict[str, tuple[str, str]] = {}  # task -> ("timer", name) | ("module", label)
        self.traced: list[TracedCommand] = []
        self.labware = {
            key: LoadedLabware(name, name, "", None, {})
            for key, name in run.fixed.items()
            if "trash" in name.lower()  # the OT-2's own, up to apiLevel 2.15
        }
        self.pipettes: dict[str, LoadedPipette] = {}
        self.modules: dict[str, LoadedModule] = {}
        self.declared: dict[c.WellRef, float] = {}
        self.ignored: Counter[str] = Counter()
        self.said: list[Declared] = []
        self.happenings: list[Happening] = []

    def turn_to(self, index: int, command: EngineCommand) -> None:
        """Take note of which command it is, and where the script asked for it."""
        self.index, self.line = index, command.line
        self.inner, self.via = command.inner, command.via

    def emit(
        self,
        command: c.Command,
        place: Place | None = None,
        channels: int = 1,
        upwards: bool = False,
    ) -> None:
        """Add a command to the trace; `place` where it happens at a well."""
        self.traced.append(
            TracedCommand(
                self.index,
                self.step,
                command,
                self.line,
                place.surface if place else None,
                channels,
                self.inner,
                self.via,
                place.aside if place else (0.0, 0.0),
                upwards,
            )
        )

    def happen(self, command: EngineCommand) -> None:
        """Note a command that only the judge reads."""
        params = command.params
        subject = ""
        if params.get("moduleId") in self.modules:
            subject = self.modules[params["moduleId"]].label
        elif params.get("labwareId") in self.labware:
            subject = self.labware[params["labwareId"]].label
        elif params.get("pipetteId") in self.pipettes:
            subject = self.pipettes[params["pipetteId"]].mount
        self.happenings.append(
            Happening(
                self.index,
                len(self.traced),
                command.kind,
                subject,
                params,
                command.line,
                command.inner,
            )
        )


Handler = Callable[[Reader, Mapping[str, Any], Mapping[str, Any]], None]
"""Reads one kind of command: the reader, the command's parameters, its result."""


def text_of(value: Any) -> str:
    """The text of a value, of an enumeration's member too."""
    return str(getattr(value, "value", value))


def point_of(result: Mapping[str, Any]) -> c.Point:
    """A result's position; the origin where the engine gives none."""
    position = result.get("position")
    if not position:
        return NOWHERE
    return c.Point(float(position["x"]), float(position["y"]), float(position["z"]))
