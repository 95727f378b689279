"""Standard and custom labware: positions, capacities, materials, modules; bad definitions."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from compiler.diagnostics.finding import Finding, Span
from compiler.target.labware import Labware, labware_names, load_labware, read_labware
from compiler.target.labware_new import new_labware

SPAN = Span("bench.yaml", 9, 15, 9, 30)
RACK = new_labware(
    load_name="rack",
    display_name="rack",
    rows=2,
    columns=3,
    row_spacing_mm=30,
    column_spacing_mm=30,
    diameter_mm=10,
    depth_mm=30,
    height_mm=35,
    material="glass",
    fits=["temperatureModuleV2"],
)


def read(tmp_path: Path, definition: object) -> Labware | Finding:
    path = tmp_path / "rack.json"
    path.write_text(
        definition if isinstance(definition, str) else json.dumps(definition), encoding="utf-8"
    )
    return read_labware(path, SPAN)


def test_every_standard_definition_can_be_read() -> None:
    for name in labware_names():
        labware = load_labware(name)
        assert labware.load_name == name
        assert not labware.custom


def test_the_newest_version_is_taken_unless_one_is_named() -> None:
    newest = load_labware("nest_96_wellplate_2ml_deep")
    assert (newest.version, newest.wells["A1"].depth_mm) == (5, 38.05)
    assert load_labware("nest_96_wellplate_2ml_deep", 2).wells["A1"].depth_mm == 38
    assert list(newest.wells)[:3] == ["A1", "B1", "C1"]
    assert newest.columns[11][7] == "H12"


@pytest.mark.parametrize("name", ["nest_96_wellplate", "../secrets", "", "NEST", "a/b"])
def test_unknown_names_raise_lookup_error(name: str) -> None:
    with pytest.raises(LookupError, match="no standard labware"):
        load_labware(name)
    with pytest.raises(LookupError, match="no version 99"):
        load_labware("nest_96_wellplate_2ml_deep", 99)


def test_capacity_is_the_smaller_of_declared_and_geometric() -> None:
    nunc = load_labware("thermoscientificnunc_96_wellplate_2000ul").wells["A1"]
    assert nunc.declared_ul == 2000
    assert nunc.capacity_ul == pytest.approx(1936, abs=1)
    assert load_labware("nest_96_wellplate_2ml_deep").wells["A1"].capacity_ul == 2000


def test_a_definition_without_inner_geometry_is_taken_for_a_straight_well() -> None:
    well = load_labware("opentrons_24_tuberack_generic_0.75ml_snapcap_acrylic").wells["A1"]
    assert well.shape.assumed
    assert well.capacity_ul == pytest.approx(3.14159265 / 4 * 6**2 * 20, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "material"),
    [
        ("nest_96_wellplate_2ml_deep", "polypropylene"),
        ("corning_96_wellplate_360ul_flat", "polystyrene"),
        ("nest_96_wellplate_200ul_flat", "polystyrene"),
        ("opentrons_24_aluminumblock_generic_2ml_screwcap", None),
    ],
)
def test_materials(name: str, material: str | None) -> None:
    assert load_labware(name).material == material


def test_modules_and_adapters() -> None:
    deep = load_labware("nest_96_wellplate_2ml_deep")
    assert deep.adapters["heaterShakerModuleV1"] == "opentrons_96_deep_well_adapter"
    assert deep.adapters["temperatureModuleV2"] == "opentrons_96_deep_well_temp_mod_adapter"
    block = load_labware("opentrons_24_aluminumblock_nest_2ml_screwcap")
    assert "temperatureModuleV2" in block.fits
    assert "temperatureModuleV2" not in block.adapters
    assert not load_labware("opentrons_6_tuberack_nest_50ml_conical").fits
    assert not load_labware("nest_1_reservoir_195ml").fits
    pcr = load_labware("biorad_96_wellplate_200ul_pcr")
    assert "thermocyclerModuleV2" in pcr.fits
    assert "thermocyclerModuleV2" not in pcr.adapters


def test_tip_racks() -> None:
    rack = load_labware("opentrons_96_tiprack_300ul")
    assert (rack.tip_ul, rack.tip_length_mm, rack.tip_overlap_mm) == (300, 59.3, 7.47)
    assert load_labware("nest_96_wellplate_2ml_deep").tip_ul is None


def test_custom_labware_carries_material_and_modules_as_tags(tmp_path: Path) -> None:
    labware = read(tmp_path, RACK)
    assert isinstance(labware, Labware)
    assert labware.custom
    assert labware.material == "glass"
    assert labware.fits == {"temperatureModuleV2"}
    assert not labware.adapters
    assert not labware.grippable


def test_schema_3_is_measured_from_the_same_corner(tmp_path: Path) -> None:
    definition: dict[str, Any] = copy.deepcopy(RACK)
    height = definition.pop("dimensions")
    definition.pop("cornerOffsetFromSlot")
    definition["schemaVersion"] = 3
    definition["$otSharedSchema"] = "#/labware/schemas/3"
    definition["extents"] = {
        "total": {
            "backLeftBottom": {"x": 0, "y": 0, "z": 0},
            "frontRightTop": {
                "x": height["xDimension"],
                "y": -height["yDimension"],
                "z": height["zDimension"],
            },
        }
    }
    definition["features"] = {}
    for well in definition["wells"].values():
        well["y"] = round(well["y"] - height["yDimension"], 3)
    labware, same = read(tmp_path, definition), read(tmp_path, RACK)
    assert isinstance(labware, Labware), labware
    assert isinstance(same, Labware)
    assert labware.height_mm == same.height_mm == 35
    assert labware.wells["B3"].y == pytest.approx(same.wells["B3"].y)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in RACK.items() if name != key}


def with_well(**changes: Any) -> dict[str, Any]:
    definition = copy.deepcopy(RACK)
    definition["wells"]["A1"].update(changes)
    return definition


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("", "not JSON"),
        ("{", "line 1"),
        ("[1]", "not a JSON object"),
        ('"x"', "not a JSON object"),
        ("[" * 100_000, "not sensible JSON"),
        ('{"schemaVersion": NaN}', "NaN is not a number"),
        ('{"schemaVersion": 1e999}', "too large"),
        ('{"schemaVersion": 9' + "9" * 400 + "}", "too large"),
        ({"schemaVersion": True}, "schemaVersion is True"),
        ({**RACK, "schemaVersion": 1}, "schemaVersion is 1"),
        (without("wells"), "'wells' is a required property"),
        (without("parameters"), "'parameters' is a required property"),
        ({**RACK, "wells": {}}, "ordering names a well A1"),
        ({**RACK, "ordering": [["A1"]]}, "leaves out"),
        ({**RACK, "ordering": [], "wells": {}}, "has no wells"),
        (with_well(depth=-1), "depth"),
        (with_well(totalLiquidVolume="2 mL"), "wells.A1"),
        (with_well(totalLiquidVolume=0), "A1 holds nothing"),
        (with_well(geometryDefinitionId="other"), "'other'"),
        ({**RACK, "innerLabwareGeometry": {"well": {"sections": []}}}, "innerLabwareGeometry"),
        ({**RACK, "material": "glass"}, "material"),
    ],
)
def test_a_definition_that_cannot_be_used_is_a_finding(
    tmp_path: Path, definition: object, reason: str
) -> None:
    finding = read(tmp_path, definition)
    assert isinstance(finding, Finding)
    assert finding.code == "P-LABWARE-UNKNOWN"
    assert finding.span == SPAN
    assert "rack.json" in finding.message
    assert reason in finding.message
    assert len(finding.message) < 400


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    binary, large = tmp_path / "b.json", tmp_path / "large.json"
    binary.write_bytes(b"\xff\xfe\x00")
    large.write_bytes(b" " * 2_000_001)
    for path, reason in (
        (tmp_path / "none.json", "no such file"),
        (tmp_path, "can't be read"),
        (binary, "not UTF-8"),
        (large, "larger than 2 MB"),
    ):
        finding = read_labware(path, SPAN)
        assert isinstance(finding, Finding)
        assert reason in finding.message


def test_opentrons_is_not_imported() -> None:
    code = (
        "import sys; from compiler.target.labware import load_labware; "
        "load_labware('nest_96_wellplate_2ml_deep'); "
        "print([m for m in ('opentrons', 'opentrons_shared_data', 'numpy', 'jsonschema') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
