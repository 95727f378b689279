"""The least time that a pipette needs to get from one place of the deck to another.

Every move is timed by the clock itself, so that a bound built on it follows the clock's rules.
Times obey the triangle inequality (each move starts and ends at rest), so that what else the arm
does on the way only adds to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import dist

from compiler.stages.layout import Layout
from compiler.target import commands as c
from compiler.target.clock import Clock, Timekeeper
from compiler.target.deck import Deck


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a tip; `well` None is the trash."""

    well: c.WellRef | None
    point: c.Point


@dataclass
class Travel:
    """Moves over a deck as it stands. Nothing here depends on the order of work."""

    deck: Deck
    clock: Clock
    over_mm: float  # how high pipettes travel from labware to labware
    _known: dict[tuple[str, Spot, Spot], float] = field(default_factory=dict)
    _racks_of: dict[str, tuple[tuple[str, tuple[c.Point, c.Point]], ...]] = field(
        default_factory=dict
    )
    _neighbours: dict[tuple[str, tuple[Spot, ...]], tuple[float, ...]] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        """The layout of the deck."""
        return self.deck.layout

    @cached_property
    def _keeper(self) -> Timekeeper:
        tops = {label: (top_mm,) for label, top_mm in self.deck.tops_mm().items()}
        return Timekeeper(self.clock, travel_mm=self.over_mm, tops_mm=tops)

    def spot(self, well: c.WellRef, height_mm: float) -> Spot:
        """A height above a well's inner bottom."""
        return Spot(well, self.deck.well(well, height_mm))

    def channels(self, mount: str) -> int:
        """How many tips a pipette takes at once."""
        return self.layout.mounted[mount].pipette.channels

    def move_s(self, mount: str, start: Spot, end: Spot) -> float:
        """The time from a place to another, with the same pipette."""
        key = (mount, start, end)
        if key not in self._known:
            keeper = self._keeper
            keeper.advance(c.MoveTo(mount, start.well, start.point, 0.0, None))
            begun, ended = keeper.advance(c.MoveTo(mount, end.well, end.point, 0.0, None))
            self._known[key] = ended - begun
        return self._known[key]

    def nearest_s(self, mount: str, starts: Iterable[Spot], end: Spot) -> float:
        """The least time to a place from any of others."""
        return min((self.move_s(mount, start, end) for start in starts), default=0.0)

    def neighbours_s(self, mount: str, spots: Sequence[Spot]) -> tuple[float, ...]:
        """For each place, the least time to it from another of them; zero for a place alone.

        Of places at one height in one labware only the nearest is timed: time grows with distance.
        """
        key = (mount, tuple(spots))
        if key not in self._neighbours:
            self._neighbours[key] = tuple(
                self.nearest_s(mount, _nearest(spot, spots), spot) for spot in spots
            )
        return self._neighbours[key]

    # --- tips ---------------------------------------------------------------------------------

    def _racks(self, mount: str, spot: Spot) -> tuple[Spot, ...]:
        """In each rack of a pipette the tip that is nearest to a place, as if there were one."""
        made = []
        for label, (low, high) in self._boxes(mount):
            x = min(max(spot.point.x, low.x), high.x)
            y = min(max(spot.point.y, low.y), high.y)
            made.append(Spot(c.WellRef(label, "A1"), c.Point(x, y, high.z)))
        return tuple(made)

    def _boxes(self, mount: str) -> tuple[tuple[str, tuple[c.Point, c.Point]], ...]:
        """The racks of a pipette: the corners of the rectangle in which their tips stand."""
        if mount not in self._racks_of:
            found = []
            for label in self.layout.mounted[mount].tip_racks:
                wells = self.deck.labware(label).labware.wells
                tops = [self.deck.top(c.WellRef(label, name)) for name in wells]
                xs, ys = [point.x for point in tops], [point.y for point in tops]
                low = c.Point(min(xs), min(ys), tops[0].z)
                found.append((label, (low, c.Point(max(xs), max(ys), tops[0].z))))
            self._racks_of[mount] = tuple(found)
        return self._racks_of[mount]

    def from_rack_s(self, mount: str, spot: Spot) -> float:
        """The least time from a tip's place to another place."""
        return min((self.move_s(mount, r, spot) for r in self._racks(mount, spot)), default=0.0)

    def away_s(self, mount: str, spot: Spot) -> float:
        """The least time from a place to the trash or back to a rack."""
        back = [self.move_s(mount, spot, rack) for rack in self._racks(mount, spot)]
        return min([*back, self.move_s(mount, spot, self._trash)])

    def next_tip_s(self, mount: str) -> float:
        """The least time from where a tip was let go to the next one: a trash, or a rack."""
        ways = [self.from_trash_s(mount)]
        for label in self.layout.mounted[mount].tip_racks:
            names = list(self.deck.labware(label).labware.wells)[:2]
            first, second = (c.WellRef(label, name) for name in names)
            neighbours = (Spot(first, self.deck.top(first)), Spot(second, self.deck.top(second)))
            ways.append(self.move_s(mount, *neighbours))
        return min(ways)

    def from_trash_s(self, mount: str) -> float:
        """The least time from the trash to a tip."""
        trash = self._trash
        return min((self.move_s(mount, trash, r) for r in self._racks(mount, trash)), default=0.0)

    @cached_property
    def _trash(self) -> Spot:
        return Spot(None, self.deck.trash())


def _nearest(spot: Spot, others: Sequence[Spot]) -> Iterable[Spot]:
    """Of the other places the nearest one of each labware and height."""
    found: dict[tuple[str, float], tuple[float, Spot]] = {}
    for other in others:
        if other.well == spot.well:
            continue
        label = other.well.labware if other.well is not None else ""
        gap = dist((other.point.x, other.point.y), (spot.point.x, spot.point.y))
        key = (label, other.point.z)
        if key not in found or gap < found[key][0]:
            found[key] = (gap, other)
    return (each for _, each in found.values())
