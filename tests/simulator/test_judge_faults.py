"""Every fault that the engine lets through is found by its code, on its line, on both robots."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulate.result import simulate_script
from tests.simulator.proof import CASES, ROBOTS, Case, table

# What issue and documentation promise for any script.
PROMISED = [
    "P-CAP-1",
    "P-UNDERFLOW",
    "P-MIX",
    "P-AIR",
    "P-DEPTH",
    "P-OUTSIDE",
    "P-PIP-1",
    "P-FLOW",
    "P-TIP-FIT",
    "P-TIP-USED",
    "P-TIP-KEPT",
    "P-CONTAM",
    "P-BLOWOUT",
    "P-CHANNELS",
    "P-T-MIN",
    "P-T-MAX",
    "P-AWAIT",
    "P-LEFT-ON",
    "P-SHAKER",
    "P-LABWARE",
    "P-DELAY",
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.script.name}-{case.robot}")
def test_the_fault_is_found(tmp_path: Path, case: Case) -> None:
    path = tmp_path / "script.py"
    path.write_text(case.text, encoding="utf-8")
    found = simulate_script(path).findings
    assert "V-RUN" not in {finding.code for finding in found}, found
    assert case.is_found(found), found
    assert not case.others(found), found


@pytest.mark.parametrize("robot", ROBOTS)
def test_every_code_has_a_fault_on_every_robot(robot: str) -> None:
    assert {case.script.code for case in CASES if case.robot == robot} == set(PROMISED)


def test_a_missed_fault_is_told_in_the_table() -> None:
    first, second = CASES[0], CASES[1]
    text = table({(first.script, "OT-2"): True, (second.script, "Flex"): False})
    assert "MISSED" in text
    assert "found 1 of 1 on OT-2, 0 of 1 on Flex" in text
