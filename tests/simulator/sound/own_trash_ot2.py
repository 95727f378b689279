"""Tips into two places, racks refilled by the operator and reset (OT-2, 2.16 and later)."""

requirements = {"robotType": "OT-2", "apiLevel": "2.18"}


def run(protocol):
    rack = protocol.load_labware("opentrons_96_tiprack_1000ul", "10")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "2")
    bottle = protocol.load_labware("agilent_1_reservoir_290ml", "3")
    pipette = protocol.load_instrument("p1000_single_gen2", "right", tip_racks=[rack])
    water = protocol.define_liquid("water", "", "#0000ff")
    bottle["A1"].load_liquid(water, 200000)
    for turn in range(2):
        for well in plate.wells():
            pipette.pick_up_tip()
            pipette.aspirate(300, bottle["A1"].bottom(3))
            pipette.dispense(300, well.top(-2))
            if turn:
                pipette.drop_tip(protocol.fixed_trash)
            else:
                pipette.drop_tip()
        if not turn:
            protocol.pause("Put in a new tip rack.")
            pipette.reset_tipracks()
