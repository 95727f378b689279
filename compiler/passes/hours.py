"""Whether somebody is there when the run stops: the pauses against the bench's hours.

A plan has no date, so what can be said is until when the run may be started for all of its pauses
to fall into the hours; where there is no such time, how much longer the hold between two scripts
would have to be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from compiler.diagnostics.codes import timing
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lower import numbers
from compiler.stages.program import Program
from compiler.target.commands import Pause
from compiler.target.expand import expand_part, rims_mm
from compiler.target.strokes import context_of

DAY_S = 24 * 3600
STEP_S = 300  # of the times that are tried: nobody starts a run to the minute
_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*(?:–|-|to)\s*(\d{1,2}):(\d{2})\s*")


@dataclass(frozen=True, slots=True)
class Stop:
    """A pause: its part, and when it begins and ends, in s from the start of that part."""

    part: int
    starts_s: float
    ends_s: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part: how long the hold before it is, and how long it takes."""

    hold_s: float
    takes_s: float


def hours(program: Program) -> tuple[Finding, ...]:
    """T-HOURS: the latest start that keeps all pauses within the bench's hours, or why none does.

    Nothing without hours, or without pauses.
    """
    bench = program.layout.operations.ledger.house.bench
    written = _HOURS.fullmatch(bench.available) if bench is not None and bench.available else None
    if bench is None or written is None:
        return ()
    first, first_min, last, last_min = map(int, written.groups())
    opens_s, closes_s = first * 3600 + first_min * 60, last * 3600 + last_min * 60
    stops, stretches = _stops(program)
    span = bench.spans.at("operator")
    if closes_s <= opens_s or not stops:
        return ()
    within = f"{clock_time(opens_s)} to {clock_time(closes_s)}"
    window = starts(stops, stretches, opens_s, closes_s)
    if window is not None:
        between = f"{clock_time(window[0])} and {clock_time(window[1])}"
        message = f"all pauses fall into {within} if the run starts between {between}"
        return (timing.HOURS.at(span, message, help="start it then"),)
    help_ = _what_then(stops, stretches, opens_s, closes_s)
    message = f"no start keeps all pauses within {within}"
    return (timing.HOURS.at(span, message, help=help_, severity=Severity.WARNING),)


def starts(
    stops: Sequence[Stop],
    stretches: Sequence[Stretch],
    opens_s: float,
    closes_s: float,
    longer_s: float = 0.0,
) -> tuple[float, float] | None:
    """The latest times of day (s) at which the run may start, from and until, in steps of `STEP_S`.

    None where there are none. `longer_s` is added to the last hold between two scripts. An
    earlier start is not always good: after a night's hold its pauses may come before the hours.

    >>> one = [Stop(1, 3600.0, 4200.0)]
    >>> from_s, until_s = starts(one, [Stretch(0.0, 7200.0)], 8 * 3600, 18 * 3600)
    >>> from_s / 3600, until_s / 3600
    (8.0, 16.75)
    """
    begins = _begins(stretches, longer_s)
    earliest = latest = None
    start = closes_s - closes_s % STEP_S
    while start >= opens_s:
        good = all(_inside(start + begins[s.part - 1], s, opens_s, closes_s) for s in stops)
        if good:
            earliest, latest = start, start if latest is None else latest
        elif latest is not None:
            break
        start -= STEP_S
    return None if earliest is None or latest is None else (earliest, latest)


def _begins(stretches: Sequence[Stretch], longer_s: float) -> list[float]:
    """When each part starts, s from the start of the run."""
    found, now_s = [], 0.0
    last = max((n for n, each in enumerate(stretches) if each.hold_s > 0), default=-1)
    for number, stretch in enumerate(stretches):
        now_s += stretch.hold_s + (longer_s if number == last else 0.0)
        found.append(now_s)
        now_s += stretch.takes_s
    return found


def _inside(part_starts_s: float, stop: Stop, opens_s: float, closes_s: float) -> bool:
    begins = (part_starts_s + stop.starts_s) % DAY_S
    return opens_s <= begins and begins + stop.ends_s - stop.starts_s <= closes_s


def _what_then(
    stops: Sequence[Stop], stretches: Sequence[Stretch], opens_s: float, closes_s: float
) -> str:
    """What would help where no start keeps the hours: the least that a hold has to be longer."""
    if any(each.hold_s > 0 for each in stretches):
        for longer_s in range(STEP_S, DAY_S + STEP_S, STEP_S):
            window = starts(stops, stretches, opens_s, closes_s, longer_s)
            if window is not None:
                more = numbers.duration(longer_s)
                return (
                    f"with the last hold between scripts {more} longer and a start at"
                    f" {clock_time(window[1])} all of them do"
                )
    return "somebody has to stay, or the run needs fewer reactions"


def clock_time(seconds: float) -> str:
    """`09:40`."""
    hour, minute = divmod(round(seconds / 60), 60)
    return f"{hour:02d}:{minute:02d}"


def _stops(program: Program) -> tuple[list[Stop], list[Stretch]]:
    """Every pause, and every part, by the clock."""
    stops: list[Stop] = []
    stretches: list[Stretch] = []
    for part in program.parts:
        keeper = context_of(program.layout, part).timekeeper()
        keeper.next_script(rims_mm(program.layout, part))
        for command in expand_part(program, part):
            starts_s, ends_s = keeper.advance(command)
            if isinstance(command, Pause):
                stops.append(Stop(len(stretches) + 1, starts_s, ends_s))
        stretches.append(Stretch(part.hold_s, keeper.now_s))
    return stops, stretches
