"""Two reagents into a whole plate with an 8-channel; the second from above the liquid."""

requirements = {"robotType": "Flex", "apiLevel": "2.20"}


def run(protocol):
    protocol.load_trash_bin("A3")
    tips = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "C3")
    reservoir = protocol.load_labware("nest_12_reservoir_15ml", "C2")
    plate = protocol.load_labware("corning_96_wellplate_360ul_flat", "D2")
    pipette = protocol.load_instrument("flex_8channel_1000", "right", tip_racks=[tips])
    first = protocol.define_liquid("first", description="", display_color="#00ff00")
    second = protocol.define_liquid("second", description="", display_color="#0000ff")
    reservoir["A1"].load_liquid(first, 14000)
    reservoir["A2"].load_liquid(second, 8000)
    pipette.distribute(80, reservoir["A1"], [column[0] for column in plate.columns()])
    pipette.pick_up_tip()
    for column in plate.columns():
        pipette.aspirate(50, reservoir["A2"])
        pipette.air_gap(10)
        pipette.dispense(60, column[0].top(-1))
        pipette.blow_out(column[0].top(-1))
    pipette.drop_tip()
