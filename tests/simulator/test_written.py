"""The compiler's own scripts, verified, and caught when somebody edits them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches
from compiler.pipeline import compile_procedure
from simulate.result import simulate_plan

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["flex", "ot2"])
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reductive amination, compiled for one bench."""
    out = tmp_path_factory.mktemp(request.param) / "out"
    procedure = ROOT / "protocols/reductive-amination/procedure.yaml"
    command = [sys.executable, "-m", "compiler", "compile", str(procedure)]
    subprocess.run([*command, "--bench", request.param, "-o", str(out)], check=True, cwd=ROOT)
    return out


def test_the_written_run_is_verified(compiled: Path) -> None:
    result = simulate_plan(compiled / "plan.json")
    assert [finding.message for finding in result.findings] == []
    assert result.verified is True
    held = {(v.reaction, v.vessel): v for v in result.scripts[-1].vessels}
    assert held["r1", "reactor"].highest_ul == pytest.approx(1400.0, abs=0.1)
    assert held["r1", "extract"].highest_ul == pytest.approx(1321.46, abs=0.1)


def _edited(compiled: Path, folder: Path, pattern: str, replacement: str) -> Path:
    """A copy in which the first match over the parts is replaced."""
    shutil.copytree(compiled, folder / "copy")
    for script in sorted((folder / "copy").glob("*.py")):
        text = script.read_text(encoding="utf-8")
        changed, count = re.subn(pattern, replacement, text, count=1)
        if count:
            script.write_text(changed, encoding="utf-8")
            return folder / "copy" / "plan.json"
    raise AssertionError(f"nothing in the scripts matches {pattern}")


@pytest.mark.edited
@pytest.mark.parametrize(
    ("pattern", "replacement", "step"),
    [
        (r"draw_up\((\w+), (\w+), 200\.0", r"draw_up(\1, \2, 204.0", "add-1"),
        (r"(deliver\(\w+, 200\.0, \w+)\[\"A1\"\]", r'\1["B1"]', "add-1"),
        (r"(draw_up\(protocol, \w+, 200\.0, \w+)\[\"B1\"\]", r'\1["A1"]', "add-2"),
        (r"deliver\((\w+), 200\.0", r"deliver(\1, 196.0", "add-1"),
        (r"seconds=120\.0", "seconds=117.6", "extract-7"),
        (r"seconds=3600\.0", "seconds=3400.0", "stir-3"),
        (r"\] Add 10\.6 mg", "] Add 16.0 mg", "hydride"),
        (r"for (\w+) in range\((1, )?[12]\d\)", r"for \1 in range(9)", "quench"),
        (r"(reactors\[\"A1\"\]), 0\.5, LAYER", r"\1, 13.0, LAYER", "extract-7"),
    ],
)
def test_an_edited_script_is_caught_at_the_step(
    compiled: Path, tmp_path: Path, pattern: str, replacement: str, step: str
) -> None:
    plan = _edited(compiled, tmp_path, pattern, replacement)
    result = simulate_plan(plan)
    assert result.verified is False
    assert step in {finding.step for finding in result.findings}


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        (r"prewet_cycles=3", "prewet_cycles=2", "Aspirate at stocks/"),
        (r"draw_flow=[\d.]+", "draw_flow=90.0", "90 µL/s instead of"),
        (r"(air_gap=[1-9]\d*)\.0", r"\1.5", ".5 µL instead of"),
        (r"withdraw_speed=[\d.]+", "withdraw_speed=150.0", "150 mm/s instead of"),
    ],
)
def test_how_a_step_is_done_is_held_to_the_plan(
    compiled: Path, tmp_path: Path, pattern: str, replacement: str, words: str
) -> None:
    """The right volume gets to the right well, and not as the plan has it: V-ACTION."""
    result = simulate_plan(_edited(compiled, tmp_path, pattern, replacement))
    assert {finding.code for finding in result.findings} == {"V-ACTION"}
    first = result.findings[0]
    assert first.step == "add-1"
    assert words in first.message


def test_the_order_of_what_a_step_does_is_held_to_the_plan(compiled: Path, tmp_path: Path) -> None:
    """The same strokes in another order: V-ACTION."""
    pattern = r"( +)(mix\(.+\)\n)( +)(\w+\.blow_out\(.+\)\n)"
    result = simulate_plan(_edited(compiled, tmp_path, pattern, r"\1\4\3\2"))
    assert [f.code for f in result.findings if f.step == "extract-7"] == ["V-ACTION"]


PLAIN = """kind: procedure
version: 1
title: Two charges and no draw
scale: 0.10 mmol
materials:
  amine: {smiles: NCc1ccccc1, supplied: {solution: 0.5 M, in: DMF}, basis: true}
vessels:
  reactor: {size: 2 mL}
steps:
  - id: amine
    add: {material: amine, to: reactor, amount: 1 equiv}
  - id: solvent
    add: {material: DMF, to: reactor, amount: 100 µL}
"""


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("uL", "holds 300.00 µL when the step is over; the plan has 306.00 µL (-2.0 %)"),
        ("mmol", "holds 0.1 mmol of amine when the step is over; the plan has 0.102 mmol (-2.0 %)"),
    ],
)
def test_contents_are_held_to_the_plan(tmp_path: Path, key: str, words: str) -> None:
    """Every charge is right, and a vessel does not hold what the plan has at the end of a step:
    V-CONTENTS."""
    (tmp_path / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    made = compile_procedure(tmp_path / "plain.yaml", shipped_benches()["flex"])
    for name, text in made.scripts:
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan = json.loads(json.dumps(made.plan))
    last = next(c for c in plan["contents"] if c["step"] == "solvent")
    last[key] = last["uL"] * 1.02 if key == "uL" else {"amine": last["mmol"]["amine"] * 1.02}
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (found,) = simulate_plan(tmp_path / "plan.json").findings
    assert (found.code, found.step) == ("V-CONTENTS", "solvent")
    assert words in found.message
