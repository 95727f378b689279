"""Deck coordinates against those that Opentrons 9.0.0 gave for the same wells."""

from dataclasses import replace

import programs as made
import pytest

from compiler.stages.layout import PlacedModule
from compiler.target.commands import Point, WellRef
from compiler.target.deck import deck_of, slot_origin, well_point
from compiler.target.labware import load_labware
from compiler.target.modules import load_module


def near(point: Point, x: float, y: float, z: float) -> bool:
    return (point.x, point.y, point.z) == pytest.approx((x, y, z), abs=0.005)


def test_slots() -> None:
    assert near(slot_origin("OT-2", "5"), 132.5, 90.5, 0)
    assert near(slot_origin("Flex", "C2"), 164.0, 107.0, 0)
    assert near(slot_origin("Flex", "B4"), 492.0, 214.0, 14.5)
    with pytest.raises(KeyError):
        slot_origin("Flex", "E1")


@pytest.mark.parametrize(
    ("robot", "slot", "x", "y"), [("Flex", "C2", 178.3, 181.15), ("OT-2", "8", 146.8, 255.15)]
)
def test_a_well_on_the_deck(robot: str, slot: str, x: float, y: float) -> None:
    """nest_96_wellplate_2ml_deep version 2, A1, 1 mm above the bottom."""
    layout = made.layout(robot)
    plate = replace(
        layout.placed[4],
        labware=load_labware("nest_96_wellplate_2ml_deep", 2),
        slot=slot,
        on=None,
        adapter=None,
    )
    layout = replace(layout, placed=(plate,))
    assert near(well_point(layout, WellRef("plate", "A1"), 1.0), x, y, 4.0)


def test_tips_and_trash() -> None:
    flex, ot2 = deck_of(made.layout("Flex")), deck_of(made.layout("OT-2"))
    tip = WellRef("tips 1", "A1")
    assert flex.top(tip).z == pytest.approx(99.0)
    assert flex.returned_tip(tip).z == pytest.approx(57.5715)
    assert ot2.top(tip).z == pytest.approx(64.69)
    assert ot2.returned_tip(tip).z == pytest.approx(35.04)
    assert near(flex.trash(), 434.25, 364.0, 40.0)
    assert near(ot2.trash(), 347.84, 351.5, 82.0)


def test_a_module_in_the_right_column_of_an_ot2_is_turned() -> None:
    """Temperature module: offset x -1.45 in column 1, mirrored to +1.15 in column 3."""
    layout = made.layout("OT-2")
    plate = replace(layout.placed[4], adapter=None)
    cold = load_module("temperatureModuleV2")
    xs = []
    for slot in ("1", "3"):
        here = replace(
            layout,
            placed=(replace(plate, slot=slot),),
            modules=(PlacedModule(label="cold", module=cold, slot=slot),),
        )
        corner = slot_origin("OT-2", slot)
        xs.append(deck_of(here).origins["plate"].x - corner.x)
    assert xs == pytest.approx([-1.45, 1.15])


def test_labware_that_moves_takes_its_wells_along() -> None:
    deck = deck_of(made.layout("Flex"))
    well = WellRef("reactors", "A1")
    before = deck.well(well, 0.0)
    after = deck.moved("reactors", "D2").well(well, 0.0)
    assert after.x - before.x == pytest.approx(164.0)
    assert after.z - before.z == pytest.approx(-18.95)  # off the shaker
    assert deck.moved("reactors", "D2").moved("reactors", "shaker").well(well, 0.0) == before
    with pytest.raises(KeyError):
        deck.labware("nothing")
