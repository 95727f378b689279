"""When each step starts and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.stages.layout import Layout
from compiler.stages.program import Program
from compiler.target.clock import Timekeeper, load_clock
from compiler.target.commands import Comment, Pause
from compiler.target.deck import deck_of
from compiler.target.expand import expand_part, has_timers, rims_mm


@dataclass(frozen=True, slots=True)
class Timeline:
    """Times in s from the start of the first part; holds between parts are not in them.

    `operator_s` is what the pauses take.
    """

    steps: Mapping[str, tuple[float, float]]
    duration_s: float
    hold_s: float
    pauses: int
    operator_s: float


def timeline(program: Program) -> Timeline:
    """Runs the program's commands past the clock, part after part."""
    layout = program.layout
    keeper = Timekeeper(
        load_clock(layout.robot, layout.clock),
        modules={m.label: m.module.model for m in layout.modules},
        travel_mm=travel_mm(layout),
    )
    steps: dict[str, tuple[float, float]] = {}
    pauses, operator_s = 0, 0.0
    for part in program.parts:
        current: tuple[str, ...] = ()
        keeper.next_script(rims_mm(program.layout, part))
        for command in expand_part(program, part):
            start, end = keeper.advance(command)
            if isinstance(command, Pause):
                pauses, operator_s = pauses + 1, operator_s + (end - start)
            if isinstance(command, Comment):
                current = _steps_in(command.message)
            touched = _steps_in(command.message) if isinstance(command, Pause) else current
            for step in touched:
                before = steps.get(step, (start, end))
                steps[step] = (min(before[0], start), max(before[1], end))
    hold_s = sum(part.hold_s for part in program.parts)
    return Timeline(steps, keeper.now_s, hold_s, pauses, operator_s)


def travel_mm(layout: Layout) -> float | None:
    """How high the pipettes travel; None (the clock's own) where scripts have no timers, since
    what they wait for is planned for that height."""
    return deck_of(layout).highest_mm() if has_timers(layout) else None


def _steps_in(message: str) -> tuple[str, ...]:
    """The step ids in brackets at the starts of a message's lines, each once."""
    found = (line[1:].split("]", 1)[0] for line in message.split("\n") if line.startswith("["))
    return tuple(dict.fromkeys(found))
