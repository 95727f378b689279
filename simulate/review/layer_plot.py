"""Vials from the side, to height: their layers, the guard, and the tip that draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from simulate.review import svg
from simulate.review.sheet import NORMAL, Sheet

_FILL = {"organic": svg.ORGANIC, "aqueous": svg.AQUEOUS, "miscible": svg.MISCIBLE}
_COLUMN, _DEPTH, _ABOVE = 2.25, 2.75, 0.72  # inches: a vial's share, its depth, room for the tip
Profile = Sequence[tuple[float, float]]  # (height, half width) in mm, bottom to top


@dataclass(frozen=True, slots=True)
class Column:
    """One vial: `bands` are (from mm, to mm, what) bottom to top, `notes` (mm, words).

    `tip_mm` and `guard_mm` are None where nothing is drawn.
    """

    title: str
    profile: Profile
    bands: Sequence[tuple[float, float, str]]
    tip_mm: float | None
    guard_mm: tuple[float, float] | None
    notes: Sequence[tuple[float, str]]


def layers(columns: Sequence[Column], name: str, description: str) -> Markup:
    """The vials side by side, all to one scale."""
    depth = max(column.profile[-1][0] for column in columns)
    widest = max(half for column in columns for _, half in column.profile)
    mm = min(_DEPTH / depth, 0.62 / widest)
    sheet = Sheet(_COLUMN * len(columns), mm * depth + _ABOVE)
    for n, column in enumerate(columns):
        _vial(sheet, column, _COLUMN * n + 0.12 + mm * widest, mm, depth)
    return sheet.svg(f"layers-plot-{name}", "Layers, drawn to height", description)


def _vial(sheet: Sheet, column: Column, centre: float, mm: float, depth: float) -> None:
    def place(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(centre + mm * half, 0.06 + mm * height) for half, height in points]

    for low, high, what in column.bands:
        ring = place(_slice(column.profile, low, high))
        sheet.shapes([ring], facecolor=_FILL[what], alpha=0.78, linewidth=0)
    if column.guard_mm is not None:
        ring = place(_slice(column.profile, *column.guard_mm))
        sheet.shapes([ring], facecolor="none", edgecolor=svg.INK, hatch="////", linewidth=0)
    left = [(-half, height) for height, half in reversed(column.profile)]
    right = [(half, height) for height, half in column.profile]
    sheet.lines([place([*left, *right])], svg.INK, linewidth=1.3, joinstyle="round")
    widest = max(half for _, half in column.profile)
    if column.tip_mm is not None:
        sheet.shapes(
            [place(_tip(column.tip_mm, widest, depth, _ABOVE / mm))],
            facecolor=svg.PAPER,
            edgecolor=svg.INK,
            linewidth=0.9,
            alpha=0.86,
        )
    sheet.text(centre - mm * widest, sheet.height - 0.1, column.title, fontsize=NORMAL)
    _notes(sheet, column, centre + mm * widest, mm)


def _notes(sheet: Sheet, column: Column, edge: float, mm: float) -> None:
    """Words beside the vial, moved apart, each with a line to its height."""
    last = -1.0
    for height, words in sorted(column.notes):
        level = 0.06 + mm * height
        y = max(level, last + 0.155)
        last = y
        sheet.lines([[(edge + 0.03, level), (edge + 0.13, y)]], svg.MUTED, linewidth=0.7)
        sheet.text(edge + 0.17, y, words)


def _tip(tip_mm: float, widest: float, depth: float, above_mm: float) -> list[tuple[float, float]]:
    """A tip, not to width: its end where it draws, its shaft out of the vial."""
    narrow, wide = widest * 0.08, widest * 0.4
    shoulder, end = tip_mm + depth * 0.6, depth + above_mm * 0.45
    right = [(narrow, tip_mm), (wide, shoulder), (wide, max(end, shoulder))]
    return [*right, *((-x, y) for x, y in reversed(right))]


def _slice(profile: Profile, low: float, high: float) -> list[tuple[float, float]]:
    """The inside between two heights, as a ring of (x, height)."""
    heights = [low, *(h for h, _ in profile if low < h < high), high]
    right = [(_half_at(profile, height), height) for height in heights]
    return [*right, *((-half, height) for half, height in reversed(right))]


def _half_at(profile: Profile, height: float) -> float:
    for (h0, w0), (h1, w1) in pairwise(profile):
        if h0 <= height <= h1:
            return w0 + (w1 - w0) * (height - h0) / (h1 - h0) if h1 > h0 else w0
    return profile[-1][1]
