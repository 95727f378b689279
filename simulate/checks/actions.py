"""Actions: in every step the script does what the plan counts, stroke for stroke, in its order.

The other checks prove what reaches the wells. This one holds how it gets there: heights, flows,
mixing, pre-wetting, air gaps, tips, the shaker between drops, waits within a step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target import commands as c
from simulate.checks.evidence import Evidence
from simulate.ledger import Ledger, Stamp
from simulate.plan import StepActions

# How far each number may be off: absolute, and as a share.
_ALLOWED: Mapping[str, tuple[float, float]] = {
    "mm": (0.05, 0.0),
    "z": (0.25, 0.0),
    "uL": (0.01, 0.002),
    "uL_s": (0.01, 0.005),
    "mm_s": (0.1, 0.005),
    "s": (0.05, 0.001),
    "degC": (0.05, 0.0),
    "rpm": (0.5, 0.0),
}
_UNITS = {"mm": "mm", "z": "mm (deck)", "uL": "µL", "uL_s": "µL/s", "mm_s": "mm/s", "s": "s"}
_UNITS |= {"degC": "°C", "rpm": "rpm"}

_Key = tuple[str, str | None, str | None]  # what, mount, where


@dataclass(slots=True)
class _Done:
    """What the script does in one step of one part."""

    strokes: dict[_Key, list[tuple[tuple[float, ...], Stamp]]] = field(default_factory=dict)
    names: dict[_Key, tuple[str, ...]] = field(default_factory=dict)
    order: list[_Key] = field(default_factory=list)
    last: Stamp | None = None


def check_actions(evidence: Evidence) -> Iterator[Finding]:
    """Compare each step's actions. A step of which something else was reported is left out by
    the caller: its actions would only say the same again."""
    timed = {action.do for entry in evidence.plan.actions for action in entry.does} & {
        "Delay",
        "StartTimer",
        "AwaitTimers",
    }
    for ledger in evidence.ledgers:
        planned = {e.step: e for e in evidence.plan.actions if e.part == ledger.part}
        if not planned:
            continue
        done = _done(ledger, waits=bool(timed))
        for step in dict.fromkeys([*planned, *done]):
            finding = _compare(evidence, ledger, planned.get(step), done.get(step), step)
            if finding is not None:
                yield finding


def _done(ledger: Ledger, *, waits: bool) -> dict[str | None, _Done]:
    found: dict[str | None, _Done] = {}
    for traced, stamp in zip(ledger.trace.commands, ledger.stamps, strict=True):
        described = _described(traced.command, waits=waits)
        if described is None:
            continue
        key, numbers = described
        entry = found.setdefault(traced.step, _Done())
        entry.strokes.setdefault(key, []).append((tuple(numbers.values()), stamp))
        entry.names[key] = tuple(numbers)
        entry.order.append(key)
        entry.last = stamp
    return found


def _compare(
    evidence: Evidence,
    ledger: Ledger,
    planned: StepActions | None,
    done: _Done | None,
    step: str | None,
) -> Finding | None:
    """The first difference; None where there is none."""
    wanted: dict[_Key, list[tuple[float, ...]]] = {}
    for action in planned.does if planned else ():
        wanted.setdefault(action.key, []).extend([tuple(action.numbers.values())] * action.n)
    done = done or _Done()
    for key in dict.fromkeys([*wanted, *done.strokes]):
        want = sorted(wanted.get(key, []))
        have = sorted(done.strokes.get(key, []), key=lambda item: item[0])
        if len(want) != len(have):
            stamp = have[-1][1] if have else done.last
            message = f"{_words(key)}: {len(have)} times; the plan has {len(want)}"
            return _finding(evidence, message, step, stamp)
        names = done.names.get(key, ())
        for planned_numbers, (numbers, stamp) in zip(want, have, strict=True):
            wrong = _wrong(names, planned_numbers, numbers)
            if wrong:
                return _finding(evidence, f"{_words(key)}: {wrong}", step, stamp)
    if planned is not None and _checksum(done.order) != planned.order:
        return _finding(evidence, "the order of what is done is not the plan's", step, done.last)
    return None


def _finding(evidence: Evidence, message: str, step: str | None, stamp: Stamp | None) -> Finding:
    return evidence.finding(
        v.ACTION,
        message,
        step=step,
        stamp=stamp,
        advice="restore the lines of the step, or compile the procedure again",
    )


def _wrong(names: tuple[str, ...], planned: tuple[float, ...], found: tuple[float, ...]) -> str:
    """The numbers that differ, in words."""
    told = []
    for name, want, have in zip(names, planned, found, strict=False):
        absolute, share = _ALLOWED[name]
        if abs(have - want) > absolute + share * abs(want):
            unit = _UNITS[name]
            told.append(f"{have:g} {unit} instead of {want:g} {unit}")
    return ", ".join(told)


def _words(key: _Key) -> str:
    do, mount, at = key
    return do + (f" at {at}" if at else "") + (f" ({mount})" if mount else "")


def _checksum(order: list[_Key]) -> str:
    lines = (" ".join(part for part in key if part is not None) for key in order)
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _described(command: c.Command, *, waits: bool) -> tuple[_Key, dict[str, float]] | None:
    do = type(command).__name__
    match command:
        case c.PickUpTip(mount, well):
            return (do, mount, str(well)), {}
        case c.DropTip(mount, into):
            return (do, mount, str(into or "trash")), {}
        case c.Aspirate(mount, well, _, mm, ul, flow) | c.Dispense(mount, well, _, mm, ul, flow):
            return (do, mount, str(well or "trash")), {"mm": mm, "uL": ul, "uL_s": flow}
        case c.AirGap(mount, ul, flow):
            return (do, mount, None), {"uL": ul, "uL_s": flow}
        case c.BlowOut(mount, None, _, flow):
            return (do, mount, "trash"), {"uL_s": flow}
        case c.BlowOut(mount, well, point, flow):
            return (do, mount, str(well)), {"z": point.z, "uL_s": flow}
        case c.TouchTip(mount, well, _, speed):
            return (do, mount, str(well)), {"mm_s": speed}
        case c.MoveTo(mount, c.WellRef() as well, _, mm, speed):
            return (do, mount, str(well)), {"mm": mm, "mm_s": speed or 0.0}
        case c.Delay(seconds) | c.StartTimer(_, seconds) if waits:
            return (do, None, None), {"s": seconds}
        case c.SetTemperature(module, celsius) | c.AwaitTemperature(module, celsius):
            return (do, None, module), {"degC": celsius}
        case c.Shake(module, rpm):
            return (do, None, module), {"rpm": float(rpm)}
        case c.Deactivate(module) | c.StopShaking(module):
            return (do, None, module), {}
        case c.Latch(module, close):
            return (do, None, f"{module} {'closed' if close else 'open'}"), {}
        case c.MoveLabware(label, to, by_gripper):
            return (do, None, f"{label} to {to}, {'gripper' if by_gripper else 'operator'}"), {}
        case c.AwaitTimers() if waits:
            return (do, None, None), {}
        case c.Pause():
            return (do, None, None), {}
        case _:
            return None
