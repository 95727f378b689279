"""Volume and height in a well, in closed form, section by section.

Every section has a horizontal cross-section that is a quadratic in the height z above the
section's bottom, A(z) = a + b z + c z^2, so V(z) = a z + b z^2/2 + c z^3/3. This holds exactly for
cylinders, frusta, tapering cuboids, spherical caps and rounded cuboids; a squared cone is cut
into thin slices, each with the parabola through three of its areas (Simpson's rule).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

_SLICES = 64  # of a squared cone: within 0.01 % of the exact volume


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a well, from `bottom_mm` to `top_mm`, with A(z) = a + b z + c z^2 in mm^2."""

    bottom_mm: float
    top_mm: float
    a: float
    b: float = 0.0
    c: float = 0.0

    def area_mm2(self, z: float) -> float:
        """The cross-section at z above the section's bottom."""
        return self.a + z * (self.b + z * self.c)

    def volume_ul(self, z: float) -> float:
        """The volume (1 mm^3 = 1 uL) below z above the section's bottom."""
        return z * (self.a + z * (self.b / 2 + z * self.c / 3))

    @property
    def thickness_mm(self) -> float:
        """From bottom to top."""
        return self.top_mm - self.bottom_mm


@dataclass(frozen=True, slots=True)
class WellShape:
    """The inside of a well, bottom to top. `sections` are contiguous and start at 0.

    `assumed` says that the definition has no inner geometry, and that the well was taken for a
    straight cylinder or cuboid of its outer diameter or sides.
    """

    depth_mm: float
    sections: tuple[Section, ...] = ()
    assumed: bool = False

    @property
    def capacity_ul(self) -> float:
        """The geometric volume to the brim."""
        return sum(section.volume_ul(section.thickness_mm) for section in self.sections)

    def volume_ul(self, height_mm: float) -> float:
        """The volume below a height; 0 below the bottom, the capacity above the brim."""
        total = 0.0
        for section in self.sections:
            if height_mm <= section.bottom_mm:
                break
            total += section.volume_ul(min(height_mm, section.top_mm) - section.bottom_mm)
        return total

    def height_mm(self, volume_ul: float) -> float:
        """The height that a volume reaches, to 1e-9 mm; raises ValueError above the capacity."""
        if not volume_ul >= 0:
            raise ValueError(f"a volume of {volume_ul:g} µL has no height")
        below = 0.0
        for section in self.sections:
            share = section.volume_ul(section.thickness_mm)
            if volume_ul <= below + share:
                return section.bottom_mm + _height_in(section, volume_ul - below)
            below += share
        if volume_ul <= below * (1 + 1e-12):  # rounding in the sums above
            return self.sections[-1].top_mm if self.sections else 0.0
        raise ValueError(f"{volume_ul:.1f} µL is more than the well's {below:.1f} µL")

    def area_mm2(self, height_mm: float) -> float:
        """The horizontal cross-section at a height; at a step, that of the upper section.

        Below the bottom it is the bottom's, above the brim the brim's.
        """
        if not self.sections:
            return 0.0
        for section in self.sections:
            if height_mm < section.top_mm:
                return section.area_mm2(max(0.0, height_mm - section.bottom_mm))
        last = self.sections[-1]
        return last.area_mm2(last.thickness_mm)


def _height_in(section: Section, volume_ul: float) -> float:
    """z with V(z) = volume in one section, by bisection: V grows wherever the area is positive."""
    low, high = 0.0, section.thickness_mm
    for _ in range(100):
        if high - low < 1e-10:
            break
        middle = (low + high) / 2
        if section.volume_ul(middle) < volume_ul:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def cylinder(diameter_mm: float, depth_mm: float, *, assumed: bool = False) -> WellShape:
    """A flat-bottomed straight vial."""
    section = Section(0.0, depth_mm, math.pi * diameter_mm**2 / 4)
    return WellShape(depth_mm, (section,), assumed)


def cuboid(x_mm: float, y_mm: float, depth_mm: float, *, assumed: bool = False) -> WellShape:
    """A flat-bottomed straight rectangular well."""
    return WellShape(depth_mm, (Section(0.0, depth_mm, x_mm * y_mm),), assumed)


def shape_from_geometry(geometry: Mapping[str, object], depth_mm: float) -> WellShape:
    """A shape from one entry of a definition's `innerLabwareGeometry`.

    Takes `sections` (conical, cuboidal, spherical, squaredcone, roundedcuboid, each `xCount` x
    `yCount` times) and `heightToVolumeMap`. Raises ValueError, with the reason, where the entry
    is incomplete, not finite, not contiguous or has a section without height.
    """
    table = geometry.get("heightToVolumeMap")
    if isinstance(table, list):
        return WellShape(depth_mm, tuple(_from_table(table)))
    raw = geometry.get("sections")
    if not isinstance(raw, list) or not raw:
        raise ValueError("an inner geometry has no sections")
    sections: list[Section] = []
    for entry in raw:
        if not isinstance(entry, Mapping):
            raise ValueError("a section of an inner geometry is not a mapping")
        sections.extend(_sections(entry))
    sections.sort(key=lambda section: section.bottom_mm)
    if abs(sections[0].bottom_mm) > 0.01:
        raise ValueError(f"the lowest section starts at {sections[0].bottom_mm:g} mm, not at 0")
    for lower, upper in pairwise(sections):
        if abs(lower.top_mm - upper.bottom_mm) > 0.01:
            raise ValueError(
                f"a section ends at {lower.top_mm:g} mm and the next begins at {upper.bottom_mm:g}"
            )
    return WellShape(depth_mm, tuple(sections))


def _number(entry: Mapping[str, object], key: str, *, positive: bool = False) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"a section's {key} is not a number")
    if value < 0 or (positive and value == 0):
        raise ValueError(f"a section's {key} is {value:g}")
    return float(value)


def _count(entry: Mapping[str, object]) -> float:
    return _number({"xCount": 1, **entry}, "xCount") * _number({"yCount": 1, **entry}, "yCount")


def _sections(entry: Mapping[str, object]) -> Iterable[Section]:
    bottom, top = _number(entry, "bottomHeight"), _number(entry, "topHeight")
    if top <= bottom:
        raise ValueError(f"a section goes from {bottom:g} to {top:g} mm")
    shape = entry.get("shape")
    count = _count(entry)
    match shape:
        case "conical":
            radius = _number(entry, "bottomDiameter") / 2
            slope = (_number(entry, "topDiameter") / 2 - radius) / (top - bottom)
            areas = (math.pi * radius**2, 2 * math.pi * radius * slope, math.pi * slope**2)
        case "cuboidal":
            x, y = _number(entry, "bottomXDimension"), _number(entry, "bottomYDimension")
            dx = (_number(entry, "topXDimension") - x) / (top - bottom)
            dy = (_number(entry, "topYDimension") - y) / (top - bottom)
            areas = (x * y, x * dy + y * dx, dx * dy)
        case "spherical":
            areas = (
                0.0,
                2 * math.pi * _number(entry, "radiusOfCurvature", positive=True),
                -math.pi,
            )
        case "roundedcuboid":
            areas = _rounded_cuboid(entry, top - bottom)
        case "squaredcone":
            return _squared_cone(entry, bottom, top, count)
        case _:
            raise ValueError(f"a section has the unknown shape {shape!r}")
    a, b, c = areas
    return (Section(bottom, top, a * count, b * count, c * count),)


def _rounded_cuboid(entry: Mapping[str, object], thickness: float) -> tuple[float, float, float]:
    """From a circle to a rectangle through rectangles whose corners have a shrinking radius r.

    A = x y - (4 - pi) r^2, with x, y and r linear in the height. No standard labware has one.
    """
    diameter = _number(entry, "circleDiameter")
    x1, y1 = _number(entry, "rectangleXDimension"), _number(entry, "rectangleYDimension")
    start, end = (diameter, diameter, diameter / 2), (x1, y1, 0.0)
    if entry.get("bottomCrossSection") != "circular":
        start, end = end, start
    dx, dy, dr = ((after - before) / thickness for before, after in zip(start, end, strict=True))
    x, y, r = start
    corner = 4 - math.pi
    return (
        x * y - corner * r * r,
        x * dy + y * dx - 2 * corner * r * dr,
        dx * dy - corner * dr * dr,
    )


def _squared_cone(
    entry: Mapping[str, object], bottom: float, top: float, count: float
) -> list[Section]:
    """A cone intersected with a rectangular prism, from the circle to the full rectangle."""
    x, y = _number(entry, "rectangleXDimension"), _number(entry, "rectangleYDimension")
    radii = [_number(entry, "circleDiameter") / 2, math.hypot(x, y) / 2]
    if entry.get("bottomCrossSection") != "circular":
        radii.reverse()
    step = (top - bottom) / _SLICES

    def area(slices: float) -> float:
        radius = radii[0] + (radii[1] - radii[0]) * slices / _SLICES
        return count * circle_in_rectangle_mm2(radius, x, y)

    sections = []
    for index in range(_SLICES):
        first, middle, last = area(index), area(index + 0.5), area(index + 1)
        b = (-3 * first + 4 * middle - last) / step
        c = 2 * (first - 2 * middle + last) / step**2
        low = bottom + index * step
        sections.append(Section(low, low + step, first, b, c))
    return sections


def circle_in_rectangle_mm2(radius: float, x: float, y: float) -> float:
    """The area of a circle that is cut off by a concentric rectangle of sides x and y (mm)."""
    if radius <= 0:
        return 0.0
    cut_x = math.sqrt(max(0.0, radius**2 - (x / 2) ** 2))  # half the chord on the x sides
    cut_y = math.sqrt(max(0.0, radius**2 - (y / 2) ** 2))
    arc = math.pi / 2 - math.asin(min(1.0, cut_x / radius)) - math.asin(min(1.0, cut_y / radius))
    if arc <= 0:
        return x * y
    return 2 * radius**2 * arc + x * cut_x + y * cut_y


def _from_table(table: list[object]) -> Iterable[Section]:
    """Straight sections between the measured (height, volume) pairs, as the robot interpolates."""
    pairs = [(0.0, 0.0)]
    for entry in table:
        if not isinstance(entry, Mapping):
            raise ValueError("an entry of a height-to-volume map is not a mapping")
        pairs.append((_number(entry, "height"), _number(entry, "volume")))
    pairs = sorted(set(pairs))
    for (low, below), (high, above) in pairwise(pairs):
        if high <= low or above <= below:
            raise ValueError("a height-to-volume map does not rise")
        yield Section(low, high, (above - below) / (high - low))
