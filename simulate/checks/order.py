"""Steps: every robot step is in the run, in the plan's order; the plan belongs to the script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from simulate.checks.evidence import Evidence, off, tolerance_ul
from simulate.ledger import Stamp

MANY_TRANSFERS_UL = 0.5  # what rounding adds up to over a part


def check_plan(evidence: Evidence) -> Iterator[Finding]:
    """Labware that the plan names is on the deck, and stocks are declared as the plan has them."""
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
    before = {stock.well: stock.volume_ul for stock in evidence.plan.stocks}
    for ledger in evidence.ledgers:
        for well, declared in ledger.trace.declared_ul.items():
            held = before.get(well, 0.0)
            if abs(declared - held) > max(tolerance_ul(held), MANY_TRANSFERS_UL):
                yield evidence.finding(
                    v.SOURCE,
                    f"part {ledger.part} declares {declared:.2f} µL in {evidence.name(well)}, "
                    f"which holds {held:.2f} µL then{off(declared, held)}",
                    step=None,
                    advice="restore the volume in the script, or compile the procedure again",
                )
        before = {well: w.contents.volume_ul for well, w in ledger.state.wells.items()}


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
