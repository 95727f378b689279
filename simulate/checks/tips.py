"""Tips: none carries one liquid into a stock or one reaction into another; none stays on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.checks.evidence import Evidence
from simulate.ledger import Touch
from simulate.plan import Plan


def check_tips(evidence: Evidence) -> Iterator[Finding]:
    """Follow each tip through what it touches, and see what is still on at the end."""
    owners = _owners(evidence.plan)
    shared = _shared(evidence.plan)
    for ledger in evidence.ledgers:
        seen: dict[tuple[WellRef, int], list[Touch]] = {}
        told: set[tuple[WellRef, int]] = set()
        for touch in ledger.touches:
            tip = (touch.tip, touch.since)
            before = seen.setdefault(tip, [])
            carried = next(
                (b for b in before if _carries(owners, shared, b.well, touch.well)), None
            )
            if carried is not None and tip not in told:
                told.add(tip)
                yield evidence.finding(
                    v.TIP,
                    f"the tip of {touch.tip} goes into {evidence.name(touch.well)} after it "
                    f"touched {evidence.name(carried.well)}"
                    f"{'' if carried.stamp.line is None else f' (line {carried.stamp.line})'}",
                    step=touch.stamp.step,
                    stamp=touch.stamp,
                    advice="take a new tip in between",
                )
            before.append(touch)
        for mount, tip_ref, stamp in ledger.tips_kept:
            yield evidence.finding(
                v.TIP,
                f"the {mount} pipette still has the tip of {tip_ref} on when the script ends",
                step=stamp.step,
                stamp=stamp,
                advice="drop the tip before the end",
            )


def _owners(plan: Plan) -> Mapping[WellRef, tuple[str, str]]:
    """Whose each well is: a material's, a reaction's, or waste."""
    owners = {well: ("waste", kind) for kind, well in plan.waste.items()}
    owners |= {well: ("reaction", reaction) for (reaction, _), well in plan.wells.items()}
    return owners | {stock.well: ("stock", stock.material) for stock in plan.stocks}


def _shared(plan: Plan) -> Mapping[WellRef, frozenset[str]]:
    """The reactions of each vessel: a premix belongs to several."""
    users: dict[WellRef, set[str]] = {}
    for (reaction, _), well in plan.wells.items():
        users.setdefault(well, set()).add(reaction)
    return {well: frozenset(reactions) for well, reactions in users.items()}


def _carries(
    owners: Mapping[WellRef, tuple[str, str]],
    shared: Mapping[WellRef, frozenset[str]],
    before: WellRef,
    now: WellRef,
) -> bool:
    """Whether going from one well into another spoils the second."""
    if before == now:
        return False
    was, becomes = owners.get(before), owners.get(now)
    if becomes is None or becomes[0] == "waste":
        return False
    if becomes[0] == "stock":
        return was != becomes
    if was is None or was[0] == "stock":
        return False
    return was[0] == "waste" or not (shared[before] & shared[now])
