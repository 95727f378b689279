"""`acidify` and `basify`: the amount of the ledger goes in, and the operator checks the pH."""

from __future__ import annotations

from compiler.passes.lower import numbers
from compiler.passes.lower.additions import deliver
from compiler.passes.lower.context import Context, Lowered
from compiler.passes.lower.mixing import mix_vessel
from compiler.stages.charges import Charge, Supplied
from compiler.stages.documents import AdjustPh
from compiler.stages.operations import WELLS, Ask, Operation, Task


def lower_adjust_ph(context: Context, step: AdjustPh) -> Lowered:
    """The charge by pipette (a solid by the operator), mixing, and a pause for pH paper."""
    charges = context.charges(step.id)
    supplied = context.words_for(charges, step.with_) or context.supplied(step.with_)
    if supplied is None:
        return Lowered()
    text = _sentence(context, step, supplied, charges)
    if not charges or any(charge.by_operator for charge in charges):
        return Lowered((Ask(tasks=(_by_hand(context, step, supplied, charges),)),), text)
    liquids = [charge for charge in charges if charge.volume_ul is not None]
    added = deliver(context, step, step.vessel, liquids)
    operations: list[Operation] = list(added.operations)
    mix = mix_vessel(context, step.id, step.vessel, "charged")
    if mix is not None and operations:
        operations.append(mix)
    operations.append(Ask(tasks=(_check(context, step, supplied),)))
    return Lowered(tuple(operations), text, added.findings)


def goal(step: AdjustPh) -> str:
    """`pH > 12`, `pH < 2`, `pH 9 to 10`."""
    if step.above is not None and step.below is not None:
        return f"pH {step.above:g} to {step.below:g}"
    return f"pH > {step.above:g}" if step.above is not None else f"pH < {step.below:g}"


def _check(context: Context, step: AdjustPh, supplied: Supplied) -> Task:
    words = f"Check with pH paper that {WELLS} is at {goal(step)}{_reckoned(context, step)}"
    words += f"; if it is not, add more {supplied.label} by hand, mix, and note how much"
    return Task(step=step.id, text=words, vessel=step.vessel)


def _by_hand(
    context: Context, step: AdjustPh, supplied: Supplied, charges: tuple[Charge, ...]
) -> Task:
    verb = "Basify" if step.verb == "basify" else "Acidify"
    masses = {c.reaction: c.mass_mg for c in charges if c.mass_mg is not None}
    volumes = [c.volume_ul for c in charges if c.volume_ul is not None]
    words = f"{verb} {WELLS} with {supplied.label} to {goal(step)}"
    if volumes:
        words = f"Add {numbers.spread(volumes, numbers.volume)} {supplied.label} to {WELLS}"
    elif masses:
        words = f"Add {numbers.spread(masses.values(), numbers.mass)} {supplied.label} to {WELLS}"
    words += f" and mix; check with pH paper that it is at {goal(step)}{_reckoned(context, step)}"
    weighed = masses if charges and not volumes else None
    return Task(
        step=step.id,
        text=words,
        vessel=step.vessel,
        material=supplied.key if charges else None,
        mass_mg=weighed or None,
    )


def _reckoned(context: Context, step: AdjustPh) -> str:
    """` (13.38 is reckoned for the worst case, 13.68 for the best)`, or nothing."""
    found = _worst_and_best(context, step)
    if found is None:
        return ""
    return f" ({found[0]:.2f} is reckoned for the worst case, {found[1]:.2f} for the best)"


def _worst_and_best(context: Context, step: AdjustPh) -> tuple[float, float] | None:
    """The pH that is farthest from the goal, and the one nearest to it, over all reactions."""
    found = [
        snapshot.ph
        for reaction in context.reactions
        if (snapshot := context.snapshot(step.id, "charged", reaction.id, step.vessel)) is not None
        and snapshot.ph is not None
    ]
    if not found:
        return None
    low, high = min(ph[0] for ph in found), max(ph[1] for ph in found)
    return (low, high) if step.verb == "basify" else (high, low)


def _sentence(
    context: Context, step: AdjustPh, supplied: Supplied, charges: tuple[Charge, ...]
) -> str:
    volumes = [c.volume_ul for c in charges if c.volume_ul is not None]
    masses = [c.mass_mg for c in charges if c.mass_mg is not None]
    moles = [c.mmol for c in charges if c.mmol is not None]
    inside = []
    if volumes and supplied.molarity_mol_l is not None:
        inside.append(f"{numbers.digits(supplied.molarity_mol_l)} M")
    if volumes:
        inside.append(numbers.spread(volumes, numbers.volume))
    elif masses:
        inside.append(numbers.spread(masses, numbers.mass))
    if moles:
        inside.append(numbers.spread(moles, numbers.amount))
    how_much = f" ({', '.join(inside)})" if inside else ""
    reckoned = _worst_and_best(context, step)
    ph = f"; pH {reckoned[0]:.2f} at worst, {reckoned[1]:.2f} at best" if reckoned else ""
    return f"The mixture was made {goal(step)} with {supplied.label}{how_much}{ph}."
