"""Every draw: the volume, the layer, the height of the tip, what stays behind, where it goes."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.checks.evidence import Evidence, off, tolerance_ul
from simulate.ledger import Drawn, Transfer
from simulate.plan import Draw

HEIGHT_MM = 0.2
_AGAIN = "restore the line in the script, or compile the procedure again"


def check_draws(evidence: Evidence) -> Iterator[Finding]:
    """Hold every draw against what left its vessel, then report draws without a plan."""
    rounds: dict[tuple[str, WellRef], int] = {}
    for draw in evidence.plan.draws:
        well = evidence.plan.well(draw.reaction, draw.vessel)
        if well is not None:
            rounds[draw.step, well] = max(rounds.get((draw.step, well), 1), draw.round)
    for draw in evidence.plan.draws:
        if draw.by_operator:
            continue
        well = evidence.plan.well(draw.reaction, draw.vessel)
        if well is None:
            message = f"the plan gives {draw.vessel} of {draw.reaction} no well"
            yield evidence.finding(v.PLAN, message, step=draw.step)
            continue
        last = rounds[draw.step, well]
        left = [
            flow.transfer
            for flow in evidence.flows(draw.step, well)
            if not flow.into and flow.transfer and min(flow.round, last) == draw.round
        ]
        yield from _check(evidence, draw, well, left)
    yield from _unplanned(evidence, set(rounds))


def _check(
    evidence: Evidence, draw: Draw, well: WellRef, left: list[Transfer]
) -> Iterator[Finding]:
    into = evidence.plan.well(draw.reaction, draw.into) if draw.into else None
    arrived = [t for t in left if into is None or t.into == into]
    others = [t for t in left if into is not None and t.into not in (None, into)]
    stamp = left[-1].stamp if left else None
    name = f"{evidence.name(well)}, draw {draw.round}"
    spoilt = [well] if into is None else [well, into]
    volume = sum(t.volume_ul for t in arrived)
    for other in sorted({str(t.into) for t in others if _is_nobodys(evidence, draw, t)}):
        yield evidence.finding(
            v.DRAW,
            f"{name}: liquid goes to {other}; the plan has it in {into}",
            step=draw.step,
            wells=spoilt,
            stamp=stamp,
            advice=_AGAIN,
        )
    if abs(volume - draw.volume_ul) > tolerance_ul(draw.volume_ul):
        air = sum({t.drawn.stamp.index: t.drawn.air_ul for t in left}.values())
        mixed = f"; the tip drew {air:.2f} µL of air" if air > 0.01 else ""
        yield evidence.finding(
            v.DRAW,
            f"{name}: {volume:.2f} µL arrive in {draw.into or 'another vessel'}; the plan draws "
            f"{draw.volume_ul:.2f} µL{off(volume, draw.volume_ul)}{mixed}",
            step=draw.step,
            wells=spoilt,
            stamp=stamp,
            advice=_AGAIN,
        )
    blown = sum(t.volume_ul for t in arrived if t.blown)
    if blown > tolerance_ul(draw.volume_ul):
        yield evidence.finding(
            v.DRAW,
            f"{name}: {blown:.2f} µL leave the tip only at the blow-out; "
            f"{volume - blown:.2f} µL of {draw.volume_ul:.2f} µL are dispensed",
            step=draw.step,
            stamp=stamp,
            advice="dispense what was drawn: a blow-out is there for the last film",
        )
    wrong_before = well in evidence.suspects
    yield from _check_layer(evidence, draw, name, arrived, spoilt)
    yield from _check_levels(evidence, draw, name, arrived, levels=not wrong_before)


def _is_nobodys(evidence: Evidence, draw: Draw, transfer: Transfer) -> bool:
    """Whether no draw of the same step, vessel and round goes to where this went. A vessel that
    reactions share is one vessel."""
    plan = evidence.plan
    return not any(
        other.into and plan.well(other.reaction, other.into) == transfer.into
        for other in plan.draws
        if (other.step, other.round) == (draw.step, draw.round)
        and plan.well(other.reaction, other.vessel) == plan.well(draw.reaction, draw.vessel)
    )


def _check_layer(
    evidence: Evidence, draw: Draw, name: str, arrived: list[Transfer], spoilt: list[WellRef]
) -> Iterator[Finding]:
    """The layer by what it is, and by where it lies."""
    stamp = arrived[-1].stamp if arrived else None
    kinds: dict[str, float] = {}
    places: dict[str, float] = {}
    for transfer in arrived:
        kinds[transfer.kind] = kinds.get(transfer.kind, 0.0) + transfer.volume_ul
        places[transfer.position] = places.get(transfer.position, 0.0) + transfer.volume_ul
    wrong = {
        kind: volume
        for kind, volume in kinds.items()
        if kind != draw.phase and volume > tolerance_ul(draw.volume_ul)
    }
    for kind, volume in wrong.items():
        yield evidence.finding(
            v.DRAW,
            f"{name}: {volume:.2f} µL of the {_layer(kind)} were taken; the plan draws the "
            f"{_layer(draw.phase)} only{_heights(draw, arrived)}",
            step=draw.step,
            wells=spoilt,
            stamp=stamp,
            advice="keep the tip inside the layer, and the guard volume behind",
        )
    elsewhere = {p: u for p, u in places.items() if p != draw.position}
    if not wrong and sum(elsewhere.values()) > tolerance_ul(draw.volume_ul):
        yield evidence.finding(
            v.DRAW,
            f"{name}: the {_layer(draw.phase)} is the {max(elsewhere, key=lambda p: elsewhere[p])} "
            f"one; the plan takes it for the {draw.position} one",
            step=draw.step,
            stamp=stamp,
            advice="the densities in the plan decide which layer lies lower: compile again",
        )


def _layer(kind: str) -> str:
    return "only layer" if kind == "single" else f"{kind} layer"


def _heights(draw: Draw, arrived: list[Transfer]) -> str:
    drawn = arrived[-1].drawn
    if drawn.interface_mm is None:
        return ""
    return f" (tip at {drawn.height_mm:.2f} mm, interface at {drawn.interface_mm:.2f} mm)"


def _check_levels(
    evidence: Evidence, draw: Draw, name: str, arrived: list[Transfer], *, levels: bool
) -> Iterator[Finding]:
    """The tip's height, the interface before the first stroke, the guard after the last.

    `levels` is False where the vessel is known to hold something else than planned.
    """
    strokes: list[Drawn] = list({t.drawn.stamp.index: t.drawn for t in arrived}.values())
    if not strokes:
        return
    strokes.sort(key=lambda stroke: stroke.stamp.index)
    first, last = strokes[0], strokes[-1]
    planned_mm = draw.tip_mm
    if planned_mm is not None:
        worst = max(strokes, key=lambda stroke: abs(stroke.height_mm - planned_mm))
        if abs(worst.height_mm - planned_mm) > HEIGHT_MM:
            yield evidence.finding(
                v.DRAW,
                f"{name}: the tip draws {worst.height_mm:.2f} mm above the bottom; the plan has "
                f"{planned_mm:.2f} mm",
                step=draw.step,
                stamp=worst.stamp,
                advice=_AGAIN,
            )
    if not levels:
        return
    if draw.interface_mm is not None and first.interface_mm is not None:
        error_mm = abs(first.interface_mm - draw.interface_mm)
        if error_mm > HEIGHT_MM:
            yield evidence.finding(
                v.DRAW,
                f"{name}: the interface stands at {first.interface_mm:.2f} mm before it; the plan "
                f"has {draw.interface_mm:.2f} mm",
                step=draw.step,
                stamp=first.stamp,
                advice="what went into the vessel, or its shape, is not what the plan assumes",
            )
    if draw.guard_ul is None or draw.phase == "single":
        return
    left = next((u for kind, u in last.rest_ul.items() if kind == draw.phase), 0.0)
    if abs(left - draw.guard_ul) > tolerance_ul(draw.guard_ul) + tolerance_ul(draw.volume_ul):
        yield evidence.finding(
            v.DRAW,
            f"{name}: {left:.2f} µL of the {_layer(draw.phase)} stay behind; the plan leaves "
            f"{draw.guard_ul:.2f} µL as a guard",
            step=draw.step,
            stamp=last.stamp,
            advice=_AGAIN,
        )


def _unplanned(evidence: Evidence, planned: set[tuple[str, WellRef]]) -> Iterator[Finding]:
    """Liquid drawn from a vessel without the plan's saying so."""
    vessels = set(evidence.plan.wells.values())
    for step, well in evidence.places:
        if (step, well) in planned or well not in vessels:
            continue
        left = [f.transfer for f in evidence.flows(step, well) if not f.into and f.transfer]
        volume = sum(t.volume_ul for t in left)
        if volume > tolerance_ul(0.0):
            yield evidence.finding(
                v.DRAW,
                f"{evidence.name(well)}: {volume:.2f} µL are drawn; the plan draws nothing there",
                step=step or None,
                stamp=left[-1].stamp,
                advice=_AGAIN,
            )
