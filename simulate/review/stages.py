"""The stages of a run, each as a plan of its own: one for a procedure, several for a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compiler.pipeline import Compiled
from compiler.stages.documents import Procedure
from compiler.stages.program import Program
from simulate.review.values import Plan, Quoter, pointer


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage: its program, its share of the plan, and where that stands in the whole.

    `suffix` is put to ids on the page, and is empty for a procedure. `starts_s` is when the stage
    starts on the plan's clock.
    """

    id: str
    suffix: str
    title: str
    program: Program
    plan: Plan
    quoter: Quoter
    starts_s: float

    @property
    def is_run(self) -> bool:
        """Whether it is one run of a library that is divided into several."""
        recipe = self.program.layout.operations.ledger.charges.recipe
        return recipe.library is not None


def programs_of(compiled: Compiled) -> tuple[Program, ...]:
    """The programs of a run, stage after stage; none where there was an error."""
    if compiled.program is not None:
        return (compiled.program,)
    return tuple(program for _, program in compiled.programs)


def procedure_of(program: Program) -> Procedure:
    """The procedure that a program carries out."""
    return program.layout.operations.ledger.charges.recipe.procedure


def stages_of(compiled: Compiled) -> tuple[StageView, ...]:
    """The stages of a run that has a plan; none without one."""
    plan = compiled.plan
    if plan is None:
        return ()
    if compiled.program is not None:
        title = plan["stages"][0]["title"]
        return (StageView("main", "", title, compiled.program, plan, Quoter(plan), 0.0),)
    found = []
    passed_s = 0.0
    for number, (stage, program) in enumerate(compiled.programs):
        share, places = _share(plan, number, stage)
        title = plan["stages"][number]["title"]
        quoter = Quoter(plan, places)
        found.append(StageView(stage, f"-{stage}", title, program, share, quoter, passed_s))
        passed_s += share["timing"]["duration_s"]
    return tuple(found)


def _share(plan: Plan, number: int, stage: str) -> tuple[dict[str, Any], Any]:
    """A stage's plan, and what turns a pointer into it into one into the whole plan."""
    share: dict[str, Any] = {}
    indices: dict[str, list[int]] = {}
    for key, value in plan.items():
        share[key] = value
        if isinstance(value, list) and any("stage" in entry for entry in value):
            own = [n for n, entry in enumerate(value) if entry.get("stage") == stage]
            share[key], indices[key] = [value[n] for n in own], own
    share["stages"], indices["stages"] = [plan["stages"][number]], [number]
    share["timing"] = plan["stages"][number]["timing"]

    def places(where: str) -> str:
        _, key, *rest = where.split("/")
        if key == "timing":
            return pointer("stages", number, key) + "".join(f"/{part}" for part in rest)
        if key in indices:
            return "/".join(["", key, str(indices[key][int(rest[0])]), *rest[1:]])
        return where

    return share, places
