"""What the robot does in each step, counted: every stroke with its height and flow, tips, waits.

The verifier holds a simulated script against it. Strokes that are alike are one entry with their
number, so that twenty drops take no more room than one; the order within a step is kept as a
checksum over what is done where, without the numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from compiler.stages.program import Part, Program
from compiler.target import commands as c
from compiler.target.expand import expand_part, has_timers

_Place = dict[str, Any]
_Numbers = dict[str, float]


def actions(program: Program) -> list[dict[str, Any]]:
    """An entry for each part and step, in order: the step's actions, and the checksum."""
    found: list[dict[str, Any]] = []
    for part in program.parts:
        for step, commands in _sections(program, part):
            counted: dict[str, dict[str, Any]] = {}
            order = hashlib.sha256()
            for command in commands:
                described = _described(command, program)
                if described is None:
                    continue
                place, numbers = described
                order.update(f"{_line(place)}\n".encode())
                entry = {**place, **{key: round(value, 4) for key, value in numbers.items()}}
                counted.setdefault(repr(entry), {**entry, "n": 0})["n"] += 1
            if counted:
                does = list(counted.values())
                found.append(
                    {"part": part.number, "step": step, "does": does, "order": order.hexdigest()}
                )
    return found


def _sections(program: Program, part: Part) -> Iterator[tuple[str | None, list[c.Command]]]:
    """The commands of each step, wherever in the part they are; what comes before the first step
    has none. What is done when the last step is over belongs to it."""
    sections: dict[str | None, list[c.Command]] = {}
    step: str | None = None
    for command in expand_part(program, part):
        if isinstance(command, c.Comment):
            if command.message.startswith("["):
                step = command.message[1:].split("]", 1)[0]
            continue
        sections.setdefault(step, []).append(command)
    yield from sections.items()


def _line(place: _Place) -> str:
    return " ".join(str(place[key]) for key in ("do", "mount", "at") if key in place)


def _described(command: c.Command, program: Program) -> tuple[_Place, _Numbers] | None:
    """What a command does and where, and its numbers; None for what is held elsewhere."""
    do = type(command).__name__
    models = {m.label: f"{m.module.model}/{m.slot}" for m in program.layout.modules}
    match command:
        case c.PickUpTip(mount, well):
            return {"do": do, "mount": mount, "at": str(well)}, {}
        case c.DropTip(mount, into):
            return {"do": do, "mount": mount, "at": str(into or "trash")}, {}
        case c.Aspirate(mount, well, _, mm, ul, flow) | c.Dispense(mount, well, _, mm, ul, flow):
            place = {"do": do, "mount": mount, "at": str(well or "trash")}
            return place, {"mm": mm, "uL": ul, "uL_s": flow}
        case c.AirGap(mount, ul, flow):
            return {"do": do, "mount": mount}, {"uL": ul, "uL_s": flow}
        case c.BlowOut(mount, well, point, flow):
            place = {"do": do, "mount": mount, "at": str(well or "trash")}
            return place, {"z": point.z, "uL_s": flow} if well else {"uL_s": flow}
        case c.TouchTip(mount, well, _, speed):
            return {"do": do, "mount": mount, "at": str(well)}, {"mm_s": speed}
        case c.MoveTo(mount, c.WellRef() as well, _, mm, speed):
            return {"do": do, "mount": mount, "at": str(well)}, {"mm": mm, "mm_s": speed or 0.0}
        case c.Delay(seconds) | c.StartTimer(_, seconds) if has_timers(program.layout):
            return {"do": do}, {"s": seconds}
        case c.SetTemperature(module, celsius) | c.AwaitTemperature(module, celsius):
            return {"do": do, "at": models[module]}, {"degC": celsius}
        case c.Shake(module, rpm):
            return {"do": do, "at": models[module]}, {"rpm": float(rpm)}
        case c.Deactivate(module) | c.StopShaking(module):
            return {"do": do, "at": models[module]}, {}
        case c.Latch(module, close):
            return {"do": do, "at": f"{models[module]} {'closed' if close else 'open'}"}, {}
        case c.MoveLabware(label, to, by_gripper):
            how = "gripper" if by_gripper else "operator"
            return {"do": do, "at": f"{label} to {models.get(to, to)}, {how}"}, {}
        case c.AwaitTimers() if has_timers(program.layout):
            return {"do": do}, {}
        case c.Pause():
            return {"do": do}, {}
        case _:
            return None
