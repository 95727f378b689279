"""How long each part of a program takes, by the clock that follows its commands."""

from __future__ import annotations

from compiler.plan.timeline import travel_mm
from compiler.stages.program import Program
from compiler.target.clock import Timekeeper, load_clock
from compiler.target.expand import expand_part, rims_mm


def part_seconds(program: Program) -> list[float]:
    """Seconds of each part, one keeper for all of them, as the plan's timeline has it."""
    layout = program.layout
    keeper = Timekeeper(
        load_clock(layout.robot),
        modules={m.label: m.module.model for m in layout.modules},
        travel_mm=travel_mm(layout),
    )
    found = []
    for part in program.parts:
        keeper.next_script(rims_mm(layout, part))
        begun = keeper.now_s
        for command in expand_part(program, part):
            keeper.advance(command)
        found.append(keeper.now_s - begun)
    return found
