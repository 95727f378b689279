"""The place where the blocks of one script are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compiler.target.commands import WellRef
from compiler.target.script.names import Scope
from compiler.target.script.text import Lines, number
from compiler.target.strokes import Context

ALIKE_S = 0.02
"""Waits that differ by less are written as one number."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How a script starts a timer and waits for it: with timers, or (below 2.27) with delays.

    `planned_s` is what the clock expects each wait for a timer to take, one after the other; only
    delays in a simulation use it.
    """

    timers: bool
    planned_s: Mapping[str, tuple[float, ...]]
    scope: Scope

    def start(self, lines: Lines, variable: str, seconds: float) -> None:
        """Starts a timer, kept under `variable`."""
        if self.timers:
            lines.add(f"{variable} = protocol.create_timer(seconds={number(seconds)})")
        else:
            lines.add(f"{variable} = time.monotonic() + {number(seconds)}")

    def wait(self, lines: Lines, variable: str, timer: str, planned: str | None = None) -> None:
        """Waits until a timer is due; `timer` is what the expansion calls it.

        `planned` is an expression for the planned seconds (see `plan`); without it the longest
        wait for the timer is taken, so that none is too short.
        """
        if self.timers:
            lines.add(f"protocol.wait_for_tasks([{variable}])")
            return
        planned = planned or number(max(self.planned_s.get(timer, ()), default=0.0))
        lines.add(f"{self.scope.helper('wait_until')}(protocol, {variable}, {planned})")

    def plan(self, lines: Lines, timers: Sequence[str]) -> bool:
        """Writes `planned_waits`: for each timer the seconds of all its waits, one after the other.

        Not where scripts have timers, and not where all waits for the one timer are alike: False
        then.
        """
        planned = [self.planned_s.get(timer, ()) for timer in timers]
        spread_s = max(planned[0], default=0.0) - min(planned[0], default=0.0)
        if self.timers or (len(timers) == 1 and spread_s < ALIKE_S):
            return False
        lines.comment("How long each wait takes by the plan's clock (s): for simulations only")
        lines.add("planned_waits = [")
        with lines.indented():
            for waits in planned:
                if len(timers) == 1:
                    lines.add(*(f"{number(wait)}," for wait in waits))
                else:
                    lines.items("[", [number(wait) for wait in waits], "],")
        lines.add("]")
        return True


@dataclass(frozen=True, slots=True)
class Page:
    """The lines so far, the names in use, the deck as it stands, and how to wait."""

    lines: Lines
    context: Context
    scope: Scope
    waits: Waits

    def call(self, helper: str, *arguments: str) -> None:
        """A call of one of the script's helper functions, which is then defined."""
        self.lines.call(self.scope.helper(helper), *arguments)

    def well(self, ref: WellRef) -> str:
        """`reactors["A1"]`."""
        return self.scope.well(ref)
