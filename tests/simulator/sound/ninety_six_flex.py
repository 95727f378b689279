"""96 channels at once, then one column of them (Flex)."""

from opentrons.protocol_api import ALL, COLUMN

requirements = {"robotType": "Flex", "apiLevel": "2.23"}


def run(protocol):
    protocol.load_trash_bin("A3")
    adapter = protocol.load_adapter("opentrons_flex_96_tiprack_adapter", "B2")
    full = adapter.load_labware("opentrons_flex_96_tiprack_200ul")
    partial = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "A1")
    source = protocol.load_labware("nest_1_reservoir_195ml", "C1", label="buffer")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "C2", label="deep")
    flat = protocol.load_labware("nest_96_wellplate_200ul_flat", "D2", label="flat")
    pipette = protocol.load_instrument("flex_96channel_1000")
    buffer = protocol.define_liquid("buffer", "", "#0000ff")
    source.load_liquid(["A1"], 150_000, buffer)
    plate.load_empty(plate.wells())
    flat.load_empty(flat.wells())
    pipette.configure_nozzle_layout(style=ALL, tip_racks=[full])
    pipette.pick_up_tip()
    for _ in range(3):
        pipette.aspirate(150, source["A1"].bottom(3))
        pipette.air_gap(10)
        pipette.dispense(160, plate["A1"].top(-5))
    pipette.mix(3, 100, plate["A1"].bottom(2))
    pipette.aspirate(80, plate["A1"].bottom(2))
    pipette.dispense(80, flat["A1"].bottom(4))
    pipette.return_tip()
    pipette.configure_nozzle_layout(style=COLUMN, start="A12", tip_racks=[partial])
    pipette.pick_up_tip()
    pipette.aspirate(100, plate["A1"].bottom(2))
    pipette.dispense(50, flat["A2"].bottom(6))
    pipette.dispense(50, flat["A3"].bottom(6))
    pipette.drop_tip()
