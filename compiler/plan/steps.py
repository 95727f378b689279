"""The steps of plan.json: what each is in words, when, who does it, and what it is to show."""

from __future__ import annotations

from typing import Any

from compiler.chemistry.masses import ExpectedIon, expected_ions
from compiler.passes.lower.monitoring import shows_masses
from compiler.passes.one_reaction import recipe_of
from compiler.plan.timeline import Timeline
from compiler.stages.documents import AnyStep, Monitor
from compiler.stages.program import (
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    Program,
    SettleBlock,
    ShakeBlock,
    TemperatureBlock,
    TransferBlock,
)


def step_objects(program: Program, times: Timeline) -> list[dict[str, Any]]:
    """Every step with its sentence, its time and who does it, in order."""
    operations = program.layout.operations
    texts = {text.step: text.text for text in operations.texts}
    by_robot = {
        block.step
        for part in program.parts
        for block in part.blocks
        if isinstance(
            block,
            TransferBlock
            | DropsBlock
            | MixBlock
            | SettleBlock
            | MixHoldBlock
            | ShakeBlock
            | TemperatureBlock,
        )
    }
    found = []
    last = 0.0
    for step in operations.ledger.charges.recipe.procedure.steps:
        starts_s, ends_s = times.steps.get(step.id, (last, last))
        last = ends_s
        found.append(
            {
                "id": step.id,
                "verb": step.verb,
                "text": texts.get(step.id, ""),
                "file": step.spans.whole.file,
                "line": step.spans.whole.line,
                "starts_s": starts_s,
                "ends_s": ends_s,
                "by": "robot" if step.id in by_robot else "operator",
            }
            | _expected(program, step)
        )
    return found


def _expected(program: Program, step: AnyStep) -> dict[str, Any]:
    """The ions that an analysis is to show, and who decides what next."""
    if not isinstance(step, Monitor):
        return {}
    recipe = program.layout.operations.ledger.charges.recipe
    reactions = [r.id for r in program.layout.operations.ledger.charges.reactions]
    of_ion: dict[ExpectedIon, list[str]] = {}
    for reaction in reactions if shows_masses(step) else ():
        for ion in expected_ions(recipe_of(recipe, reaction)):
            of_ion.setdefault(ion, []).append(reaction)
    return {
        "expected_mz": [
            {"name": i.name, "formula": i.formula, "mz": i.mz, "role": i.role, "ion": i.ion}
            | ({"reactions": mine} if len(mine) < len(reactions) else {})
            for i, mine in of_ion.items()
        ],
        "decision": {
            "by": "operator",
            "until": step.until,
            "pass": step.pass_ or "continue",
            "fail": step.fail or "extend",
        },
    }
