"""Contents: what every vessel holds at the end of a step is what the plan has there.

A wrong charge or draw is reported by its own check; its consequences are not told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.checks.evidence import RELATIVE, Evidence, off
from simulate.liquids import Parcel
from simulate.plan import Contents

TOLERANCE_UL = 0.5  # many transfers, each within its own tolerance


def check_contents(evidence: Evidence) -> Iterator[Finding]:
    """Compare the last snapshot of each step and vessel."""
    suspects = frozenset(evidence.suspects)
    last: dict[tuple[str, WellRef], Contents] = {}
    for snapshot in evidence.plan.contents:
        well = evidence.plan.well(snapshot.reaction, snapshot.vessel)
        if well is not None and well not in suspects:
            last[snapshot.step, well] = snapshot
    told: set[WellRef] = set()
    charged = {charge.material for charge in evidence.plan.charges if charge.mmol is not None}
    drawn = _drawn_from(evidence)
    for (step, well), snapshot in last.items():
        held = _at_end_of(evidence, step)
        if held is None or well in told:
            continue
        parcel = held.get(well, Parcel())
        for finding in _compare(
            evidence, snapshot, well, parcel, charged if well not in drawn else set()
        ):
            told.add(well)
            yield finding


def _at_end_of(evidence: Evidence, step: str) -> Mapping[WellRef, Parcel] | None:
    """What wells held when the step was over: in the last part that has it."""
    for ledger in reversed(evidence.ledgers):
        if step in ledger.after:
            return ledger.after[step]
    return None


def _drawn_from(evidence: Evidence) -> frozenset[WellRef]:
    """Vessels from or into which draws go: how solutes part between layers is not replayed."""
    wells: set[WellRef] = set()
    for draw in evidence.plan.draws:
        for vessel in (draw.vessel, draw.into):
            well = evidence.plan.well(draw.reaction, vessel) if vessel else None
            if well is not None:
                wells.add(well)
    return frozenset(wells)


def _compare(
    evidence: Evidence, snapshot: Contents, well: WellRef, parcel: Parcel, charged: set[str]
) -> Iterator[Finding]:
    volume = parcel.volume_ul
    allowed = max(TOLERANCE_UL, RELATIVE * snapshot.volume_ul)
    name = evidence.name(well)
    if abs(volume - snapshot.volume_ul) > allowed:
        yield evidence.finding(
            v.CONTENTS,
            f"{name} holds {volume:.2f} µL when the step is over; the plan has "
            f"{snapshot.volume_ul:.2f} µL{off(volume, snapshot.volume_ul)}",
            step=snapshot.step,
            advice="look at the transfers of this step in the script",
        )
    found = parcel.substances()
    for material, mmol in snapshot.mmol.items():
        if material in charged and abs(found.get(material, 0.0) - mmol) > RELATIVE * mmol + 1e-9:
            yield evidence.finding(
                v.CONTENTS,
                f"{name} holds {found.get(material, 0.0):.5g} mmol of {material} when the step is "
                f"over; the plan has {mmol:.5g} mmol{off(found.get(material, 0.0), mmol)}",
                step=snapshot.step,
                advice="look at the transfers of this step in the script",
            )


def check_capacity(evidence: Evidence) -> Iterator[Finding]:
    """No well holds more than it can."""
    for ledger in evidence.ledgers:
        for stamp, well, volume, capacity in ledger.overfilled:
            yield evidence.finding(
                p.CAP_1,
                f"{evidence.name(well)} holds {volume:.1f} µL, and can hold {capacity:.1f} µL",
                step=stamp.step,
                stamp=stamp,
                advice="use a larger vessel, or less",
            )
