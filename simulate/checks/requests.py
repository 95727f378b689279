"""What the operator is asked for: the numbers in a pause's lines are those of the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from simulate.checks.evidence import Evidence
from simulate.ledger import Stamp
from simulate.plan import Charge

# Lines round to three significant figures: half a unit in 1.00 is 0.5 %.
ROUNDING = 0.006
_MASS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(mg|g)\b")
_TO_MG = {"mg": 1.0, "g": 1000.0}


def check_requests(evidence: Evidence) -> Iterator[Finding]:
    """Each mass that a line must ask for stands in it. A line without masses asks in words."""
    lines = _lines(evidence)
    told: set[tuple[str, int]] = set()
    for charge in evidence.plan.charges:
        if not charge.by_operator or charge.mass_mg is None or charge.volume_ul is not None:
            continue
        share = charge.portions.n if charge.portions else 1
        for number, (line, stamp) in enumerate(lines.get(charge.step, [])[:share], start=1):
            finding = _check(evidence, charge, charge.mass_mg / share, line, stamp)
            if finding is not None and (charge.step, number) not in told:
                told.add((charge.step, number))
                yield finding


def _lines(evidence: Evidence) -> dict[str, list[tuple[str, Stamp]]]:
    """The lines that ask for charges, by step, in order."""
    found: dict[str, list[tuple[str, Stamp]]] = {}
    for ledger in evidence.ledgers:
        for pause in ledger.pauses:
            for step, line in zip(pause.steps, pause.asked, strict=True):
                found.setdefault(step, []).append((line, pause.stamp))
    return found


def _check(
    evidence: Evidence, charge: Charge, mass_mg: float, line: str, stamp: Stamp
) -> Finding | None:
    masses = [float(number) * _TO_MG[unit] for number, unit in _MASS.findall(line)]
    if not masses or any(abs(mass - mass_mg) <= ROUNDING * mass_mg for mass in masses):
        return None
    asked = ", ".join(f"{mass:g} mg" for mass in masses)
    return evidence.finding(
        v.CHARGE,
        f"the operator is asked for {asked} of {charge.material}; the plan has {mass_mg:.4g} mg "
        f"for {charge.vessel} of {charge.reaction} each time",
        step=charge.step,
        stamp=stamp,
        advice="restore the message, or compile the procedure again",
    )
