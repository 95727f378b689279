"""`workup simulate` on scripts of anybody's: parameters, labware, folders, limits, old levels."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from compiler.cli.group import workup
from tests.simulator import handwritten

SOUND = Path(__file__).parent / "sound"

SCRIPT = """requirements = {"robotType": "Flex", "apiLevel": "2.22"}


def add_parameters(parameters):
    parameters.add_int("volume", "volume", default=100, minimum=10, maximum=900)
    parameters.add_bool("tell", "tell", default=False)


def run(protocol):
    protocol.load_trash_bin("A3")
    vials = protocol.load_labware("vial_2ml", "D1", namespace="custom_beta", label="vials")
    rack = protocol.load_labware("opentrons_flex_96_tiprack_1000ul", "D3")
    pipette = protocol.load_instrument("flex_1channel_1000", "left", tip_racks=[rack])
    vials["A1"].load_liquid(protocol.define_liquid("water"), 500)
    pipette.pick_up_tip()
    pipette.aspirate(protocol.params.volume, vials["A1"].bottom(0.3))
    pipette.dispense(protocol.params.volume, vials["B1"].bottom(10))
    pipette.drop_tip()
    if protocol.params.tell:
        protocol.comment("told")
"""
OLD = """metadata = {"apiLevel": "2.13"}


def run(protocol):
    protocol.comment("old")
"""


def simulated(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """The exit status and the JSON object."""
    command = ["simulate", *map(str, arguments), "--format", "json"]
    done = CliRunner().invoke(workup, command, catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout)


def codes(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["severity"], finding["code"]) for finding in report["findings"]]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script with parameters, and in `labware` the definition that it loads by name."""
    (tmp_path / "labware").mkdir()
    definition = handwritten.glass("vial_2ml", 4, 6, 10.0, 30.0, 2000)
    (tmp_path / "labware" / "vial.json").write_text(json.dumps(definition), encoding="utf-8")
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def test_labware_of_a_folder_is_loaded_by_name(script: Path) -> None:
    status, report = simulated(script, "--labware", script.parent / "labware")
    assert (status, codes(report)) == (0, [])
    assert report["verified"] is None
    assert report["aspirated_uL"] == {"vials/A1": 100.0}
    status, report = simulated(script)
    assert (status, codes(report)) == (1, [("error", "V-RUN")])
    assert '"vial_2ml" not found' in report["findings"][0]["message"]
    assert report["findings"][0]["line"] == 11


def test_parameters_change_the_run_and_the_judgement(script: Path) -> None:
    labware = ("--labware", script.parent / "labware")
    status, report = simulated(script, *labware, "--param", "volume=600")
    assert status == 1
    assert codes(report) == [("error", "P-UNDERFLOW")]
    assert report["findings"][0]["line"] == 16
    assert (
        "600.0 µL are drawn from vials/A1, which holds 500.0 µL" in report["findings"][0]["message"]
    )
    table = script.with_suffix(".csv")
    table.write_text("volume,250\ntell,true\n", encoding="utf-8")
    status, report = simulated(script, *labware, "--params", table)
    assert (status, codes(report)) == (0, [])
    assert report["aspirated_uL"] == {"vials/A1": 250.0}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("volume=much", "'much' is no int"),
        ("volume=9000", "between 10 and 900"),
        ("none=1", "none"),
        ("volume", "name=value"),
    ],
)
def test_a_parameter_that_does_not_fit_is_one_finding(script: Path, value: str, words: str) -> None:
    status, report = simulated(script, "--labware", script.parent / "labware", "--param", value)
    assert (status, codes(report)) == (1, [("error", "V-RUN")])
    assert words in report["findings"][0]["message"]


def test_a_table_is_the_script_s_csv_parameter() -> None:
    name = "csv_parameters_flex"
    status, report = simulated(SOUND / f"{name}.py", "--params", SOUND / f"{name}.csv")
    assert (status, codes(report)) == (0, [])


def test_a_folder_gives_its_scripts_in_order(tmp_path: Path) -> None:
    for name in ("timers_flex_227.py", "serial_dilution_ot2.py"):
        shutil.copy(SOUND / name, tmp_path)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "old.py").write_text(OLD, encoding="utf-8")
    (tmp_path / "helper.py").write_text("x = 1\n", encoding="utf-8")
    status, report = simulated(tmp_path)
    assert status == 0
    names = [Path(each["script"]).name for each in report["scripts"]]
    assert names == ["old.py", "serial_dilution_ot2.py", "timers_flex_227.py"]
    assert codes(report) == [("note", "P-POSITIONS")]


def test_a_folder_without_a_script_is_told(tmp_path: Path) -> None:
    status, report = simulated(tmp_path)
    assert (status, codes(report)) == (2, [("error", "S-FILE")])
    assert "no Opentrons protocol" in report["findings"][0]["message"]


def test_a_script_that_hangs_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "hangs.py"
    path.write_text(OLD.replace('protocol.comment("old")', "\n    while True: pass"), "utf-8")
    status, report = simulated(path, "--timeout", "2")
    assert (status, codes(report)) == (1, [("error", "V-TIMEOUT")])
