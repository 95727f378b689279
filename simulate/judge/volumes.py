"""Volumes: too much in a well, too little in it, and tips that draw air."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from simulate.judge.case import Case, Fault, Where, fault
from simulate.ledger import Drawn

TOLERANCE_UL = 0.05
RELATIVE = 0.005
AIR_SHARE = 0.25  # of a stroke: more air than this is told as a fault, less as a note
# Where the definition gives no inner shape, a well is taken for a prism of its opening. A well
# that narrows to a point has three times the prism's height at the same volume.
NARROWEST = 3.0


def check_capacity(case: Case) -> Iterator[Fault]:
    """More in a well than it holds. With a plan, the verifier has this."""
    if case.planned:
        return
    lines = {said.well: said.line for said in case.trace.declared}
    places = case.places()
    for stamp, well, volume, capacity in case.ledger.overfilled:
        if volume <= capacity * 1.0005:
            continue
        declared = stamp.line is None and stamp.ends_s == 0.0
        where = Where(lines.get(well)) if declared else places[stamp.index]
        how = "is declared to hold" if declared else "holds"
        yield fault(
            p.CAP_1,
            where,
            f"{well} {how} {volume:.1f} µL, and can hold {capacity:.1f} µL",
            "use a larger vessel, or less",
        )


def check_draws(case: Case) -> Iterator[Fault]:
    """What is drawn: more than there is, mixing more than there is, or air."""
    places, mixes = case.places(), _mixes(case)
    via = {traced.index: traced.via for traced in case.trace.commands}
    with_liquid = _runs_with_liquid(case)
    unknown: dict[c.WellRef, Where] = {}
    for drawn in case.ledger.drawn:
        where = places[drawn.stamp.index]
        if _above_rim(case, drawn):
            gap = "air_gap" in via[drawn.stamp.index] or drawn.stamp.index in with_liquid
            if not gap:
                yield _all_air(case, drawn, where)
            continue
        if not drawn.declared:
            if drawn.volume_ul > drawn.held_ul:
                unknown.setdefault(drawn.well, where)
            continue
        short = drawn.volume_ul - drawn.held_ul
        if short > max(TOLERANCE_UL, RELATIVE * drawn.volume_ul):
            yield _underflow(drawn, where, mixing=drawn.stamp.index in mixes)
        elif drawn.air_ul > max(TOLERANCE_UL, RELATIVE * drawn.volume_ul):
            yield from _air(case, drawn, where)
    if unknown and not case.planned:
        well, where = next(iter(unknown.items()))
        count = f"{len(unknown)} wells are" if len(unknown) > 1 else "one well is"
        yield fault(
            p.UNDERFLOW,
            where,
            f"{count} drawn from although the script does not say what is in there ({well} first): "
            "whether it is enough can't be told",
            "declare it with load_liquid, and empty wells with load_empty",
            Severity.NOTE,
        )


def _underflow(drawn: Drawn, where: Where, *, mixing: bool) -> Fault:
    held = f"{drawn.held_ul:.1f} µL" if drawn.held_ul > TOLERANCE_UL else "nothing"
    if mixing:
        return fault(
            p.MIX,
            where,
            f"{drawn.well} is mixed with {drawn.volume_ul:.1f} µL, and holds {held}",
            "mix with half of what is there, or less",
        )
    return fault(
        p.UNDERFLOW,
        where,
        f"{drawn.volume_ul:.1f} µL are drawn from {drawn.well}, which holds {held} then",
        "fill in more, or draw less; if there is more, declare it with load_liquid",
    )


def _above_rim(case: Case, drawn: Drawn) -> bool:
    model = case.model(drawn.well)
    at_rim = not drawn.declared and drawn.height_mm == (model.depth_mm if model else 0.0)
    return (
        model is not None
        and case.trace.has_heights
        and (drawn.height_mm > model.depth_mm + 0.01 or at_rim)
    )


def _all_air(case: Case, drawn: Drawn, where: Where) -> Fault:
    model = case.model(drawn.well)
    over = drawn.height_mm - model.depth_mm if model else 0.0
    return fault(
        p.AIR_DRAWN,
        where,
        f"{drawn.volume_ul:.1f} µL of air are drawn: the tip is {over:.1f} mm above the rim of "
        f"{drawn.well}, and draws no liquid before it is emptied",
        "draw from inside the well; if it is to be air, use air_gap()",
    )


def _air(case: Case, drawn: Drawn, where: Where) -> Iterator[Fault]:
    """Liquid is there, and the tip stands above it, or it falls below the tip."""
    model = case.model(drawn.well)
    if not case.trace.has_heights or model is None:
        return
    above = drawn.height_mm >= drawn.top_mm
    certain = model.known or drawn.height_mm > NARROWEST * drawn.top_mm + 0.5
    severity: Severity | None = None
    if above:
        said = f"the liquid stands at {drawn.top_mm:.1f} mm"
        severity = None if certain else Severity.NOTE
    else:
        left = drawn.volume_ul - drawn.air_ul
        said = f"the liquid ({drawn.top_mm:.1f} mm) falls below it after {left:.1f} µL"
        large = drawn.air_ul > AIR_SHARE * drawn.volume_ul
        severity = Severity.WARNING if large and model.known else Severity.NOTE
    if severity is Severity.NOTE and case.planned:
        return
    yield fault(
        p.AIR_DRAWN,
        where,
        f"{drawn.air_ul:.1f} of {drawn.volume_ul:.1f} µL drawn from {drawn.well} are air: the tip "
        f"is {drawn.height_mm:.1f} mm above the bottom, and {said}",
        "lower the tip, or leave more liquid behind",
        severity,
    )


def _mixes(case: Case) -> frozenset[int]:
    """The draws that go straight back to where they came from."""
    found: set[int] = set()
    open_draws: dict[str, tuple[int, c.Aspirate]] = {}
    for traced in case.trace.commands:
        match traced.command:
            case c.Aspirate(mount) as draw:
                open_draws[mount] = traced.index, draw
                if "mix" in traced.via:
                    found.add(traced.index)
            case c.Dispense(mount, well, _, _, volume):
                index, before = open_draws.pop(mount, (0, None))
                if before and before.well == well and volume >= before.volume_ul * 0.99:
                    found.add(index)
            case c.AirGap(mount) | c.BlowOut(mount) | c.DropTip(mount):
                open_draws.pop(mount, None)
            case _:
                pass
    return frozenset(found)


def _runs_with_liquid(case: Case) -> frozenset[int]:
    """The draws above a rim that share a tip filling with liquid: air gaps, in the old way."""
    found: set[int] = set()
    above: dict[str, list[int]] = {}
    liquid: dict[str, bool] = {}
    held: dict[str, float] = {}

    def emptied(mount: str) -> None:
        if liquid.get(mount):
            found.update(above.get(mount, []))
        above[mount], liquid[mount], held[mount] = [], False, 0.0

    drawn = {item.stamp.index: item for item in case.ledger.drawn}
    for traced in case.trace.commands:
        match traced.command:
            case c.Aspirate(mount, _, _, _, volume):
                item = drawn.get(traced.index)
                if item is not None and _above_rim(case, item):
                    above.setdefault(mount, []).append(traced.index)
                else:
                    liquid[mount] = True
                held[mount] = held.get(mount, 0.0) + volume
            case c.Dispense(mount, _, _, _, volume):
                held[mount] = held.get(mount, 0.0) - volume
                if held[mount] <= TOLERANCE_UL:
                    emptied(mount)
            case c.BlowOut(mount) | c.DropTip(mount) | c.PickUpTip(mount):
                emptied(mount)
            case _:
                pass
    for mount in list(above):
        emptied(mount)
    return frozenset(found)
