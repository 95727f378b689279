"""24 aldehydes on both benches: compiled, run in Opentrons' simulator, held against the plan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import compile_procedure
from simulate.result import simulate_plan
from tests.simulator.agreement import disagreements

PROCEDURE = shipped_procedures()["reductive-amination"]


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_twenty_four_aldehydes(tmp_path: Path, bench: str) -> None:
    library = PROCEDURE.parent / "library.csv"
    compiled = compile_procedure(PROCEDURE, shipped_benches()[bench], library=library)
    for name, text in result_files(compiled).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(tmp_path / "plan.json")
    assert [f.message for f in result.findings] == []
    assert result.verified
    plan = compiled.plan
    assert plan is not None
    assert disagreements(plan, result) == []
    stocks = Counter(stock["material"].partition("/")[0] for stock in plan["stocks"])
    assert stocks["aldehyde"] == 24
    assert str(library) in [entry["path"] for entry in plan["inputs"]]
