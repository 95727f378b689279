"""Helper functions, heights that follow the volume, meniscus positions, parked tips (Flex)."""

requirements = {"robotType": "Flex", "apiLevel": "2.28"}


def pre_wet(pipette, well, volume):
    for _ in range(2):
        pipette.aspirate(volume, well.bottom(5))
        pipette.dispense(volume, well.bottom(5))


def run(protocol):
    protocol.load_trash_bin("A3")
    tips = protocol.load_labware("opentrons_flex_96_filtertiprack_1000ul", "D3")
    tubes = protocol.load_labware("nest_1_reservoir_195ml", "C2")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "D2")
    pipette = protocol.load_instrument("flex_1channel_1000", "left", tip_racks=[tips])
    solvent = protocol.define_liquid("solvent", description="", display_color="#0000ff")
    tubes["A1"].load_liquid(solvent, 150000)
    plate.load_empty(plate.wells())
    pipette.pick_up_tip(tips["A1"])
    pre_wet(pipette, tubes["A1"], 500)
    for well in plate.wells()[:12]:
        pipette.aspirate(900, tubes["A1"].meniscus(z=-3))
        pipette.dispense(900, well.top(-1))
    pipette.return_tip()
    pipette.pick_up_tip(tips["A1"])
    for well in plate.wells()[:12]:
        pipette.aspirate(200, tubes["A1"].bottom(4))
        pipette.dispense(200, well.top(-1))
    pipette.drop_tip()
    protocol.home()
