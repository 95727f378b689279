"""How much of a hold that asks for shaking is shaken, where wells go in batches.

The shaker has to rest while the arm serves other wells of the same labware. What is left of a
batch's hold may be too little for what the chemistry wants stirred.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span
from compiler.passes.lower.numbers import duration
from compiler.stages.operations import Agitate
from compiler.stages.program import AwaitBlock, Part, Program, TimerBlock
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.strokes import in_place

ENOUGH = 0.5  # of a hold: with less than that it is rather left to stand


@dataclass(frozen=True, slots=True)
class Shaken:
    """A batch's hold: what it was to be shaken for, and what it is, in s."""

    step: str
    wanted_s: float
    shaken_s: float


def stirring(program: Program) -> tuple[Finding, ...]:
    """P-STIR-1 for steps whose holds are shaken for less than half of their time."""
    least: dict[str, Shaken] = {}
    for part in program.parts:
        for seen in shaken_holds(program, part):
            if seen.step not in least or seen.shaken_s < least[seen.step].shaken_s:
                least[seen.step] = seen
    return tuple(
        platform.STIR_1.at(
            _span(program, seen.step),
            f"{duration(seen.wanted_s)} on the shaker are {duration(seen.shaken_s)} for one batch:"
            " it rests while the arm serves the other wells",
            help="fewer reactions at a time, or `wait` where nothing has to be stirred",
            step=seen.step,
        )
        for seen in least.values()
        if seen.shaken_s < ENOUGH * seen.wanted_s
    )


def shaken_holds(program: Program, part: Part) -> Iterator[Shaken]:
    """The holds of batches in steps that ask for shaking."""
    asked = {
        o.step for o in program.layout.operations.operations if isinstance(o, Agitate) and o.rpm
    }
    begun: dict[str, tuple[TimerBlock, float]] = {}
    shaken: list[tuple[float, float]] = []  # from when to when it shakes
    since_s: float | None = None
    keeper = None
    for block, context in in_place(program.layout, part):
        keeper = keeper or context.timekeeper()
        if isinstance(block, TimerBlock) and _is_asked(block) and block.step in asked:
            begun[block.timer] = (block, keeper.now_s + block.more_s)
        for command in expand(block, context):
            start_s, end_s = keeper.advance(command)
            if isinstance(command, c.Shake):
                since_s = end_s
            if isinstance(command, c.StopShaking) and since_s is not None:
                shaken.append((since_s, start_s))
                since_s = None
        if isinstance(block, AwaitBlock) and block.timer in begun:
            timer, from_s = begun.pop(block.timer)
            on = [*shaken] if since_s is None else [*shaken, (since_s, keeper.now_s)]
            shaken_s = sum(max(0.0, end - max(start, from_s)) for start, end in on)
            yield Shaken(timer.step, timer.seconds - timer.more_s, shaken_s)


def _is_asked(timer: TimerBlock) -> bool:
    """Whether it is a batch's hold."""
    return bool(timer.reactions) and timer.is_hold


def _span(program: Program, step_id: str) -> Span | None:
    steps = program.layout.operations.ledger.charges.recipe.procedure.steps
    found = next((step for step in steps if step.id == step_id), None)
    return None if found is None else found.spans.whole
