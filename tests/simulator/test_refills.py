"""Racks that the operator replaces, on both robots: run, followed, and held to the pause."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import many

from compiler.cli.compile_ import result_files
from compiler.pipeline import write
from simulate.result import SimulationResult, simulate_plan

STEPS = """\
steps:
  - add: {material: diazepane, to: reactor, amount: 1 equiv}
  - stir: {vessel: reactor, for: 1 min}
  - add: {material: bicarb, to: reactor, amount: 1 mL/mmol}
  - {extract: {vessel: reactor, with: DCM, volume: 1 mL/mmol, keep: organic, into: extract, mix: 1}}
"""


def written(folder: Path, robot: str) -> Path:
    """96 reactions, each with a tip of its own, three stocks, and one slot for a rack of 96."""
    procedure = many.PROCEDURE.partition("steps:")[0] + STEPS
    made = many.compiled(folder, 96, robot=robot, slots=1, procedure=procedure)
    assert made.program is not None
    inputs = tuple((file, "0" * 64) for file in made.files)
    compiled = write("many", made.program, (), (), made.files, inputs)
    for name, text in result_files(compiled).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (script,) = folder.glob("many*.py")
    return script


def codes(result: SimulationResult) -> set[str]:
    return {finding.code for finding in result.findings}


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_a_rack_is_replaced_at_a_pause(tmp_path: Path, robot: str) -> None:
    script = written(tmp_path, robot)
    text = script.read_text(encoding="utf-8")
    resets = [line for line in text.splitlines() if line.endswith(".reset()")]
    assert len(resets) == text.count("Replace the tip rack in slot") >= 1
    result = simulate_plan(tmp_path / "plan.json")
    assert [f.message for f in result.findings] == []
    assert result.scripts[0].tips_used > 96

    reset = resets[0]
    planted = text.replace(reset, "")  # nothing says that the rack is full again
    if robot == "OT-2":  # or it is said before the operator has done it
        planted = planted.replace("    protocol.pause(", f"{reset}\n    protocol.pause(")
    script.write_text(planted, encoding="utf-8")
    assert "P-TIP-USED" in codes(simulate_plan(tmp_path / "plan.json"))
