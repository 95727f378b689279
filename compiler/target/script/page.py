"""The place where the blocks of one script are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.target.commands import WellRef
from compiler.target.script.names import Scope
from compiler.target.script.text import Lines, number
from compiler.target.strokes import Context


@dataclass(frozen=True, slots=True)
class Waits:
    """How a script starts a timer and waits for it: with timers, or (below 2.27) with delays.

    `slack_s` is what the clock expects each wait to take; only delays in a simulation use it.
    """

    timers: bool
    slack_s: Mapping[str, float]
    scope: Scope

    def start(self, lines: Lines, variable: str, seconds: float) -> None:
        """Starts a timer, kept under `variable`."""
        if self.timers:
            lines.add(f"{variable} = protocol.create_timer(seconds={number(seconds)})")
        else:
            lines.add(f"{variable} = time.monotonic() + {number(seconds)}")

    def wait(self, lines: Lines, variable: str, timer: str) -> None:
        """Waits until a timer is due; `timer` is what the expansion calls it."""
        if self.timers:
            lines.add(f"protocol.wait_for_tasks([{variable}])")
        else:
            slack = number(self.slack_s.get(timer, 0.0))
            lines.add(f"{self.scope.helper('wait_until')}(protocol, {variable}, {slack})")


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
