"""`within`: whether every step that has a limit begins in time, in every reaction.

`check` knows no robot, and tells what the times written between two steps exceed by themselves.
With a robot every reaction is followed through the finished program (`plan/course.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compiler.chemistry.temperature import seconds_of, vessels_of
from compiler.diagnostics.codes import timing
from compiler.diagnostics.finding import Finding, Span
from compiler.stages.charges import Charges
from compiler.stages.documents import AnyStep, Procedure

if TYPE_CHECKING:  # `check` never needs the robot's side, and starts faster without it
    from compiler.plan.course import Course
    from compiler.stages.layout import Layout
    from compiler.stages.program import Program

LATE_S = 0.05  # rounding of the clock's own sums


@dataclass(frozen=True, slots=True)
class Limit:
    """`step` begins at most `seconds` after the end of `after`; both are ids of steps."""

    step: str
    after: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Waited:
    """What the reactions see of a limit: how long each waits, in s."""

    limit: Limit
    seconds: Mapping[str, float]
    over_holds_s: float = 0.0  # of holds between scripts that lie between, for the last reaction

    @property
    def last(self) -> str | None:
        """The reaction that waits longest, the first of them; None where there is none."""
        return max(self.seconds, key=lambda reaction: self.seconds[reaction], default=None)

    @property
    def least_s(self) -> float:
        """What the reaction waits that waits least."""
        return min(self.seconds.values(), default=0.0)

    @property
    def most_s(self) -> float:
        """What the reaction waits that waits longest."""
        return max(self.seconds.values(), default=0.0)


def limits_of(program_or_layout: Program | Layout) -> tuple[Limit, ...]:
    """The limits of a run, in the order of its steps."""
    from compiler.stages.program import Program

    run = program_or_layout
    layout = run.layout if isinstance(run, Program) else run
    return limits_in(layout.operations.ledger.charges.recipe.procedure)


def _words(seconds: float) -> str:
    """`30 s`, `10 min`."""
    from compiler.passes.lower.numbers import duration  # it has the robot's side with it

    return f"{seconds:g} s" if seconds < 60.0 and seconds % 1 == 0 else duration(seconds)


def limits_in(procedure: Procedure) -> tuple[Limit, ...]:
    """The limits of a procedure; a time that nobody has decided is none."""
    return tuple(
        Limit(step.id, each.after, each.time.value)
        for step in procedure.steps
        for each in step.within
        if each.time.plan is not None
    )


# --- as it is written -------------------------------------------------------------------------


def limits_as_written(charges: Charges) -> tuple[Finding, ...]:
    """T-WITHIN where the steps between take longer than a limit allows, whatever the robot."""
    procedure = charges.recipe.procedure
    return tuple(
        _too_long(procedure, limit, between)
        for limit in limits_in(procedure)
        if (between := _written_s(charges, limit))
        and sum(between.values()) > limit.seconds + LATE_S
    )


def _written_s(charges: Charges, limit: Limit) -> dict[str, float]:
    """The steps between the two that say how long they take, with that (s)."""
    found = {}
    for step in _between(charges.recipe.procedure, limit):
        volumes = [c.volume_ul for c in charges.of_step(step.id) if c.volume_ul is not None]
        seconds = seconds_of(step, max(volumes, default=None))
        if seconds > 0.0:
            found[step.id] = seconds
    return found


def _between(procedure: Procedure, limit: Limit) -> Sequence[AnyStep]:
    places = {step.id: number for number, step in enumerate(procedure.steps)}
    if limit.after not in places:
        return ()  # it could not be read, and is reported
    return procedure.steps[places[limit.after] + 1 : places[limit.step]]


def _too_long(procedure: Procedure, limit: Limit, between: Mapping[str, float]) -> Finding:
    longest = sorted(between, key=lambda step: -between[step])[:3]
    names = " and ".join(step for step in between if step in longest)
    more = f" and {len(between) - 3} more" if len(between) > 3 else ""
    return timing.WITHIN.at(
        _span(procedure, limit),
        f"{limit.step} is to begin within {_words(limit.seconds)} of the end of {limit.after},"
        f" and the steps between them take {_words(sum(between.values()))} as they are written"
        f" ({names}{more})",
        help="move these steps, give them less time, or allow more",
        step=limit.step,
    )


# --- by the robot's clock ---------------------------------------------------------------------


def limits(program: Program) -> tuple[Finding, ...]:
    """T-WITHIN for each limit that a reaction does not keep by the robot's clock."""
    return tuple(
        _too_late(program, waited)
        for waited in waits_of(program)
        if waited.most_s > waited.limit.seconds + LATE_S
    )


def waits_of(program: Program) -> tuple[Waited, ...]:
    """How long every reaction waits, for each limit of a run."""
    wanted = limits_of(program)
    if not wanted:
        return ()
    from compiler.plan.course import course

    followed = course(program)
    return tuple(_waited(program, limit, followed) for limit in wanted)


def _waited(program: Program, limit: Limit, followed: Course) -> Waited:
    recipe = program.layout.operations.ledger.charges.recipe
    order = [step.id for step in recipe.procedure.steps]
    seen: dict[str, tuple[float, float]] = {}
    for reaction in program.layout.operations.ledger.charges.reactions:
        own = {step.id for step in recipe.procedure_of(reaction.id).steps}
        begun_s = followed.begun_s(limit.step, reaction.id)
        if begun_s is None or not {limit.step, limit.after} <= own:
            continue  # a control that leaves it out, or a step with nothing to do
        ended_s = _ended_s(followed, order[: order.index(limit.after) + 1], reaction.id)
        seen[reaction.id] = (min(ended_s, begun_s), begun_s)
    waited = Waited(limit, {r: round(end - start, 6) for r, (start, end) in seen.items()})
    if waited.last is None:
        return waited
    start, end = seen[waited.last]
    over_s = sum(b - a for a, b in followed.holds if start <= a and b <= end)
    return Waited(limit, waited.seconds, over_s)


def _ended_s(followed: Course, steps: Sequence[str], reaction: str) -> float:
    """When the last of some steps ends; one with nothing to do ends with the one before it."""
    ends = (followed.ended_s(step, reaction) for step in reversed(steps))
    return next((end for end in ends if end is not None), 0.0)


def _too_late(program: Program, waited: Waited) -> Finding:
    layout, limit = program.layout, waited.limit
    procedure = layout.operations.ledger.charges.recipe.procedure
    several = len(waited.seconds) > 1
    step = next(step for step in procedure.steps if step.id == limit.step)
    wells = [layout.wells.get((waited.last or "", vessel)) for vessel in vessels_of(step)]
    well = next((f", {ref.labware} {ref.well}" for ref in wells if ref is not None), "")
    late = _words(waited.most_s - limit.seconds)
    message = (
        f"{limit.step} begins {'up to ' * several}{_words(waited.most_s)} after the end of"
        f" {limit.after} by the robot's clock ({waited.last}{well}): {late} later than `within`"
        f" allows ({_words(limit.seconds)})"
    )
    if waited.over_holds_s:
        held = _words(waited.over_holds_s)
        message += f"; the hold of {held} at which the script is split lies between"
    span = _span(procedure, limit)
    return timing.WITHIN.at(span, message, help=_help(program, limit, several), step=limit.step)


def _help(program: Program, limit: Limit, several: bool) -> str:
    layout = program.layout
    words = ["fewer reactions at a time"] if several else []
    if several and all(m.pipette.channels == 1 for m in layout.mounted.values()):
        words.append("an eight-channel pipette")
    if _between(layout.operations.ledger.charges.recipe.procedure, limit):
        words.append("the steps between them moved")
    words.append("more time in `within`")
    return f"{', '.join(words[:-1])}{', or ' * (len(words) > 1)}{words[-1]} would do"


def _span(procedure: Procedure, limit: Limit) -> Span | None:
    """The time that is written."""
    return next(
        each.time.span
        for step in procedure.steps
        if step.id == limit.step
        for each in step.within
        if (each.after, each.time.plan) == (limit.after, limit.seconds)
    )
