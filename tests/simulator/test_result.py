"""The object that `workup simulate --format json` prints, against its schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from compiler.diagnostics.json_output import dumps
from simulate.result import simulate_plan, simulate_script
from tests.simulator import handwritten


def _validator() -> Draft202012Validator:
    schema = json.loads((files("schemas") / "simulation.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("parts", [1, 2])
def test_a_verified_run_fits_the_schema(tmp_path: Path, parts: int) -> None:
    shown = simulate_plan(handwritten.write(tmp_path, "Flex", parts)).as_object()
    _validator().validate(shown)
    assert ("scripts" in shown) == (parts == 2)
    assert shown["verified"] is True
    scripts = shown["scripts"] if parts == 2 else [shown]
    assert sum(script["tips_used"] for script in scripts) == 11
    assert scripts[-1]["aspirated_uL"]["stocks/C1"] == 1000.0
    assert scripts[0]["simulator"]["name"] == "opentrons"
    assert {entry["step"] for script in scripts for entry in script["timeline"]} >= {"extract"}


def test_faults_and_refusals_fit_the_schema(tmp_path: Path) -> None:
    fault = ("p.dispense(210, reactors[well]", "p.dispense(206, reactors[well]")
    _validator().validate(simulate_plan(handwritten.write(tmp_path, "OT-2", 1, fault)).as_object())
    _validator().validate(simulate_plan(tmp_path / "none.json").as_object())
    broken = tmp_path / "broken.py"
    broken.write_text("def run(protocol)\n", encoding="utf-8")
    _validator().validate(simulate_script(broken).as_object())


def test_without_a_plan_nothing_is_verified(tmp_path: Path) -> None:
    handwritten.write(tmp_path, "Flex")
    result = simulate_script(tmp_path / "run.py")
    assert result.verified is None
    assert [f for f in result.findings if f.severity != "note"] == []
    _validator().validate(result.as_object())


def test_the_same_script_gives_the_same_bytes(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex")
    once, again = (dumps(simulate_plan(plan).as_object()) for _ in range(2))
    assert once == again
