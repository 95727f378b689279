"""Holds and the order of steps, reaction by reaction: shared vessels, caps, controls; in the real
simulator."""

import re
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.diagnostics.finding import Severity
from compiler.pipeline import Compiled
from compiler.plan.elapsed import elapsed
from simulate.result import SimulationResult, simulate_plan
from tests.unit import plates

HEAD = """\
kind: procedure
version: 1
title: An amine and an ester
scale: 0.05 mmol
materials:
  amine: {name: propylamine, smiles: CCCN, supplied: {solution: 0.50 M, in: DMF}, basis: true}
  ester: {name: phenyl acetate, smiles: CC(=O)Oc1ccccc1, supplied: {solution: 0.50 M, in: DMF}}
"""
PREMIX = f"""{HEAD}\
vessels:
  reactor: {{size: 2 mL}}
  premix: {{at least: 8 mL, shared: true}}
steps:
  - {{id: premix, add: {{material: ester, to: premix, amount: 1 equiv}}}}
  - {{id: amine, add: {{material: amine, to: reactor, amount: 1 equiv}}}}
  - {{id: moved, transfer: {{from: premix, to: reactor, volume: 60 µL}}}}
  - {{id: standing, wait: {{for: 5 min, vessel: reactor}}}}
  - {{id: water, add: {{material: water, to: reactor, amount: 4 mL/mmol}}}}
"""
CAPPED = f"""{HEAD}\
  acid: {{name: benzoic acid, smiles: OC(=O)c1ccccc1, supplied: solid}}
vessels:
  reactor: {{size: 2 mL, cap: vented}}
steps:
  - {{id: amine, add: {{material: amine, to: reactor, amount: 1 equiv}}}}
  - {{id: ester, add: {{material: ester, to: reactor, amount: 1 equiv}}}}
  - {{id: stirring, stir: {{vessel: reactor, for: 45 min}}}}
  - id: acid
    add:
      {{material: acid, to: reactor, amount: 1 equiv,
      portionwise: {{portions: 3, every: 5 min}}}}
  - {{id: standing, wait: {{for: 1 min, vessel: reactor}}}}
  - {{id: water, add: {{material: water, to: reactor, amount: 4 mL/mmol}}}}
"""
LEFT_OUT = f"""{HEAD}\
vessels:
  reactor: {{size: 2 mL}}
steps:
  - {{id: amine, add: {{material: amine, to: reactor, amount: 1 equiv}}}}
  - id: ester
    add:
      {{material: ester, to: reactor, amount: 1 equiv,
      dropwise: {{over: 10 min, drop: 10 µL}}, stir during: shaker}}
  - {{id: stirring, stir: {{vessel: reactor, for: 10 min}}}}
  - {{id: water, add: {{material: water, to: reactor, amount: 4 mL/mmol}}, within: 5 min}}
"""
both = pytest.mark.parametrize("bench", ["flex", "ot2"])


def ran(made: Compiled, folder: Path) -> SimulationResult:
    """What the simulation says."""
    assert [f.message for f in made.findings if f.severity is Severity.ERROR] == []
    for name, text in result_files(made).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return simulate_plan(folder / "plan.json")


@both
def test_what_is_drawn_from_a_shared_vessel_disturbs_no_other_reaction(
    tmp_path: Path, bench: str
) -> None:
    library = (
        "kind: library\nversion: 1\nrows: [{scale: 0.05 mmol}, {scale: 0.06 mmol}]\nreplicates: 3\n"
    )
    made = plates.compiled(tmp_path, PREMIX, library, bench)
    result = ran(made, tmp_path)
    assert [f.message for f in result.findings] == []
    assert result.verified
    (seen,) = [e for e in elapsed(made.programs[0][1]) if e.step == "standing"]
    assert seen.least_s >= 300.0 and seen.spread_s <= 30.0


@both
def test_caps_that_come_off_are_nothing_done_to_a_control(tmp_path: Path, bench: str) -> None:
    """It stands open while the others get their portions; it is not told as one that waits."""
    library = "kind: library\nversion: 1\nreplicates: 4\ncontrols: [{without: acid}]\n"
    made = plates.compiled(tmp_path, CAPPED, library, bench)
    assert "T-SPREAD" not in {f.code for f in made.findings}
    assert ran(made, tmp_path).verified


@both
def test_a_control_does_not_wait_for_batches(tmp_path: Path, bench: str) -> None:
    """Its hold ends when the arm has time for it, so that its water comes in time, too."""
    amounts = ", ".join(f"{{ester.amount: {n} equiv}}" for n in (1.0, 1.1, 1.2, 1.3))
    library = f"kind: library\nversion: 1\nrows: [{amounts}]\ncontrols: [{{without: ester}}]\n"
    made = plates.compiled(tmp_path, LEFT_OUT, library, bench)
    assert "T-SPREAD" not in {f.code for f in made.findings}
    result = ran(made, tmp_path)
    assert [f.message for f in result.findings] == []


def test_a_reaction_that_goes_through_its_steps_in_another_order_is_found(tmp_path: Path) -> None:
    """One well gets its water with the first batch: all markers are in the plan's order."""
    amounts = ", ".join(f"{{ester.amount: {n} equiv}}" for n in (1.0, 1.1, 1.2, 1.3))
    library = f"kind: library\nversion: 1\nrows: [{amounts}]\n"
    made = plates.compiled(tmp_path, LEFT_OUT, library, "flex")
    script = next(text for name, text in made.scripts if name.endswith(".py"))
    blocks = re.split(r"(?m)^    # --- ", script)
    water = [n for n, block in enumerate(blocks) if "[water]" in block]
    assert len(water) == 4
    blocks.insert(water[0] + 1, blocks.pop(water[-1]))
    for name, text in result_files(made).items():
        changed = "    # --- ".join(blocks) if name.endswith(".py") else text
        (tmp_path / name).write_text(changed, encoding="utf-8", newline="\n")
    told = simulate_plan(tmp_path / "plan.json").findings
    assert "r4 goes through the step after water" in " ".join(
        f.message for f in told if f.code == "V-STEP"
    )
