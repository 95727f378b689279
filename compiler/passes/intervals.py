"""Whether the robot keeps up with what is added dropwise: the whole run past the clock.

How long a round takes depends on where everything stands, so it is judged here, after `tips`: a
drop that is due before the arm is ready for it would fall late, and the addition take longer than
it is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler.diagnostics.codes import platform, timing
from compiler.diagnostics.finding import Finding, Span
from compiler.passes.lower.dropwise import SHAKE_GAP_S
from compiler.passes.lower.numbers import digits
from compiler.stages.documents import Add
from compiler.stages.program import DropsBlock, Part, Program
from compiler.target import commands as c
from compiler.target.drops import shake_until_s
from compiler.target.expand import expand
from compiler.target.rounds import drop_timer, shaking_timer
from compiler.target.strokes import Context, in_place

LATE_S = 0.05  # rounding of the clock's own sums
TURN_S = 1.0  # by how much a further well's turn may vary with the way to its tips


def intervals(program: Program) -> tuple[Finding, ...]:
    """T-INTERVAL for drops that can't be kept up, P-STIR-1 where they leave the shaker no time."""
    return tuple(finding for part in program.parts for finding in _in_part(program, part))


def late(program: Program, batches: Mapping[str, int]) -> Mapping[str, int]:
    """In how many batches dropwise additions would keep their interval, as far as one look tells.

    By step, and only those that do not keep it. `batches` is how many they are in now.
    """
    found: dict[str, int] = {}
    for part in program.parts:
        for block, context in in_place(program.layout, part):
            if not isinstance(block, DropsBlock) or len(block.rows) == 1:
                continue
            longest = longest_round(block, context)
            late = longest is not None and longest.over_s > 0.0
            unshaken = bool(block.shaker and block.rpm) and not shake_until_s(block, context)
            if longest is not None and (late or unshaken):
                before = batches.get(block.step, 1)
                room_s = block.interval_s - (SHAKE_GAP_S if unshaken else 0.0)
                wanted = math.ceil(before * longest.takes_s / max(room_s, 1.0) - 1e-9)
                most = before * len(block.rows)
                found[block.step] = min(max(before + 1, wanted), most)
    return found


def _in_part(program: Program, part: Part) -> Iterator[Finding]:
    for block, context in in_place(program.layout, part):
        if isinstance(block, DropsBlock):
            yield from _judge(program, block, context)


@dataclass(frozen=True, slots=True)
class Round:
    """The longest round: from one drop until all is ready for the next, in s. `over_s`: how much
    longer than the interval that is, less what may vary."""

    takes_s: float
    over_s: float
    mixes: bool
    fresh_tip: bool


def longest_round(block: DropsBlock, context: Context) -> Round | None:
    """What stands between a drop and the next one to the same well; None where there is none."""
    keeper = context.timekeeper()
    since: dict[str, float] = {}
    longest: Round | None = None
    first = drop_timer(block, block.rows[0])
    mixed = fresh = False
    for command in expand(block, context):
        start, _ = keeper.advance(command)
        match command:
            case c.StartTimer(timer):
                since[timer] = start
                mixed = fresh = False
            case c.PickUpTip(mount, tip):
                mixing = any(row.tip == tip for row in block.mix_rows)
                mixed = mixed or mixing
                fresh = fresh or (not mixing and mount == block.mount)
            case c.AwaitTimers(timers):
                for timer in timers:
                    took_s = start - since[timer]
                    spare_s = LATE_S if timer == first else TURN_S
                    over_s = took_s - block.interval_s - spare_s
                    due = timer != shaking_timer(block)
                    if due and (longest is None or over_s > longest.over_s):
                        longest = Round(took_s, over_s, mixed, fresh)
    return longest


def _judge(program: Program, block: DropsBlock, context: Context) -> Iterator[Finding]:
    found = longest_round(block, context)
    span = _span(program, block.step)
    if found is not None and found.over_s > 0.0:
        yield timing.INTERVAL.at(
            span,
            f"{block.count} drops are {digits(block.interval_s)} s apart, and a round takes"
            f" {digits(found.takes_s)} s by the robot's clock ({_what(block, found)})",
            help=_help(block, found),
            step=block.step,
        )
        return
    if block.shaker is not None and block.rpm and not shake_until_s(block, context):
        yield platform.STIR_1.at(
            span,
            f"nothing stirs while {block.material} is added: its drops leave {block.shaker} no"
            f" time within {digits(block.interval_s)} s",
            help="write `stir during: pipette`, a longer addition, or fewer and larger drops",
            step=block.step,
        )


def _what(block: DropsBlock, found: Round) -> str:
    wells = len(block.rows)
    parts = ["one drop" if wells == 1 else f"drops to {wells} wells"]
    if found.fresh_tip and not block.shared_tip:
        parts.append("fresh tips" if wells > 1 else "a fresh tip")
    if found.mixes:
        parts.append("mixing by pipette")
    return ", ".join(parts)


def _help(block: DropsBlock, found: Round) -> str:
    words = ["allow a longer addition", "fewer wells" if len(block.rows) > 1 else ""]
    if not block.shared_tip:
        words.append("drops large enough to fall freely")
    else:
        words.append("larger drops")
    if found.mixes:
        words.append("stirring that needs no pipette (`stir during: shaker`, or `operator`)")
    return ", or ".join(word for word in words if word)


def _span(program: Program, step_id: str) -> Span:
    operations = program.layout.operations
    steps: Mapping[str, object] = {
        step.id: step for step in operations.ledger.charges.recipe.procedure.steps
    }
    step = steps[step_id]
    assert isinstance(step, Add)  # nothing else is added dropwise
    return step.spans.at("dropwise")
