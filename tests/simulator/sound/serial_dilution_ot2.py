"""A serial dilution along the rows of a plate, as in Opentrons' own tutorial (OT-2, 2.14)."""

metadata = {"protocolName": "Serial dilution", "apiLevel": "2.14"}


def run(protocol):
    tips = protocol.load_labware("opentrons_96_tiprack_300ul", "1")
    reservoir = protocol.load_labware("nest_12_reservoir_15ml", "2")
    plate = protocol.load_labware("nest_96_wellplate_200ul_flat", "3")
    pipette = protocol.load_instrument("p300_single_gen2", "left", tip_racks=[tips])
    diluent = protocol.define_liquid("diluent", "buffer", "#aaaaff")
    dye = protocol.define_liquid("dye", "dye in buffer", "#ff0000")
    reservoir["A1"].load_liquid(diluent, 14000)
    reservoir["A2"].load_liquid(dye, 5000)
    pipette.transfer(100, reservoir["A1"], plate.wells())
    for row in plate.rows():
        pipette.transfer(100, reservoir["A2"], row[0], mix_after=(3, 50))
        pipette.transfer(100, row[:11], row[1:], mix_after=(3, 50))
