"""The pipettes of the table as the simulator knows them, and a run with a GEN1 pipette."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

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


# --- GEN1 beside a P300 GEN2 --------------------------------------------------------------------

P50, P10 = "left: p50_single", "left: p10_single"
LARGER_TIPS = "tip racks: [opentrons_96_tiprack_20ul]"


def compiled(steps: str, folder: Path, *, left: str, more: str, wells: int) -> Compiled:
    """The steps on the bench `ot2` with another pipette in place of its P20."""
    shipped = shipped_benches()["ot2"]
    shutil.copytree(shipped.parent.parent / "labware", folder / "labware")
    text = shipped.read_text(encoding="utf-8").replace("../labware/", "labware/")
    assert "left: p20_single_gen2" in text
    text = text.replace("left: p20_single_gen2", left)
    bench, procedure, library = (folder / f"{n}.yaml" for n in ("bench", "test", "wells"))
    bench.write_text(f"{text}\n{more}\n", encoding="utf-8")
    procedure.write_text(document(steps), encoding="utf-8")
    library.write_text(f"kind: library\nversion: 1\nreplicates: {wells}\n", encoding="utf-8")
    return compile_procedure(procedure, bench, library=library)


def verified(made: Compiled, folder: Path) -> dict[str, Any]:
    """The plan of a run that the simulator makes without a word, in the plan's time."""
    assert made.plan is not None, made.findings
    for name, text in result_files(made).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(folder / "plan.json")
    assert [f.message for f in result.findings if f.severity is not Severity.NOTE] == []
    assert result.verified
    assert disagreements(made.plan, result) == []
    timing = made.plan["timing"]
    assert timing["lower_bound_s"] <= timing["duration_s"]
    return dict(made.plan)


def done(plan: dict[str, Any], what: str, mount: str) -> list[dict[str, Any]]:
    actions = (action for entry in plan["actions"] for action in entry["does"])
    return [a for a in actions if a["do"] == what and a["mount"] == mount]


@pytest.mark.parametrize("level", ["2.22", "2.27"])
@pytest.mark.parametrize("wells", [1, 8])
@pytest.mark.parametrize("mixing", ["", ", mix every: 4"])
def test_drops_of_a_p50_are_verified(tmp_path: Path, mixing: str, wells: int, level: str) -> None:
    steps = (
        "- add: {material: halide, to: reactor, amount: 1 equiv,"
        f" dropwise: {{over: 30 min, drop: 10 µL{mixing}}}}}"
    )
    api = f'api level: "{level}"'
    plan = verified(compiled(steps, tmp_path, left=P50, more=api, wells=wells), tmp_path)
    assert [p["name"] for p in plan["pipettes"]] == ["p50_single", "p300_single_gen2"]
    fills = sum(action["n"] for action in done(plan, "AirGap", "left"))
    # one well takes the smallest drops that fall, several the largest allowed, three a fill
    assert fills == (12 if wells == 1 else 10 * 3)


@pytest.mark.parametrize(("racks", "strokes"), [("", 2), (LARGER_TIPS, 1)])
def test_a_p10_takes_both_of_its_tips(tmp_path: Path, racks: str, strokes: int) -> None:
    """9 µL of a volatile liquid are two strokes in a 10 µL tip (70 % of it), one in a 20 µL tip."""
    steps = "- add: {material: MeCN, to: reactor, amount: 9 µL}"
    plan = verified(compiled(steps, tmp_path, left=P10, more=racks, wells=1), tmp_path)
    given = [a for a in done(plan, "Dispense", "left") if a["at"].startswith("reactors/")]
    assert sum(a["n"] for a in given if a["uL"] > 1) == strokes
