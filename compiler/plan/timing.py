"""The timing of plan.json: duration, bound, pauses, and the times that reactions see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiler.plan.bound import PartBound, lower_bound
from compiler.plan.elapsed import elapsed
from compiler.plan.lowering import lower_by
from compiler.plan.timeline import Timeline
from compiler.stages.program import Program


def timing_object(program: Program, times: Timeline) -> dict[str, Any]:
    """How long the run takes, at least and as scheduled, and what the reactions see of it."""
    bound = lower_bound(program.layout)
    lower = lower_by(program.layout, bound)
    return {
        "duration_s": times.duration_s,
        "lower_bound_s": bound.seconds,
        "bound": bound.text,
        "hold_s": times.hold_s,
        "operator_pauses": times.pauses,
        "operator_s": times.operator_s,
        "terms": [_term(part, lower.get(part.number, ())) for part in bound.parts],
        "elapsed": [
            {
                "step": each.step,
                "what": each.what,
                "wanted_s": each.wanted_s,
                "least_s": each.least_s,
                "most_s": each.most_s,
            }
            for each in elapsed(program)
        ],
    }


def _term(part: PartBound, lower: Sequence[str]) -> dict[str, Any]:
    return {
        "part": part.number,
        "sets": part.sets,
        "bound_s": part.seconds,
        "chemistry_s": part.chemistry_s,
        "arm_s": part.arm_s,
        "operator_s": part.operator_s,
        "batches_s": part.batches_s,
        "lower_by": list(lower),
    }
