"""`--set alkylate.scale=0.083mmol`: what was weighed, in place of what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding
from compiler.reading.nodes import quote
from compiler.reading.quantities import parse_quantity
from compiler.reading.wording import best_match, choices
from compiler.stages.documents import Sequence
from compiler.stages.quantity import Dimension, Quantity


def weighed_scales(
    sequence: Sequence, settings: Mapping[str, str]
) -> tuple[Mapping[str, Quantity], tuple[Finding, ...]]:
    """The scale of each stage that `settings` (`<stage>.scale` -> amount) names.

    Findings stand on the stage, or on `stages` where there is no such stage: S-SET, and those of
    the amount.
    """
    stages = {f"{stage.id}.scale": stage for stage in sequence.stages}
    scales: dict[str, Quantity] = {}
    findings: list[Finding] = []
    for name, text in settings.items():
        option = f"`--set {name}={text}`"
        stage = stages.get(name)
        if stage is None:
            close = best_match(name, stages)
            help_ = f"Did you mean {quote(close)}? " if close else ""
            help_ += f"What can be set: {choices(list(stages), 'and')}."
            message = f"{option}: {quote(name)} is nothing that can be set here."
            findings.append(s.SET.at(sequence.spans.at("stages"), message, help=help_))
            continue
        amount = parse_quantity(text, (Dimension.AMOUNT,), stage.spans.whole)
        if isinstance(amount, Finding):
            findings.append(replace(amount, message=f"{option}: {amount.message}"))
        elif amount.hole or amount.plan is None or amount.is_range:
            message = f"{option}: what was weighed is one amount."
            findings.append(s.SET.at(stage.spans.whole, message, help=f"`{name}=0.083mmol`"))
        else:
            scales[stage.id] = amount
    return scales, tuple(findings)
