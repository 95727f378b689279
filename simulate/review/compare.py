"""What changed between two runs, in the words of chemistry: two plans in, sentences out.

Steps are matched by what they do, so that a step put in between does not make everything after it
look new. Numbers are per reaction; where reactions differ, the smallest and the largest are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from compiler.passes.lower import numbers
from simulate.review.compare_run import findings, fullest, gas, run
from simulate.review.spreads import arrow, more, same, spread_of, values_of
from simulate.review.values import Plan


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind, a sentence each."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes against `old`, which is what that run is called."""

    old: str
    groups: tuple[Group, ...]

    def markdown(self, title: str) -> str:
        """The same for a pull request."""
        lines = [f"### {_plain(title)}: changes against {_plain(self.old)}", ""]
        for group in self.groups:
            lines += [f"**{group.title}**", ""]
            lines += [f"- {_plain(line)}" for line in group.lines]
            lines.append("")
        if not self.groups:
            lines += ["Nothing that the plan holds has changed.", ""]
        return "\n".join(lines)


def compare(old: Plan, new: Plan, name: str) -> Changes:
    """What is different in `new`, in the order in which a chemist would ask for it."""
    pairs = _matched(old, new)
    groups = (
        Group("Chemistry", tuple(_chemistry(old, new, pairs))),
        Group("Steps", tuple(_steps(old, new, pairs))),
        Group("Layers", tuple(_draws(old, new, pairs))),
        Group("Gas and volumes", (*gas(old, new, pairs), *fullest(old, new))),
        Group("Run", tuple(run(old, new))),
        Group("Findings", tuple(findings(old, new))),
    )
    return Changes(name, tuple(group for group in groups if group.lines))


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, one line."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


# --- matching ---------------------------------------------------------------------------------


def _matched(old: Plan, new: Plan) -> dict[str, str]:
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


def _name(plan: Plan, step: str) -> str:
    number = next((n for n, s in enumerate(plan["steps"], start=1) if s["id"] == step), 0)
    return f"step {number} ({step})" if number else step


# --- what goes in -----------------------------------------------------------------------------


def _chemistry(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    before_mmol, after_mmol = (values_of(p["reactions"], "scale_mmol") for p in (old, new))
    if not same(before_mmol, after_mmol):
        yield f"scale {arrow(before_mmol, after_mmol, 'mmol')}"
    if len(old["reactions"]) != len(new["reactions"]):
        yield f"reactions {len(old['reactions'])} → {len(new['reactions'])}"
    limiting = [sorted({r["limiting"] for r in plan["reactions"]}) for plan in (old, new)]
    if limiting[0] != limiting[1]:
        yield f"limiting: {', '.join(limiting[0])} → {', '.join(limiting[1])}"
    before, after = _charges(old), _charges(new)
    matched = set()
    for (step, material), charges in after.items():
        key = (pairs.get(step, ""), material)
        if key in before:
            matched.add(key)
            yield from _charge(new, step, material, before[key], charges)
        else:
            yield f"new: {_amount(material, charges)} at {_name(new, step)}"
    for (step, material), charges in before.items():
        if (step, material) not in matched:
            yield f"gone: {_amount(material, charges)} at {_name(old, step)}"


def _charges(plan: Plan) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for charge in plan["charges"]:
        found.setdefault((charge["step"], charge["material"]), []).append(charge)
    return found


def _amount(material: str, charges: list[Mapping[str, Any]]) -> str:
    for key in ("equiv", "uL", "mg"):
        if values := values_of(charges, key):
            return f"{material} {spread_of(values, key)}"
    return material


def _charge(
    plan: Plan,
    step: str,
    material: str,
    before: list[Mapping[str, Any]],
    after: list[Mapping[str, Any]],
) -> Iterable[str]:
    """One sentence for the amount of a material at a step, and one for how it is added."""
    by_key = {
        key: (values_of(before, key), values_of(after, key))
        for key in ("equiv", "mmol", "mg", "uL")
    }
    changed = [key for key, (a, b) in by_key.items() if a and b and not same(a, b)]
    if changed:
        first = "equiv" if "equiv" in changed else changed[0]
        followed = "uL" if "uL" in changed and first != "uL" else "mg"
        text = f"{material} {arrow(*by_key[first], first)}"
        if followed in changed and followed != first:
            text += f": {more(*by_key[followed], followed)} a reaction"
        yield f"{text} ({_name(plan, step)})"
    rounds = [max(charge["round"] for charge in charges) for charges in (before, after)]
    if rounds[0] != rounds[1]:
        yield f"{material}: {rounds[0]} → {rounds[1]} rounds ({_name(plan, step)})"
    makers = [sorted({charge["by"] for charge in charges}) for charges in (before, after)]
    if makers[0] != makers[1]:
        yield f"{material}: by the {' and '.join(makers[1])}, was {' and '.join(makers[0])}"
    yield from _manner(plan, step, material, before, after)


def _manner(
    plan: Plan,
    step: str,
    material: str,
    before: list[Mapping[str, Any]],
    after: list[Mapping[str, Any]],
) -> Iterable[str]:
    written = [sorted({_how(charge) for charge in charges}) for charges in (before, after)]
    if written[0] != written[1]:
        yield (
            f"{material}: {' or '.join(written[0])} → {' or '.join(written[1])} "
            f"({_name(plan, step)})"
        )


def _how(charge: Mapping[str, Any]) -> str:
    if drops := charge.get("dropwise"):
        every = numbers.duration(drops["interval_s"])
        return f"{drops['drops']} drops, one every {every}"
    if portions := charge.get("portions"):
        return f"{portions['n']} portions, one every {numbers.duration(portions['every_s'])}"
    return "at once"


# --- steps ------------------------------------------------------------------------------------


def _steps(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    charged = {charge["step"] for charge in new["charges"]}
    texts = {step["id"]: step["text"] for step in old["steps"]}
    for step in new["steps"]:
        other = pairs.get(step["id"])
        name = _name(new, step["id"])
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
            yield f"gone: {_name(old, step['id'])}: {step['text']}"


def _conditions(old: Plan, new: Plan, before: str, after: str) -> Iterable[str]:
    """How long a step is held, and how warm."""
    held = [
        sum(hold["s"] for hold in plan.get("holds", ()) if hold["step"] == step)
        for plan, step in ((old, before), (new, after))
    ]
    if not same([held[0]], [held[1]]):
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


def _draws(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
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
            where = f"{_name(new, step['id'])}, round {round_}"
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
