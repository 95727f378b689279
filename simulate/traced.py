"""What a trace is made of: commands with their steps, and what the script put on the deck."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compiler.target import commands as c

_MARKER = re.compile(r"^\[(?P<step>[^\]\s]+)\]")


@dataclass(frozen=True, slots=True)
class TracedCommand:
    """One thing that the robot did: its place in the run, and the step it belongs to.

    `index` is the command's number in the engine's own list, `line` the script's line.
    `surface_mm` is the offset from the liquid's surface where the script aimed at that; the
    command's `height_mm` means nothing then. `channels` is how many tips a pick-up takes.
    """

    index: int
    step: str | None
    command: c.Command
    line: int | None = None
    surface_mm: float | None = None
    channels: int = 1


@dataclass(frozen=True, slots=True)
class LoadedLabware:
    """Labware that the script put on the deck. `on` is the module under it, or None."""

    label: str
    load_name: str
    slot: str
    on: str | None
    definition: Mapping[str, Any] = field(repr=False)

    @property
    def is_tip_rack(self) -> bool:
        """Whether it holds tips."""
        return bool(self.definition.get("parameters", {}).get("isTiprack"))


@dataclass(frozen=True, slots=True)
class LoadedPipette:
    """A pipette by the name that scripts load it under: "flex_1channel_1000"."""

    mount: str
    name: str
    channels: int


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A module and its slot. The script has no name for it: `label` is `<model>/<slot>`."""

    label: str
    model: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A whole script. `declared_ul` are the volumes that it declared (0 for `load_empty`)."""

    robot: str
    api_level: str
    version: str
    count: int
    commands: tuple[TracedCommand, ...]
    labware: Mapping[str, LoadedLabware]
    pipettes: Mapping[str, LoadedPipette]
    modules: Mapping[str, LoadedModule]
    declared_ul: Mapping[c.WellRef, float]
    loaded_ul: Mapping[c.WellRef, float]
    ignored: Mapping[str, int]


def step_of(line: str) -> str | None:
    """The step that a comment, or a line of a pause's message, names in front: `[quench] ...`."""
    found = _MARKER.match(line.strip())
    return found["step"] if found else None


_HANDLING = frozenset({"open", "close", "seal", "unseal", "cap", "uncap", "put", "check"})


def charged_step(line: str) -> str | None:
    """The step whose charge a pause's line asks for. Lines that have vessels opened, closed or
    looked at (`[quench] Open reactors A1.`) ask for none."""
    step = step_of(line)
    words = line.strip()[len(f"[{step}]") :].split()
    return None if words and words[0].lower() in _HANDLING else step
