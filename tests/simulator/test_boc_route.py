"""The Boc route on both robots: compiled, simulated, verified stage by stage; and caught when
somebody edits a script."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from compiler.cli.group import workup
from simulate.result import simulate_plan, simulate_script
from tests.simulator.agreement import disagreements


@pytest.fixture(scope="module", params=["flex", "ot2"])
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped sequence, compiled for one bench."""
    out = tmp_path_factory.mktemp(request.param) / "out"
    arguments = ["compile", "boc-route/sequence.yaml", "--bench", request.param, "-o", str(out)]
    done = CliRunner().invoke(workup, [*arguments, "--strict"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return out


def test_every_stage_is_verified_from_its_own_stocks(compiled: Path) -> None:
    result = simulate_plan(compiled / "plan.json")
    assert [f.message for f in result.findings if f.severity != "note"] == []
    assert result.verified is True
    plan = json.loads((compiled / "plan.json").read_text(encoding="utf-8"))
    assert disagreements(plan, result) == []
    assert [Path(script.file).name for script in result.scripts] == [
        "boc-route.protect.py",
        "boc-route.alkylate.part1.py",
        "boc-route.alkylate.part2.py",
        "boc-route.release.py",
    ]
    last = {(v.reaction, v.vessel): v for v in result.scripts[-1].vessels}
    assert ("release.r1", "extract") in last
    assert ("protect.r1", "extract") not in last  # a fresh deck
    assert result.scripts[1].lower_bound_s == result.scripts[2].lower_bound_s


def test_the_bromide_falls_at_the_scale_that_is_left(compiled: Path) -> None:
    """0.080 mmol of a 1 M stock in drops of 5 µL at the most, over 30 min."""
    plan = json.loads((compiled / "plan.json").read_text(encoding="utf-8"))
    (bromide,) = [c for c in plan["charges"] if c["step"] == "alkylate.bromide"]
    drops = bromide["dropwise"]
    assert drops["drop_uL"] <= 5.0 + 1e-9
    assert drops["drops"] * drops["drop_uL"] == pytest.approx(80.0)
    assert drops["drops"] * drops["interval_s"] == pytest.approx(1800.0)


def test_one_script_is_run_with_the_parts_of_its_stage(compiled: Path) -> None:
    result = simulate_script(compiled / "boc-route.alkylate.part2.py")
    # without a plan it stands alone
    assert result.verified is None
    result = simulate_script(compiled / "boc-route.alkylate.part2.py", compiled / "plan.json")
    assert result.verified is True
    assert [Path(script.file).name for script in result.scripts] == [
        "boc-route.alkylate.part1.py",
        "boc-route.alkylate.part2.py",
    ]


@pytest.mark.edited
@pytest.mark.parametrize(
    ("script", "pattern", "replacement", "step"),
    [
        ("boc-route.protect.py", r"seconds=3600\.0", "seconds=3000.0", "protect.stir-3"),
        ("boc-route.release.py", r"160\.0", "150.0", "release.acid"),
        ("boc-route.alkylate.part1.py", r"120\.0", "100.0", "alkylate.add-3"),
    ],
)
def test_an_edited_stage_is_caught(
    compiled: Path, tmp_path: Path, script: str, pattern: str, replacement: str, step: str
) -> None:
    shutil.copytree(compiled, tmp_path / "copy")
    path = tmp_path / "copy" / script
    changed, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
    assert count
    path.write_text(changed, encoding="utf-8")
    result = simulate_plan(tmp_path / "copy" / "plan.json")
    assert result.verified is False
    assert step in {finding.step for finding in result.findings}
    stage = step.split(".")[0]
    errors = [f for f in result.findings if f.severity == "error"]
    assert {str(finding.step).split(".")[0] for finding in errors} <= {stage, "None"}


def test_what_was_weighed_is_what_is_run() -> None:
    arguments = ["simulate", "boc-route", "--bench", "ot2", "--set", "alkylate.scale=0.083mmol"]
    done = CliRunner().invoke(workup, [*arguments, "--format", "json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["verified"] is True
    assert len(report["scripts"]) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "boc-route", "--set", "alkylate"], "stage.scale="),
        (["check", "boc-route", "--set", "a.scale=1mmol", "--set", "a.scale=2mmol"], "set twice"),
        (["simulate", "plan.json", "--set", "a.scale=1mmol"], "compiled anew"),
    ],
)
def test_wrong_use_of_set(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(workup, arguments)
    assert done.exit_code == 2
    assert said in done.output
