"""Which steps of two runs belong together, and what is done in another way in them.

Steps are matched by what they do, so that a step put in between does not make everything after it
look new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from compiler.passes.lower import numbers
from simulate.review.spreads import arrow, same, values_of
from simulate.review.values import Plan

_LEAST_S, _LEAST_SHARE = 1.0, 0.02  # a hold that changes by less is the same hold


def matched_steps(old: Plan, new: Plan) -> dict[str, str]:
    """New step id -> old step id, for the steps that are in both."""
    before, after = _signatures(old), _signatures(new)
    pairs: dict[str, str] = {}
    matcher = SequenceMatcher(None, [s for _, s in before], [s for _, s in after], autojunk=False)
    for block in matcher.get_matching_blocks():
        for n in range(block.size):
            pairs[after[block.b + n][0]] = before[block.a + n][0]
    left = {step["id"]: step["verb"] for step in old["steps"] if step["id"] not in pairs.values()}
    for step in new["steps"]:
        if step["id"] not in pairs and left.get(step["id"]) == step["verb"]:
            pairs[step["id"]] = step["id"]
    return pairs


def _signatures(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """What each step does: the verb, what it charges, and its own name where it has one."""
    charged: dict[str, set[str]] = {}
    for charge in plan["charges"]:
        charged.setdefault(charge["step"], set()).add(charge["material"])
    return [
        (
            step["id"],
            (
                step["verb"],
                "" if re.fullmatch(r"[a-z]+-\d+", step["id"]) else step["id"],
                *sorted(charged.get(step["id"], ())),
            ),
        )
        for step in plan["steps"]
    ]


def step_name(plan: Plan, step: str) -> str:
    """`step 4 (hydride)`."""
    number = next((n for n, s in enumerate(plan["steps"], start=1) if s["id"] == step), 0)
    return f"step {number} ({step})" if number else step


def steps(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    """What was put in, left out, or is done in another way."""
    charged = {charge["step"] for charge in new["charges"]}
    texts = {step["id"]: step["text"] for step in old["steps"]}
    for step in new["steps"]:
        other = pairs.get(step["id"])
        name = step_name(new, step["id"])
        if other is None:
            yield f"new: {name}: {step['text']}"
            continue
        told = list(_conditions(old, new, other, step["id"]))
        for line in told:
            yield f"{name}: {line}"
        is_told = bool(told) or step["id"] in charged
        if not is_told and texts[other] != step["text"]:
            yield f"{name}: was “{texts[other]}”, is “{step['text']}”"
    for step in old["steps"]:
        if step["id"] not in pairs.values():
            yield f"gone: {step_name(old, step['id'])}: {step['text']}"


def _conditions(old: Plan, new: Plan, before: str, after: str) -> Iterable[str]:
    """How long a step is held, and how warm."""
    held = [
        sum(hold["s"] for hold in plan.get("holds", ()) if hold["step"] == step)
        for plan, step in ((old, before), (new, after))
    ]
    if abs(held[1] - held[0]) > max(_LEAST_S, _LEAST_SHARE * max(held)):
        yield f"held for {numbers.duration(held[0])} → {numbers.duration(held[1])}"
    warm = [
        sorted({c["temperature_degC"] for c in plan.get("contents", ()) if c["step"] == step})
        for plan, step in ((old, before), (new, after))
    ]
    if warm[0] and warm[1] and not same(warm[0], warm[1]):
        yield f"at {arrow(warm[0], warm[1], 'degC')}"
    shaken = [
        sorted({h["shaken_rpm"] or 0 for h in plan.get("holds", ()) if h["step"] == step})
        for plan, step in ((old, before), (new, after))
    ]
    if shaken[0] and shaken[1] and shaken[0] != shaken[1]:
        yield f"shaken at {shaken[0][-1]:g} → {shaken[1][-1]:g} rpm"


def draws(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    """Layers that are drawn in another way."""
    for step in new["steps"]:
        other = pairs.get(step["id"])
        rounds = sorted({d["round"] for d in new["draws"] if d["step"] == step["id"]})
        for round_ in rounds:
            before, after = (
                [d for d in plan["draws"] if (d["step"], d["round"]) == (name, round_)]
                for plan, name in ((old, other), (new, step["id"]))
            )
            if not before or not after:
                continue
            where = f"{step_name(new, step['id'])}, round {round_}"
            if before[0]["position"] != after[0]["position"]:
                yield (
                    f"{where}: the {after[0]['phase']} layer is the {after[0]['position']} one, "
                    f"was the {before[0]['position']}"
                )
            for key, kind, words in (
                ("uL", "uL", "drawn"),
                ("guard_uL", "uL", "guard"),
                ("recovered", "percent", "recovered"),
            ):
                values = (values_of(before, key), values_of(after, key))
                if not same(*values):
                    yield f"{where}: {words} {arrow(*values, kind)}"
