"""A reductive amination and its work-up, written by hand: script and plan, for both robots.

The numbers are those of chemistry.md 2.1: 400 µL DCE, 500 µL bicarbonate, twice 500 µL DCM, an
organic layer that lies lower, draws of 810 and 511.46 µL in a flat glass vial of 10.0 mm. Tests
plant faults in the text of the script and see them named.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

AREA_MM2 = math.pi * 25.0
GUARD_2_UL = AREA_MM2 * 1.0
DRAW_2_UL = 590.0 - GUARD_2_UL
REACTIONS = {"r1": "A1", "r2": "B1"}
MATERIALS = {
    "amine": ("A1", 1400.0, [("DCE", 1.253, "immiscible")], {"amine": 0.5, "DCE": 12.66}),
    "aldehyde": ("B1", 1400.0, [("DCE", 1.253, "immiscible")], {"aldehyde": 0.55, "DCE": 12.66}),
    "bicarb": ("C1", 2000.0, [("sat. NaHCO3", 1.06, "water")], {"bicarb": 1.1}),
    "DCM": ("A2", 3000.0, [("DCM", 1.3266, "immiscible")], {"DCM": 15.62}),
}
DECKS = {
    "Flex": {
        "shaker": "D1",
        "vials": "C2",
        "stocks": "B2",
        "tips": "D3",
        "tip_rack": "opentrons_flex_96_tiprack_1000ul",
        "pipette": "flex_1channel_1000",
        "trash": 'protocol.load_trash_bin("A3")',
    },
    "OT-2": {
        "shaker": "1",
        "vials": "6",
        "stocks": "9",
        "tips": "8",
        "tip_rack": "opentrons_96_tiprack_300ul",
        "pipette": "p300_single_gen2",
        "trash": "pass",
    },
}


def glass(load_name: str, rows: int, columns: int, diameter: float, depth: float, ul: int) -> Any:
    """A rack of flat-bottomed glass cylinders."""
    order = [[f"{'ABCD'[r]}{c + 1}" for r in range(rows)] for c in range(columns)]
    wells = {
        name: {
            "shape": "circular",
            "diameter": diameter,
            "depth": depth,
            "totalLiquidVolume": ul,
            "x": 18.88 + c * 90.0 / (columns - 1),
            "y": 69.0 - r * 54.0 / (rows - 1),
            "z": 5.0,
            "geometryDefinitionId": "vial",
        }
        for c, column in enumerate(order)
        for r, name in enumerate(column)
    }
    section = {
        "shape": "conical",
        "bottomDiameter": diameter,
        "topDiameter": diameter,
        "bottomHeight": 0.0,
        "topHeight": depth,
    }
    return {
        "schemaVersion": 2,
        "version": 1,
        "namespace": "custom_beta",
        "metadata": {
            "displayName": load_name,
            "displayCategory": "tubeRack",
            "displayVolumeUnits": "µL",
        },
        "brand": {"brand": "generic"},
        "parameters": {
            "format": "irregular",
            "quirks": [],
            "isTiprack": False,
            "isMagneticModuleCompatible": False,
            "loadName": load_name,
        },
        "cornerOffsetFromSlot": {"x": 0, "y": 0, "z": 0},
        "dimensions": {"xDimension": 127.76, "yDimension": 85.48, "zDimension": depth + 5.0},
        "ordering": order,
        "wells": wells,
        "groups": [{"metadata": {}, "wells": [name for column in order for name in column]}],
        "innerLabwareGeometry": {"vial": {"sections": [section]}},
    }


_HEAD = """import json
requirements = {{"robotType": {robot!r}, "apiLevel": "2.27"}}
GLASS_2ML = json.loads({glass_2!r})
GLASS_8ML = json.loads({glass_8!r})


def run(protocol):
    {trash}
    shaker = protocol.load_module("heaterShakerModuleV1", {shaker!r})
    reactors = shaker.load_labware_from_definition(GLASS_2ML, label="reactors")
    vials = protocol.load_labware_from_definition(GLASS_8ML, {vials!r}, label="vials")
    stocks = protocol.load_labware_from_definition(GLASS_8ML, {stocks!r}, label="stocks")
    rack = protocol.load_labware({tip_rack!r}, {tips!r}, label="tips", version=1)
    p = protocol.load_instrument({pipette!r}, "left", tip_racks=[rack])
    fresh = iter(rack.wells()[{first_tip}:])
    shaker.close_labware_latch()
"""

_FIRST = """
    protocol.comment("[amine] The amine was added.")
    p.pick_up_tip(next(fresh))
    for well in ["A1", "B1"]:
        p.aspirate(200, stocks["A1"].bottom(2))
        p.air_gap(10)
        p.dispense(210, reactors[well].top(-2))
    p.drop_tip()

    protocol.comment("[aldehyde] The aldehyde was added.")
    p.pick_up_tip(next(fresh))
    for well in ["A1", "B1"]:
        p.aspirate(200, stocks["B1"].bottom(2))
        p.dispense(200, reactors[well].top(-2))
        p.blow_out(reactors[well].top(-2))
    p.drop_tip()

    protocol.comment("[imine] The mixture was stirred.")
    shaker.set_and_wait_for_shake_speed(600)
    stirring = protocol.create_timer(seconds=3600)
    protocol.wait_for_tasks([stirring])
    shaker.deactivate_shaker()

    protocol.comment("[hydride] The hydride was added in portions.")
    protocol.pause("[hydride] Open reactors.\\n[hydride] Add 10.6 mg to each; portion 1 of 3.")
    protocol.delay(seconds=600)
    protocol.pause("[hydride] Add 10.6 mg to each; portion 2 of 3.")
    protocol.delay(seconds=600)
    protocol.pause("[hydride] Add 10.6 mg to each; portion 3 of 3.")
"""

_SECOND = """
    protocol.comment("[quench] The mixture was quenched dropwise.")
    p.pick_up_tip(next(fresh))
    p.move_to(stocks["C1"].top(5))
    for drop in range(10):
        due = protocol.create_timer(seconds=60)
        p.aspirate(100, stocks["C1"].bottom(2))
        for well in ["A1", "B1"]:
            p.dispense(50, reactors[well].top(-2))
        p.move_to(stocks["C1"].top(5))
        protocol.wait_for_tasks([due])
    p.drop_tip()

    protocol.comment("[extract] The mixture was extracted.")
    for part, strokes in [(1, 4), (2, 3)]:
        for well in ["A1", "B1"]:
            p.pick_up_tip(next(fresh))
            p.aspirate(250, stocks["A2"].bottom(2))
            p.dispense(250, reactors[well].top(-2))
            p.aspirate(250, stocks["A2"].bottom(2))
            p.dispense(250, reactors[well].top(-2))
            p.mix(5, 200, reactors[well].bottom(6))
            p.drop_tip()
        protocol.delay(seconds=120)
        for well in ["A1", "B1"]:
            p.pick_up_tip(next(fresh))
            for stroke in range(strokes):
                p.aspirate({1: 202.5, 2: 170.486728}[part], reactors[well].bottom(0.5))
                p.dispense({1: 202.5, 2: 170.486728}[part], vials[well].top(-2))
            p.drop_tip()
"""


def scripts(robot: str, parts: int = 1) -> list[str]:
    """The script's text, or the texts of its two parts."""
    blocks = [_FIRST + _SECOND] if parts == 1 else [_FIRST, _SECOND]
    return [
        _HEAD.format(
            robot=robot,
            glass_2=json.dumps(glass("vial_2ml", 4, 6, 10.0, 30.0, 2000)),
            glass_8=json.dumps(glass("vial_8ml", 3, 4, 15.0, 52.0, 8000)),
            first_tip=0 if number == 0 else 2,
            **DECKS[robot],
        )
        + block
        for number, block in enumerate(blocks)
    ]


def _charge(step: str, reaction: str, material: str, ul: float | None, **more: Any) -> Any:
    mmol = None if ul is None else ul / 1000 * MATERIALS[material][3][material]
    common = {"step": step, "reaction": reaction, "material": material, "vessel": "reactor"}
    return common | {"uL": ul, "mmol": mmol, "by": "robot"} | more


def _charges(robot: str) -> list[Any]:
    drops = {
        "drops": 10,
        "drop_uL": 50.0,
        "interval_s": 60.0,
        "pipette": DECKS[robot]["pipette"],
    }
    found = []
    for r in REACTIONS:
        found += [
            _charge("amine", r, "amine", 200.0),
            _charge("aldehyde", r, "aldehyde", 200.0),
            _charge("hydride", r, "hydride", None)
            | {"mmol": 0.15, "mg": 31.791, "by": "operator"}
            | {"portions": {"n": 3, "mg_each": 10.597, "every_s": 600.0}},
            _charge("quench", r, "bicarb", 500.0, dropwise=drops),
            _charge("extract", r, "DCM", 500.0, round=1),
            _charge("extract", r, "DCM", 500.0, round=2),
        ]
    return found


def _draw(reaction: str, number: int) -> Any:
    return {
        "step": "extract",
        "reaction": reaction,
        "vessel": "reactor",
        "into": "extract",
        "round": number,
        "phase": "organic",
        "position": "lower",
        "uL": 810.0 if number == 1 else DRAW_2_UL,
        "guard_uL": 90.0 if number == 1 else GUARD_2_UL,
        "interface_mm": 11.459 if number == 1 else 7.512,
        "tip_mm": 0.5,
    }


def plan(robot: str, parts: int = 1) -> dict[str, Any]:
    """The plan that belongs to the script."""
    names = ["run.py"] if parts == 1 else ["run.part1.py", "run.part2.py"]
    held = {"step": "extract", "s": 120.0, "part": parts}
    return {
        "version": 1,
        "robot": {"type": robot, "api_level": "2.27"},
        "reactions": [
            {
                "id": r,
                "wells": {
                    "reactor": {"labware": "reactors", "well": well},
                    "extract": {"labware": "vials", "well": well},
                },
            }
            for r, well in REACTIONS.items()
        ],
        "charges": _charges(robot),
        "draws": [_draw(r, number) for number in (1, 2) for r in REACTIONS],
        "stocks": [
            {
                "material": name,
                "labware": "stocks",
                "well": well,
                "uL": ul,
                "dead_uL": 360.0,
                "composition_mmol_mL": composition,
                "liquids": [
                    {"name": n, "fraction": 1.0, "density_g_mL": d, "miscibility": m}
                    for n, d, m in liquids
                ],
            }
            for name, (well, ul, liquids, composition) in MATERIALS.items()
        ],
        "contents": [
            {"step": s, "moment": m, "reaction": r, "vessel": vessel, "uL": ul, "mmol": mmol}
            for r in REACTIONS
            for s, m, vessel, ul, mmol in (
                ("amine", "charged", "reactor", 200.0, {"amine": 0.1}),
                ("aldehyde", "charged", "reactor", 400.0, {"amine": 0.1, "aldehyde": 0.11}),
                ("hydride", "charged", "reactor", 400.0, {"hydride": 0.15}),
                ("quench", "charged", "reactor", 900.0, {"bicarb": 0.55}),
                ("extract", "drawn", "reactor", 500.0 + GUARD_2_UL, {}),
                ("extract", "drawn", "extract", 810.0 + DRAW_2_UL, {}),
            )
        ],
        "scripts": [{"file": n, "part": i, "after": ""} for i, n in enumerate(names, start=1)],
        "deck": [{"slot": DECKS[robot]["shaker"], "label": "shaker", "load_name": "heaterShaker"}],
        "steps": [
            {"id": s, "verb": "add", "by": "robot", "file": "procedure.yaml", "line": line}
            for line, s in enumerate(
                ("amine", "aldehyde", "imine", "hydride", "quench", "extract"), start=10
            )
        ],
        "holds": [
            {"step": "imine", "s": 3600.0, "shaken_rpm": 600, "module": "shaker", "part": 1},
            {"step": "hydride", "s": 600.0, "part": 1},
            {"step": "hydride", "s": 600.0, "part": 1},
            held,
            held,
        ],
        "mixes": [
            {"step": "extract", "reaction": r, "vessel": "reactor", "cycles": 10, "uL": 200.0}
            for r in REACTIONS
        ],
        "timing": {"lower_bound_s": 5000.0},
    }


def write(folder: Path, robot: str, parts: int = 1, *edits: tuple[str, str]) -> Path:
    """Write scripts and plan; each edit replaces text in the scripts, and must find it."""
    texts = scripts(robot, parts)
    for old, new in edits:
        if not any(old in text for text in texts):
            raise ValueError(f"{old!r} is not in the script")
        texts = [text.replace(old, new, 1) for text in texts]
    document = plan(robot, parts)
    for entry, text in zip(document["scripts"], texts, strict=True):
        (folder / entry["file"]).write_text(text, encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "plan.json"
