"""Heights and volumes: by hand, against each other, and against Opentrons' own arithmetic."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.target.geometry import (
    WellShape,
    circle_in_rectangle_mm2,
    cuboid,
    cylinder,
    shape_from_geometry,
)
from compiler.target.labware import load_labware

VIAL10 = cylinder(10.0, 30.0)
NEST2 = load_labware("nest_96_wellplate_2ml_deep", 5).wells["A1"].shape


@pytest.mark.parametrize(
    ("volume_ul", "height_mm"), [(900, 11.4592), (1400, 17.8254), (2000, 25.465), (590, 7.512)]
)
def test_heights_in_the_reference_vial(volume_ul: float, height_mm: float) -> None:
    assert VIAL10.height_mm(volume_ul) == pytest.approx(height_mm, abs=5e-4)


@pytest.mark.parametrize(
    ("volume_ul", "height_mm"), [(400, 8.029), (900, 16.608), (1400, 24.787), (590, 11.339)]
)
def test_heights_in_a_deep_well_plate(volume_ul: float, height_mm: float) -> None:
    assert NEST2.height_mm(volume_ul) == pytest.approx(height_mm, abs=1e-3)


def test_a_cuboid_that_tapers_to_a_point_is_a_pyramid() -> None:
    shape = shape_from_geometry(
        {
            "sections": [
                {
                    "shape": "cuboidal",
                    "bottomXDimension": 0,
                    "bottomYDimension": 0,
                    "topXDimension": 6,
                    "topYDimension": 4,
                    "topHeight": 10,
                    "bottomHeight": 0,
                }
            ]
        },
        10.0,
    )
    assert shape.capacity_ul == pytest.approx(6 * 4 * 10 / 3)
    assert shape.area_mm2(5.0) == pytest.approx(6.0)


def test_a_hemisphere_and_a_cone() -> None:
    sections = [
        {
            "shape": "conical",
            "bottomDiameter": 8,
            "topDiameter": 8,
            "topHeight": 9,
            "bottomHeight": 4,
        },
        {"shape": "spherical", "radiusOfCurvature": 4, "topHeight": 4, "bottomHeight": 0},
    ]
    shape = shape_from_geometry({"sections": sections}, 9.0)
    assert shape.volume_ul(4.0) == pytest.approx(2 / 3 * math.pi * 64)
    assert shape.capacity_ul == pytest.approx(2 / 3 * math.pi * 64 + math.pi * 16 * 5)
    cone = {"shape": "conical", "bottomDiameter": 0, "topDiameter": 6, "topHeight": 7}
    pointed = shape_from_geometry({"sections": [{**cone, "bottomHeight": 0}]}, 7.0)
    assert pointed.capacity_ul == pytest.approx(math.pi * 9 * 7 / 3)


def test_a_squared_cone_lies_between_its_circle_and_its_rectangle() -> None:
    assert circle_in_rectangle_mm2(3, 10, 10) == pytest.approx(math.pi * 9)
    assert circle_in_rectangle_mm2(8, 10, 10) == pytest.approx(100)
    # A circle of radius 5 cut by a strip 6 wide: two segments of half-angle acos(3/5) are lost.
    angle = math.acos(0.6)
    segment = 25 * angle - 3 * 4
    assert circle_in_rectangle_mm2(5, 6, 100) == pytest.approx(math.pi * 25 - 2 * segment)


def test_a_rounded_cuboid_ends_as_circle_and_rectangle() -> None:
    entry = {
        "shape": "roundedcuboid",
        "bottomCrossSection": "circular",
        "circleDiameter": 6,
        "rectangleXDimension": 8,
        "rectangleYDimension": 10,
        "topHeight": 5,
        "bottomHeight": 0,
    }
    shape = shape_from_geometry({"sections": [entry]}, 5.0)
    assert shape.area_mm2(0.0) == pytest.approx(math.pi * 9)
    assert shape.area_mm2(5.0) == pytest.approx(80)
    turned = shape_from_geometry(
        {"sections": [{**entry, "bottomCrossSection": "rectangular"}]}, 5.0
    )
    assert turned.capacity_ul == pytest.approx(shape.capacity_ul)


def test_a_height_to_volume_map_is_interpolated() -> None:
    pairs = [{"height": 10, "volume": 300}, {"height": 4, "volume": 60}]
    shape = shape_from_geometry({"heightToVolumeMap": pairs}, 10.0)
    assert shape.volume_ul(7.0) == pytest.approx(180)
    assert shape.height_mm(30) == pytest.approx(2.0)


def test_outside_the_well() -> None:
    assert VIAL10.volume_ul(-1.0) == 0.0
    assert VIAL10.volume_ul(99.0) == VIAL10.capacity_ul
    assert VIAL10.height_mm(VIAL10.capacity_ul) == pytest.approx(30.0)
    with pytest.raises(ValueError, match=r"2400\.0 µL is more than the well's 2356\.2 µL"):
        VIAL10.height_mm(2400)
    for nonsense in (-1.0, math.nan):
        with pytest.raises(ValueError, match="has no height"):
            VIAL10.height_mm(nonsense)


CONE = {
    "shape": "conical",
    "bottomDiameter": 1,
    "topDiameter": 2,
    "topHeight": 5,
    "bottomHeight": 0,
}


@pytest.mark.parametrize(
    "sections",
    [
        [],
        [7],
        [{**CONE, "shape": "blob"}],
        [{**CONE, "topDiameter": -1}],
        [{**CONE, "topDiameter": math.nan}],
        [{**CONE, "topHeight": 0}],
        [{**CONE, "bottomHeight": 1}],
        [{**CONE, "topHeight": 9, "bottomHeight": 6}, CONE],
        [{key: value for key, value in CONE.items() if key != "topDiameter"}],
    ],
)
def test_impossible_sections_are_refused_with_a_reason(sections: object) -> None:
    with pytest.raises(ValueError, match=r"section"):
        shape_from_geometry({"sections": sections}, 5.0)


SHAPES = [
    VIAL10,
    NEST2,
    cuboid(8.2, 71.0, 39.0),
    load_labware("nest_24_wellplate_10.4ml").wells["A1"].shape,
    load_labware("opentrons_10_tuberack_nest_4x50ml_6x15ml_conical").wells["A1"].shape,
]


@given(st.sampled_from(SHAPES), st.floats(0, 1))
def test_height_and_volume_are_inverse(shape: WellShape, share: float) -> None:
    height = shape.sections[-1].top_mm * share
    volume = shape.volume_ul(height)
    assert 0 <= volume <= shape.capacity_ul * (1 + 1e-12)
    assert shape.height_mm(volume) == pytest.approx(height, abs=1e-5)


@given(st.sampled_from(SHAPES), st.floats(0.01, 0.99))
def test_the_area_is_the_slope_of_the_volume(shape: WellShape, share: float) -> None:
    height, step = shape.sections[-1].top_mm * share, 1e-6
    if any(abs(height - section.top_mm) < 1e-3 for section in shape.sections[:-1]):
        return  # the area may jump there
    slope = (shape.volume_ul(height + step) - shape.volume_ul(height - step)) / (2 * step)
    assert shape.area_mm2(height) == pytest.approx(slope, rel=1e-3)


@pytest.mark.parametrize(
    ("load_name", "tolerance_mm"),
    [
        ("nest_96_wellplate_2ml_deep", 2e-3),
        ("thermoscientificnunc_96_wellplate_2000ul", 2e-3),
        ("opentrons_24_tuberack_nest_2ml_screwcap", 2e-3),
        ("corning_24_wellplate_3.4ml_flat", 2e-3),
        ("nest_12_reservoir_15ml", 2e-3),
        ("opentrons_6_tuberack_nest_50ml_conical", 2e-3),
        ("nest_24_wellplate_10.4ml", 1e-2),  # Opentrons rounds its squared cone to a table
    ],
)
def test_heights_are_those_of_opentrons(load_name: str, tolerance_mm: float) -> None:
    from opentrons.protocol_engine.state.inner_well_math_utils import (
        find_height_inner_well_geometry,
    )
    from opentrons_shared_data.labware.labware_definition import InnerWellGeometry

    labware = load_labware(load_name)
    shape = labware.wells["A1"].shape
    wells, geometries = labware.definition["wells"], labware.definition["innerLabwareGeometry"]
    assert isinstance(wells, dict)
    assert isinstance(geometries, dict)
    theirs = InnerWellGeometry.model_validate(geometries[wells["A1"]["geometryDefinitionId"]])
    for share in (0.02, 0.1, 0.35, 0.5, 0.8, 0.97):
        volume = shape.capacity_ul * share
        expected = find_height_inner_well_geometry(volume, theirs)
        assert shape.height_mm(volume) == pytest.approx(expected, abs=tolerance_mm)
