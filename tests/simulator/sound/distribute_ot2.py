"""Distribute, consolidate, volumes beyond a tip, runtime parameters of every kind (OT-2)."""

requirements = {"robotType": "OT-2", "apiLevel": "2.19"}


def add_parameters(parameters):
    parameters.add_int("columns", "columns", default=6, minimum=1, maximum=12)
    parameters.add_float("volume", "volume", default=40.0, minimum=20.0, maximum=60.0, unit="µL")
    parameters.add_str(
        "mount",
        "mount",
        default="left",
        choices=[
            {"display_name": "left", "value": "left"},
            {"display_name": "right", "value": "right"},
        ],
    )
    parameters.add_bool("dry_run", "dry_run", default=False)


def run(protocol):
    columns, mount = protocol.params.columns, protocol.params.mount
    trough = protocol.load_labware("nest_12_reservoir_15ml", "5", label="trough")
    plate = protocol.load_labware("corning_96_wellplate_360ul_flat", "2")
    tubes = protocol.load_labware("opentrons_15_tuberack_falcon_15ml_conical", "4")
    racks = [protocol.load_labware("opentrons_96_tiprack_300ul", slot) for slot in ("3", "6")]
    eight = protocol.load_instrument("p300_multi_gen2", mount, tip_racks=racks[:1])
    other = "right" if mount == "left" else "left"
    single = protocol.load_instrument("p300_single_gen2", other, tip_racks=racks[1:])
    water = protocol.define_liquid("water", "", "#0000ff")
    dye = protocol.define_liquid("dye", "", "#ff0000")
    trough["A1"].load_liquid(water, 12_000)
    tubes["A1"].load_liquid(dye, 9_000)
    protocol.set_rail_lights(True)
    eight.distribute(
        protocol.params.volume,
        trough["A1"],
        plate.columns()[:columns],
        disposal_volume=20,
        blow_out=True,
        blowout_location="source well",
        touch_tip=True,
    )
    single.well_bottom_clearance.dispense = 6
    single.flow_rate.aspirate = 60
    single.transfer(
        [20 + 20 * number for number in range(columns)],
        tubes["A1"],
        plate.rows()[0][:columns],
        mix_after=(2, 30),
        new_tip="always",
        air_gap=10,
    )
    # 700 µL in three strokes of a 300 µL tip, and what is left back into an empty tube.
    single.transfer(700, tubes["A1"], tubes["B1"], new_tip="once", carryover=True)
    single.consolidate(
        [25] * 4,
        [well.bottom(1) for well in plate.rows()[7][:4]],
        tubes["C1"].top(-20),
        blow_out=True,
        blowout_location="trash",
    )
    protocol.home()
    protocol.set_rail_lights(False)
