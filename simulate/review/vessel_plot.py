"""The course of a vessel over the run: volume, drops, gas, temperature and pH, by Matplotlib.

Of many reactions all are in the drawing, each marked as its own; the page shows the chosen one,
and of the others their volumes as faint lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from simulate.review import svg
from simulate.review.sheet import (
    LEFT,
    RIGHT,
    SMALL,
    WIDTH,
    Sheet,
    Stretch,
    room_above,
    stretches,
)
from simulate.review.timetable import PartTimes

_LEAST_PH = 0.8  # how thin a bracket of pH is drawn at least
_STRIP, _GAP, _VOLUME = 0.42, 0.16, 1.75  # inches


@dataclass(frozen=True, slots=True)
class Course:
    """What happens in one reaction's vessel.

    `volumes` are (s, uL) after each change, `drops` the s at which one falls, `temperatures`
    (s, degC), `ph` (s, low, high), `gas` (s, words).
    """

    reaction: str
    volumes: Sequence[tuple[float, float]]
    drops: Sequence[float]
    temperatures: Sequence[tuple[float, float]]
    ph: Sequence[tuple[float, float, float]]
    gas: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class VesselPlot:
    """What one vessel's plot shows. `limit_ul` is the capacity times the bench's fill limit."""

    vessel: str
    capacity_ul: float
    limit_ul: float
    courses: Sequence[Course]


def vessel(plot: VesselPlot, parts: Sequence[PartTimes], name: str) -> Markup:
    """Volume against capacity, with drops and gas; temperature and pH in strips below."""
    strips = 1 + any(course.ph for course in plot.courses)
    above = room_above(parts)
    height = 0.28 + strips * (_STRIP + _GAP) + _VOLUME + above
    sheet = Sheet(WIDTH, height)
    across = stretches(parts, LEFT, RIGHT)
    top = height - above
    base = top - _VOLUME
    sheet.part_names(across, height - 0.12, (base + top) / 2)
    sheet.time_axis(across, base, top, labels=False)
    _volume(sheet, across, plot, base)
    y = base - _GAP - _STRIP
    sheet.time_axis(across, y, y + _STRIP, labels=strips == 1)
    _temperature(sheet, across, plot, y)
    if strips == 2:
        y -= _GAP + _STRIP
        sheet.time_axis(across, y, y + _STRIP)
        _ph(sheet, across, plot, y)
    return sheet.svg(f"vessel-plot-{name}", f"{plot.vessel} over the run", _described(plot))


def _described(plot: VesselPlot) -> str:
    first = plot.courses[0]
    most = max((ul for course in plot.courses for _, ul in course.volumes), default=0.0)
    words = f"At most {most:.0f} µL of {plot.capacity_ul:.0f} µL"
    words += f"; {len(first.drops)} drops" if first.drops else ""
    return words + "".join(f"; {label}" for _, label in first.gas)


def _each(
    plot: VesselPlot, of: Callable[[Course], Any], otherwise: str = "off"
) -> Iterator[tuple[Course, dict[str, str]]]:
    """The courses that differ in something, each with its mark; one without where none does."""
    first = plot.courses[0]
    if all(of(course) == of(first) for course in plot.courses):
        yield first, {}
        return
    for course in reversed(plot.courses):  # the first one lies over the others
        yield course, {"gid": svg.of(course.reaction, first.reaction, otherwise)}


def _volume(sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float) -> None:
    def y(ul: float) -> float:
        return base + _VOLUME * ul / (plot.capacity_ul * 1.12)

    left, right = across[0].left, across[-1].right
    for ul in (0.0, plot.capacity_ul / 2, plot.capacity_ul):
        sheet.text(left - 0.08, y(ul), f"{ul:g} µL", ha="right", color=svg.MUTED)
    half = [[(s.left, y(plot.capacity_ul / 2)), (s.right, y(plot.capacity_ul / 2))] for s in across]
    sheet.lines(half, svg.LINE, linewidth=0.6)
    for course, mark in _each(plot, lambda c: c.volumes):
        rings = [[(p[0][0], y(0)), *p, (p[-1][0], y(0))] for p in _drawn(course.volumes, across, y)]
        sheet.shapes(rings, facecolor=svg.AQUEOUS, alpha=0.28, linewidth=0, **mark)
    for course, mark in _each(plot, lambda c: c.volumes, "faint"):
        sheet.lines(_drawn(course.volumes, across, y), svg.BLUE, linewidth=1.3, **mark)
    for ul, dashes in ((plot.capacity_ul, "-"), (plot.limit_ul, (0, (4, 3)))):
        flat = [[(s.left, y(ul)), (s.right, y(ul))] for s in across]
        sheet.lines(flat, svg.VERMILION, linewidth=1.0, linestyle=dashes)
    sheet.text(right, y(plot.capacity_ul) + 0.09, "capacity", ha="right", color=svg.VERMILION)
    for course, mark in _each(plot, lambda c: c.drops):
        _drops(sheet, across, course, base, mark)
    for course, mark in _each(plot, lambda c: c.gas):
        _gas(sheet, across, course, y(plot.capacity_ul), mark)


def _drawn(
    points: Sequence[tuple[float, float]],
    across: Sequence[Stretch],
    y: Callable[[float], float],
) -> list[list[tuple[float, float]]]:
    """A curve in inches, part by part."""
    return [[(x, y(value)) for x, value in _stairs(points, stretch)] for stretch in across]


def _drops(
    sheet: Sheet, across: Sequence[Stretch], course: Course, base: float, mark: dict[str, str]
) -> None:
    for stretch in across:
        part = stretch.part
        xs = [stretch.x(t) for t in course.drops if part.starts_s <= t <= part.ends_s]
        if xs:
            falls = [[(x, base + 0.04), (x, base + 0.14)] for x in xs]
            sheet.lines(falls, svg.INK, linewidth=0.8, **mark)
            sheet.text(xs[0], base + 0.23, f"{len(xs)} drops", **mark)


def _gas(
    sheet: Sheet, across: Sequence[Stretch], course: Course, top: float, mark: dict[str, str]
) -> None:
    for stretch in across:
        part = stretch.part
        inside = [(t, w) for t, w in course.gas if part.starts_s <= t < part.ends_s]
        for level, (time, words) in enumerate(inside):
            x = stretch.x(time)
            on_left = x < (stretch.left + stretch.right) / 2
            sheet.text(
                x + (0.04 if on_left else -0.04),
                top - 0.13 - 0.2 * level,
                f"▲ {words}",
                ha="left" if on_left else "right",
                bbox={"facecolor": svg.PAPER, "edgecolor": "none", "pad": 1.4},
                **mark,
            )


def _stairs(points: Sequence[tuple[float, float]], stretch: Stretch) -> list[tuple[float, float]]:
    """The part's stretch of a curve as (x, value), with its corners, from edge to edge."""
    part = stretch.part
    before = [value for time, value in points if time <= part.starts_s]
    value = before[-1] if before else points[0][1]
    found = [(stretch.left, value)]
    for time, after in points:
        if part.starts_s < time <= part.ends_s:
            found += [(stretch.x(time), value), (stretch.x(time), after)]
            value = after
    return [*found, (stretch.right, value)]


def _temperature(sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float) -> None:
    values = [celsius for course in plot.courses for _, celsius in course.temperatures]
    low, high = min([*values, 20.0]), max([*values, 25.0])

    def y(celsius: float) -> float:
        return base + _STRIP * (0.2 + 0.6 * (celsius - low) / (high - low))

    for celsius in (low, high):
        sheet.text(
            across[0].left - 0.08, y(celsius), f"{celsius:g} °C", ha="right", color=svg.MUTED
        )
    for course, mark in _each(plot, lambda c: c.temperatures):
        if course.temperatures:
            drawn = _drawn(course.temperatures, across, y)
            sheet.lines(drawn, svg.PURPLE, linewidth=1.5, **mark)


def _ph(sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float) -> None:
    def y(ph: float) -> float:
        return base + _STRIP * min(14.0, max(0.0, ph)) / 14

    for ph in (0, 7, 14):
        words = f"pH {ph}" if ph == 7 else f"{ph}"
        sheet.text(
            across[0].left - 0.08, y(ph), words, ha="right", color=svg.MUTED, fontsize=SMALL - 1
        )
    for course, mark in _each(plot, lambda c: c.ph):
        ends = [*[time for time, _, _ in course.ph][1:], across[-1].part.ends_s]
        boxes = []
        for (time, low, high), end in zip(course.ph, ends, strict=True):
            bottom = y(min(low, 14 - _LEAST_PH))
            top = max(y(high), bottom + _STRIP * _LEAST_PH / 14)
            for stretch in across:
                if stretch.holds(time, end):
                    left = stretch.x(time)
                    boxes.append((left, bottom, max(stretch.x(end), left + 0.01), top))
        sheet.boxes(boxes, svg.MISCIBLE, **mark)
