"""H-H2-1, H-CO2-1, P-GAS-1, P-SEAL-1 and the room for foam, each with a near miss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.diagnostics import Finding, Severity
from compiler.passes.account import account
from compiler.passes.lint import lint
from compiler.stages.charges import Charges
from compiler.stages.documents import Dropwise
from tests.unit.handbuilt import (
    SPANS,
    charge,
    house,
    housing,
    reductive_amination,
    seconds,
    stir,
    vessel,
    vial,
)


def judged(run: Charges, **more) -> dict[str, Finding]:
    ledger, _ = account(run, house(**more))
    found = lint(ledger)
    assert len({f.code for f in found}) == len(found)
    return {f.code: f for f in found}


def quench_over(minutes: float) -> Charges:
    run = reductive_amination()
    steps = tuple(
        replace(s, dropwise=Dropwise(SPANS, over=seconds(60 * minutes))) if s.id == "quench" else s
        for s in run.recipe.procedure.steps
    )
    procedure = replace(run.recipe.procedure, steps=steps)
    return replace(run, recipe=replace(run.recipe, procedure=procedure))


def test_the_slow_quench_gives_notes_only() -> None:
    found = judged(reductive_amination())
    assert found.pop("P-BOIL-1").severity is Severity.NOTE  # DCM at room temperature
    assert {code: f.severity for code, f in found.items()} == {
        "H-H2-1": Severity.NOTE,
        "H-CO2-1": Severity.NOTE,
    }
    assert "3.67 mL" in found["H-H2-1"].message
    assert "7.34 mL" in found["H-CO2-1"].message
    assert found["H-CO2-1"].step == "quench"


@pytest.mark.parametrize(("minutes", "told"), [(1.0, True), (2.5, False)])
def test_surge(minutes, told) -> None:
    # 11.0 mL over a head-space of 1.1 mL: ten head-spaces, five allowed at a time
    found = judged(quench_over(minutes))
    assert ("P-GAS-1" in found) is told
    if told:
        assert "1.10 mL" in found["P-GAS-1"].message
        assert "at least 3 portions" in found["P-GAS-1"].help


@pytest.mark.parametrize(("declared_ul", "told"), [(1200.0, True), (1300.0, False)])
def test_room_for_foam(declared_ul, told) -> None:
    # 900 uL are 75 % and 69 % of the two
    small = housing("reactor", vial(declared_ul=declared_ul))
    base = reductive_amination()
    until_quench = replace(base.recipe.procedure, steps=base.recipe.procedure.steps[:-1])
    run = replace(
        base,
        recipe=replace(base.recipe, procedure=until_quench),
        charges=tuple(c for c in base.charges if c.step != "work-up"),
    )
    found = judged(run, reactor=small)
    assert ("P-CAP-1" in found) is told
    if told:
        assert found["P-CAP-1"].severity is Severity.WARNING


@pytest.mark.parametrize(("cap", "told"), [("sealed", True), ("vented", False), (None, False)])
def test_sealed_after_the_quench(cap, told) -> None:
    base = reductive_amination()
    steps = (*base.recipe.procedure.steps[:-1], stir("after", 1.0))
    vessels = {"reactor": vessel("reactor", cap=cap)}
    procedure = replace(base.recipe.procedure, steps=steps, vessels=vessels)
    run = replace(
        base,
        recipe=replace(base.recipe, procedure=procedure),
        charges=(*base.charges[:-2], charge("after", "DCE", 0.0)),
    )
    ledger, _ = account(run, house())
    found = [f for f in lint(ledger) if f.code == "P-SEAL-1"]
    assert bool(found) is told
    if told:
        assert found[0].severity is Severity.ERROR
        assert "10.0 atm" in found[0].message
        assert found[0].step == "quench"
