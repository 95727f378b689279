"""PCR: master mix and templates into a plate on the thermocycler, then the cycles."""

requirements = {"robotType": "Flex", "apiLevel": "2.22"}


def run(protocol):
    protocol.load_trash_bin("A3")
    cycler = protocol.load_module("thermocyclerModuleV2")
    cold = protocol.load_module("temperature module gen2", "C1")
    tubes = cold.load_labware("opentrons_24_aluminumblock_nest_1.5ml_snapcap")
    plate = cycler.load_labware("opentrons_96_wellplate_200ul_pcr_full_skirt")
    samples = protocol.load_labware("opentrons_96_wellplate_200ul_pcr_full_skirt", "D2")
    tips = [
        protocol.load_labware("opentrons_flex_96_filtertiprack_50ul", slot) for slot in ("B2", "C2")
    ]
    pipette = protocol.load_instrument("flex_1channel_50", "left", tip_racks=tips)
    mix = protocol.define_liquid("master mix", description="", display_color="#00ff00")
    dna = protocol.define_liquid("template", description="", display_color="#ff00ff")
    tubes["A1"].load_liquid(mix, 600)
    for well in samples.wells()[:16]:
        well.load_liquid(dna, 20)
    plate.load_empty(plate.wells())

    cold.set_temperature(4)
    cycler.open_lid()
    cycler.set_lid_temperature(105)
    cycler.set_block_temperature(4)
    for well in plate.wells()[:16]:
        pipette.pick_up_tip()
        pipette.aspirate(20, tubes["A1"].bottom(2))
        pipette.dispense(20, well.bottom(2))
        pipette.blow_out(well.top(-2))
        pipette.drop_tip()
    for sample, well in zip(samples.wells()[:16], plate.wells()[:16], strict=True):
        pipette.transfer(5, sample, well, mix_after=(2, 10), new_tip="always")
    cycler.close_lid()
    cycler.set_block_temperature(95, hold_time_minutes=2, block_max_volume=25)
    steps = [
        {"temperature": 95, "hold_time_seconds": 15},
        {"temperature": 58, "hold_time_seconds": 20},
        {"temperature": 72, "hold_time_seconds": 30},
    ]
    cycler.execute_profile(steps, repetitions=30, block_max_volume=25)
    cycler.set_block_temperature(72, hold_time_minutes=5, block_max_volume=25)
    cycler.set_block_temperature(4)
    cycler.deactivate_lid()
    cycler.open_lid()
