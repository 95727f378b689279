"""A drawing in inches: a Matplotlib figure without axes, and time along it part by part.

Matplotlib's axes with their ticks cost most of the time that a page takes, and a live page is made
anew at each save; so grid lines and labels are put on the figure here, as a few compound paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from simulate.review import svg
from simulate.review.timetable import PartTimes
from simulate.review.values import clock_time, span_of_time

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL, NORMAL = 7.5, 8.5  # points
WIDTH, LEFT, RIGHT = 10.4, 1.15, 10.3  # inches: a drawing with time along it, and where that is
Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Stretch:
    """One part of the run on the x axis: from `left` to `right` in inches."""

    part: PartTimes
    left: float
    right: float

    def x(self, seconds: float) -> float:
        """Where a time is, at the nearest edge if it is outside of the part."""
        part = self.part
        length = max(1.0, part.ends_s - part.starts_s)
        share = min(1.0, max(0.0, (seconds - part.starts_s) / length))
        return self.left + share * (self.right - self.left)

    def holds(self, starts_s: float, ends_s: float) -> bool:
        """Whether something between two times shows in this part."""
        return starts_s < self.part.ends_s and ends_s > self.part.starts_s


def stretches(parts: Sequence[PartTimes], left: float, right: float) -> tuple[Stretch, ...]:
    """The parts side by side, as wide as they are long, none too narrow to be read."""
    least, gap = 0.3, 0.45
    lengths = [max(1.0, part.ends_s - part.starts_s) for part in parts]
    shares = [max(least, length / sum(lengths)) for length in lengths]
    scale = (right - left - gap * (len(parts) - 1)) / sum(shares)
    found, x = [], left
    for part, share in zip(parts, shares, strict=True):
        found.append(Stretch(part, x, x + share * scale))
        x += share * scale + gap
    return tuple(found)


def room_above(parts: Sequence[PartTimes]) -> float:
    """The room for the names of parts in inches, which a single part does not need."""
    return 0.26 if len(parts) > 1 else 0.06


class Sheet:
    """A figure of `width` x `height` inches to draw on; x to the right, y upwards."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width, height))
        self.figure.patch.set_visible(False)

    def text(self, x: float, y: float, words: str, **style: Any) -> None:
        """Words at a place; a `$` in them stays one. `gid` marks them, as for lines and shapes."""
        given: dict[str, Any] = {"fontsize": SMALL, "color": svg.INK, "va": "center"} | style
        inches = self.figure.dpi_scale_trans
        self.figure.text(x, y, words, transform=inches, parse_math=False, **given)

    def boxes(self, boxes: Iterable[Box], colour: str, **style: Any) -> None:
        """Filled rectangles, as one path."""
        rings = [[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes]
        self.shapes(rings, facecolor=colour, **({"linewidth": 0} | style))

    def lines(
        self, lines: Iterable[Sequence[tuple[float, float]]], colour: str, **style: Any
    ) -> None:
        """Open lines, as one path."""
        self._patch(list(lines), closed=False, facecolor="none", edgecolor=colour, **style)

    def shapes(self, rings: Iterable[Sequence[tuple[float, float]]], **style: Any) -> None:
        """Closed shapes, as one path."""
        self._patch(list(rings), closed=True, **style)

    def _patch(
        self, pieces: Sequence[Sequence[tuple[float, float]]], *, closed: bool, **style: Any
    ) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        vertices: list[tuple[float, float]] = []
        codes: list[int] = []
        for piece in pieces:
            vertices += piece
            codes += [int(Path.MOVETO), *[int(Path.LINETO)] * (len(piece) - 1)]
            if closed:
                vertices.append(piece[0])
                codes.append(int(Path.CLOSEPOLY))
        if vertices:
            inches = self.figure.dpi_scale_trans
            self.figure.add_artist(PathPatch(Path(vertices, codes), transform=inches, **style))

    def time_axis(
        self, across: Sequence[Stretch], bottom: float, top: float, *, labels: bool = True
    ) -> None:
        """Grid lines at round times, a base line, and the times under it."""
        grid, base = [], []
        for stretch in across:
            base.append([(stretch.left, bottom), (stretch.right, bottom)])
            for tick in _ticks(stretch):
                x = stretch.x(tick)
                grid.append([(x, bottom - 0.035), (x, top)])
                if labels:
                    self.text(x, bottom - 0.11, clock_time(tick), color=svg.MUTED, ha="center")
        self.lines(grid, svg.LINE, linewidth=0.6)
        self.lines(base, svg.LINE, linewidth=0.8)

    def part_names(self, across: Sequence[Stretch], y: float, middle: float) -> None:
        """What each part is called, and the hold before it, where there are several."""
        if len(across) == 1:
            return
        for n, stretch in enumerate(across):
            self.text(stretch.left, y, f"part {stretch.part.number}", color=svg.MUTED)
            if n:
                x = (across[n - 1].right + stretch.left) / 2
                words = f"hold {span_of_time(stretch.part.hold_s)}"
                self.text(x, middle, words, rotation=90, ha="center", color=svg.MUTED)

    def svg(self, name: str, title: str, description: str) -> Markup:
        """The drawing, for the page."""
        return svg.figure_svg(self.figure, name, title, description)


def _ticks(stretch: Stretch) -> list[float]:
    part = stretch.part
    most = max(2.0, (stretch.right - stretch.left) / 0.62)
    length = part.ends_s - part.starts_s
    choices = (60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
    step = next((s for s in choices if length / s <= most), 86400)
    first = int(-(-part.starts_s // step)) * step
    return [float(t) for t in range(first, int(part.ends_s) + 1, step)]
