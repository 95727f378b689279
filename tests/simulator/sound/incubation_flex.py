"""Reagents into a plate on the heater-shaker, an incubation, a stop solution (Flex)."""

requirements = {"robotType": "Flex", "apiLevel": "2.23"}


def run(protocol):
    protocol.load_trash_bin("A1")
    shaker = protocol.load_module("heaterShakerModuleV1", "D1")
    plate = shaker.load_labware(
        "corning_96_wellplate_360ul_flat", adapter="opentrons_universal_flat_adapter"
    )
    reagents = protocol.load_labware("opentrons_24_tuberack_nest_2ml_snapcap", "C2")
    tips = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "B2")
    pipette = protocol.load_instrument("flex_1channel_1000", "left", tip_racks=[tips])
    enzyme = protocol.define_liquid("enzyme", description="", display_color="#00ff00")
    stop = protocol.define_liquid("stop", description="", display_color="#ff0000")
    reagents["A1"].load_liquid(enzyme, 1500)
    reagents["B1"].load_liquid(stop, 1500)
    wells = plate.wells()[:8]
    plate.load_empty(wells)
    shaker.close_labware_latch()
    shaker.set_target_temperature(37)
    for well in wells:
        pipette.transfer(100, reagents["A1"], well)
    shaker.wait_for_temperature()
    shaker.set_and_wait_for_shake_speed(500)
    protocol.delay(minutes=30)
    shaker.deactivate_shaker()
    shaker.deactivate_heater()
    for well in wells:
        pipette.transfer(50, reagents["B1"], well.top(-2))
    protocol.pause("Take the plate to the reader.")
    shaker.open_labware_latch()
