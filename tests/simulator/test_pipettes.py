"""The pipettes of the table as the simulator knows them, and a run with a GEN1 pipette."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Severity
from compiler.pipeline import Compiled, compile_procedure
from compiler.target.labware import load_labware
from compiler.target.pipettes import load_pipette, pipette_names
from simulate.result import simulate_plan, simulate_script
from tests.simulator.agreement import disagreements
from tests.unit.lowering import document

OT2 = [name for name in pipette_names() if load_pipette(name).robot == "OT-2"]
# Loads a pipette and holds what it reports, with each of its tip racks, against the table.
SCRIPT = """
requirements = {{"robotType": "OT-2", "apiLevel": "{level}"}}
SLOTS = ["1", "2", "3", "4", "5", "6"]
def run(protocol):
    racks = [protocol.load_labware(name, slot) for name, slot in zip({racks}, SLOTS)]
    pipette = protocol.load_instrument("{name}", "left", tip_racks=racks)
    assert (pipette.min_volume, pipette.max_volume) == {limits}, pipette.max_volume
    for rack, expected in zip(racks, {flows}):
        pipette.pick_up_tip(rack["A1"])
        flow = pipette.flow_rate
        assert (flow.aspirate, flow.dispense) == expected, (flow.aspirate, flow.dispense)
        pipette.return_tip()
"""


@pytest.mark.parametrize("level", ["2.22", "2.27"])
@pytest.mark.parametrize("name", OT2)
def test_the_simulator_reports_what_the_table_has(tmp_path: Path, name: str, level: str) -> None:
    pipette = load_pipette(name)
    tips_ul = [load_labware(rack).tip_ul or 0.0 for rack in pipette.tip_racks]
    text = SCRIPT.format(
        level=level,
        name=name,
        racks=list(pipette.tip_racks),
        limits=(pipette.min_ul, pipette.max_ul),
        flows=[(pipette.aspirate_ul_s[ul], pipette.dispense_ul_s[ul]) for ul in tips_ul],
    )
    script = tmp_path / "script.py"
    script.write_text(text, encoding="utf-8")
    result = simulate_script(script)
    assert [f.message for f in result.findings if f.severity is not Severity.NOTE] == []


# --- a P50 GEN1 beside a P300 GEN2 ------------------------------------------------------------


def gen1_bench(folder: Path, level: str) -> Path:
    """The bench `ot2` with a P50 GEN1 in place of its P20."""
    shipped = shipped_benches()["ot2"]
    shutil.copytree(shipped.parent.parent / "labware", folder / "labware")
    text = shipped.read_text(encoding="utf-8").replace("../labware/", "labware/")
    assert "p20_single_gen2" in text
    text = text.replace("p20_single_gen2", "p50_single")
    bench = folder / "bench.yaml"
    bench.write_text(f'{text}\napi level: "{level}"\n', encoding="utf-8")
    return bench


def compiled(steps: str, folder: Path, level: str, wells: int) -> Compiled:
    procedure, library = folder / "test.yaml", folder / "wells.yaml"
    procedure.write_text(document(steps), encoding="utf-8")
    library.write_text(f"kind: library\nversion: 1\nreplicates: {wells}\n", encoding="utf-8")
    return compile_procedure(procedure, gen1_bench(folder, level), library=library)


@pytest.mark.parametrize("level", ["2.22", "2.27"])
@pytest.mark.parametrize("wells", [1, 8])
@pytest.mark.parametrize("mixing", ["", ", mix every: 4"])
def test_drops_of_a_p50_are_verified(tmp_path: Path, mixing: str, wells: int, level: str) -> None:
    steps = (
        "- add: {material: halide, to: reactor, amount: 1 equiv,"
        f" dropwise: {{over: 30 min, drop: 10 µL{mixing}}}}}"
    )
    made = compiled(steps, tmp_path, level, wells)
    assert made.plan is not None, made.findings
    assert {(p["mount"], p["name"]) for p in made.plan["pipettes"]} == {
        ("left", "p50_single"),
        ("right", "p300_single_gen2"),
    }
    for name, text in result_files(made).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(tmp_path / "plan.json")
    assert [f.message for f in result.findings if f.severity is not Severity.NOTE] == []
    assert result.verified
    assert disagreements(made.plan, result) == []
    fills = sum(
        action["n"]
        for entry in made.plan["actions"]
        for action in entry["does"]
        if action["do"] == "AirGap" and action["mount"] == "left"
    )
    # one well takes the smallest drops that fall, several the largest allowed, three a fill
    assert fills == (12 if wells == 1 else 10 * 3)
