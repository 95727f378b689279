"""The timeline of the run, and the course of each vessel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from simulate.review import svg
from simulate.review.sheet import NORMAL, SMALL, Box, Sheet, Stretch, stretches
from simulate.review.timetable import Bar, PartTimes, Timetable, lanes_of
from simulate.review.values import clock_time

WORK = {
    "stands": (svg.LINE, "reaction stands in its vessel"),
    "wait": ("#aab2ba", "robot waits"),
    "pipette": (svg.BLUE, "robot pipettes or moves"),
    "operator": (svg.VERMILION, "operator"),
    "shake": (svg.MISCIBLE, "shaker on"),
    "warm": (svg.PURPLE, "temperature held"),
    "timed": (svg.ORGANIC, "timed by the chemistry: the bound"),
}
"""Colour and legend of each kind of work, back to front."""

_WIDTH, _LEFT, _RIGHT = 10.4, 1.15, 10.3  # inches
_LANE = 0.235
_MOST_LINES = 6  # reactions drawn one by one in a vessel's plot
_LEAST_PH = 0.8  # how thin a bracket of pH is drawn at least
_MOST_NAMES = 24  # reactions named one by one in the timeline


def timeline(
    table: Timetable, reactions: Sequence[str], steps: Sequence[str], suffix: str = ""
) -> Markup:
    """The Gantt chart: steps, operator, robot, modules, each reaction, and the bound."""
    lanes = lanes_of(table)
    served = [reaction for reaction in reactions if reaction in lanes]
    modules = [lane for lane in lanes if lane not in ("arm", "operator", "bound", *served)]
    thin = _LANE * (1.0 if len(served) <= 8 else 0.6 if len(served) <= _MOST_NAMES else 0.22)
    names = ["steps", "operator", "arm", *modules, *served, "bound"]
    heights = [thin if name in served else _LANE for name in names]
    above = _above(table.parts)
    height = sum(heights) + 0.52 + above
    sheet = Sheet(_WIDTH, height)
    across = stretches(table.parts, _LEFT, _RIGHT)
    bottom, top = 0.48, height - above
    sheet.time_axis(across, bottom, top)
    sheet.part_names(across, height - 0.13, (bottom + top) / 2)
    y = top
    for name, lane_height in zip(names, heights, strict=True):
        if name not in served or len(served) <= _MOST_NAMES or name in (served[0], served[-1]):
            words = {"arm": "robot arm"}.get(name, name)
            sheet.text(_LEFT - 0.1, y - lane_height / 2, words, ha="right", fontsize=NORMAL)
        bars = lanes.get(name, [])
        if name in served:
            bars = [Bar(name, "stands", bars[0].starts_s, table.parts[-1].ends_s, None), *bars]
        if name == "steps":
            _steps(sheet, across, table, steps, y, lane_height)
        _bars(sheet, across, bars, y, lane_height)
        y -= lane_height
    kinds = {bar.what for bar in table.bars} | ({"stands"} if served else set())
    _legend(sheet, kinds)
    described = "; ".join(
        f"{step} from {clock_time(table.steps[step][0])} to {clock_time(table.steps[step][1])}"
        for step in steps
        if step in table.steps
    )
    return sheet.svg(
        f"timeline-plot{suffix}", "Timeline of the run", f"In hours and minutes: {described}"
    )


def _above(parts: Sequence[PartTimes]) -> float:
    """The room for the names of parts, which a single part does not have."""
    return 0.26 if len(parts) > 1 else 0.06


def _bars(
    sheet: Sheet, across: Sequence[Stretch], bars: Iterable[Bar], top: float, height: float
) -> None:
    """The bars of one lane; none is too thin to be seen."""
    least = 0.012
    for what, (colour, _) in WORK.items():  # in this order: work lies over what only stands
        boxes: list[Box] = []
        for bar in bars:
            if bar.what != what:
                continue
            for stretch in across:
                if stretch.holds(bar.starts_s, bar.ends_s):
                    x0, x1 = stretch.x(bar.starts_s), stretch.x(bar.ends_s)
                    x1 = max(x1, x0 + least)
                    boxes.append((x0, top - 0.86 * height, x1, top - 0.14 * height))
        sheet.boxes(boxes, colour)


def _steps(
    sheet: Sheet,
    across: Sequence[Stretch],
    table: Timetable,
    steps: Sequence[str],
    top: float,
    height: float,
) -> None:
    """The numbers of the steps over what they span, where there is room; equal spans as one."""
    for stretch in across:
        spans: dict[tuple[float, float], list[int]] = {}
        for number, step in enumerate(steps, start=1):
            starts, ends = table.steps.get(step, (0.0, 0.0))
            if ends > starts and stretch.holds(starts, ends):
                spans.setdefault((stretch.x(starts), stretch.x(ends)), []).append(number)
        sheet.shapes(
            [
                ((a, low), (b, low), (b, high), (a, high))
                for a, b in spans
                for low, high in ((top - 0.86 * height, top - 0.14 * height),)
            ],
            facecolor="none",
            edgecolor=svg.MUTED,
            linewidth=0.7,
        )
        for (a, b), held in spans.items():
            words = str(held[0]) if len(held) == 1 else f"{held[0]}–{held[-1]}"
            if b - a > 0.068 * len(words):
                sheet.text((a + b) / 2, top - height / 2, words, ha="center")


def _legend(sheet: Sheet, kinds: set[str]) -> None:
    x, y = _LEFT, 0.13
    for kind, (colour, words) in WORK.items():
        if kind in kinds:
            sheet.boxes([(x, y - 0.05, x + 0.1, y + 0.05)], colour)
            sheet.text(x + 0.15, y, words)
            x += 0.36 + 0.0585 * len(words)


@dataclass(frozen=True, slots=True)
class Curve:
    """A vessel over time: (s, uL) after each change, for one reaction."""

    reaction: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class VesselPlot:
    """What one vessel's plot shows. `limit_ul` is the capacity times the bench's fill limit.

    `temperatures` are (s, degC), `ph` (s, low, high), `gas` (s, words).
    """

    vessel: str
    capacity_ul: float
    limit_ul: float
    curves: Sequence[Curve]
    drops: Sequence[float]
    temperatures: Sequence[tuple[float, float]]
    ph: Sequence[tuple[float, float, float]]
    gas: Sequence[tuple[float, str]]


def vessel(plot: VesselPlot, parts: Sequence[PartTimes], name: str) -> Markup:
    """Volume against capacity, with drops and gas; temperature and pH in strips below."""
    strip, gap, volume_height = 0.42, 0.16, 1.75
    strips = 1 + bool(plot.ph)
    above = _above(parts)
    height = 0.28 + strips * (strip + gap) + volume_height + above
    sheet = Sheet(_WIDTH, height)
    across = stretches(parts, _LEFT, _RIGHT)
    top = height - above
    base = top - volume_height
    sheet.part_names(across, height - 0.12, (base + top) / 2)
    sheet.time_axis(across, base, top, labels=False)
    _volume(sheet, across, plot, base, volume_height)
    y = base - gap - strip
    sheet.time_axis(across, y, y + strip, labels=strips == 1)
    _temperature(sheet, across, plot, y, strip)
    if plot.ph:
        y -= gap + strip
        sheet.time_axis(across, y, y + strip)
        _ph(sheet, across, plot, y, strip)
    most = max((ul for curve in plot.curves for _, ul in curve.points), default=0.0)
    words = f"At most {most:.0f} µL of {plot.capacity_ul:.0f} µL"
    words += f"; {len(plot.drops)} drops" if plot.drops else ""
    words += "".join(f"; {label}" for _, label in plot.gas)
    return sheet.svg(f"vessel-plot-{name}", f"{plot.vessel} over the run", words)


def _volume(
    sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float, height: float
) -> None:
    def y(ul: float) -> float:
        return base + height * ul / (plot.capacity_ul * 1.12)

    left, right = across[0].left, across[-1].right
    for ul in (0.0, plot.capacity_ul / 2, plot.capacity_ul):
        sheet.text(left - 0.08, y(ul), f"{ul:g} µL", ha="right", color=svg.MUTED)
    half = [[(s.left, y(plot.capacity_ul / 2)), (s.right, y(plot.capacity_ul / 2))] for s in across]
    sheet.lines(half, svg.LINE, linewidth=0.6)
    for n, curve in enumerate(_few(plot.curves)):
        stairs = [_stairs(curve.points, stretch) for stretch in across]
        drawn = [[(x, y(ul)) for x, ul in points] for points in stairs]
        if n == 0:
            rings = [[(p[0][0], y(0)), *p, (p[-1][0], y(0))] for p in drawn]
            sheet.shapes(rings, facecolor=svg.AQUEOUS, alpha=0.28, linewidth=0)
        sheet.lines(drawn, svg.BLUE, linewidth=1.3 if n == 0 else 0.7)
    for ul, dashes in ((plot.capacity_ul, "-"), (plot.limit_ul, (0, (4, 3)))):
        flat = [[(s.left, y(ul)), (s.right, y(ul))] for s in across]
        sheet.lines(flat, svg.VERMILION, linewidth=1.0, linestyle=dashes)
    sheet.text(right, y(plot.capacity_ul) + 0.09, "capacity", ha="right", color=svg.VERMILION)
    _drops(sheet, across, plot, base)
    _gas(sheet, across, plot, y(plot.capacity_ul))


def _drops(sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float) -> None:
    for stretch in across:
        part = stretch.part
        xs = [stretch.x(t) for t in plot.drops if part.starts_s <= t <= part.ends_s]
        if xs:
            sheet.lines([[(x, base + 0.04), (x, base + 0.14)] for x in xs], svg.INK, linewidth=0.8)
            sheet.text(xs[0], base + 0.23, f"{len(xs)} drops")


def _gas(sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, top: float) -> None:
    for stretch in across:
        part = stretch.part
        inside = [(t, w) for t, w in plot.gas if part.starts_s <= t < part.ends_s]
        for level, (time, words) in enumerate(inside):
            x = stretch.x(time)
            on_left = x < (stretch.left + stretch.right) / 2
            sheet.text(
                x + (0.04 if on_left else -0.04),
                top - 0.13 - 0.2 * level,
                f"▲ {words}",
                ha="left" if on_left else "right",
                bbox={"facecolor": svg.PAPER, "edgecolor": "none", "pad": 1.4},
            )


def _few(curves: Sequence[Curve]) -> Sequence[Curve]:
    """All of a few curves; of many the fullest first, and the emptiest."""
    if len(curves) <= _MOST_LINES:
        return curves
    by_size = sorted(curves, key=lambda c: (-max(ul for _, ul in c.points), c.reaction))
    return by_size[0], by_size[-1]


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


def _temperature(
    sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float, height: float
) -> None:
    values = [celsius for _, celsius in plot.temperatures]
    low, high = min([*values, 20.0]), max([*values, 25.0])

    def y(celsius: float) -> float:
        return base + height * (0.2 + 0.6 * (celsius - low) / (high - low))

    for celsius in (low, high):
        sheet.text(
            across[0].left - 0.08, y(celsius), f"{celsius:g} °C", ha="right", color=svg.MUTED
        )
    if values:
        drawn = [
            [(x, y(celsius)) for x, celsius in _stairs(plot.temperatures, stretch)]
            for stretch in across
        ]
        sheet.lines(drawn, svg.PURPLE, linewidth=1.5)


def _ph(
    sheet: Sheet, across: Sequence[Stretch], plot: VesselPlot, base: float, height: float
) -> None:
    def y(ph: float) -> float:
        return base + height * min(14.0, max(0.0, ph)) / 14

    for ph in (0, 7, 14):
        words = f"pH {ph}" if ph == 7 else f"{ph}"
        sheet.text(
            across[0].left - 0.08, y(ph), words, ha="right", color=svg.MUTED, fontsize=SMALL - 1
        )
    ends = [*[time for time, _, _ in plot.ph][1:], across[-1].part.ends_s]
    boxes = []
    for (time, low, high), end in zip(plot.ph, ends, strict=True):
        bottom = y(min(low, 14 - _LEAST_PH))
        top = max(y(high), bottom + height * _LEAST_PH / 14)
        for stretch in across:
            if stretch.holds(time, end):
                left = stretch.x(time)
                boxes.append((left, bottom, max(stretch.x(end), left + 0.01), top))
    sheet.boxes(boxes, svg.MISCIBLE)
