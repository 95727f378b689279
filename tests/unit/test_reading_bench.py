"""Benches: the example of the language, and each fault at its place."""

from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding
from compiler.reading import read_bench, read_document
from compiler.stages.documents import Bench

EXAMPLE = """\
kind: bench
version: 1
robot: Flex                         # or OT-2
pipettes: {left: flex_1channel_50, right: flex_1channel_1000}
modules:
  cold:   {is: temperatureModuleV2, slot: D1}
  shaker: {is: heaterShakerModuleV1}
labware:
  reactors: {definition: ../labware/glass-2ml-24.json, holds: reactor, on: [shaker, cold]}
  vials:    {definition: ../labware/glass-8ml-12.json, holds: [extract, out]}
  waste:    {load: nest_1_reservoir_195ml, holds: [waste.organic], material: polypropylene}
operator: {ice bath: true, available: 08:00–18:00}
limits: {max hold: 4 h, fill: 80 %}
tip racks: [opentrons_flex_96_tiprack_50ul]
api level: 2.20
"""


def read(tmp_path: Path, text: str) -> tuple[Bench | None, tuple[Finding, ...]]:
    path = tmp_path / "bench.yaml"
    path.write_text(text, encoding="utf-8")
    result = read_bench(path)
    assert read_document(path).findings == result.findings or result.document is None
    return result.document, result.findings


def test_the_example(tmp_path: Path) -> None:
    bench, findings = read(tmp_path, EXAMPLE)
    assert findings == ()
    assert bench is not None
    assert bench.robot == "Flex"
    assert bench.pipettes == {"left": "flex_1channel_50", "right": "flex_1channel_1000"}
    assert {name: (m.is_, m.slot) for name, m in bench.modules.items()} == {
        "cold": ("temperatureModuleV2", "D1"),
        "shaker": ("heaterShakerModuleV1", None),
    }
    reactors, vials, waste = bench.labware.values()
    assert reactors.definition == "../labware/glass-2ml-24.json"
    assert (reactors.holds, reactors.on) == (("reactor",), ("shaker", "cold"))
    assert vials.holds == ("extract", "out")
    assert (waste.load, waste.material) == ("nest_1_reservoir_195ml", "polypropylene")
    assert bench.ice_bath and not bench.stir_plate and not bench.enclosure
    assert bench.available == "08:00–18:00"
    assert bench.max_hold is not None and bench.max_hold.value == 14_400
    assert bench.fill is not None and bench.fill.value == 0.8
    assert bench.tip_racks == ("opentrons_flex_96_tiprack_50ul",)
    assert bench.api_level == "2.20", "an API level is text: 2.20 is not 2.2"


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("robot: Flex", "robot: OT2", "S-CHOICE", 3, 8),
        ("pipettes:", "pipetes:", "S-KEY-UNKNOWN", 4, 1),
        ("left:", "middle:", "S-KEY-UNKNOWN", 4, 12),
        ("is: heaterShakerModuleV1", "", "S-KEY-MISSING", 7, 11),
        ("on: [shaker, cold]", "on: [shaker, warm]", "S-REFERENCE", 9, 85),
        ("load: nest_1_reservoir_195ml, ", "", "S-KEY-MISSING", 11, 13),
        ("ice bath: true", "ice bath: yes", "S-TYPE", 12, 22),
        ("08:00–18:00", "all day", "S-TYPE", 12, 39),
        ("max hold: 4 h", "max hold: 4", "U-UNIT-MISSING", 13, 20),
        ("max hold: 4 h", "max hold: 4 mL", "U-DIMENSION", 13, 20),
        ("fill: 80 %", "fill: 120 %", "U-VALUE", 13, 31),
        ("api level: 2.20", "api level: latest", "S-TYPE", 15, 12),
    ],
)
def test_a_fault(tmp_path: Path, old: str, new: str, code: str, line: int, column: int) -> None:
    assert old in EXAMPLE
    _, findings = read(tmp_path, EXAMPLE.replace(old, new, 1))
    places = [(f.code, f.span.line, f.span.column) for f in findings if f.span]
    assert places == [(code, line, column)]


def test_without_a_robot_there_is_no_bench(tmp_path: Path) -> None:
    bench, findings = read(tmp_path, EXAMPLE.replace("robot: Flex", "robot: Hamilton"))
    assert bench is None
    assert [finding.code for finding in findings] == ["S-CHOICE"]
