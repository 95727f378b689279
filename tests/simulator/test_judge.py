"""The judge's finer points: helpers, undeclared wells, old API levels, slots, modes."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding
from simulate.result import simulate_script
from tests.simulator.faults import FAULTS


def judged(folder: Path, text: str) -> tuple[Finding, ...]:
    """The findings on a script."""
    script = folder / "script.py"
    script.write_text(text, encoding="utf-8")
    return simulate_script(script).findings


HELPER = """requirements = {"robotType": "Flex", "apiLevel": "2.22"}


def wash(pipette, well):
    pipette.aspirate(
        500, well)


def run(protocol):
    protocol.load_trash_bin("A3")
    tubes = protocol.load_labware("opentrons_24_tuberack_nest_2ml_snapcap", "D2")
    rack = protocol.load_labware("opentrons_flex_96_tiprack_1000ul", "C3")
    pipette = protocol.load_instrument("flex_1channel_1000", "left", tip_racks=[rack])
    tubes["A1"].load_liquid(protocol.define_liquid("water"), 300)
    pipette.pick_up_tip()
    wash(pipette, tubes["A1"])
    pipette.drop_tip()
"""


def test_the_line_is_the_innermost_and_the_caller_is_told(tmp_path: Path) -> None:
    level = HELPER.replace('"2.22"', '"2.23"')
    (found,) = judged(tmp_path, level)
    assert found.code == "P-UNDERFLOW"
    assert found.span is not None
    assert found.span.line == 5
    assert [related.span.line for related in found.related] == [16]


@pytest.mark.parametrize("level", ["2.14", "2.15", "2.16", "2.18", "2.20", "2.24", "2.27", "2.28"])
def test_faults_are_found_at_every_api_level(tmp_path: Path, level: str) -> None:
    wanted = ("more drawn than there is", "3 mm below the bottom", "over-filled", "a tip left on")
    for script in FAULTS:
        if script.name in wanted:
            text = script.text("OT-2", level)
            if level in ("2.14", "2.15"):  # robots were not named then
                text = text.replace(
                    f'requirements = {{"robotType": "OT-2", "apiLevel": "{level}"}}',
                    f'metadata = {{"apiLevel": "{level}"}}',
                )
            codes = {finding.code for finding in judged(tmp_path, text)}
            assert script.code in codes, (script.name, codes)


def test_below_2_14_one_note_says_what_is_not_judged(tmp_path: Path) -> None:
    text = """metadata = {"apiLevel": "2.13"}
def run(protocol):
    plate = protocol.load_labware("nest_96_wellplate_200ul_flat", 1)
    rack = protocol.load_labware("opentrons_96_tiprack_300ul", 2)
    p = protocol.load_instrument("p300_single_gen2", "left", tip_racks=[rack])
    p.pick_up_tip()
    p.aspirate(250, plate["A1"].bottom(-3))
    p.dispense(250, plate["A2"])
"""
    found = judged(tmp_path, text)
    assert {f.code for f in found if f.severity == "error"} == {"P-CAP-1", "P-TIP-KEPT"}
    notes = [f.code for f in found if f.severity == "note"]
    assert sorted(notes) == ["P-POSITIONS", "P-UNDERFLOW"]


@pytest.mark.parametrize(("slot", "told"), [("5", True), ("10", False)])
def test_a_shaker_where_the_manual_forbids_it(tmp_path: Path, slot: str, told: bool) -> None:
    text = f"""requirements = {{"robotType": "OT-2", "apiLevel": "2.22"}}
def run(protocol):
    protocol.load_module("heaterShakerModuleV1", "{slot}")
"""
    assert [f.code for f in judged(tmp_path, text)] == ["P-SHAKER"] * told


@pytest.mark.parametrize(("configure", "codes"), [(True, []), (False, ["P-PIP-1", "P-PIP-1"])])
def test_the_low_volume_mode_has_its_own_minimum(
    tmp_path: Path, configure: bool, codes: list[str]
) -> None:
    text = f"""requirements = {{"robotType": "Flex", "apiLevel": "2.22"}}
def run(protocol):
    protocol.load_trash_bin("A3")
    tubes = protocol.load_labware("opentrons_24_tuberack_nest_2ml_snapcap", "D2")
    rack = protocol.load_labware("opentrons_flex_96_tiprack_50ul", "C3")
    p = protocol.load_instrument("flex_1channel_50", "left", tip_racks=[rack])
    tubes["A1"].load_liquid(protocol.define_liquid("water", "", "#0000ff"), 300)
    {"p.configure_for_volume(2)" if configure else ""}
    p.pick_up_tip()
    p.aspirate(2, tubes["A1"])
    p.dispense(2, tubes["B1"])
    p.drop_tip()
"""
    assert [f.code for f in judged(tmp_path, text)] == codes


def test_a_script_that_declares_nothing_is_not_drowned(tmp_path: Path) -> None:
    text = """requirements = {"robotType": "OT-2", "apiLevel": "2.20"}
def run(protocol):
    plates = [protocol.load_labware("nest_96_wellplate_200ul_flat", n) for n in (1, 2)]
    racks = [protocol.load_labware("opentrons_96_tiprack_300ul", n) for n in (3, 4)]
    p = protocol.load_instrument("p300_single_gen2", "left", tip_racks=racks)
    p.transfer(50, plates[0].wells(), plates[1].wells(), new_tip="always", mix_before=(3, 40))
    p.transfer(20, plates[1].wells(), plates[0].wells(), new_tip="once")
"""
    found = judged(tmp_path, text)
    assert {f.severity for f in found} == {"note"}
    assert len(found) <= 3
