"""Scripts that the benchmarks run: a long one, and many small ones."""

from __future__ import annotations

from pathlib import Path

LONG = '''"""1,000 transfers: an aspirate and a dispense each."""

requirements = {"robotType": "OT-2", "apiLevel": "2.22"}


def run(protocol):
    stocks = protocol.load_labware("nest_1_reservoir_195ml", "1")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "2")
    rack = protocol.load_labware("opentrons_96_tiprack_300ul", "3")
    pipette = protocol.load_instrument("p300_single_gen2", "left", tip_racks=[rack])
    water = protocol.define_liquid("water", description="", display_color="#0000ff")
    stocks["A1"].load_liquid(water, 190000)
    wells = plate.wells()
    pipette.pick_up_tip()
    for number in range(1000):
        pipette.aspirate(50, stocks["A1"])
        pipette.dispense(50, wells[number % 96].top(-1))
    pipette.drop_tip()
'''

SMALL = '''"""A small script: number {number}."""

requirements = {{"robotType": "OT-2", "apiLevel": "2.22"}}


def run(protocol):
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "2")
    rack = protocol.load_labware("opentrons_96_tiprack_300ul", "3")
    pipette = protocol.load_instrument("p300_single_gen2", "left", tip_racks=[rack])
    water = protocol.define_liquid("water", description="", display_color="#0000ff")
    plate["A1"].load_liquid(water, 1000 + {number})
    pipette.transfer(50, plate["A1"], plate.wells()[1:6])
'''


def write_long(folder: Path) -> Path:
    """The long script."""
    path = folder / "long.py"
    path.write_text(LONG, encoding="utf-8")
    return path


def write_small(folder: Path, count: int = 20) -> list[Path]:
    """Small scripts that all differ."""
    paths = [folder / f"small{number:02}.py" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(SMALL.format(number=number), encoding="utf-8")
    return paths
