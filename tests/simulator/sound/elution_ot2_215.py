"""Nothing declared: aliquots out of a reservoir, an adapter, both pipettes (OT-2, 2.15)."""

requirements = {"robotType": "OT-2", "apiLevel": "2.15"}


def run(protocol):
    temperature = protocol.load_module("temperature module gen2", "3")
    adapter = temperature.load_adapter("opentrons_96_well_aluminum_block")
    plate = adapter.load_labware("nest_96_wellplate_100ul_pcr_full_skirt")
    reservoir = protocol.load_labware("usascientific_12_reservoir_22ml", "2")
    tips20 = protocol.load_labware("opentrons_96_tiprack_20ul", "5")
    tips300 = protocol.load_labware("opentrons_96_tiprack_300ul", "6")
    small = protocol.load_instrument("p20_single_gen2", "left", tip_racks=[tips20])
    large = protocol.load_instrument("p300_multi_gen2", "right", tip_racks=[tips300])
    temperature.set_temperature(10)
    large.pick_up_tip()
    for column in plate.rows()[0]:
        large.aspirate(40, reservoir["A1"])
        large.air_gap(10)
        large.dispense(50, column.top(-2))
    large.return_tip()
    small.transfer(10, reservoir["A2"], plate.columns()[0], new_tip="always", touch_tip=True)
    small.pick_up_tip()
    small.aspirate(5, reservoir["A3"])
    small.touch_tip()
    small.dispense(5, plate["A2"].bottom(2))
    small.mix(2, 10, plate["A2"])
    small.blow_out(plate["A2"].top(-1))
    small.drop_tip()
    temperature.deactivate()
