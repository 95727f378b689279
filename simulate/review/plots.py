"""The timeline of the run: a Gantt chart by Matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from simulate.review import svg
from simulate.review.sheet import (
    LEFT,
    NORMAL,
    RIGHT,
    WIDTH,
    Box,
    Sheet,
    Stretch,
    room_above,
    stretches,
)
from simulate.review.timetable import Bar, Timetable, lanes_of
from simulate.review.values import clock_time

WORK = {
    "stands": (svg.LINE, "reaction stands in its vessel"),
    "wait": ("#aab2ba", "robot waits"),
    "pipette": (svg.BLUE, "robot pipettes or moves"),
    "operator": (svg.VERMILION, "operator"),
    "shake": (svg.MISCIBLE, "shaker on"),
    "warm": (svg.PURPLE, "temperature held"),
    "timed": (svg.ORGANIC, "timed by the chemistry"),
    "bound": (svg.MUTED, "bound"),
}
"""Colour and legend of each kind of work, back to front."""

_LANE = 0.235  # inches
_MOST_NAMES = 24  # reactions named one by one in the timeline


def timeline(
    table: Timetable,
    reactions: Sequence[str],
    steps: Sequence[str],
    bounds_s: Sequence[float],
    suffix: str = "",
) -> Markup:
    """The Gantt chart: steps, operator, robot, modules, each reaction, chemistry and the bound.

    `bounds_s` is what each part takes at least.
    """
    lanes = {**lanes_of(table), "bound": _bounds(table, bounds_s)}
    served = [reaction for reaction in reactions if reaction in lanes]
    modules = [
        lane for lane in lanes if lane not in ("arm", "operator", "chemistry", "bound", *served)
    ]
    thin = _LANE * (1.0 if len(served) <= 8 else 0.6 if len(served) <= _MOST_NAMES else 0.22)
    names = ["steps", "operator", "arm", *modules, *served, "chemistry", "bound"]
    heights = [thin if name in served else _LANE for name in names]
    top_room = room_above(table.parts)
    height = sum(heights) + 0.52 + top_room
    sheet = Sheet(WIDTH, height)
    across = stretches(table.parts, LEFT, RIGHT)
    bottom, top = 0.48, height - top_room
    sheet.time_axis(across, bottom, top)
    sheet.part_names(across, height - 0.13, (bottom + top) / 2)
    y = top
    for name, lane_height in zip(names, heights, strict=True):
        if name not in served or len(served) <= _MOST_NAMES or name in (served[0], served[-1]):
            words = {"arm": "robot arm"}.get(name, name)
            sheet.text(LEFT - 0.1, y - lane_height / 2, words, ha="right", fontsize=NORMAL)
        bars = lanes.get(name, [])
        if name in served:
            bars = [Bar(name, "stands", bars[0].starts_s, table.parts[-1].ends_s, None), *bars]
        if name == "steps":
            _steps(sheet, across, table, steps, y, lane_height)
        _bars(sheet, across, bars, y, lane_height)
        y -= lane_height
    kinds = {bar.what for bars in lanes.values() for bar in bars}
    kinds |= {"stands"} if served else set()
    _legend(sheet, kinds)
    described = "; ".join(
        f"{step} from {clock_time(table.steps[step][0])} to {clock_time(table.steps[step][1])}"
        for step in steps
        if step in table.steps
    )
    return sheet.svg(
        f"timeline-plot{suffix}", "Timeline of the run", f"In hours and minutes: {described}"
    )


def _bounds(table: Timetable, bounds_s: Sequence[float]) -> list[Bar]:
    """From the start of each part, as long as it takes at least."""
    return [
        Bar("bound", "bound", part.starts_s, min(part.starts_s + least_s, part.ends_s), None)
        for part, least_s in zip(table.parts, bounds_s, strict=True)
    ]


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
    x, y = LEFT, 0.13
    for kind, (colour, words) in WORK.items():
        if kind in kinds:
            sheet.boxes([(x, y - 0.05, x + 0.1, y + 0.05)], colour)
            sheet.text(x + 0.15, y, words)
            x += 0.36 + 0.0585 * len(words)
