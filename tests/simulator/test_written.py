"""The compiler's own scripts, verified, and caught when somebody edits them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
        (r"for (\w+) in range\((1, )?2[01]\)", r"for \1 in range(9)", "quench"),
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
