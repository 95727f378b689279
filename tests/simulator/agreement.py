"""The times of a plan against those of the simulation of what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulate.result import SimulationResult

SHARE = 0.01
LEAST_S = 1.0  # near the start 1 % would be less than a tip takes to the trash


def disagreements(plan: Mapping[str, Any], result: SimulationResult) -> list[str]:
    """The duration, and the steps' starts and ends, that are more than 1 % apart."""
    seen: dict[str, tuple[float, float]] = {}
    before_s = 0.0
    for script in result.scripts:
        for entry in script.timeline:
            if entry.step is None:
                continue
            starts_s, ends_s = before_s + entry.starts_s, before_s + entry.ends_s
            first, last = seen.get(entry.step, (starts_s, ends_s))
            seen[entry.step] = (min(first, starts_s), max(last, ends_s))
        before_s += script.duration_s
    pairs = [("the run", plan["timing"]["duration_s"], before_s)]
    for step in plan["steps"]:
        planned = (step["starts_s"], step["ends_s"])
        if step["id"] not in seen and planned[0] == planned[1]:
            continue  # it takes no time, and no command belongs to it
        simulated = seen.get(step["id"], (float("nan"), float("nan")))
        for what, one, other in zip(("starts", "ends"), planned, simulated, strict=True):
            pairs.append((f"{step['id']} {what}", one, other))
    return [
        f"{what}: planned {one:.1f} s, simulated {other:.1f} s"
        for what, one, other in pairs
        if not abs(one - other) <= max(LEAST_S, SHARE * one)
    ]
