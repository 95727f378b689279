"""A clock's own parameters, as `workup clock fit` finds them for one robot, and their file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span

FITTABLE = (
    "travel_mm_s",
    "xy_mm_s2",
    "z_mm_s",
    "z_mm_s2",
    "command_s",
    "pick_up_s",
    "drop_s",
    "blow_out_s",
    "touch_tip_s",
    "shake_up_s",
    "shake_down_s",
    "latch_s",
    "gripper_s",
)
"""What differs from robot to robot and can be told from a run log; see data/clock.json."""
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class OwnClock:
    """A robot's own parameters (by the names in data/clock.json) and the file they stand in."""

    file: str
    sha256: str
    robot: str
    parameters: Mapping[str, float]


def read_own_clock(path: Path, robot: str, span: Span) -> OwnClock | Finding:
    """Reads a clock file for a robot; P-CLOCK at `span` says why it can't be used."""

    def unusable(why: str) -> Finding:
        help_ = "`workup clock fit LOG` writes one from a robot's run log"
        return platform.CLOCK.at(span, f"the clock {path} {why}", help=help_)

    try:
        if path.stat().st_size > MOST_BYTES:
            return unusable("is larger than any clock file")
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        return unusable(f"can't be read: {getattr(error, 'strerror', None) or error}")
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        return unusable("is no JSON")
    if not isinstance(document, dict) or document.get("kind") != "clock":
        return unusable("does not say `kind: clock`")
    if document.get("version") != 1:
        return unusable(f"is of version {document.get('version')!r}; this is version 1")
    if document.get("robot") != robot:
        return unusable(f"is that of {document.get('robot')!r}, and the robot is {robot}")
    parameters = document.get("parameters")
    if not isinstance(parameters, dict):
        return unusable("has no `parameters`")
    for name, value in parameters.items():
        if name not in FITTABLE:
            return unusable(f"has {name!r}, which is none of {', '.join(FITTABLE)}")
        least = 0.0 if name.endswith("_s") and not name.endswith("mm_s") else 1e-3
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isfinite(value) or not least <= value <= 1e6:
            return unusable(f"has {name}: {value!r}, which is no speed, acceleration or time")
    found = {name: float(parameters[name]) for name in FITTABLE if name in parameters}
    return OwnClock(str(path), hashlib.sha256(data).hexdigest(), robot, found)
