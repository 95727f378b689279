"""What goes in: scale, amounts, and how they are added, of the reactions that both runs have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compiler.passes.lower import numbers
from simulate.review.compare_steps import step_name
from simulate.review.spreads import arrow, more, same, spread_of, values_of
from simulate.review.values import Plan

Charges = list[Mapping[str, Any]]


def chemistry(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    """Scale, limiting material and charges. Both plans have the same reactions by the same ids."""
    before_mmol, after_mmol = (values_of(p["reactions"], "scale_mmol") for p in (old, new))
    if not same(before_mmol, after_mmol):
        yield f"scale {arrow(before_mmol, after_mmol, 'mmol')}"
    limiting = [sorted({r["limiting"] for r in plan["reactions"]}) for plan in (old, new)]
    if limiting[0] != limiting[1]:
        yield f"limiting: {', '.join(limiting[0])} → {', '.join(limiting[1])}"
    yield from _theory(old, new)
    before, after = _charges(old), _charges(new)
    matched = set()
    for (step, material), charges in after.items():
        key = (pairs.get(step, ""), material)
        if key in before:
            matched.add(key)
            yield from _charge(new, step, material, before[key], charges)
        else:
            yield f"new: {_amount(material, charges)} at {step_name(new, step)}"
    for (step, material), charges in before.items():
        if (step, material) not in matched:
            yield f"gone: {_amount(material, charges)} at {step_name(old, step)}"


def _theory(old: Plan, new: Plan) -> Iterable[str]:
    """Products whose mass at full conversion changed in reactions that kept their scale."""
    was = {(r.get("stage"), r["id"]): r for r in old["reactions"]}
    changed: dict[str, list[tuple[float, float]]] = {}
    for reaction in new["reactions"]:
        other = was.get((reaction.get("stage"), reaction["id"]))
        if other is None or not same([other["scale_mmol"]], [reaction["scale_mmol"]]):
            continue
        for product, mg in reaction["theory_mg"].items():
            before_mg = other["theory_mg"].get(product)
            if before_mg is not None and not same([before_mg], [mg]):
                changed.setdefault(product, []).append((before_mg, mg))
    for product, masses in changed.items():
        words = arrow([a for a, _ in masses], [b for _, b in masses], "mg")
        yield f"{product} at full conversion {words}{_of(len(masses), len(new['reactions']))}"


def _of(some: int, every: int) -> str:
    """In how many reactions, where it is not all of them."""
    return f" in {some} of {every} reactions" if some < every else ""


def _charges(plan: Plan) -> dict[tuple[str, str], Charges]:
    found: dict[tuple[str, str], Charges] = {}
    for charge in plan["charges"]:
        found.setdefault((charge["step"], charge["material"]), []).append(charge)
    return found


def _amount(material: str, charges: Charges) -> str:
    for key in ("equiv", "uL", "mg"):
        if values := values_of(charges, key):
            return f"{material} {spread_of(values, key)}"
    return material


def _charge(plan: Plan, step: str, material: str, before: Charges, after: Charges) -> Iterable[str]:
    """One sentence for the amount of a material at a step, and one for how it is added."""
    where = step_name(plan, step)
    yield from _where_added(material, where, before, after)
    was, is_now = _changed(before, after)
    if is_now:
        by_key = {key: (values_of(was, key), values_of(is_now, key)) for key in _AMOUNTS}
        changed = [key for key, (a, b) in by_key.items() if a and b and not same(a, b)]
        first = "equiv" if "equiv" in changed else changed[0]
        followed = "uL" if "uL" in changed and first != "uL" else "mg"
        text = f"{material} {arrow(*by_key[first], first)}"
        if followed in changed and followed != first:
            text += f": {more(*by_key[followed], followed)} a reaction"
        reactions = {charge["reaction"] for charge in is_now}
        every = {charge["reaction"] for charge in after}
        yield f"{text}{_of(len(reactions), len(every))} ({where})"
    rounds = [max(charge["round"] for charge in charges) for charges in (before, after)]
    if rounds[0] != rounds[1]:
        yield f"{material}: {rounds[0]} → {rounds[1]} rounds ({where})"
    makers = [sorted({charge["by"] for charge in charges}) for charges in (before, after)]
    if makers[0] != makers[1]:
        yield f"{material}: by the {' and '.join(makers[1])}, was {' and '.join(makers[0])}"
    yield from _manner(plan, step, material, before, after)


_AMOUNTS = ("equiv", "mmol", "mg", "uL")


def _changed(before: Charges, after: Charges) -> tuple[Charges, Charges]:
    """The charges of those reactions in which an amount changed."""
    was = {(charge["reaction"], charge["round"]): charge for charge in before}
    pairs = [
        (was[key], charge)
        for charge in after
        if (key := (charge["reaction"], charge["round"])) in was
        and any(
            not same(values_of([was[key]], name), values_of([charge], name))
            for name in _AMOUNTS
            if was[key][name] is not None and charge[name] is not None
        )
    ]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _where_added(material: str, where: str, before: Charges, after: Charges) -> Iterable[str]:
    """Reactions that get the material now, or no longer: controls."""
    reactions = [{charge["reaction"] for charge in charges} for charges in (before, after)]
    for words, some in (
        ("now in", reactions[1] - reactions[0]),
        ("no longer in", reactions[0] - reactions[1]),
    ):
        if some:
            yield f"{material}: {words} {', '.join(sorted(some))} ({where})"


def _manner(
    plan: Plan,
    step: str,
    material: str,
    before: Charges,
    after: Charges,
) -> Iterable[str]:
    written = [sorted({_how(charge) for charge in charges}) for charges in (before, after)]
    if written[0] != written[1]:
        yield (
            f"{material}: {' or '.join(written[0])} → {' or '.join(written[1])} "
            f"({step_name(plan, step)})"
        )


def _how(charge: Mapping[str, Any]) -> str:
    if drops := charge.get("dropwise"):
        every = numbers.duration(drops["interval_s"])
        return f"{drops['drops']} drops, one every {every}"
    if portions := charge.get("portions"):
        return f"{portions['n']} portions, one every {numbers.duration(portions['every_s'])}"
    return "at once"
