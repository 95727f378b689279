"""Steps: every robot step is in the run, in the plan's order; the plan belongs to the script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target import commands as c
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
    """Every robot step is in the script, for the first time in the plan's order, and in that order
    for each reaction."""
    begun = _begun(evidence)
    robot = [step.id for step in evidence.plan.steps if not step.by_operator]
    for step in robot:
        if step not in begun:
            yield evidence.finding(
                v.STEP,
                "the script has no block for this step",
                step=step,
                advice="a block starts with protocol.comment('[step id] ...')",
            )
    waits = {stand.step for stand in evidence.plan.stands if stand.round is None}
    present = [step for step in robot if step in begun]
    for before, after in pairwise(present):
        # A hold may begin early for a control; that no reaction's is too short is seen to apart.
        first, stamp = begun[before][0]
        last, _ = begun[after][-1 if after in waits else 0]
        if last < first and before not in waits:
            yield evidence.finding(
                v.STEP,
                f"the step comes after {after} in the script, and before it in the plan",
                step=before,
                stamp=stamp,
                advice="restore the order of the blocks",
            )
            return
    yield from _in_order(evidence)


def _begun(evidence: Evidence) -> dict[str, list[tuple[int, Stamp]]]:
    """What is done in each step: with which of all commands. A timer that is started early does not
    begin a step, where more is done in it."""
    announced: dict[str, list[tuple[int, Stamp]]] = {}
    begun: dict[str, list[tuple[int, Stamp]]] = {}
    number = 0
    for ledger in evidence.ledgers:
        for traced, stamp in zip(ledger.trace.commands, ledger.stamps, strict=True):
            number += 1
            if stamp.step is not None:
                announced.setdefault(stamp.step, []).append((number, stamp))
                if not isinstance(traced.command, c.Comment | c.StartTimer):
                    begun.setdefault(stamp.step, []).append((number, stamp))
    return announced | begun


def _in_order(evidence: Evidence) -> Iterator[Finding]:
    """The first reaction that goes through its steps in another order than the plan's."""
    for reaction, mine in evidence.acts.items():
        ordered = sorted(mine, key=lambda act: act.starts_s)
        for before, after in pairwise(ordered):
            if before.step > after.step:
                steps = evidence.plan.steps
                yield evidence.finding(
                    v.STEP,
                    f"{reaction} goes through the step after {steps[before.step].id}, which comes"
                    " later in the plan",
                    step=steps[after.step].id,
                    stamp=after.stamp,
                    advice="restore the order of the blocks",
                )
                return
