"""Volume and height in a well, in closed form, section by section."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WellShape:
    """The inside of a well, bottom to top. To be implemented by the target helper."""

    depth_mm: float

    @property
    def capacity_ul(self) -> float:
        """The geometric volume to the brim."""
        raise NotImplementedError

    def volume_ul(self, height_mm: float) -> float:
        """The volume below a height; 0 below the bottom, the capacity above the brim."""
        raise NotImplementedError

    def height_mm(self, volume_ul: float) -> float:
        """The height that a volume reaches; raises ValueError above the capacity."""
        raise NotImplementedError

    def area_mm2(self, height_mm: float) -> float:
        """The horizontal cross-section at a height."""
        raise NotImplementedError
