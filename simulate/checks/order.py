"""Steps: every robot step is in the run, in the plan's order; the plan belongs to the script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from simulate.checks.evidence import Evidence, off, tolerance_ul
from simulate.ledger import Stamp


def check_plan(evidence: Evidence) -> Iterator[Finding]:
    """Labware that the plan names is on the deck, and stocks are declared as the plan has them."""
    first = evidence.ledgers[0]
    known = {label for ledger in evidence.ledgers for label in ledger.trace.labware}
    named = {stock.well.labware for stock in evidence.plan.stocks}
    named |= {well.labware for well in evidence.plan.wells.values()}
    for label in sorted(named - known):
        yield evidence.finding(
            v.PLAN,
            f"the plan has labware {label!r}, and the script loads none of that label "
            f"(it has {', '.join(sorted(known)) or 'none'})",
            step=None,
            advice="simulate the script that was written with this plan",
        )
    for stock in evidence.plan.stocks:
        declared = first.trace.declared_ul.get(stock.well)
        if declared is None or first.part != 1:
            continue
        if abs(declared - stock.volume_ul) > tolerance_ul(stock.volume_ul):
            yield evidence.finding(
                v.SOURCE,
                f"the script declares {declared:.2f} µL of {stock.material} in {stock.well}; the "
                f"plan has {stock.volume_ul:.2f} µL{off(declared, stock.volume_ul)}",
                step=None,
                advice="restore the volume in the script, or compile the procedure again",
            )


def check_steps(evidence: Evidence) -> Iterator[Finding]:
    """The marker of every robot step appears, and for the first time in the plan's order."""
    order: dict[str, Stamp] = {}
    for ledger in evidence.ledgers:
        for stamp in ledger.stamps:
            if stamp.step is not None:
                order.setdefault(stamp.step, stamp)
    robot = [step.id for step in evidence.plan.steps if not step.by_operator]
    for step in robot:
        if step not in order:
            yield evidence.finding(
                v.STEP,
                "the script has no block for this step",
                step=step,
                advice="a block starts with protocol.comment('[step id] ...')",
            )
    present = [step for step in order if step in set(robot)]
    place = {step: number for number, step in enumerate(robot)}
    for before, after in pairwise(present):
        if place[before] > place[after]:
            yield evidence.finding(
                v.STEP,
                f"the step comes after {before} in the script, and before it in the plan",
                step=after,
                stamp=order[after],
                advice="restore the order of the blocks",
            )
            return
