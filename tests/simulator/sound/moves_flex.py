"""Labware moved in every way: off the deck, onto adapters, from staging slots (Flex)."""

from opentrons.protocol_api import OFF_DECK

requirements = {"robotType": "Flex", "apiLevel": "2.20"}


def run(protocol):
    trash = protocol.load_trash_bin("A3")
    staged = protocol.load_labware("opentrons_flex_96_tiprack_50ul", "B4")
    rack = protocol.load_labware("opentrons_flex_96_tiprack_50ul", "B3")
    cold = protocol.load_module("temperature module gen2", "C1")
    pcr_block = cold.load_adapter("opentrons_96_well_aluminum_block")
    spare = protocol.load_labware("opentrons_96_wellplate_200ul_pcr_full_skirt", OFF_DECK)
    plate = protocol.load_labware("opentrons_96_wellplate_200ul_pcr_full_skirt", "C2")
    magnet = protocol.load_module("magneticBlockV1", "D2")
    eight = protocol.load_instrument("flex_8channel_50", "left", tip_racks=[rack, staged])
    beads = protocol.define_liquid("beads", "", "#663300")
    for well in plate.columns()[0]:
        well.load_liquid(beads, 120)
    protocol.move_labware(plate, pcr_block, use_gripper=True)
    cold.start_set_temperature(celsius=10)
    cold.await_temperature(celsius=10)
    protocol.move_labware(spare, "C2")
    eight.configure_for_volume(5)
    for column in range(1, 4):
        eight.pick_up_tip()
        eight.aspirate(5, plate["A1"].bottom(1))
        eight.dispense(5, spare.columns()[column][0].bottom(1), push_out=2)
        eight.drop_tip()
    eight.configure_for_volume(50)
    for _ in range(12 - 3):
        eight.pick_up_tip()
        eight.aspirate(10, plate["A1"].bottom(1))
        eight.dispense(10, spare["A5"].bottom(1))
        eight.drop_tip(trash)
    protocol.move_labware(rack, OFF_DECK)
    protocol.move_labware(staged, "B3", use_gripper=True)
    eight.pick_up_tip(staged["A1"])
    eight.aspirate(10, spare["A5"].bottom(1))
    eight.dispense(10, spare["A6"].bottom(1))
    eight.blow_out(spare["A6"].top())
    eight.drop_tip()
    protocol.move_labware(spare, magnet, use_gripper=True)
    protocol.delay(minutes=2)
    cold.deactivate()
