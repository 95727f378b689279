"""The libraries that ship, on both robots: compiled, run in Opentrons' simulator, held against
the plan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.diagnostics.finding import Severity
from compiler.pipeline import compile_procedure
from simulate.result import simulate_plan
from tests.simulator.agreement import disagreements

PROCEDURE = shipped_procedures()["reductive-amination"]
ALKYLATION = shipped_procedures()["dropwise-alkylation"]
MONO_BOC = shipped_procedures()["mono-boc-excess-diamine"]


def verified(library: Path, bench: str, folder: Path, procedure: Path | None = None) -> Any:
    """The plan of a library that compiles without warnings, runs, and is verified."""
    if procedure is None:
        made = compile_procedure(library, shipped_benches()[bench])
    else:
        made = compile_procedure(procedure, shipped_benches()[bench], library=library)
    loud = [f.message for f in made.findings if f.severity is not Severity.NOTE]
    assert loud == []
    for name, text in result_files(made).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(folder / "plan.json")
    assert [f.message for f in result.findings] == []
    assert result.verified
    assert made.plan is not None
    assert disagreements(made.plan, result) == []
    return made.plan


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_twenty_four_aldehydes(tmp_path: Path, bench: str) -> None:
    library = PROCEDURE.parent / "library.csv"
    plan = verified(library, bench, tmp_path, PROCEDURE)
    stocks = Counter(stock["material"].partition("/")[0] for stock in plan["stocks"])
    assert stocks["aldehyde"] == 24
    assert str(library) in [entry["path"] for entry in plan["inputs"]]


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_a_row_its_replicate_and_their_controls(tmp_path: Path, bench: str) -> None:
    """The operator charges no hydride where the control has none, and the rest is verified."""
    library = tmp_path / "library.yaml"
    library.write_text(
        "kind: library\nversion: 1\nreplicates: 2\n"
        "rows: [{hydride.amount: 2.0 equiv}]\n"
        "controls: [{without: hydride}]\n",
        encoding="utf-8",
    )
    plan = verified(library, bench, tmp_path, PROCEDURE)
    charged = {(c["step"], c["reaction"]) for c in plan["charges"]}
    every = ["r1", "r2", "r3", "r4"]
    assert [reaction["id"] for reaction in plan["reactions"]] == every
    assert [r for r in every if ("hydride", r) in charged] == ["r1", "r2"]
    assert [r for r in every if ("quench", r) in charged] == every


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_five_amounts_of_bromide_and_a_blank_four_times(tmp_path: Path, bench: str) -> None:
    """0.6, 0.7 … 1.0 equiv of a 0.25 M solution to 0.10 mmol: 240 to 400 µL, in ten drops each, and
    to all wells in one round."""
    plan = verified(ALKYLATION.parent / "library.yaml", bench, tmp_path)
    bromide = [c for c in plan["charges"] if c["step"] == "bromide"]
    volumes = Counter(round(charge["uL"], 6) for charge in bromide)
    assert volumes == {240.0: 4, 280.0: 4, 320.0: 4, 360.0: 4, 400.0: 4}
    assert len(plan["reactions"]) == 24
    counts = {charge["dropwise"]["drops"] for charge in bromide}
    assert counts == {10}
    assert not any(f["code"] == "T-BATCH" for f in plan["findings"])
    drops = [charge["dropwise"]["drop_uL"] for charge in bromide]
    assert min(drops) >= 7.7  # what falls freely of MeCN
    assert max(drops) <= 40.0  # 0.1 equiv


@pytest.mark.parametrize("bench", ["flex-single", "ot2-single"])
def test_forty_eight_diamines(tmp_path: Path, bench: str) -> None:
    plan = verified(MONO_BOC.parent / "library.yaml", bench, tmp_path)
    assert len(plan["reactions"]) == 48
    stocks = Counter(stock["material"].partition("/")[0] for stock in plan["stocks"])
    assert stocks["diazepane"] == 48
    assert {reaction["scale_mmol"] for reaction in plan["reactions"]} == {0.05}
