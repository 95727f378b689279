"""Every fault that the engine lets through is found by its code, on its line, on both robots."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulate.result import simulate_script
from tests.simulator.faults import EIGHT, FAULTS, FaultScript, eight_text

CASES = [
    pytest.param(script, robot, script.text(robot), id=f"{script.name}-{robot}")
    for script in FAULTS
    for robot in script.robots
] + [
    pytest.param(script, robot, eight_text(script, robot), id=f"{script.name}-{robot}")
    for script in EIGHT
    for robot in script.robots
]


@pytest.mark.parametrize(("script", "robot", "text"), CASES)
def test_the_fault_is_found(tmp_path: Path, script: FaultScript, robot: str, text: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(text, encoding="utf-8")
    found = simulate_script(path).findings
    assert "V-RUN" not in {finding.code for finding in found}, found
    lines = [
        (finding.severity, finding.span.line)
        for finding in found
        if finding.code == script.code and finding.span
    ]
    assert (script.severity, script.line(robot)) in lines, found
    others = {f.code for f in found if f.severity != "note"} - {script.code}
    assert not others, found
