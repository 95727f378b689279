"""When each command of a replayed script starts and ends, and the step it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.target import commands as c
from simulate.ledger import Ledger
from simulate.traced import TracedCommand, step_of


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One command, and when (s from the start of its script)."""

    step: str | None
    command: str
    starts_s: float
    ends_s: float


def timeline(ledger: Ledger) -> tuple[TimelineEntry, ...]:
    """An entry a command; a pause has one for each step that its lines name."""
    return tuple(
        TimelineEntry(step, type(traced.command).__name__, stamp.starts_s, stamp.ends_s)
        for stamp, traced in zip(ledger.stamps, ledger.trace.commands, strict=True)
        for step in _steps(traced)
    )


def _steps(traced: TracedCommand) -> tuple[str | None, ...]:
    command = traced.command
    if not isinstance(command, c.Pause):
        return (traced.step,)
    named = [step for line in command.message.splitlines() if (step := step_of(line))]
    return tuple(dict.fromkeys(named)) or (traced.step,)
