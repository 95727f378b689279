"""One nozzle, then part of a column, then all eight of an 8-channel."""

from opentrons.protocol_api import ALL, PARTIAL_COLUMN, SINGLE

requirements = {"robotType": "Flex", "apiLevel": "2.20"}


def run(protocol):
    protocol.load_trash_bin("A3")
    partial = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "C3")
    full = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "D3")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "C2")
    reservoir = protocol.load_labware("nest_1_reservoir_195ml", "B2")
    pipette = protocol.load_instrument("flex_8channel_1000", "left")
    water = protocol.define_liquid("water", description="", display_color="#0000ff")
    reservoir["A1"].load_liquid(water, 100000)
    pipette.configure_nozzle_layout(style=SINGLE, start="H1", tip_racks=[partial])
    pipette.pick_up_tip()
    pipette.aspirate(100, reservoir["A1"])
    pipette.dispense(100, plate["A1"])
    pipette.drop_tip()
    pipette.configure_nozzle_layout(style=PARTIAL_COLUMN, start="H1", end="E1", tip_racks=[partial])
    pipette.pick_up_tip()
    pipette.aspirate(100, reservoir["A1"])
    pipette.dispense(100, plate["D2"])
    pipette.drop_tip()
    pipette.configure_nozzle_layout(style=ALL, tip_racks=[full])
    pipette.transfer(100, reservoir["A1"], plate["A3"])
