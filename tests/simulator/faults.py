"""One small script for every fault that Opentrons' simulator lets through, for both robots.

Each fault is a few lines after a common start. The line that the finding must stand on ends with
`# here`. Names: `small` and `large` are pipettes (20 or 50 µL, 1000 µL), `eight` an 8-channel,
`plate` a flat 96-well plate, `deep` a 2 mL one, `tubes` a rack of 2 mL tubes.
"""

from __future__ import annotations

from dataclasses import dataclass

ROBOTS = ("Flex", "OT-2")

_HEAD = """
from opentrons.protocol_api import OFF_DECK
from opentrons.types import Point

requirements = {{"robotType": "{robot}", "apiLevel": "{level}"}}


def run(protocol):
    {trash}
    plate = protocol.load_labware("nest_96_wellplate_200ul_flat", "{plate}", label="plate")
    deep = protocol.load_labware("nest_96_wellplate_2ml_deep", "{deep}", label="deep")
    tubes = protocol.load_labware("{tubes}", "{tube_slot}", label="tubes")
    rack = protocol.load_labware("{rack}", "{rack_slot}", label="rack")
    low = protocol.load_labware("{low}", "{low_slot}", label="low")
    large = protocol.load_instrument("{large}", "left", tip_racks=[rack])
    small = protocol.load_instrument("{small}", "right", tip_racks=[low])
    acid = protocol.define_liquid("acid", description="", display_color="#ff0000")
    base = protocol.define_liquid("base", description="", display_color="#0000ff")
"""

_DECKS = {
    "Flex": {
        "robot": "Flex",
        "trash": 'protocol.load_trash_bin("A3")',
        "plate": "C2",
        "deep": "B2",
        "tubes": "opentrons_24_tuberack_nest_2ml_snapcap",
        "tube_slot": "D2",
        "rack": "opentrons_flex_96_tiprack_1000ul",
        "rack_slot": "C3",
        "low": "opentrons_flex_96_tiprack_50ul",
        "low_slot": "B3",
        "large": "flex_1channel_1000",
        "small": "flex_1channel_50",
    },
    "OT-2": {
        "robot": "OT-2",
        "trash": "pass",
        "plate": "5",
        "deep": "6",
        "tubes": "opentrons_24_tuberack_nest_2ml_snapcap",
        "tube_slot": "2",
        "rack": "opentrons_96_tiprack_1000ul",
        "rack_slot": "9",
        "low": "opentrons_96_tiprack_20ul",
        "low_slot": "3",
        "large": "p1000_single_gen2",
        "small": "p20_single_gen2",
    },
}

# What the bodies put in for each robot.
_WORDS = {
    "Flex": {
        "EIGHT": '"flex_8channel_1000"',
        "SHAKER_SLOT": '"D1"',
        "TEMP_SLOT": '"C1"',
        "FREE": '"A2"',
        "FOREIGN": '"opentrons_96_tiprack_1000ul"',
        "WRONG": '"opentrons_flex_96_tiprack_1000ul"',
    },
    "OT-2": {
        "EIGHT": '"p300_multi_gen2"',
        "SHAKER_SLOT": '"10"',
        "TEMP_SLOT": '"4"',
        "FREE": '"1"',
        "FOREIGN": '"opentrons_flex_96_tiprack_1000ul"',
        "WRONG": '"opentrons_96_tiprack_1000ul"',
    },
}


@dataclass(frozen=True, slots=True)
class FaultScript:
    """A fault: its code, the lines that commit it, the robots that can."""

    name: str
    code: str
    body: str
    robots: tuple[str, ...] = ROBOTS
    severity: str = "error"
    level: str = "2.22"

    def text(self, robot: str, level: str | None = None) -> str:
        """The script."""
        body = self.body
        for word, value in sorted(_WORDS[robot].items(), key=lambda item: -len(item[0])):
            body = body.replace(f"<{word}>", value)
        lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
        head = _HEAD.format(level=level or self.level, **_DECKS[robot])
        return f"{head}{lines}\n"

    def line(self, robot: str) -> int:
        """The line that is marked."""
        lines = self.text(robot).splitlines()
        return next(n for n, text in enumerate(lines, start=1) if text.endswith("# here"))


STOCK = 'tubes["A1"].load_liquid(acid, 1500)\n'
SHAKER = 'shaker = protocol.load_module("heaterShakerModuleV1", <SHAKER_SLOT>)\n'
ON_SHAKER = (
    SHAKER
    + 'wells = shaker.load_labware("nest_96_wellplate_2ml_deep", label="wells", '
    + 'adapter="opentrons_96_deep_well_adapter")\nshaker.close_labware_latch()\n'
)
TEMP = 'temp = protocol.load_module("temperature module gen2", <TEMP_SLOT>)\n'
BLOCK = 'block = temp.load_labware("opentrons_24_aluminumblock_nest_2ml_snapcap", label="block")\n'
CYCLER = 'cycler = protocol.load_module("thermocyclerModuleV2")\n'
PCR = 'cycler.load_labware("nest_96_wellplate_100ul_pcr_full_skirt", label="pcr")\n'

FAULTS = (
    FaultScript(
        "over-filled",
        "P-CAP-1",
        STOCK
        + 'deep["A1"].load_liquid(base, 1900)\nlarge.pick_up_tip()\n'
        + 'large.aspirate(250, tubes["A1"])\n'
        + 'large.dispense(250, deep["A1"].top(-1))  # here\nlarge.drop_tip()',
    ),
    FaultScript(
        "over-filled, nothing declared",
        "P-CAP-1",
        'large.pick_up_tip()\nlarge.aspirate(250, tubes["A1"])\n'
        'large.dispense(250, plate["A1"].top(-1))  # here\nlarge.drop_tip()',
    ),
    FaultScript(
        "3000 µL in a 2 mL tube",
        "P-CAP-1",
        'for _ in range(3):\n    large.transfer(1000, deep["A1"], tubes["A1"])  # here',
    ),
    FaultScript("declared too much", "P-CAP-1", 'tubes["A1"].load_liquid(acid, 2500)  # here'),
    FaultScript(
        "more drawn than there is",
        "P-UNDERFLOW",
        'tubes["A1"].load_liquid(acid, 350)\nlarge.pick_up_tip()\n'
        'large.aspirate(500, tubes["A1"])  # here\nlarge.dispense(500, deep["A1"])\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "drawn from a well declared empty",
        "P-UNDERFLOW",
        'deep.load_empty(["A1"])\nlarge.pick_up_tip()\nlarge.aspirate(100, deep["A1"])  # here\n'
        'large.dispense(100, deep["B1"])\nlarge.drop_tip()',
    ),
    FaultScript(
        "mixing more than there is",
        "P-MIX",
        'deep["A1"].load_liquid(acid, 300)\nlarge.pick_up_tip()\n'
        'large.mix(3, 500, deep["A1"])  # here\nlarge.drop_tip()',
    ),
    FaultScript(
        "air above the liquid",
        "P-AIR",
        'deep["A1"].load_liquid(acid, 300)\nlarge.pick_up_tip()\n'
        'large.aspirate(100, deep["A1"].bottom(30))  # here\nlarge.dispense(100, deep["B1"])\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "air above the rim",
        "P-AIR",
        STOCK + 'large.pick_up_tip()\nlarge.aspirate(100, tubes["A1"].top(5))  # here\n'
        'large.dispense(100, deep["B1"])\nlarge.drop_tip()',
    ),
    FaultScript(
        "50 mm below the bottom",
        "P-DEPTH",
        STOCK + 'large.pick_up_tip()\nlarge.aspirate(100, tubes["A1"].bottom(-50))  # here\n'
        'large.dispense(100, deep["B1"])\nlarge.drop_tip()',
    ),
    FaultScript(
        "3 mm below the bottom",
        "P-DEPTH",
        STOCK + 'large.pick_up_tip()\nlarge.aspirate(100, tubes["A1"])\n'
        'large.dispense(100, deep["B1"].bottom(-3))  # here\nlarge.drop_tip()',
    ),
    FaultScript(
        "20 mm outside",
        "P-OUTSIDE",
        STOCK + 'large.pick_up_tip()\nlarge.aspirate(100, tubes["A1"])\n'
        'large.dispense(100, deep["B1"].bottom(2).move(Point(x=20)))  # here\nlarge.drop_tip()',
    ),
    FaultScript(
        "below the minimum",
        "P-PIP-1",
        STOCK + 'small.pick_up_tip()\nsmall.aspirate(0.5, tubes["A1"])  # here\n'
        'small.dispense(0.5, deep["B1"])  # too\nsmall.drop_tip()',
    ),
    FaultScript(
        "a volume of zero",
        "P-PIP-1",
        STOCK + 'small.pick_up_tip()\nsmall.aspirate(0, tubes["A1"])  # here\nsmall.drop_tip()',
    ),
    FaultScript(
        "a flow of 100,000 µL/s",
        "P-FLOW",
        STOCK + "large.flow_rate.aspirate = 100_000\nlarge.pick_up_tip()\n"
        'large.aspirate(200, tubes["A1"])  # here\nlarge.dispense(200, deep["B1"])\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "a flow of 0.001 µL/s",
        "P-FLOW",
        STOCK + "large.flow_rate.dispense = 0.001\nlarge.pick_up_tip()\n"
        'large.aspirate(200, tubes["A1"])\nlarge.dispense(200, deep["B1"])  # here\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "tips of the other robot",
        "P-TIP-FIT",
        'other = protocol.load_labware(<FOREIGN>, <FREE>)\nlarge.pick_up_tip(other["A1"])  # here\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "1000 µL tips on a small pipette",
        "P-TIP-FIT",
        'other = protocol.load_labware(<WRONG>, <FREE>)\nsmall.pick_up_tip(other["A1"])  # here\n'
        "small.drop_tip()",
    ),
    FaultScript(
        "a tip out of the trash",
        "P-TIP-USED",
        'large.pick_up_tip(rack["A1"])\nlarge.drop_tip()\n'
        'large.pick_up_tip(rack["A1"])  # here\nlarge.drop_tip()',
    ),
    FaultScript(
        "a tip that was put back",
        "P-TIP-USED",
        'large.pick_up_tip(rack["A1"])\nlarge.return_tip()\n'
        'large.pick_up_tip(rack["A1"])  # here\nlarge.drop_tip()',
        severity="note",
    ),
    FaultScript("a tip left on", "P-TIP-KEPT", "large.pick_up_tip()  # here"),
    FaultScript(
        "from acid to base with one tip",
        "P-CONTAM",
        STOCK + 'tubes["B1"].load_liquid(base, 1500)\nlarge.pick_up_tip()\n'
        'large.aspirate(200, tubes["A1"])\nlarge.dispense(200, deep["A1"])\n'
        'large.aspirate(200, tubes["B1"])  # here\nlarge.dispense(200, deep["B1"])\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "back to the stock",
        "P-CONTAM",
        STOCK + 'deep["A1"].load_liquid(base, 500)\nlarge.pick_up_tip()\n'
        'large.aspirate(200, tubes["A1"])\nlarge.dispense(200, deep["A1"].bottom(2))\n'
        'large.aspirate(200, tubes["A1"])  # here\nlarge.dispense(200, deep["B1"])\n'
        "large.drop_tip()",
    ),
    FaultScript(
        "into another reaction",
        "P-CONTAM",
        'third = protocol.define_liquid("third", description="", display_color="#00ff00")\n'
        'tubes["A1"].load_liquid(third, 1500)\n'
        'deep["A1"].load_liquid(acid, 500)\ndeep["B1"].load_liquid(base, 500)\n'
        'large.pick_up_tip()\nlarge.aspirate(400, tubes["A1"])\n'
        'large.dispense(200, deep["A1"].bottom(2))\n'
        'large.dispense(200, deep["B1"].bottom(2))  # here\nlarge.drop_tip()',
    ),
    FaultScript("blow-out without a tip", "P-BLOWOUT", 'large.blow_out(plate["A1"])  # here'),
    FaultScript(
        "0 °C on the temperature module",
        "P-T-MIN",
        TEMP + BLOCK + "temp.set_temperature(0)  # here\ntemp.deactivate()",
    ),
    FaultScript(
        "−9 °C on the temperature module",
        "P-T-MIN",
        TEMP + BLOCK + "temp.set_temperature(-9)  # here\ntemp.deactivate()",
    ),
    FaultScript(
        "99 °C on the temperature module",
        "P-T-MAX",
        TEMP + BLOCK + "temp.set_temperature(99)  # here\ntemp.deactivate()",
    ),
    FaultScript(
        "36 °C on the heater-shaker",
        "P-T-MIN",
        ON_SHAKER + "shaker.set_and_wait_for_temperature(36)  # here\nshaker.deactivate_heater()",
        level="2.27",
    ),
    FaultScript(
        "a thermocycler at 2 °C",
        "P-T-MIN",
        CYCLER + PCR + "cycler.set_block_temperature(2)  # here\ncycler.deactivate_block()",
    ),
    FaultScript(
        "a profile at 0 °C",
        "P-T-MIN",
        CYCLER + PCR + 'steps = [{"temperature": 0, "hold_time_seconds": 5}]\n'
        "cycler.execute_profile(steps, repetitions=2, block_max_volume=50)  # here\n"
        "cycler.deactivate_block()",
    ),
    FaultScript(
        "waiting for what nobody set",
        "P-AWAIT",
        TEMP + BLOCK + "temp.await_temperature(37)  # here",
    ),
    FaultScript(
        "set, and pipetted at without waiting",
        "P-AWAIT",
        STOCK + TEMP + BLOCK + "temp.start_set_temperature(60)\nlarge.pick_up_tip()\n"
        'large.aspirate(200, tubes["A1"])\nlarge.dispense(200, block["A1"])  # here\n'
        "large.drop_tip()\ntemp.deactivate()",
    ),
    FaultScript(
        "set, and nobody waits",
        "P-AWAIT",
        ON_SHAKER + "shaker.set_target_temperature(60)  # here\nshaker.deactivate_heater()",
        severity="warning",
    ),
    FaultScript(
        "shaking at the end",
        "P-LEFT-ON",
        ON_SHAKER + "shaker.set_and_wait_for_shake_speed(500)  # here",
    ),
    FaultScript(
        "heating at the end",
        "P-LEFT-ON",
        ON_SHAKER + "shaker.set_and_wait_for_temperature(60)  # here",
        severity="warning",
    ),
    FaultScript(
        "cold at the end",
        "P-LEFT-ON",
        TEMP + BLOCK + "temp.set_temperature(4)  # here",
        severity="note",
    ),
    FaultScript(
        "3000 rpm with a full well",
        "P-SHAKER",
        ON_SHAKER + 'wells["A1"].load_liquid(acid, 1900)\n'
        "shaker.set_and_wait_for_shake_speed(3000)  # here\nshaker.deactivate_shaker()",
    ),
    FaultScript(
        "a tall neighbour",
        "P-SHAKER",
        "high = protocol.load_labware(<WRONG>, <FREE>)  # here\n"
        'shaker = protocol.load_module("heaterShakerModuleV1", "A1")\n'
        'wells = shaker.load_labware("nest_96_wellplate_2ml_deep", '
        'adapter="opentrons_96_deep_well_adapter")\nshaker.close_labware_latch()\n'
        'wells["A1"].load_liquid(acid, 100)\n'
        "shaker.set_and_wait_for_shake_speed(500)\nshaker.deactivate_shaker()",
        robots=("Flex",),
        severity="note",
    ),
    FaultScript(
        "a wet neighbour",
        "P-SHAKER",
        'low_plate = protocol.load_labware("nest_96_wellplate_200ul_flat", <FREE>)  # here\n'
        'low_plate["A1"].load_liquid(base, 100)\n'
        'shaker = protocol.load_module("heaterShakerModuleV1", "A1")\n'
        'wells = shaker.load_labware("nest_96_wellplate_2ml_deep", '
        'adapter="opentrons_96_deep_well_adapter")\nshaker.close_labware_latch()\n'
        'wells["A1"].load_liquid(acid, 100)\n'
        "shaker.set_and_wait_for_shake_speed(500)\nshaker.deactivate_shaker()",
        robots=("Flex",),
        severity="note",
    ),
    FaultScript(
        "a slot that the manual forbids",
        "P-SHAKER",
        "protocol.move_labware(plate, OFF_DECK)\n"
        'protocol.load_module("heaterShakerModuleV1", "5")  # here',
        robots=("OT-2",),
    ),
    FaultScript(
        "a plate on the shaker without an adapter",
        "P-LABWARE",
        SHAKER + 'shaker.load_labware("nest_96_wellplate_2ml_deep")  # here',
    ),
    FaultScript(
        "a tube rack on the shaker",
        "P-LABWARE",
        SHAKER + 'shaker.load_labware("opentrons_24_tuberack_nest_2ml_snapcap")  # here',
    ),
    FaultScript(
        "a tube rack on the temperature module",
        "P-LABWARE",
        TEMP + 'temp.load_labware("opentrons_24_tuberack_nest_2ml_snapcap")  # here',
    ),
    FaultScript(
        "a reservoir on the thermocycler",
        "P-LABWARE",
        CYCLER + 'cycler.load_labware("nest_12_reservoir_15ml")  # here',
    ),
    FaultScript(
        "a tip rack on a module",
        "P-LABWARE",
        TEMP + "temp.load_labware(<WRONG>)  # here",
    ),
    FaultScript(
        "the gripper and a tube rack",
        "P-LABWARE",
        "protocol.move_labware(tubes, <FREE>, use_gripper=True)  # here",
        robots=("Flex",),
    ),
    FaultScript("a delay of −5 s", "P-DELAY", "protocol.delay(seconds=-5)  # here"),
    FaultScript(
        "a delay of 10 h", "P-DELAY", "protocol.delay(minutes=600)  # here", severity="note"
    ),
)

# With an 8-channel in place of the small pipette.
EIGHT = (
    FaultScript(
        "an 8-channel at row D",
        "P-CHANNELS",
        'deep["A1"].load_liquid(acid, 1000)\neight.pick_up_tip()\n'
        'eight.aspirate(50, deep["D1"])  # here\neight.dispense(50, deep["D1"])\neight.drop_tip()',
    ),
    FaultScript(
        "an 8-channel in a tube rack",
        "P-CHANNELS",
        'eight.pick_up_tip()\neight.aspirate(50, tubes["A1"])  # here\n'
        'eight.dispense(50, deep["A1"])\neight.drop_tip()',
    ),
    FaultScript(
        "tips from row D",
        "P-CHANNELS",
        'eight.pick_up_tip(eights["D1"])  # here\neight.drop_tip()',
    ),
)

_EIGHT_RACK = {"Flex": "opentrons_flex_96_tiprack_1000ul", "OT-2": "opentrons_96_tiprack_300ul"}


def eight_text(script: FaultScript, robot: str) -> str:
    """A script with an 8-channel on the right mount."""
    name = _WORDS[robot]["EIGHT"]
    text = script.text(robot)
    lines = text.splitlines()
    where = next(n for n, line in enumerate(lines) if "small = " in line)
    slot = _WORDS[robot]["FREE"]
    lines[where] = (
        f'    eights = protocol.load_labware("{_EIGHT_RACK[robot]}", {slot}, label="eights"); '
        f'eight = protocol.load_instrument({name}, "right", tip_racks=[eights])'
    )
    return "\n".join(lines) + "\n"
