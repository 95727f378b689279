"""Mixing by pipette: how much, how often, and where the tip is."""

from __future__ import annotations

from dataclasses import replace

from compiler.passes.lower import pipetting
from compiler.passes.lower.context import Context
from compiler.passes.lower.pipetting import Instrument
from compiler.stages.contents import Snapshot
from compiler.stages.documents import AnyStep, Extract
from compiler.stages.operations import MixVessel

CYCLES = 3  # after an addition
SHARE = 0.5  # of what the vessel holds (Emerald Cloud Lab: half the total volume)
LOWEST_MM = 1.0
SHALLOW_MM = 0.5  # the least where the liquid is less than 2 mm deep; the tip must stay in it


def mix_vessel(
    context: Context,
    step: str,
    vessel: str,
    moment: str,
    *,
    round_: int = 1,
    cycles: int = CYCLES,
    wanted_ul: float | None = None,
) -> MixVessel | None:
    """Mixing a vessel as it stands at a moment of a step; None where no pipette can.

    A stroke is half of the contents (or what is asked for), as far as the tip holds it; the tip
    is at half the height of the liquid.
    """
    states: dict[str, Snapshot] = {}
    for reaction in context.reactions:
        found = context.snapshot(step, moment, reaction.id, vessel, round_)
        if found is not None and found.volume_ul > 0:
            states[reaction.id] = found
    if not states:
        return None
    heights, strokes = {}, {}
    for reaction_id, state in states.items():
        stroke = wanted_ul if wanted_ul is not None else SHARE * state.volume_ul
        heights[reaction_id], strokes[reaction_id] = immersed(
            context, vessel, state.volume_ul, _half_mm(state), min(stroke, 0.9 * state.volume_ul)
        )
    instrument = _instrument(context, min(strokes.values()))
    if instrument is None:
        return None
    how = pipetting.handling("aqueous", instrument)
    most_ul = pipetting.capacity_ul(instrument, how)
    strokes = {reaction_id: min(stroke, most_ul) for reaction_id, stroke in strokes.items()}
    return MixVessel(
        step=step,
        vessel=vessel,
        stroke_ul=strokes,
        cycles=cycles,
        height_mm=heights,
        handling=how,
        pipette=instrument.mount,
    )


def standing_mix(
    context: Context,
    step: AnyStep,
    vessel: str,
    *,
    cycles: int = CYCLES,
    wanted_ul: float | None = None,
) -> MixVessel | None:
    """Mixing for a step that charges nothing: the vessel as an earlier step left it."""
    last: tuple[str, str, int] | None = None
    first = context.reactions[0].id
    for other in context.procedure.steps:
        if other is step:
            break
        for round_ in range(1, (other.times if isinstance(other, Extract) else 1) + 1):
            for moment in ("charged", "drawn"):
                if context.snapshot(other.id, moment, first, vessel, round_) is not None:
                    last = (other.id, moment, round_)
    if last is None:
        return None
    then, moment, round_ = last
    mix = mix_vessel(
        context, then, vessel, moment, round_=round_, cycles=cycles, wanted_ul=wanted_ul
    )
    return replace(mix, step=step.id) if mix is not None else None


def _instrument(context: Context, stroke_ul: float) -> Instrument | None:
    """The pipette that moves most of the smallest stroke at once; the smaller one of equals."""
    usable = [i for i in context.instruments if i.pipette.min_ul <= stroke_ul]
    if not usable:
        return None
    return max(usable, key=lambda i: (min(stroke_ul, i.stroke_limit_ul), -i.pipette.max_ul))


def _half_mm(state: Snapshot) -> float:
    tops = [phase.top_mm for phase in state.phases if phase.top_mm is not None]
    return round(max(tops) / 2, 2) if tops else LOWEST_MM


def immersed(
    context: Context, vessel: str, volume_ul: float, height_mm: float, stroke_ul: float
) -> tuple[float, float]:
    """(height, stroke) with which a tip stays in shallow liquid; the same where it is deep.

    Below 1 mm the tip goes down as far as 0.5 mm, and a stroke is what stands above it.
    """
    housing = context.housing(vessel)
    wells = housing.labware.wells if housing is not None and housing.labware is not None else {}
    if height_mm >= LOWEST_MM or not wells:
        return max(height_mm, LOWEST_MM), stroke_ul
    height_mm = max(height_mm, SHALLOW_MM)
    shape = next(iter(wells.values())).shape
    return height_mm, min(stroke_ul, max(volume_ul - shape.volume_ul(height_mm), 0.0))
