"""Old habits: clearances, a starting tip, touch-ups by offset, both mounts, no liquids declared."""

from opentrons.types import Point

metadata = {"protocolName": "Old style", "apiLevel": "2.14"}


def run(protocol):
    plate = protocol.load_labware("usascientific_12_reservoir_22ml", 1)
    strips = protocol.load_labware("opentrons_96_aluminumblock_biorad_wellplate_200ul", 2)
    tubes = protocol.load_labware("opentrons_10_tuberack_falcon_4x50ml_6x15ml_conical", 3)
    tips_20 = [protocol.load_labware("opentrons_96_tiprack_20ul", 7)]
    tips_1000 = [protocol.load_labware("opentrons_96_tiprack_1000ul", 8)]
    small = protocol.load_instrument("p20_single_gen2", "left", tip_racks=tips_20)
    large = protocol.load_instrument("p1000_single_gen2", "right", tip_racks=tips_1000)
    small.starting_tip = tips_20[0]["C3"]
    large.default_speed = 300
    large.well_bottom_clearance.aspirate = 10
    large.pick_up_tip()
    for well in plate.wells()[:3]:
        large.aspirate(900, tubes["A3"])
        large.air_gap(50)
        large.dispense(950, well.top(-5))
        large.blow_out()
    large.move_to(tubes["A3"].top(5))
    large.drop_tip()
    for number, well in enumerate(strips.columns()[0]):
        small.pick_up_tip()
        small.aspirate(10, plate.wells()[number % 3].bottom(2))
        small.touch_tip(radius=0.8)
        center = well.center()
        small.dispense(10, center)
        small.move_to(well.bottom(2).move(Point(x=1)))
        small.blow_out(well.top(-1))
        small.mix(2, 8)
        small.return_tip()
    protocol.pause("Spin the strips down, and put new tips into the racks.")
    small.reset_tipracks()
    small.pick_up_tip()
    small.aspirate(5, strips["A1"])
    small.dispense(5, strips["A2"])
    small.drop_tip()
    protocol.delay(minutes=1, seconds=30)
