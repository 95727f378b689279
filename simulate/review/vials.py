"""Vials from the side for each extraction: how high the layers stand, and where the tip is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from compiler.passes.lower import numbers
from compiler.stages.layout import Layout
from compiler.target.geometry import WellShape
from simulate.review.layer_plot import Column, layers
from simulate.review.states import Film
from simulate.review.values import Plan, pointer

_MOST_PICTURES = 6
_STEPS = 24  # points of a profile in a section that is not straight


@dataclass(frozen=True, slots=True)
class Picture:
    """One extraction as drawn, and the reactions that look the same."""

    title: str
    svg: Markup
    reactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One draw as a row of the table, and its index in the plan for each reaction that has it."""

    draw: Mapping[str, Any]
    indices: tuple[int, ...]

    def places(self, field: str) -> list[str]:
        """Where the plan has a number of the draw, reaction by reaction."""
        return [pointer("draws", index, field) for index in self.indices]


def draw_rows(plan: Plan) -> tuple[DrawRow, ...]:
    """The draws, equal ones of several reactions as one row."""
    groups: dict[str, list[int]] = {}
    for index, draw in enumerate(plan["draws"]):
        key = repr(sorted((k, v) for k, v in draw.items() if k != "reaction"))
        groups.setdefault(key, []).append(index)
    return tuple(DrawRow(plan["draws"][held[0]], tuple(held)) for held in groups.values())


def pictures(
    layout: Layout, plan: Plan, film: Film, suffix: str = ""
) -> tuple[tuple[Picture, ...], int]:
    """The extractions, each with its rounds side by side; equal ones drawn once.

    Of many that differ the first few; with them how many are not drawn.
    """
    groups: dict[tuple[Any, ...], list[tuple[str, str, str]]] = {}
    by_step: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for draw in plan["draws"]:
        if draw["tip_mm"] is not None and draw["position"] in ("upper", "lower"):
            by_step.setdefault((draw["step"], draw["vessel"], draw["reaction"]), []).append(draw)
    for key, draws in by_step.items():
        look = tuple(_look(draw) for draw in draws)
        groups.setdefault((key[0], key[1], look), []).append(key)
    found = []
    for number, keys in enumerate(list(groups.values())[:_MOST_PICTURES]):
        step, vessel, reaction = keys[0]
        columns = [
            column
            for draw in by_step[keys[0]]
            for column in _columns(layout, draw, film, reaction, vessel)
        ]
        if columns:
            described = "; ".join(_described(draw) for draw in by_step[keys[0]])
            found.append(
                Picture(
                    f"{vessel} at {step}",
                    layers(columns, f"{number}{suffix}", described),
                    tuple(key[2] for key in keys),
                )
            )
    return tuple(found), max(0, len(groups) - _MOST_PICTURES)


def _look(draw: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a draw can be told from its picture."""
    interface = draw["interface_mm"]
    return (
        draw["round"],
        *(numbers.volume(draw[key]) for key in ("uL", "guard_uL")),
        None if interface is None else numbers.digits(interface),
    )


def _described(draw: Mapping[str, Any]) -> str:
    return (
        f"round {draw['round']}: {numbers.volume(draw['uL'])} of the {draw['position']} "
        f"{draw['phase']} layer are drawn with the tip {numbers.digits(draw['tip_mm'])} mm above "
        f"the bottom; {numbers.volume(draw['guard_uL'])} stay as guard"
    )


def _columns(
    layout: Layout, draw: Mapping[str, Any], film: Film, reaction: str, vessel: str
) -> Iterable[Column]:
    """The vial before a draw, with the tip in it, and after it."""
    ref = layout.wells[reaction, vessel]
    placed = next(p for p in layout.placed if p.label == ref.labware)
    shape = placed.labware.wells[ref.well].shape
    for moment in ("settled", "drawn"):
        state = _state(film, draw, str(ref), moment)
        if state is None:
            continue
        bands, notes = _bands(shape, state)
        guard = _guard(shape, draw, state) if moment == "settled" else None
        tip = draw["tip_mm"] if moment == "settled" else None
        if tip is not None:
            notes.append((tip, f"tip {numbers.digits(tip)} mm"))
        words = "settled" if moment == "settled" else "drawn"
        yield Column(f"round {draw['round']}, {words}", profile(shape), bands, tip, guard, notes)


def _state(film: Film, draw: Mapping[str, Any], well: str, moment: str) -> Mapping[str, Any] | None:
    word = "layers settled" if moment == "settled" else "after the draw"
    for number, frame in enumerate(film.frames):
        same_round = f"round {draw['round']}," in frame.label or "round" not in frame.label
        if frame.step == draw["step"] and same_round and frame.label.endswith(word):
            return film.at(number).get(well)
    return None


def _bands(
    shape: WellShape, state: Mapping[str, Any]
) -> tuple[list[tuple[float, float, str]], list[tuple[float, str]]]:
    """Layers from the bottom up, and a note at the middle of each."""
    order = {"lower": 0, None: 0, "upper": 1}
    bands, notes, below = [], [], 0.0
    for phase in sorted(state["phases"], key=lambda phase: order[phase["at"]]):
        low = shape.height_mm(below)
        below += phase["uL"]
        high = shape.height_mm(min(below, shape.capacity_ul))
        bands.append((low, high, phase["is"]))
        name = phase["is"] if phase["kind"] == "single" else phase["kind"]
        notes.append(((low + high) / 2, f"{name} {numbers.volume(phase['uL'])}"))
        if phase["at"] == "lower":
            notes.append((high, f"{numbers.digits(high)} mm"))
    return bands, notes


def _guard(
    shape: WellShape, draw: Mapping[str, Any], state: Mapping[str, Any]
) -> tuple[float, float] | None:
    """What of the drawn layer stays: next to the interface."""
    lower = next((p["uL"] for p in state["phases"] if p["at"] == "lower"), None)
    if lower is None:
        return None
    top = lower + draw["guard_uL"] if draw["position"] == "upper" else lower
    bottom = lower if draw["position"] == "upper" else lower - draw["guard_uL"]
    return shape.height_mm(max(0.0, bottom)), shape.height_mm(min(top, shape.capacity_ul))


def profile(shape: WellShape) -> list[tuple[float, float]]:
    """(height, half width) of a round vial with the same cross-sections, bottom to top."""
    found: list[tuple[float, float]] = []
    for section in shape.sections:
        straight = section.b == 0 and section.c == 0
        points = 1 if straight else _STEPS
        for n in range(points + 1):
            z = section.thickness_mm * n / points
            half = math.sqrt(max(0.0, section.area_mm2(z)) / math.pi)
            found.append((section.bottom_mm + z, half))
    return found
