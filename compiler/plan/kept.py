"""What plan.json says that the run must keep: holds, for the run and for every reaction, limits,
temperatures, mixing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.passes.limits import waits_of
from compiler.stages import operations as o
from compiler.stages.program import (
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    MixSpec,
    Program,
    SettleBlock,
    ShakeBlock,
    TemperatureBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target.commands import WellRef
from compiler.target.deck import abreast
from compiler.target.expand import has_timers, planned_waits_s
from compiler.target.rounds import mixed_after
from compiler.target.settling import settle_timer


def hold_objects(program: Program) -> list[dict[str, Any]]:
    """What the run must keep, read off the blocks: how long, shaken, and at which temperature.

    Below API level 2.27 a script has no timers: what it waits is what the plan's clock leaves of
    the hold, since other wells are served meanwhile.
    """
    found: list[dict[str, Any]] = []
    timers = has_timers(program.layout)
    for part in program.parts:
        rpm: dict[str, float] = {}
        left = {} if timers else planned_waits_s(program, part)
        for block in part.blocks:
            if isinstance(block, ShakeBlock):
                rpm[block.module] = block.rpm
            elif isinstance(block, MixHoldBlock) or (
                isinstance(block, TimerBlock) and block.is_hold
            ):
                shaken = next(((m, r) for m, r in rpm.items() if r > 0), (None, None))
                found.append(
                    {
                        "step": block.step,
                        "s": _waited_s(block, left),
                        "module": shaken[0],
                        "shaken_rpm": shaken[1],
                        "part": part.number,
                    }
                )
            elif isinstance(block, SettleBlock):  # each well has a timer of its own
                found += [
                    {
                        "step": block.step,
                        "s": min(left.get(settle_timer(block, row), (block.settle_s,))),
                        "module": None,
                        "shaken_rpm": None,
                        "part": part.number,
                    }
                    for row in block.rows
                ]
    return found


def _waited_s(block: TimerBlock | MixHoldBlock, left: Mapping[str, tuple[float, ...]]) -> float:
    if isinstance(block, MixHoldBlock):
        return block.seconds
    return min(left.get(block.timer, (block.seconds,)))


def stand_objects(program: Program) -> list[dict[str, Any]]:
    """How long every reaction stands at least, read off the operations, whatever blocks they have
    become: in a step in which nothing else is done, and before the layers of a `round` are drawn.
    """
    recipe = program.layout.operations.ledger.charges.recipe
    own = {
        reaction.id: {step.id for step in recipe.procedure_of(reaction.id).steps}
        for reaction in program.layout.operations.ledger.charges.reactions
    }
    every = program.layout.operations.operations
    busy = {step for operation in every for step in _steps_worked_on(operation)}
    standing: dict[str, float] = {}
    settling: list[dict[str, Any]] = []
    for operation, following in zip(every, [*every[1:], None], strict=True):
        if isinstance(operation, o.Split) and operation.step not in busy:
            standing[operation.step] = standing.get(operation.step, 0.0) + operation.hold_s
        if not isinstance(operation, o.Hold):
            continue
        step, seconds = operation.step, operation.seconds
        if step not in busy:
            standing[step] = standing.get(step, 0.0) + seconds
        elif isinstance(following, o.DrawPhase) and following.step == step and not operation.mix:
            drawn = [draw.reaction for draw in following.draws]
            settling.append(
                {"step": step, "s": seconds, "round": following.round, "reactions": drawn}
            )
    return [
        {"step": step, "s": seconds, "round": None, "reactions": [r for r in own if step in own[r]]}
        for step, seconds in standing.items()
    ] + settling


def _steps_worked_on(operation: o.Operation) -> tuple[str, ...]:
    """The steps in which something is done to a reaction; caps are not."""
    match operation:
        case o.Deliver() | o.DeliverDrops() | o.MixVessel() | o.DrawPhase():
            return (operation.step,)
        case o.Ask():
            return tuple(task.step for task in operation.tasks if task.closes is None)
        case _:
            return ()


def limit_objects(program: Program) -> list[dict[str, Any]]:
    """What has to begin in time, and what the reactions see of it."""
    return [
        {
            "step": each.limit.step,
            "after": each.limit.after,
            "within_s": each.limit.seconds,
            "least_s": each.least_s,
            "most_s": each.most_s,
        }
        for each in waits_of(program)
    ]


def temperature_objects(program: Program) -> list[dict[str, Any]]:
    """Every set point, with the step from which on it holds (None: the module goes off)."""
    return [
        {"step": b.step, "module": b.module, "degC": b.celsius, "part": part.number}
        for part in program.parts
        for b in part.blocks
        if isinstance(b, TemperatureBlock)
    ]


def mix_objects(program: Program) -> list[dict[str, Any]]:
    """Mixing with the pipette, well by well, as often as each block does it."""
    found: list[dict[str, Any]] = []

    def note(step: str, well: WellRef, mix: MixSpec, eight: bool, repeats: int = 1) -> None:
        how = {"cycles": mix.cycles, "uL": mix.stroke_ul, "n": repeats}
        for one in abreast(program.layout, well) if eight else (well,):
            found.append({"step": step, "labware": one.labware, "well": one.well, **how})

    for part in program.parts:
        for block in part.blocks:
            if isinstance(block, TransferBlock):
                for row in block.rows:
                    if row.mix is not None:
                        note(block.step, row.dest, row.mix, bool(row.others))
            elif isinstance(block, MixBlock | MixHoldBlock | SettleBlock):
                for r in block.mix.rows if isinstance(block, SettleBlock) else block.rows:
                    note(block.step, r.well, r.mix, bool(r.others))
            elif isinstance(block, DropsBlock):
                rounds = [mixed_after(block, number) for number in range(1, block.count + 1)]
                for r in block.mix_rows:
                    times = sum(r in mixed for mixed in rounds)
                    note(block.step, r.well, r.mix, bool(r.others), times)
    return found
