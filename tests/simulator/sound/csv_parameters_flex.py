"""Volumes from a CSV file, a number of samples as a parameter: a normalisation."""

requirements = {"robotType": "Flex", "apiLevel": "2.20"}


def add_parameters(parameters):
    parameters.add_int("samples", "samples", default=2, minimum=1, maximum=24)
    parameters.add_str(
        "mount",
        "mount",
        default="left",
        choices=[
            {"display_name": "left", "value": "left"},
            {"display_name": "right", "value": "right"},
        ],
    )
    parameters.add_csv_file("volumes", "volumes", description="well, µL of water")


def run(protocol):
    protocol.load_trash_bin("A3")
    tips = protocol.load_labware("opentrons_flex_96_tiprack_200ul", "C3")
    tubes = protocol.load_labware("opentrons_15_tuberack_nest_15ml_conical", "C2")
    plate = protocol.load_labware("nest_96_wellplate_2ml_deep", "D2")
    pipette = protocol.load_instrument(
        "flex_1channel_1000", protocol.params.mount, tip_racks=[tips]
    )
    water = protocol.define_liquid("water", description="", display_color="#0000ff")
    tubes["A1"].load_liquid(water, 12000)
    rows = protocol.params.volumes.parse_as_csv()[1:]
    pipette.pick_up_tip()
    for well, volume in rows[: protocol.params.samples]:
        pipette.aspirate(float(volume), tubes["A1"].bottom(5))
        pipette.dispense(float(volume), plate[well].top(-5))
    pipette.drop_tip()
