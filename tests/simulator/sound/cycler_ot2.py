"""PCR on an OT-2's first thermocycler: an 8-channel of 20 µL, a cold block, a lid, a profile."""

requirements = {"robotType": "OT-2", "apiLevel": "2.16"}


def run(protocol):
    cycler = protocol.load_module("thermocycler")
    pcr = cycler.load_labware("nest_96_wellplate_100ul_pcr_full_skirt", label="pcr")
    cold = protocol.load_module("temperature module", "4")
    block = cold.load_labware("opentrons_96_aluminumblock_generic_pcr_strip_200ul", label="strips")
    racks = [protocol.load_labware("opentrons_96_filtertiprack_20ul", n) for n in ("6", "9")]
    eight = protocol.load_instrument("p20_multi_gen2", "right", tip_racks=racks)
    mix = protocol.define_liquid("master mix", "", "#00ff00")
    template = protocol.define_liquid("template", "", "#ff00ff")
    for well in block.columns()[0]:
        well.load_liquid(mix, 120)
    for well in block.columns()[1]:
        well.load_liquid(template, 50)
    cold.start_set_temperature(4)
    cycler.open_lid()
    cycler.set_block_temperature(4)
    cold.await_temperature(4)
    for column in range(3):
        eight.pick_up_tip()
        eight.aspirate(15, block.columns()[0][0].bottom(0.5), rate=0.7)
        eight.air_gap(2)
        eight.dispense(17, pcr.columns()[column][0].bottom(2))
        eight.blow_out(pcr.columns()[column][0].top(-2))
        eight.touch_tip(v_offset=-3, speed=20)
        eight.drop_tip()
        eight.pick_up_tip()
        eight.aspirate(5, block.columns()[1][0].bottom(0.5))
        eight.dispense(5, pcr.columns()[column][0].bottom(1))
        eight.mix(4, 10, pcr.columns()[column][0].bottom(1), rate=2.0)
        eight.drop_tip()
    cycler.close_lid()
    cycler.set_lid_temperature(105)
    cycler.set_block_temperature(95, hold_time_minutes=2, block_max_volume=20)
    cycler.execute_profile(
        steps=[
            {"temperature": 95, "hold_time_seconds": 15},
            {"temperature": 58, "hold_time_seconds": 30},
            {"temperature": 72, "hold_time_minutes": 1},
        ],
        repetitions=25,
        block_max_volume=20,
    )
    cycler.set_block_temperature(4)
    cycler.deactivate_lid()
    cycler.open_lid()
    cold.deactivate()
    protocol.comment("The plate stays at 4 °C on the block.")
