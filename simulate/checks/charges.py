"""Every charge: the right volume and amount, from the right place, into the right well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.checks.evidence import ABSOLUTE_UL, RELATIVE, Evidence, Flow, off, tolerance_ul
from simulate.plan import Charge


@dataclass(slots=True)
class _Expected:
    """What one well is to get of one material in one round of one step (a shared vessel adds
    up the shares of its reactions)."""

    charge: Charge
    well: WellRef
    volume_ul: float = 0.0
    mmol: float | None = None
    liquid: bool = False


@dataclass(slots=True)
class _Found:
    """What it got from that material's stocks, or from the operator."""

    volume_ul: float = 0.0
    mmol: float = 0.0
    air_ul: float = 0.0
    blown_ul: float = 0.0
    traced: bool = False  # whether the stock's composition names the substance
    last: Flow | None = None


@dataclass(slots=True)
class _Place:
    """One round of one step at one well."""

    expected: dict[str, _Expected] = field(default_factory=dict)


def check_charges(evidence: Evidence) -> Iterator[Finding]:
    """Hold every charge against what flowed, then report what flowed without a charge."""
    places, findings = _expected(evidence)
    yield from findings
    rounds: dict[tuple[str, WellRef], int] = {}
    for step, well, number in places:
        rounds[step, well] = max(rounds.get((step, well), 1), number)
    for (step, well, number), place in places.items():
        flows = [
            flow
            for flow in evidence.flows(step, well)
            if flow.into and min(flow.round, rounds[step, well]) == number
        ]
        yield from _check_place(evidence, step, well, number, place, flows)
    planned = {(step, well) for step, well, _ in places}
    yield from _unplanned(evidence, planned)


def _expected(
    evidence: Evidence,
) -> tuple[dict[tuple[str, WellRef, int], _Place], list[Finding]]:
    places: dict[tuple[str, WellRef, int], _Place] = {}
    findings: list[Finding] = []
    for charge in evidence.plan.charges:
        well = evidence.plan.well(charge.reaction, charge.vessel)
        if well is None:
            message = f"the plan gives {charge.vessel} of {charge.reaction} no well"
            findings.append(evidence.finding(v.PLAN, message, step=charge.step))
            continue
        place = places.setdefault((charge.step, well, charge.round), _Place())
        entry = place.expected.setdefault(charge.material, _Expected(charge, well))
        entry.volume_ul += charge.volume_ul or 0.0
        entry.liquid = entry.liquid or charge.volume_ul is not None
        if charge.mmol is not None:
            entry.mmol = (entry.mmol or 0.0) + charge.mmol
    return places, findings


def _check_place(
    evidence: Evidence,
    step: str,
    well: WellRef,
    number: int,
    place: _Place,
    flows: list[Flow],
) -> Iterator[Finding]:
    """One round of one step at one well: sources first, since they explain volumes."""
    found = {material: _Found() for material in place.expected}
    stray: dict[WellRef, _Found] = {}
    for flow in flows:
        material = _material(evidence, flow, set(place.expected))
        if material is not None:
            _count(found[material], flow, material)
        elif flow.transfer is not None and not _is_planned_draw(evidence, flow):
            _count(stray.setdefault(flow.transfer.source, _Found()), flow, "")
    missing = {
        material: entry
        for material, entry in place.expected.items()
        if entry.liquid
        and found[material].volume_ul < entry.volume_ul - tolerance_ul(entry.volume_ul)
    }
    for source, wrong in stray.items():
        swapped = [m for m, entry in missing.items() if not found[m].volume_ul]
        yield _wrong_source(evidence, step, well, source, wrong, swapped)
        for material in swapped:
            short = place.expected[material].volume_ul - wrong.volume_ul
            if abs(short) <= tolerance_ul(place.expected[material].volume_ul):
                missing.pop(material)
                found[material].volume_ul = place.expected[material].volume_ul
                found[material].traced = False
    for material, entry in place.expected.items():
        yield from _check_amount(evidence, entry, number, found[material])


def _count(found: _Found, flow: Flow, material: str) -> None:
    found.last = flow
    if flow.addition is not None:
        found.volume_ul += flow.addition.parcel.volume_ul
        substances = flow.addition.parcel.substances()
    else:
        assert flow.transfer is not None  # a flow is one or the other
        found.volume_ul += flow.transfer.volume_ul
        found.air_ul += flow.transfer.drawn.air_ul
        found.blown_ul += flow.transfer.volume_ul if flow.transfer.blown else 0.0
        substances = flow.transfer.parcel.substances()
    if material in substances:
        found.mmol += substances[material]
        found.traced = True


def _material(evidence: Evidence, flow: Flow, wanted: set[str]) -> str | None:
    """The planned material that a flow brings, or None."""
    if flow.addition is not None:
        return flow.addition.material if flow.addition.material in wanted else None
    assert flow.transfer is not None  # a flow is one or the other
    for material in sorted(wanted):
        if flow.transfer.source in evidence.plan.stock_wells(material):
            return material
    return None


def _is_planned_draw(evidence: Evidence, flow: Flow) -> bool:
    """Whether a delivery belongs to a draw of the plan: that check has it."""
    transfer = flow.transfer
    return transfer is not None and any(
        draw.step == transfer.stamp.step
        and evidence.plan.well(draw.reaction, draw.vessel) == transfer.source
        for draw in evidence.plan.draws
    )


def _wrong_source(
    evidence: Evidence,
    step: str,
    well: WellRef,
    source: WellRef,
    wrong: _Found,
    swapped: list[str],
) -> Finding:
    right = sorted(str(w) for m in swapped for w in evidence.plan.stock_wells(m))
    instead = f"; the plan has {', '.join(swapped)} from {', '.join(right)}" if right else ""
    return evidence.finding(
        v.SOURCE,
        f"{evidence.name(well)} gets {wrong.volume_ul:.2f} µL from {evidence.name(source)}"
        f"{instead}",
        step=step,
        wells=[well],
        stamp=wrong.last.stamp if wrong.last else None,
        advice="draw from the well that the plan names, or compile again after changing stocks",
    )


def _check_amount(
    evidence: Evidence, entry: _Expected, number: int, found: _Found
) -> Iterator[Finding]:
    charge = entry.charge
    of_round = f", round {number}" if number > 1 or _has_rounds(evidence, charge) else ""
    stamp = found.last.stamp if found.last else None
    if entry.liquid:
        error = found.volume_ul - entry.volume_ul
        if abs(error) > tolerance_ul(entry.volume_ul):
            air = f"; the tip drew {found.air_ul:.2f} µL of air" if found.air_ul > 0.01 else ""
            yield evidence.finding(
                v.CHARGE,
                f"{evidence.name(entry.well)} gets {found.volume_ul:.2f} µL of {charge.material}"
                f"{of_round}; the plan charges {entry.volume_ul:.2f} µL"
                f"{off(found.volume_ul, entry.volume_ul)}{air}",
                step=charge.step,
                stamp=stamp,
                wells=[entry.well],
                advice="restore the volume in the script, or compile the procedure again",
            )
            return
        if found.blown_ul > tolerance_ul(entry.volume_ul):
            yield evidence.finding(
                v.CHARGE,
                f"{evidence.name(entry.well)} gets {found.blown_ul:.2f} µL of {charge.material}"
                f"{of_round} only at the blow-out; {entry.volume_ul - found.blown_ul:.2f} µL of "
                f"{entry.volume_ul:.2f} µL are dispensed",
                step=charge.step,
                stamp=stamp,
                advice="dispense what was drawn: a blow-out is there for the last film",
            )
    if charge.by_operator and found.last is None:
        amount = f"{entry.mmol:.4g} mmol" if entry.mmol is not None else "its amount"
        yield evidence.finding(
            v.CHARGE,
            f"no pause asks the operator for {amount} of {charge.material} in "
            f"{evidence.name(entry.well)}{of_round}",
            step=charge.step,
            wells=[entry.well],
            advice="put the pause back: its message has a line that starts with the step's id",
        )
        return
    if entry.mmol is None or not found.traced or charge.portions is not None:
        return
    if abs(found.mmol - entry.mmol) > max(RELATIVE * entry.mmol, 1e-9):
        yield evidence.finding(
            v.SOURCE,
            f"{evidence.name(entry.well)} gets {found.mmol:.5g} mmol of {charge.material}"
            f"{of_round}; the plan charges {entry.mmol:.5g} mmol{off(found.mmol, entry.mmol)} "
            f"in the same volume",
            step=charge.step,
            wells=[entry.well],
            stamp=stamp,
            advice="the stock's composition and the charge disagree: compile the procedure again",
        )


def _has_rounds(evidence: Evidence, charge: Charge) -> bool:
    return any(
        other.step == charge.step and other.reaction == charge.reaction and other.round > 1
        for other in evidence.plan.charges
    )


def _unplanned(evidence: Evidence, planned: set[tuple[str, WellRef]]) -> Iterator[Finding]:
    """Liquid that goes into a vessel, a stock or a waste well without the plan's saying so."""
    for step, well in evidence.places:
        if (step, well) in planned:
            continue
        extra: dict[WellRef, _Found] = {}
        for flow in evidence.flows(step, well):
            if flow.into and flow.transfer is not None and not _is_planned_draw(evidence, flow):
                _count(extra.setdefault(flow.transfer.source, _Found()), flow, "")
        for source, found in extra.items():
            if found.volume_ul > ABSOLUTE_UL:
                yield evidence.finding(
                    v.CHARGE,
                    f"{evidence.name(well)} gets {found.volume_ul:.2f} µL from "
                    f"{evidence.name(source)}; the plan charges nothing there",
                    step=step or None,
                    wells=[well],
                    stamp=found.last.stamp if found.last else None,
                    advice="restore the well in the script, or compile the procedure again",
                )
