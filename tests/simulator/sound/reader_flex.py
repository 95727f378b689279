"""A plate reader with its lid, the gripper, a stack of lids, liquid probing (Flex)."""

requirements = {"robotType": "Flex", "apiLevel": "2.23"}


def run(protocol):
    chute = protocol.load_waste_chute()
    reader = protocol.load_module("absorbanceReaderV1", "C3")
    shaker = protocol.load_module("heaterShakerModuleV1", "D1")
    flat_adapter = shaker.load_adapter("opentrons_universal_flat_adapter")
    plate = protocol.load_labware("corning_96_wellplate_360ul_flat", "C2", label="assay")
    tubes = protocol.load_labware("opentrons_24_tuberack_nest_1.5ml_snapcap", "B2", label="tubes")
    rack = protocol.load_labware("opentrons_flex_96_filtertiprack_200ul", "B3")
    pipette = protocol.load_instrument(
        "flex_1channel_1000", "right", tip_racks=[rack], liquid_presence_detection=True
    )
    standard = protocol.define_liquid("standard", "", "#0000ff")
    sample = protocol.define_liquid("sample", "", "#ff0000")
    tubes["A1"].load_liquid(standard, 1200)
    for well in tubes.columns()[1]:
        well.load_liquid(sample, 400)
    plate.load_empty(plate.wells())
    reader.close_lid()
    reader.initialize("single", [450], reference_wavelength=650)
    pipette.pick_up_tip()
    protocol.comment(f"standard stands at {pipette.measure_liquid_height(tubes['A1'])} mm")
    for number, well in enumerate(plate.columns()[0]):
        pipette.aspirate(20 + 15 * number, tubes["A1"])
        pipette.dispense(20 + 15 * number, well.top(-3))
    pipette.drop_tip(chute)
    for source, dest in zip(tubes.columns()[1], plate.columns()[1][:4], strict=True):
        pipette.pick_up_tip()
        pipette.require_liquid_presence(source)
        pipette.aspirate(50, source.meniscus(target="end", z=-2))
        pipette.dispense(50, dest.bottom(2), push_out=5)
        pipette.drop_tip()
    shaker.open_labware_latch()
    protocol.move_labware(plate, flat_adapter, use_gripper=True)
    shaker.close_labware_latch()
    shaker.set_and_wait_for_shake_speed(800)
    protocol.delay(seconds=30, msg="mixing")
    shaker.deactivate_shaker()
    shaker.open_labware_latch()
    reader.open_lid()
    protocol.move_labware(plate, reader, use_gripper=True)
    reader.close_lid()
    result = reader.read(export_filename="endpoint")
    if result and max(result[450].values()) > 3.0 and not protocol.is_simulating():
        protocol.pause("A well is above the range: dilute it by hand.")
    reader.open_lid()
    protocol.move_labware(plate, "C2", use_gripper=True)
    reader.close_lid()
