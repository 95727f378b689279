"""Benches with faults: the finding stands in the bench's file, on the faulty line."""

from pathlib import Path

import pytest

from compiler.pipeline import compile_procedure

ROOT = Path(__file__).parents[2]
PROCEDURE = ROOT / "protocols/reductive-amination/procedure.yaml"

BENCH = """kind: bench
version: 1
robot: {robot}
pipettes: {{left: {left}, right: {right}}}
modules:
  cold: {{is: temperatureModuleV2}}
  shaker: {{is: {shaker}}}
labware:
  reactors: {{{reactors}, holds: reactor, on: [shaker]}}
  vials: {{definition: {labware}/glass-8ml-12.json, holds: [extract, stocks]}}
limits: {{max hold: 4 h, fill: 80 %}}
"""


def bench(tmp_path: Path, **changes: str) -> Path:
    # labware definitions are read from the bench's own folder
    folder = tmp_path / "labware"
    folder.mkdir()
    for rack in ("glass-2ml-24.json", "glass-8ml-12.json"):
        (folder / rack).write_bytes((ROOT / "protocols/labware" / rack).read_bytes())
    values = {
        "robot": "Flex",
        "left": "flex_1channel_50",
        "right": "flex_1channel_1000",
        "shaker": "heaterShakerModuleV1",
        "reactors": "definition: labware/glass-2ml-24.json",
        "labware": "labware",
    }
    path = tmp_path / "bench.yaml"
    path.write_text(BENCH.format(**(values | changes)), encoding="utf-8")
    return path


def errors(path: Path) -> list[tuple[str, int]]:
    made = compile_procedure(PROCEDURE, path)
    found = [
        (f.code, f.span.line if f.span else 0)
        for f in made.findings
        if f.severity.value == "error" and f.span is not None and f.span.file == str(path)
    ]
    assert bool(found) == (made.plan is None), made.findings
    return found


def test_the_bench_itself_is_sound(tmp_path: Path) -> None:
    assert errors(bench(tmp_path)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # a tube rack that no module takes, asked to stand on one
        (
            {"reactors": "load: opentrons_24_tuberack_generic_2ml_screwcap"},
            ("P-LABWARE", 9),
        ),
        ({"reactors": "load: no_such_labware"}, ("P-LABWARE-UNKNOWN", 9)),
        ({"reactors": "definition: labware/none.json"}, ("P-LABWARE-UNKNOWN", 9)),
        ({"left": "p20_single_gen2"}, ("P-HARDWARE-UNKNOWN", 4)),
        ({"right": "flex_1channel_100"}, ("P-HARDWARE-UNKNOWN", 4)),
        ({"shaker": "heaterShakerModuleV9"}, ("P-HARDWARE-UNKNOWN", 7)),
    ],
)
def test_a_fault(tmp_path: Path, changes: dict[str, str], expected: tuple[str, int]) -> None:
    assert expected in errors(bench(tmp_path, **changes))


CROWDED = """
  cycler: {is: thermocyclerModuleV2, slot: B1}
  back: {is: magneticBlockV1, slot: A2}
  middle: {is: magneticBlockV1, slot: B2}
  right: {is: magneticBlockV1, slot: B3}
  front: {is: magneticBlockV1, slot: D2}
  corner: {is: magneticBlockV1, slot: D3}
  beside: {is: magneticBlockV1, slot: C3}
  heater: {is: temperatureModuleV2, slot: C1}
labware:"""


def test_no_slot_is_left_for_tips(tmp_path: Path) -> None:
    path = bench(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\nlabware:", CROWDED), encoding="utf-8")
    assert errors(path) == [("P-TIP-1", 1)]
