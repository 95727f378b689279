"""The procedure's own condition on concentration: C-DIL-1."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding
from compiler.passes.lint.limits import limits
from compiler.passes.lint.scenes import Story

_SLACK = 1e-9


def highest_concentration(story: Story) -> Iterator[Finding]:
    """C-DIL-1: `max concentration` is exceeded in a step during which the mixture reacts.

    Steps shorter than a minute are filling, and are not judged. Told once for each vessel.
    """
    asked = story.procedure.max_concentration
    if asked is None or asked.limit.plan is None:
        return
    said: set[str] = set()
    for scene in story.scenes:
        amount = scene.mmol.get(asked.material, 0.0)
        if scene.condition.seconds < limits().concentration_from_s or not scene.volume_ul:
            continue
        molar = amount / (scene.volume_ul / 1000.0)
        if molar <= asked.limit.plan * (1 + _SLACK) or scene.vessel in said:
            continue
        said.add(scene.vessel)
        needed_ml = amount / asked.limit.plan
        yield c.DIL_1.at(
            asked.span,
            f"{asked.material} is {molar:.4g} M in {scene.vessel} at {scene.step.id!r} "
            f"({amount:.4g} mmol in {scene.volume_ul:.0f} µL), above {asked.limit.text}",
            help=f"use at least {needed_ml:.3g} mL, or add it slowly to the rest",
            step=scene.step.id,
        )
