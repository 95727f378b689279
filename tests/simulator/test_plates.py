"""A plate of 96 by an eight-channel pipette: compiled, simulated, verified, and counted."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import Compiled, compile_procedure
from simulate.result import simulate_plan
from tests.simulator.agreement import disagreements

PROCEDURE = shipped_procedures()["reductive-amination-96"]

both = pytest.mark.parametrize("bench", ["flex-96", "ot2-96"])


@cache
def plate(bench: str) -> Compiled:
    library = PROCEDURE.parent / "library.yaml"
    return compile_procedure(PROCEDURE, shipped_benches()[bench], library=library)


@both
def test_it_is_verified_in_the_simulator(tmp_path: Path, bench: str) -> None:
    made = plate(bench)
    for name, text in result_files(made).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(tmp_path / "plan.json")
    assert [f.message for f in result.findings] == []
    assert result.verified
    assert made.plan is not None
    assert disagreements(made.plan, result) == []


@both
def test_columns_are_served_at_once_and_each_row_gets_its_own_aldehyde(bench: str) -> None:
    plan = plate(bench).plan
    assert plan is not None
    several = [p for p in plan["pipettes"] if "8channel" in p["name"] or "multi" in p["name"]]
    eight = several[0]["mount"]
    by_step: dict[str, set[str]] = {}
    for entry in plan["actions"]:
        for action in entry["does"]:
            if action["do"] == "Dispense" and action["at"].startswith("reactors/"):
                by_step.setdefault(entry["step"], set()).add(action["mount"])
    assert by_step["add-1"] == by_step["quench"] == by_step["extract-7"] == {eight}
    assert eight not in by_step["add-2"]
    assert len({c["material"] for c in plan["charges"] if c["step"] == "add-2"}) == 24


@both
def test_tips_and_time_are_near_what_is_possible(bench: str) -> None:
    """By the plan's clock, which knows no chance: a third of the tips, and near the bound."""
    plan = plate(bench).plan
    assert plan is not None
    assert plan["tips"]["used"] <= 0.35 * plan["tips"]["per_transfer"]
    timing = plan["timing"]
    assert timing["lower_bound_s"] <= timing["duration_s"] <= 1.10 * timing["lower_bound_s"]


@both
def test_all_wells_see_the_same_times(bench: str) -> None:
    plan = plate(bench).plan
    assert plan is not None
    seen = plan["timing"]["elapsed"]
    assert {each["what"] for each in seen} == {"hold", "addition", "interval"}
    for each in seen:
        allowed_s = max(30.0, 0.02 * each["wanted_s"])
        assert each["most_s"] - each["least_s"] <= allowed_s, each
        assert each["least_s"] >= each["wanted_s"] - 0.1, each
