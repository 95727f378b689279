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

    `index` is the command's number in the engine's own list, `line` the script's line in `run`,
    `inner` its innermost one, `via` the pipette's methods that led to it. `surface_mm` is the
    offset from the liquid's surface where the script aimed at that; the command's `height_mm`
    means nothing then. `channels` is how many tips a pick-up takes, `upwards` where they lie
    above the named one. `aside_mm` is how far (x, y) the tip is off the well's axis.
    """

    index: int
    step: str | None
    command: c.Command
    line: int | None = None
    surface_mm: float | None = None
    channels: int = 1
    inner: int | None = None
    via: tuple[str, ...] = ()
    aside_mm: tuple[float, float] = (0.0, 0.0)
    upwards: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """What a script did that the vocabulary has no word for: the engine's own command.

    `subject` is the label of the module or labware, or the mount of the pipette, that it is about.
    `before` is how many commands of the trace came before it.
    """

    index: int
    before: int
    kind: str
    subject: str
    params: Mapping[str, Any] = field(repr=False)
    line: int | None = None
    inner: int | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What a script says is in a well, and where it says so. `liquid` is "" for `load_empty`."""

    well: c.WellRef
    liquid: str
    volume_ul: float
    line: int | None


@dataclass(frozen=True, slots=True)
class LoadedLabware:
    """Labware that the script put on the deck. `on` is the module under it, or None; `under` the
    label of the labware (an adapter, mostly) right under it."""

    label: str
    load_name: str
    slot: str
    on: str | None
    definition: Mapping[str, Any] = field(repr=False)
    under: str | None = None
    line: int | None = None

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
    line: int | None = None


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A module and its slot. The script has no name for it: `label` is `<model>/<slot>`."""

    label: str
    model: str
    slot: str
    line: int | None = None


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
    declared: tuple[Declared, ...] = ()
    happenings: tuple[Happening, ...] = ()

    def refills(self) -> Mapping[int, tuple[str, ...]]:
        """The tip racks that are reset right after a pause, and so were replaced by the operator:
        by how many commands came before."""
        found: dict[int, tuple[str, ...]] = {}
        for happening in self.happenings:
            before = happening.before
            paused = before > 0 and isinstance(self.commands[before - 1].command, c.Pause)
            if happening.kind == "setTipState" and paused:
                found[before] = (*found.get(before, ()), happening.subject)
        return found

    @property
    def has_heights(self) -> bool:
        """Whether the engine says where tips are."""
        return has_heights(self.api_level)


def has_heights(api_level: str) -> bool:
    """Whether the engine says where tips are: below apiLevel 2.14 it does not."""
    parts = api_level.split(".")
    numbers = all(part.isdecimal() for part in parts)  # not so for a JSON protocol
    return not numbers or tuple(map(int, parts)) >= (2, 14)


def step_of(line: str) -> str | None:
    """The step that a comment, or a line of a pause's message, names in front: `[quench] ...`."""
    found = _MARKER.match(line.strip())
    return found["step"] if found else None


_HANDLING = frozenset(
    {"open", "close", "seal", "unseal", "cap", "uncap", "put", "check", "replace"}
)


def charged_step(line: str) -> str | None:
    """The step whose charge a pause's line asks for. Lines that have vessels opened, closed or
    looked at (`[quench] Open reactors A1.`) ask for none."""
    step = step_of(line)
    words = line.strip()[len(f"[{step}]") :].split()
    return None if words and words[0].lower() in _HANDLING else step
