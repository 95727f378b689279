"""An enzyme in glycerol: slow flows, an 8-channel from a trough, a digestion in the cold (OT-2)."""

requirements = {"robotType": "OT-2", "apiLevel": "2.24"}


def run(protocol):
    temp = protocol.load_module("temperature module gen2", "10")
    block = temp.load_labware("opentrons_24_aluminumblock_nest_1.5ml_snapcap", label="cold")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "6", label="deep")
    trough = protocol.load_labware("nest_12_reservoir_15ml", "9", label="trough")
    rack = protocol.load_labware("opentrons_96_tiprack_300ul", "5")
    eight_rack = protocol.load_labware("opentrons_96_tiprack_300ul", "4")
    single = protocol.load_instrument("p300_single_gen2", "left", tip_racks=[rack])
    eight = protocol.load_instrument("p300_multi_gen2", "right", tip_racks=[eight_rack])
    enzyme = protocol.define_liquid("enzyme", "in 50 % glycerol", "#ffaa00")
    buffer = protocol.define_liquid("buffer", "", "#0000ff")
    block.load_liquid(["A1"], 1000, enzyme)
    trough.load_liquid(["A1", "A2"], 8000, buffer)
    plate.load_empty(plate.wells())
    temp.set_temperature(4)
    eight.pick_up_tip()
    for column in plate.columns()[:4]:
        eight.aspirate(200, trough["A1"].bottom(1.5))
        eight.dispense(200, column[0].top(-10))
    eight.drop_tip()
    single.flow_rate.aspirate, single.flow_rate.dispense = 25, 25
    for well in plate.columns()[0]:
        single.pick_up_tip()
        single.aspirate(30, block["A1"].bottom(1))
        protocol.delay(seconds=2)
        single.move_to(block["A1"].top(-2), speed=5)
        single.dispense(30, well.bottom(well.depth / 10))
        protocol.delay(seconds=2)
        single.mix(5, 100, well.bottom(2))
        single.blow_out(well.top(-1))
        single.drop_tip()
    protocol.delay(minutes=30, msg="digestion in the cold")
    protocol.move_labware(plate, "3")
    protocol.comment("The enzyme stays cold.")
