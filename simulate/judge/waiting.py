"""Delays that can't be meant."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from simulate.judge.case import Case, Fault, fault, of

LONG_S = 8 * 3600.0


def check_delays(case: Case) -> Iterator[Fault]:
    """A negative delay or timer; a very long one is told."""
    for traced in case.trace.commands:
        match traced.command:
            case c.Delay(seconds):
                what = "delay"
            case c.StartTimer(_, seconds):
                what = "timer"
            case _:
                continue
        if seconds < 0.0:
            yield fault(
                p.DELAY,
                of(traced),
                f"a {what} of {seconds:g} s: the robot does not wait at all",
                "write the time as a positive number, or max(0, ...) where it is worked out",
            )
        elif seconds >= LONG_S and not case.planned:
            yield fault(
                p.DELAY,
                of(traced),
                f"a {what} of {seconds / 3600.0:g} h",
                "check that seconds and minutes are not mixed up",
                Severity.NOTE,
            )
