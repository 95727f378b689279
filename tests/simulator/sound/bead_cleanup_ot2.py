"""A clean-up with magnetic beads: bind, wash twice with ethanol, elute (OT-2, magnetic module)."""

requirements = {"robotType": "OT-2", "apiLevel": "2.16"}


def run(protocol):
    magnet = protocol.load_module("magnetic module gen2", "1")
    plate = magnet.load_labware("nest_96_wellplate_2ml_deep")
    reservoir = protocol.load_labware("nest_12_reservoir_15ml", "2")
    waste = protocol.load_labware("nest_1_reservoir_195ml", "3")
    clean = protocol.load_labware("nest_96_wellplate_100ul_pcr_full_skirt", "5")
    tips = [protocol.load_labware("opentrons_96_filtertiprack_200ul", s) for s in ("4", "6", "7")]
    pipette = protocol.load_instrument("p300_multi_gen2", "left", tip_racks=tips)
    sample = protocol.define_liquid("sample", "", "#ff0000")
    beads = protocol.define_liquid("beads", "", "#aa5500")
    ethanol = protocol.define_liquid("ethanol 80 %", "", "#0000ff")
    buffer = protocol.define_liquid("elution buffer", "", "#00ffff")
    for well in plate.wells()[:16]:
        well.load_liquid(sample, 100)
    reservoir["A1"].load_liquid(beads, 5000)
    reservoir["A3"].load_liquid(ethanol, 12000)
    reservoir["A5"].load_liquid(buffer, 4000)
    columns = plate.rows()[0][:2]

    for well in columns:
        pipette.pick_up_tip()
        pipette.mix(5, 100, reservoir["A1"])
        pipette.aspirate(90, reservoir["A1"])
        pipette.dispense(90, well)
        pipette.mix(10, 100, well)
        pipette.blow_out(well.top(-3))
        pipette.drop_tip()
    protocol.delay(minutes=5)
    magnet.engage()
    protocol.delay(minutes=3)
    for well in columns:
        pipette.pick_up_tip()
        pipette.aspirate(170, well.bottom(1.5), rate=0.25)
        pipette.air_gap(10)
        pipette.dispense(180, waste["A1"].top(-2))
        pipette.drop_tip()
    for _ in range(2):
        for well in columns:
            pipette.pick_up_tip()
            pipette.aspirate(180, reservoir["A3"])
            pipette.dispense(180, well.top(-2))
            pipette.drop_tip()
        protocol.delay(seconds=30)
        for well in columns:
            pipette.pick_up_tip()
            pipette.aspirate(180, well.bottom(1.2), rate=0.25)
            pipette.dispense(180, waste["A1"].top(-2))
            pipette.drop_tip()
    protocol.delay(minutes=3)
    magnet.disengage()
    for well in columns:
        pipette.pick_up_tip()
        pipette.aspirate(50, reservoir["A5"])
        pipette.dispense(50, well)
        pipette.mix(10, 30, well)
        pipette.drop_tip()
    magnet.engage()
    protocol.delay(minutes=2)
    for well, into in zip(columns, clean.rows()[0][:2], strict=True):
        pipette.pick_up_tip()
        pipette.aspirate(40, well.bottom(1), rate=0.25)
        pipette.dispense(40, into.bottom(2))
        pipette.drop_tip()
    magnet.disengage()
