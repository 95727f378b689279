"""A plate goes between the deck, the shaker and the magnetic block with the gripper."""

requirements = {"robotType": "Flex", "apiLevel": "2.21"}


def run(protocol):
    protocol.load_waste_chute()
    shaker = protocol.load_module("heaterShakerModuleV1", "D1")
    adapter = shaker.load_adapter("opentrons_96_deep_well_adapter")
    block = protocol.load_module("magneticBlockV1", "C1")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "C2")
    tips = protocol.load_labware("opentrons_flex_96_tiprack_1000ul", "A2")
    reservoir = protocol.load_labware("nest_12_reservoir_15ml", "B3")
    pipette = protocol.load_instrument("flex_8channel_1000", "left", tip_racks=[tips])
    buffer = protocol.define_liquid("buffer", description="", display_color="#0000ff")
    reservoir["A1"].load_liquid(buffer, 10000)
    pipette.pick_up_tip()
    for column in plate.columns()[:4]:
        pipette.aspirate(200, reservoir["A1"])
        pipette.dispense(200, column[0].top(-3))
    pipette.drop_tip()
    shaker.open_labware_latch()
    protocol.move_labware(plate, adapter, use_gripper=True)
    shaker.close_labware_latch()
    shaker.set_and_wait_for_shake_speed(800)
    protocol.delay(minutes=2)
    shaker.deactivate_shaker()
    shaker.open_labware_latch()
    protocol.move_labware(plate, block, use_gripper=True)
    protocol.delay(minutes=2)
    protocol.move_labware(plate, "C2", use_gripper=True)
    protocol.move_labware(tips, protocol_off_deck(), use_gripper=False)


def protocol_off_deck():
    from opentrons.protocol_api import OFF_DECK

    return OFF_DECK
