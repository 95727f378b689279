"""Temperatures: modules at their set points, vessels at theirs while something is added."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from simulate.checks.evidence import Evidence
from simulate.checks.timing import modules_of
from simulate.ledger import Addition, Ledger, SetPoint, Transfer
from simulate.plan import Temperature


def check_temperatures(evidence: Evidence) -> Iterator[Finding]:
    """Set points in their steps, no addition on a module that is still on its way."""
    for planned in evidence.plan.temperatures:
        if planned.vessel is not None:
            yield from _check_vessel(evidence, planned)
        else:
            yield from _check_set_point(evidence, planned)
    yield from _unplanned(evidence)
    yield from _on_the_way(evidence)


def _check_vessel(evidence: Evidence, planned: Temperature) -> Iterator[Finding]:
    """What a step adds to a vessel goes in at the vessel's temperature."""
    wells = {well for (_, vessel), well in evidence.plan.wells.items() if vessel == planned.vessel}
    for item in _additions(evidence):
        well = item.into if isinstance(item, Transfer) else item.well
        step = item.stamp.step if isinstance(item, Transfer) else item.step
        if well is None or well not in wells or step != planned.step:
            continue
        celsius = item.climate.of(well.labware)
        target = planned.celsius
        if target is None or celsius is None:
            continue  # on the way: reported for all steps alike
        if abs(celsius - target) > planned.tolerance_k:
            yield evidence.finding(
                v.TEMPERATURE,
                f"{evidence.name(well)} is at {celsius:g} °C when liquid goes in; the plan has "
                f"{target:g} °C ± {planned.tolerance_k:g} K",
                step=planned.step,
                stamp=item.stamp,
                advice="set the module and wait for it before the addition",
            )
            return


def _check_set_point(evidence: Evidence, planned: Temperature) -> Iterator[Finding]:
    """The module reaches the planned temperature (or goes off) in the planned step."""
    points = [
        point
        for ledger in evidence.ledgers
        if planned.part in (None, ledger.part)
        for point in ledger.set_points
        if point.module in modules_of(evidence, ledger, planned.module)
        and point.stamp.step == planned.step
    ]
    reached = [p for p in points if p.awaited]
    target = planned.celsius
    if any(_same(p.celsius, target) for p in reached):
        return
    wanted = "goes off" if target is None else f"goes to {target:g} °C and is waited for"
    if reached:
        found = ", ".join("off" if p.celsius is None else f"{p.celsius:g} °C" for p in reached)
    elif points:
        found = f"{points[-1].celsius:g} °C, and nothing waits for it"
    else:
        found = "nothing"
    yield evidence.finding(
        v.TEMPERATURE,
        f"{planned.module or 'the module'} {wanted} in this step; the script has {found}",
        step=planned.step,
        stamp=points[-1].stamp if points else None,
        advice="restore the set point and the wait for it",
    )


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 0.05


def _unplanned(evidence: Evidence) -> Iterator[Finding]:
    """A temperature that no step of the plan asks for. (Going off is no fault: every end does.)"""
    if not any(planned.module for planned in evidence.plan.temperatures):
        return
    for ledger in evidence.ledgers:
        for point in ledger.set_points:
            if point.celsius is not None and not _is_planned(evidence, ledger, point):
                yield evidence.finding(
                    v.TEMPERATURE,
                    f"{point.module} goes to {point.celsius:g} °C; the plan has no such set point "
                    f"in this step",
                    step=point.stamp.step,
                    stamp=point.stamp,
                    advice="restore the set point, or compile the procedure again",
                )
                return


def _is_planned(evidence: Evidence, ledger: Ledger, point: SetPoint) -> bool:
    return any(
        planned.step == point.stamp.step
        and _same(planned.celsius, point.celsius)
        and point.module in modules_of(evidence, ledger, planned.module)
        for planned in evidence.plan.temperatures
        if planned.vessel is None
    )


def _on_the_way(evidence: Evidence) -> Iterator[Finding]:
    for item in _additions(evidence):
        well = item.into if isinstance(item, Transfer) else item.well
        if well is not None and item.climate.of(well.labware) is None:
            yield evidence.finding(
                v.TEMPERATURE,
                f"liquid goes into {evidence.name(well)} while its module is on its way to a "
                f"temperature that nothing waits for",
                step=item.stamp.step if isinstance(item, Transfer) else item.step,
                stamp=item.stamp,
                advice="wait for the temperature before the addition",
            )
            return


def _additions(evidence: Evidence) -> Iterator[Transfer | Addition]:
    for ledger in evidence.ledgers:
        yield from (t for t in ledger.transfers if t.into is not None and not t.is_mixing)
        yield from ledger.additions
