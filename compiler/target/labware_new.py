"""New labware from a handful of dimensions, as an Opentrons definition (schema 2)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compiler.target.geometry import WellShape, shape_from_geometry
from compiler.target.modules import module_models

FOOTPRINT_X_MM, FOOTPRINT_Y_MM = 127.76, 85.48  # ANSI/SLAS 1-2004
HIGHEST_MM = 130.0  # the 15 and 50 mL tube racks, the tallest standard labware, have 125
THINNEST_MM = 0.2  # between two wells, and below a well
EIGHT_TIPS_MM = 69.0  # seven times 9 mm, and room for the tips at both ends
MATERIALS = ("glass", "polypropylene", "polystyrene", "COC", "PTFE", "PEEK", "steel", "aluminium")
BOTTOMS = {"flat": "flat", "round": "u", "v": "v"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Where the wells stand: centres from the front left corner, mm."""

    rows: int
    columns: int
    row_spacing_mm: float
    column_spacing_mm: float
    first_x_mm: float  # of A1
    first_y_mm: float  # of A1, from the front

    def centre(self, row: int, column: int) -> tuple[float, float]:
        return (
            round(self.first_x_mm + column * self.column_spacing_mm, 3),
            round(self.first_y_mm - row * self.row_spacing_mm, 3),
        )


def new_labware(
    *,
    load_name: str,
    display_name: str,
    rows: int,
    columns: int,
    row_spacing_mm: float,
    column_spacing_mm: float,
    depth_mm: float,
    height_mm: float,
    material: str,
    diameter_mm: float | None = None,
    width_mm: float | None = None,
    length_mm: float | None = None,
    bottom: str = "flat",
    bottom_height_mm: float | None = None,
    volume_ul: float | None = None,
    a1_offset_x_mm: float | None = None,
    a1_offset_y_mm: float | None = None,
    fits: Sequence[str] = (),
    brand: str = "custom",
    namespace: str = "custom_beta",
    version: int = 1,
) -> dict[str, Any]:
    """An Opentrons labware definition of schema 2, with inner geometry, material and modules.

    Wells are round (`diameter_mm`, the inner one) or square (`width_mm`); with `length_mm` they are
    troughs of that length from back to front. `depth_mm` goes from the
    inner bottom to the rim, `height_mm` from the deck to the rim. `bottom` is "flat", "round" (a
    hemisphere) or "v" (a cone or pyramid of `bottom_height_mm`). `volume_ul` is what the maker
    calls full; without it the geometric volume. `a1_offset_x_mm` and `a1_offset_y_mm` go from the
    left and from the back edge to the centre of A1; without them the grid is centred. `fits` are
    the module models on which the rack stands by itself.

    Raises ValueError, with the numbers, for sizes that contradict each other.
    """
    _check_names(load_name, display_name, brand, namespace, material, fits)
    if version < 1:
        raise ValueError(f"a version counts from 1, not {version}")
    width = _width(diameter_mm, width_mm)
    length = _length(width, length_mm, is_round=diameter_mm is not None, bottom=bottom)
    _check_heights(depth_mm, height_mm)
    grid = _grid(
        (rows, row_spacing_mm, length),
        (columns, column_spacing_mm, width),
        a1_offset_x_mm,
        a1_offset_y_mm,
    )
    outline = (width, length, diameter_mm is not None)
    geometry = _geometry(outline, depth_mm, bottom, bottom_height_mm)
    declared = _declared(volume_ul, shape_from_geometry(geometry, depth_mm))
    columns_of_wells = [
        [f"{_row_name(row)}{column + 1}" for row in range(rows)] for column in range(columns)
    ]
    well = _well(outline, depth_mm, height_mm, declared)
    takes_eight = rows == 1 and length >= EIGHT_TIPS_MM
    wells: dict[str, dict[str, Any]] = {}
    for column, names in enumerate(columns_of_wells):
        for row, name in enumerate(names):
            x, y = grid.centre(row, column)
            wells[name] = {**well, "x": x, "y": y}
    tags = [f"material:{material}", *(f"fits:{model}" for model in fits)]
    return {
        "schemaVersion": 2,
        "version": version,
        "namespace": namespace,
        "metadata": {
            "displayName": display_name,
            "displayCategory": _category(length, width, fits),
            "displayVolumeUnits": "µL",
            "tags": tags,
        },
        "brand": {"brand": brand},
        "parameters": {
            "format": "trough" if takes_eight else "irregular",
            "quirks": [
                *(["centerMultichannelOnWells"] if takes_eight else []),
                "gripperIncompatible",
            ],
            "isTiprack": False,
            "isMagneticModuleCompatible": False,
            "loadName": load_name,
        },
        "cornerOffsetFromSlot": {"x": 0, "y": 0, "z": 0},
        "dimensions": {
            "xDimension": FOOTPRINT_X_MM,
            "yDimension": FOOTPRINT_Y_MM,
            "zDimension": height_mm,
        },
        "ordering": columns_of_wells,
        "wells": wells,
        "groups": [
            {
                "metadata": {"wellBottomShape": BOTTOMS[bottom]},
                "wells": [name for names in columns_of_wells for name in names],
            }
        ],
        "innerLabwareGeometry": {"well": geometry},
    }


def _check_names(
    load_name: str,
    display_name: str,
    brand: str,
    namespace: str,
    material: str,
    fits: Sequence[str],
) -> None:
    for what, name in (("load name", load_name), ("namespace", namespace)):
        if not re.fullmatch(r"[a-z0-9._]{1,80}", name):
            raise ValueError(
                f"a {what} has lower-case letters, digits, dots and underscores only, not {name!r}"
            )
    if namespace == "opentrons":
        raise ValueError("the namespace 'opentrons' is for Opentrons' own labware")
    if not display_name.strip() or not brand.strip():
        raise ValueError("the display name and the brand can't be empty")
    if material not in MATERIALS:
        raise ValueError(f"the material {material!r} is none of {', '.join(MATERIALS)}")
    for model in fits:
        if model not in module_models():
            raise ValueError(
                f"there is no module {model!r}; there are {', '.join(module_models())}"
            )


def _positive(what: str, value: float) -> float:
    if isinstance(value, bool) or not math.isfinite(value) or value <= 0:
        raise ValueError(f"{what} is {value:g} mm; it has to be a positive length")
    return value


def _width(diameter_mm: float | None, width_mm: float | None) -> float:
    if diameter_mm is not None and width_mm is None:
        return _positive("the diameter", diameter_mm)
    if width_mm is not None and diameter_mm is None:
        return _positive("the width", width_mm)
    raise ValueError("give either a diameter (round wells) or a width (square wells)")


def _check_heights(depth_mm: float, height_mm: float) -> None:
    _positive("the depth", depth_mm)
    _positive("the height", height_mm)
    if depth_mm > height_mm - THINNEST_MM:
        raise ValueError(
            f"wells {depth_mm:g} mm deep do not fit a rack {height_mm:g} mm high "
            f"(at least {THINNEST_MM:g} mm of bottom)"
        )
    if height_mm > HIGHEST_MM:
        raise ValueError(
            f"a rack {height_mm:g} mm high is in the pipettes' way; the highest is {HIGHEST_MM:g}"
        )


def _length(width: float, length_mm: float | None, *, is_round: bool, bottom: str) -> float:
    if length_mm is None:
        return width
    if is_round or bottom != "flat":
        raise ValueError("only wells with a width and a flat bottom have a length")
    return _positive("the length", length_mm)


def _category(length: float, width: float, fits: Sequence[str]) -> str:
    if length != width:
        return "reservoir"
    return "aluminumBlock" if fits else "tubeRack"


def _grid(
    down: tuple[int, float, float],
    across: tuple[int, float, float],
    a1_offset_x_mm: float | None,
    a1_offset_y_mm: float | None,
) -> _Grid:
    """`down` and `across`: how many wells, how far apart, how long or wide."""
    (rows, row_spacing_mm, length), (columns, column_spacing_mm, width) = down, across
    if not (1 <= rows <= 32 and 1 <= columns <= 48):
        raise ValueError(f"{rows} rows and {columns} columns; there may be 1-32 and 1-48")
    for what, (count, spacing, size), word in (("rows", down, "long"), ("columns", across, "wide")):
        if count > 1 and _positive(f"the spacing of {what}", spacing) < size + THINNEST_MM:
            shown = "wide" if length == width else word
            raise ValueError(
                f"wells {size:g} mm {shown} overlap at a spacing of {spacing:g} mm between {what}"
            )
    span_x, span_y = (columns - 1) * column_spacing_mm, (rows - 1) * row_spacing_mm
    left = a1_offset_x_mm if a1_offset_x_mm is not None else (FOOTPRINT_X_MM - span_x) / 2
    back = a1_offset_y_mm if a1_offset_y_mm is not None else (FOOTPRINT_Y_MM - span_y) / 2
    for way, first, span, size, outer in (
        ("left to right", left, span_x, width, FOOTPRINT_X_MM),
        ("back to front", back, span_y, length, FOOTPRINT_Y_MM),
    ):
        start, end = first - size / 2, first + span + size / 2
        if not (start >= 0 and end <= outer):
            raise ValueError(
                f"from {way} the wells reach from {start:.2f} to {end:.2f} mm; "
                f"the footprint goes from 0 to {outer:g} mm"
            )
    return _Grid(
        rows=rows,
        columns=columns,
        row_spacing_mm=row_spacing_mm,
        column_spacing_mm=column_spacing_mm,
        first_x_mm=left,
        first_y_mm=FOOTPRINT_Y_MM - back,
    )


_Outline = tuple[float, float, bool]  # width, length (mm), whether it is round


def _geometry(
    outline: _Outline, depth_mm: float, bottom: str, bottom_height_mm: float | None
) -> dict[str, Any]:
    """The well's inside, its sections from the top down, as the schema wants them."""
    width, _, is_round = outline
    if bottom not in BOTTOMS:
        raise ValueError(f"the bottom {bottom!r} is none of {', '.join(BOTTOMS)}")
    if bottom == "v" and bottom_height_mm is None:
        raise ValueError("a v bottom needs the height of its cone")
    if bottom != "v" and bottom_height_mm is not None:
        raise ValueError(f"a {bottom} bottom takes no height of a cone")
    if bottom == "round" and not is_round:
        raise ValueError("square wells can't have a round bottom")
    low = {"flat": 0.0, "round": width / 2}.get(bottom, bottom_height_mm or 0.0)
    if bottom == "v":
        _positive("the height of the cone", low)
    if low > depth_mm:
        raise ValueError(f"a bottom {low:g} mm high is deeper than the well's {depth_mm:g} mm")
    sections: list[Mapping[str, Any]] = []
    if low < depth_mm:
        sections.append(_straight(outline, 1.0, low, depth_mm))
    if bottom == "round":
        cap = {"shape": "spherical", "radiusOfCurvature": width / 2}
        sections.append({**cap, "topHeight": low, "bottomHeight": 0.0})
    if bottom == "v":
        sections.append(_straight(outline, 0.0, 0.0, low))
    return {"sections": sections}


def _straight(outline: _Outline, narrows: float, low: float, high: float) -> Mapping[str, Any]:
    """A section from `low` to `high`; at its bottom the well is `narrows` times as wide."""
    width, length, is_round = outline
    sides = (
        {"shape": "conical", "bottomDiameter": narrows * width, "topDiameter": width}
        if is_round
        else {
            "shape": "cuboidal",
            "bottomXDimension": narrows * width,
            "bottomYDimension": narrows * length,
            "topXDimension": width,
            "topYDimension": length,
        }
    )
    return {**sides, "topHeight": high, "bottomHeight": low}


def _declared(volume_ul: float | None, shape: WellShape) -> float:
    geometric = shape.capacity_ul
    if volume_ul is None:
        return float(math.floor(geometric))
    if not math.isfinite(volume_ul) or volume_ul <= 0:
        raise ValueError(f"the volume is {volume_ul:g} µL; it has to be positive")
    if volume_ul > geometric:
        raise ValueError(
            f"a well of these dimensions holds {geometric:.0f} µL to the brim, "
            f"not the {volume_ul:g} µL declared"
        )
    return volume_ul


def _well(outline: _Outline, depth_mm: float, height_mm: float, declared: float) -> dict[str, Any]:
    width, length, is_round = outline
    opening = (
        {"shape": "circular", "diameter": width}
        if is_round
        else {"shape": "rectangular", "xDimension": width, "yDimension": length}
    )
    return {
        **opening,
        "depth": depth_mm,
        "totalLiquidVolume": declared,
        "x": 0.0,
        "y": 0.0,
        "z": round(height_mm - depth_mm, 3),
        "geometryDefinitionId": "well",
    }


def _row_name(row: int) -> str:
    """A ... Z, AA ... as plates with more than 26 rows have it."""
    return chr(ord("A") + row) if row < 26 else "A" + chr(ord("A") + row - 26)
