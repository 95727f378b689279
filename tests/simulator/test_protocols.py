"""Every procedure that ships, on both benches: compiled, run in the simulator, verified."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches
from compiler.cli.writing import write_folder
from compiler.diagnostics.finding import Severity
from compiler.pipeline import Compiled, check_files, compile_procedure
from compiler.reading import read_procedure
from simulate.result import simulate_plan
from tests.simulator.agreement import disagreements

PROTOCOLS = Path(__file__).parents[2] / "protocols"
PROCEDURES = sorted(PROTOCOLS.glob("*/procedure.yaml"))
NAMES = [path.parent.name for path in PROCEDURES]

every_procedure = pytest.mark.parametrize("procedure", PROCEDURES, ids=NAMES)
on_both_benches = pytest.mark.parametrize("robot", ["flex", "ot2"])


@cache
def compiled(procedure: Path, robot: str) -> Compiled:
    """On the robot's bench of vials, or of plates where the procedure is for plates."""
    plates = "-96" if procedure.parent.name.endswith("-96") else ""
    return compile_procedure(procedure, shipped_benches()[robot + plates])


@every_procedure
@on_both_benches
def test_it_compiles_without_errors_and_warnings(procedure: Path, robot: str) -> None:
    made = compiled(procedure, robot)
    loud = [f for f in made.findings if f.severity is not Severity.NOTE]
    assert [(f.code, f.step, f.message) for f in loud] == []
    assert made.plan is not None


@every_procedure
@on_both_benches
def test_it_runs_and_is_verified(procedure: Path, robot: str, tmp_path: Path) -> None:
    made = compiled(procedure, robot)
    assert made.plan is not None
    write_folder(tmp_path / "out", result_files(made))
    result = simulate_plan(tmp_path / "out" / "plan.json")
    loud = [f for f in result.findings if f.severity is not Severity.NOTE]
    assert [(f.code, f.message) for f in loud] == []
    assert result.verified is True
    assert disagreements(made.plan, result) == []


@every_procedure
def test_it_cites_its_section_and_gives_reasons(procedure: Path) -> None:
    document = read_procedure(procedure).document
    assert document is not None
    assert document.source["number"] == "B3199185"
    assert document.source["section"].split(".")[0].split(",")[0] in {"II", "III", "V", "VI"}
    accepted = [*document.acknowledge, *(a for s in document.steps for a in s.acknowledge)]
    assert all(len(each.reason) > 30 for each in accepted)


@every_procedure
def test_it_is_clean_without_a_bench(procedure: Path) -> None:
    loud = [f for f in check_files([procedure]).findings if f.severity is not Severity.NOTE]
    assert [(f.code, f.step, f.message) for f in loud] == []


def test_the_readme_lists_every_procedure() -> None:
    text = (PROTOCOLS / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"[{name}]({name}/procedure.yaml)" not in text] == []
