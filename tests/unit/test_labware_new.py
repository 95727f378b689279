"""Definitions from dimensions: valid for Opentrons, loadable on both robots, impossible refused."""

import io
import json
import math
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.target.labware import build_labware
from compiler.target.labware_new import new_labware

VIALS: dict[str, Any] = {
    "load_name": "vials",
    "display_name": "vials",
    "rows": 4,
    "columns": 6,
    "row_spacing_mm": 18,
    "column_spacing_mm": 18,
    "diameter_mm": 10.0,
    "depth_mm": 30.0,
    "height_mm": 35.0,
    "material": "glass",
}
SQUARE = {**VIALS, "diameter_mm": None, "width_mm": 8.0}


def shipped(name: str) -> dict[str, Any]:
    text = (resources.files("protocols") / "labware" / f"{name}.json").read_text("utf-8")
    definition: dict[str, Any] = json.loads(text)
    return definition


def test_wells_are_named_and_placed_as_on_a_plate() -> None:
    labware = build_labware(new_labware(**VIALS), custom=True)
    assert list(labware.wells)[:5] == ["A1", "B1", "C1", "D1", "A2"]
    a1, d6 = labware.wells["A1"], labware.wells["D6"]
    assert a1.x == pytest.approx(127.76 - d6.x)
    assert a1.y == pytest.approx(85.48 - d6.y)
    assert (a1.x, a1.y, a1.z) == (18.88, 69.74, 5.0)
    assert a1.capacity_ul == math.floor(math.pi * 25 * 30)


def test_offsets_move_the_grid() -> None:
    moved = new_labware(**VIALS, a1_offset_x_mm=12.0, a1_offset_y_mm=10.0)
    assert moved["wells"]["A1"]["x"] == 12.0
    assert moved["wells"]["A1"]["y"] == pytest.approx(75.48)


@pytest.mark.parametrize(
    ("changes", "capacity_ul"),
    [
        ({}, math.pi * 25 * 30),
        ({"bottom": "round"}, math.pi * 25 * 25 + 2 / 3 * math.pi * 125),
        ({"bottom": "v", "bottom_height_mm": 6}, math.pi * 25 * 24 + math.pi * 25 * 6 / 3),
        ({"diameter_mm": None, "width_mm": 8.0}, 64 * 30),
        (
            {"diameter_mm": None, "width_mm": 8.0, "bottom": "v", "bottom_height_mm": 3},
            64 * 27 + 64,
        ),
        ({"bottom": "v", "bottom_height_mm": 30.0}, math.pi * 25 * 10),
    ],
)
def test_bottoms(changes: Mapping[str, Any], capacity_ul: float) -> None:
    labware = build_labware(new_labware(**{**VIALS, **changes}), custom=True)
    assert labware.wells["A1"].shape.capacity_ul == pytest.approx(capacity_ul)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"column_spacing_mm": 10.1}, "wells 10 mm wide overlap at a spacing of 10.1 mm"),
        ({"columns": 8}, "reach from -4.12 to 131.88 mm"),
        ({"a1_offset_x_mm": 3.0}, "reach from -2.00"),
        ({"a1_offset_y_mm": 40.0}, "back to front"),
        ({"depth_mm": 35.0}, "wells 35 mm deep do not fit a rack 35 mm high"),
        ({"depth_mm": 140.0, "height_mm": 150.0}, "in the pipettes' way"),
        ({"volume_ul": 2400}, "holds 2356 µL to the brim, not the 2400 µL declared"),
        ({"volume_ul": math.nan}, "has to be positive"),
        ({"diameter_mm": -1}, "the diameter is -1 mm"),
        ({"diameter_mm": math.inf}, "the diameter is inf mm"),
        ({"diameter_mm": None}, "either a diameter"),
        ({"width_mm": 5.0}, "either a diameter"),
        ({"rows": 0}, "0 rows"),
        ({"bottom": "wavy"}, "'wavy' is none of flat, round, v"),
        ({"bottom": "v"}, "needs the height of its cone"),
        ({"bottom": "v", "bottom_height_mm": 31}, "deeper than the well's 30 mm"),
        ({"bottom_height_mm": 3}, "takes no height"),
        ({"material": "chocolate"}, "'chocolate' is none of glass"),
        ({"fits": ["toaster"]}, "no module 'toaster'"),
        ({"load_name": "My Vials"}, "lower-case"),
        ({"namespace": "opentrons"}, "Opentrons' own"),
        ({"display_name": " "}, "can't be empty"),
        ({"version": 0}, "counts from 1"),
    ],
)
def test_impossible_dimensions_are_refused(changes: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        new_labware(**{**VIALS, **changes})
    assert reason in str(raised.value)


def test_square_wells_have_no_round_bottom() -> None:
    with pytest.raises(ValueError, match="square wells"):
        new_labware(**SQUARE, bottom="round")


@given(
    rows=st.integers(1, 16),
    columns=st.integers(1, 24),
    spacing=st.floats(2, 60),
    diameter=st.floats(1, 40),
    depth=st.floats(1, 120),
    height=st.floats(1, 130),
)
def test_what_is_accepted_is_possible(
    rows: int, columns: int, spacing: float, diameter: float, depth: float, height: float
) -> None:
    try:
        definition = new_labware(
            **{
                **VIALS,
                "rows": rows,
                "columns": columns,
                "row_spacing_mm": spacing,
                "column_spacing_mm": spacing,
                "diameter_mm": diameter,
                "depth_mm": depth,
                "height_mm": height,
            }
        )
    except ValueError as error:
        assert str(error)
        return
    labware = build_labware(definition, custom=True)
    assert len(labware.wells) == rows * columns
    for well in labware.wells.values():
        assert diameter / 2 - 1e-3 <= well.x <= 127.76 - diameter / 2 + 1e-3
        assert diameter / 2 - 1e-3 <= well.y <= 85.48 - diameter / 2 + 1e-3
        assert well.z > 0
        assert well.capacity_ul <= well.shape.capacity_ul


@pytest.mark.parametrize(
    ("name", "wells", "capacity_ul"),
    [("glass-2ml-24", 24, 2000), ("glass-8ml-12", 12, 8000), ("glass-20ml-6", 6, 20000)],
)
def test_shipped_racks(name: str, wells: int, capacity_ul: float) -> None:
    labware = build_labware(shipped(name), custom=True)
    assert (len(labware.wells), labware.material) == (wells, "glass")
    assert labware.wells["A1"].capacity_ul == capacity_ul
    if name == "glass-2ml-24":
        assert labware.fits == {"heaterShakerModuleV1", "temperatureModuleV2"}
        assert labware.wells["A1"].shape.height_mm(900) == pytest.approx(11.4592, abs=1e-4)


@pytest.mark.parametrize("definition", [VIALS, SQUARE, {**VIALS, "bottom": "round"}])
def test_opentrons_validates_new_labware(definition: dict[str, Any]) -> None:
    from opentrons.protocols.labware import verify_definition

    verify_definition(json.dumps(new_labware(**definition)))


@pytest.mark.parametrize("robot", ["OT-2", "Flex"])
@pytest.mark.parametrize("api_level", ["2.22", "2.27"])
def test_shipped_racks_load_on_both_robots(robot: str, api_level: str) -> None:
    from opentrons.simulate import simulate

    flex = ("D1", "C1", "C2", "B2", "A2", "B3")
    slots = ("1", "3", "5", "8", "11", "9") if robot == "OT-2" else flex
    racks = [shipped(name) for name in ("glass-2ml-24", "glass-8ml-12", "glass-20ml-6")]
    pipette, tips = (
        ("p300_single_gen2", "opentrons_96_tiprack_300ul")
        if robot == "OT-2"
        else ("flex_1channel_1000", "opentrons_flex_96_tiprack_1000ul")
    )
    script = f"""
requirements = {{"robotType": {robot!r}, "apiLevel": {api_level!r}}}
RACKS = {racks!r}
def run(protocol):
    shaker = protocol.load_module("heaterShakerModuleV1", {slots[0]!r})
    cold = protocol.load_module("temperatureModuleV2", {slots[1]!r})
    on_shaker = shaker.load_labware_from_definition(RACKS[0])
    on_cold = cold.load_labware_from_definition(RACKS[0])
    eight = protocol.load_labware_from_definition(RACKS[1], {slots[2]!r})
    twenty = protocol.load_labware_from_definition(RACKS[2], {slots[3]!r})
    protocol.load_labware("nest_96_wellplate_2ml_deep", {slots[4]!r}, version=5)
    tips = protocol.load_labware({tips!r}, {slots[5]!r}, version=1)
    if {robot!r} == "Flex":
        protocol.load_trash_bin("A3")
    pipette = protocol.load_instrument({pipette!r}, "right", tip_racks=[tips])
    shaker.close_labware_latch()
    pipette.pick_up_tip()
    pipette.aspirate(100, twenty["A1"].bottom(2))
    for rack in (on_shaker, on_cold, eight):
        pipette.dispense(30, rack["A1"].top(-2))
    pipette.drop_tip()
"""
    commands, _ = simulate(io.StringIO(script), file_name=f"racks-{robot}-{api_level}.py")
    assert sum("Dispensing" in str(command) for command in commands) == 3
