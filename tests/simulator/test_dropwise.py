"""Dropwise additions from the procedure to the verified run: from drop to drop, as planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.diagnostics.finding import Severity
from simulate.result import SimulationResult, simulate_plan
from tests.unit.lowering import compiled

ADD = "- add: {material: halide, to: reactor, amount: 1 equiv,"
CASES = {
    "falling, shaken": f"{ADD} dropwise: {{over: 30 min}}}}",
    "falling, mixed": f"{ADD} dropwise: {{over: 30 min, mix every: 4}}}}",
    "falling, cold": f"{ADD} at: 0 ± 4 °C, dropwise: {{over: 30 min}}}}",
    "touched, shaken": f"{ADD} dropwise: {{over: 30 min, drop: 5 µL}}}}",
    "touched, mixed": f"{ADD} dropwise: {{over: 30 min, drop: 5 µL, mix every: 4}}}}",
    "touched, cold": f"{ADD} at: 0 ± 4 °C, dropwise: {{over: 30 min, drop: 5 µL}}}}",
    "aqueous, cold": "- add: {material: water, to: reactor, amount: 500 µL, at: 0 ± 4 °C,"
    " dropwise: {over: 10 min}}",
}


def run(steps: str, bench: str, api_level: str, folder: Path) -> SimulationResult:
    """The run of an addition, verified."""
    made = compiled(steps, bench, api_level=api_level)
    assert made.plan is not None, made.findings
    for name, text in made.scripts:
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps(made.plan), encoding="utf-8")
    return simulate_plan(folder / "plan.json")


@pytest.mark.parametrize("api_level", ["2.27", "2.22"])
@pytest.mark.parametrize("bench", ["ot2", "flex"])
@pytest.mark.parametrize("case", CASES)
def test_dropwise_additions_are_verified(
    case: str, bench: str, api_level: str, tmp_path: Path
) -> None:
    result = run(CASES[case], bench, api_level, tmp_path)
    faults = [f.message for f in result.findings if f.severity is not Severity.NOTE]
    assert faults == []
    assert result.verified is True


@pytest.mark.parametrize("bench", ["ot2", "flex"])
@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        ("seconds=90.0", "seconds=85.0"),  # too soon
        ("seconds=90.0", "seconds=95.0"),  # too late
        ("if drop % 4 == 0:", "if drop % 4 == 0 and drop > 4:"),  # not mixed
        ("left.drop_tip()", "left.return_tip()"),  # each fill from the same tip
    ],
)
def test_changed_drops_are_noticed(
    pattern: str, replacement: str, bench: str, tmp_path: Path
) -> None:
    """What the test above rests on."""
    run(CASES["touched, mixed"], bench, "2.27", tmp_path)
    (script,) = tmp_path.glob("*.py")
    text = script.read_text(encoding="utf-8")
    assert pattern in text
    text = text.replace(pattern, replacement)
    if "return_tip" in replacement:
        text = text.replace("next(fresh_tips)", "fresh_tips")
        text = text.replace("fresh_tips = iter(", "(fresh_tips,) = (").replace("[0:", "[0:1][0:")
    script.write_text(text, encoding="utf-8")
    assert simulate_plan(tmp_path / "plan.json").verified is False
