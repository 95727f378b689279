"""Built-in liquid classes for water and glycerol, with dynamic configuration for small volumes."""

requirements = {"robotType": "Flex", "apiLevel": "2.24"}


def run(protocol):
    protocol.load_trash_bin("A3")
    tips = protocol.load_labware("opentrons_flex_96_tiprack_50ul", "C3")
    source = protocol.load_labware("nest_12_reservoir_15ml", "C2")
    plate = protocol.load_labware("nest_96_wellplate_200ul_flat", "D2")
    pipette = protocol.load_instrument("flex_1channel_50", "left", tip_racks=[tips])
    water = protocol.define_liquid("water", description="", display_color="#0000ff")
    syrup = protocol.define_liquid("glycerol", description="", display_color="#ffff00")
    source["A1"].load_liquid(water, 8000)
    source["A2"].load_liquid(syrup, 8000)
    plate.load_empty(plate.wells())
    wells = plate.columns()[0]
    pipette.transfer_with_liquid_class(
        protocol.get_liquid_class("water"), 40, [source["A1"]] * 8, wells
    )
    pipette.transfer_with_liquid_class(
        protocol.get_liquid_class("glycerol_50"), 20, [source["A2"]] * 8, wells
    )
