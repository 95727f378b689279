"""Tips: none carries one liquid into a stock or one reaction into another; none stays on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.checks.evidence import Evidence
from simulate.ledger import TipMisused, Touch
from simulate.plan import Plan


def check_tips(evidence: Evidence) -> Iterator[Finding]:
    """Follow each tip through what it touches, and see what is still on at the end."""
    owners = _owners(evidence.plan)
    shared = _shared(evidence.plan)
    seen: dict[tuple[WellRef, int], list[Touch]] = {}  # a tip may wait from part to part
    told: set[tuple[WellRef, int]] = set()
    for ledger in evidence.ledgers:
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
        for misused in ledger.misused:
            yield evidence.finding(
                v.TIP,
                _misuse(misused),
                step=misused.stamp.step,
                stamp=misused.stamp,
                advice="blow a tip out before it goes back; take a new one where it was dropped",
            )
        for mount, tip_ref, stamp in ledger.tips_kept:
            yield evidence.finding(
                v.TIP,
                f"the {mount} pipette still has the tip of {tip_ref} on when the script ends",
                step=stamp.step,
                stamp=stamp,
                advice="drop the tip before the end",
            )


def _misuse(misused: TipMisused) -> str:
    if misused.since_part is not None:
        part = f"part {misused.since_part}"
        return f"a tip is taken from {misused.tip}, whose tip went into the trash in {part}"
    return f"the tip of {misused.tip} goes back into its rack with {misused.volume_ul:.2f} µL in it"


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
