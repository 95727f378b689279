"""Timers beside the work, a dropwise addition, trash variants (Flex, 2.27)."""

requirements = {"robotType": "Flex", "apiLevel": "2.27"}


def run(protocol):
    protocol.load_trash_bin("A3")
    shaker = protocol.load_module("heaterShakerModuleV1", "C1")
    vials = shaker.load_labware(
        "nest_96_wellplate_2ml_deep", label="vials", adapter="opentrons_96_deep_well_adapter"
    )
    stocks = protocol.load_labware("opentrons_24_tuberack_nest_2ml_snapcap", "D2")
    tips = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "B3")
    pipette = protocol.load_instrument("flex_1channel_1000", "left", tip_racks=[tips])
    amine = protocol.define_liquid("amine", description="", display_color="#00ff00")
    acid = protocol.define_liquid("acid", description="", display_color="#ff0000")
    stocks["A1"].load_liquid(amine, 1800)
    stocks["A2"].load_liquid(acid, 1800)
    vials.load_empty(vials.wells())
    shaker.close_labware_latch()
    pipette.pick_up_tip()
    pipette.aspirate(200, stocks["A1"])
    pipette.dispense(200, vials["A1"].bottom(1))
    pipette.drop_tip()
    pipette.pick_up_tip()
    for _ in range(10):
        due = protocol.create_timer(seconds=30)
        pipette.aspirate(50, stocks["A2"])
        pipette.dispense(50, vials["A1"].top(-2))
        protocol.wait_for_tasks([due])
    pipette.drop_tip()
    shaker.set_and_wait_for_shake_speed(600)
    protocol.delay(minutes=60)
    shaker.deactivate_shaker()
