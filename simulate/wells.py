"""Heights and volumes inside a well, from the labware definition that the engine loaded.

Worked out apart from the planner's geometry: the replay is there to catch that too. A section's
horizontal cross-section is a function of the height; volumes are its integral by Simpson's rule,
which is exact for cones, frusta and spheres (their areas are quadratic in the height).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_PANELS_OTHER = 64  # a squared cone's area is no polynomial


@dataclass(frozen=True, slots=True)
class _Section:
    """A stretch of a well, from `low` to `high` mm above the inner bottom."""

    low: float
    high: float
    area: Callable[[float], float]  # mm2 at a height above `low`
    panels: int
    below_ul: float

    def volume(self, height: float) -> float:
        """The volume of the section's part below `height`, in µL (= mm3)."""
        z = min(max(height - self.low, 0.0), self.high - self.low)
        step = z / (2 * self.panels)
        total = self.area(0.0) + self.area(z)
        for i in range(1, 2 * self.panels):
            total += (4 if i % 2 else 2) * self.area(i * step)
        return total * step / 3


class WellModel:
    """The inside of one well. `known` is False where the definition gives no inner geometry
    and the well is taken for a prism of its declared opening."""

    def __init__(self, well: Mapping[str, Any], geometry: Mapping[str, Any] | None) -> None:
        self.depth_mm = float(well["depth"])
        self.declared_ul = float(well.get("totalLiquidVolume", 0.0))
        self.known = geometry is not None
        self._sections = _sections(well, geometry)
        self._lows = [section.low for section in self._sections]

    @property
    def geometric_ul(self) -> float:
        """The volume to the brim, in µL."""
        return self.volume_ul(self._sections[-1].high)

    @property
    def capacity_ul(self) -> float:
        """The smaller of the declared and the geometric volume, in µL."""
        return min(self.declared_ul, self.geometric_ul)

    def volume_ul(self, height_mm: float) -> float:
        """The volume below a height; 0 below the bottom, the brim's above it."""
        section = self._sections[max(0, bisect_right(self._lows, height_mm) - 1)]
        return section.below_ul + section.volume(height_mm)

    def height_mm(self, volume_ul: float) -> float:
        """The height that a volume reaches; an over-full well reads as full to the brim."""
        brim = self._sections[-1].high
        if volume_ul <= 0.0:
            return 0.0
        if volume_ul >= self.geometric_ul:
            return brim
        section = next(s for s in reversed(self._sections) if s.below_ul <= volume_ul)
        low, high = section.low, section.high
        height = (low + high) / 2
        for _ in range(60):
            error = section.below_ul + section.volume(height) - volume_ul
            low, high = (low, height) if error > 0 else (height, high)
            area = section.area(height - section.low)
            newton = height - error / area if area > 0 else low
            step = newton if low < newton < high else (low + high) / 2
            if abs(step - height) < 1e-9:
                return step
            height = step
        return height


def well_model(definition: Mapping[str, Any], well: str) -> WellModel:
    """The inside of `well`. Raises KeyError where the labware has no such well."""
    entry = definition["wells"][well]
    geometries = definition.get("innerLabwareGeometry") or {}
    return WellModel(entry, geometries.get(entry.get("geometryDefinitionId", "")))


def _sections(well: Mapping[str, Any], geometry: Mapping[str, Any] | None) -> list[_Section]:
    """The sections, bottom to top, each with the volume below it."""
    shapes: list[tuple[float, float, Callable[[float], float], int]] = []
    if geometry and "heightToVolumeMap" in geometry:
        shapes = _tabulated(geometry["heightToVolumeMap"])
    elif geometry and geometry.get("sections"):
        for section in sorted(geometry["sections"], key=lambda s: float(s["bottomHeight"])):
            low, high = float(section["bottomHeight"]), float(section["topHeight"])
            panels = _PANELS_OTHER if section["shape"] == "squaredcone" else 1
            shapes.append((low, high, _area(section, high - low), panels))
    if not shapes:
        shapes = [(0.0, float(well["depth"]), _opening(well), 1)]
    sections: list[_Section] = []
    below = 0.0
    for low, high, area, panels in shapes:
        section = _Section(low, high, area, panels, below)
        sections.append(section)
        below += section.volume(high)
    return sections


def _opening(well: Mapping[str, Any]) -> Callable[[float], float]:
    if well.get("shape") == "circular":
        area = math.pi * float(well["diameter"]) ** 2 / 4
    else:
        area = float(well["xDimension"]) * float(well["yDimension"])
    return lambda z: area


def _tabulated(
    table: Mapping[Any, Any],
) -> list[tuple[float, float, Callable[[float], float], int]]:
    """A table of volumes by height: prisms between its points."""
    points = sorted((float(height), float(volume)) for height, volume in table.items())
    if points and points[0][0] > 0.0:
        points.insert(0, (0.0, 0.0))
    found: list[tuple[float, float, Callable[[float], float], int]] = []
    for (low, v0), (high, v1) in pairwise(points):
        if high > low:
            found.append((low, high, _constant((v1 - v0) / (high - low)), 1))
    return found


def _constant(area: float) -> Callable[[float], float]:
    return lambda z: area


def _area(section: Mapping[str, Any], height: float) -> Callable[[float], float]:
    """The cross-section of one section against the height above its own bottom."""
    count = int(section.get("xCount", 1)) * int(section.get("yCount", 1))
    shape = section["shape"]
    if shape == "spherical":
        radius = float(section["radiusOfCurvature"])
        return lambda z: count * math.pi * (2 * radius * z - z * z)
    if shape == "conical":
        d0, d1 = float(section["bottomDiameter"]), float(section["topDiameter"])
        return lambda z: count * math.pi / 4 * (d0 + (d1 - d0) * z / height) ** 2
    if shape == "cuboidal":
        x0, x1 = float(section["bottomXDimension"]), float(section["topXDimension"])
        y0, y1 = float(section["bottomYDimension"]), float(section["topYDimension"])
        return lambda z: count * (x0 + (x1 - x0) * z / height) * (y0 + (y1 - y0) * z / height)
    if shape == "squaredcone":
        return _squared_cone(section, height, count)
    raise ValueError(f"a well section of unknown shape {shape!r}")


def _squared_cone(
    section: Mapping[str, Any], height: float, count: int
) -> Callable[[float], float]:
    """A cone cut by a prism: a circle at one end, a rectangle at the other."""
    x, y = float(section["rectangleXDimension"]), float(section["rectangleYDimension"])
    ends = float(section["circleDiameter"]) / 2, math.hypot(x, y) / 2
    start, end = ends if section["bottomCrossSection"] == "circular" else ends[::-1]
    return lambda z: count * _circle_in_rectangle(start + (end - start) * z / height, x, y)


def _circle_in_rectangle(radius: float, x: float, y: float) -> float:
    """The area that a circle and a rectangle about the same centre share."""

    def under_arc(t: float) -> float:
        inside = max(radius * radius - t * t, 0.0)
        return (t * math.sqrt(inside) + radius * radius * math.asin(min(t / radius, 1.0))) / 2

    if radius <= 0.0:
        return 0.0
    reach = min(x / 2, radius)
    flat = min(math.sqrt(max(radius * radius - y * y / 4, 0.0)), reach)
    return 4 * (flat * y / 2 + under_arc(reach) - under_arc(flat))
