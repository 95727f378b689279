"""What changed between two runs, in the words of chemistry: two plans in, sentences out.

Steps are matched by what they do, so that a step put in between does not make everything after it
look new. Numbers are per reaction; where reactions differ, the smallest and the largest are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from compiler.passes.lower import numbers
from simulate.review.values import KINDS, Plan, span_of_time

_ALIKE = 1e-6  # relative: what is nearer than this has not changed


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
        Group("Gas and volumes", tuple([*_gas(old, new, pairs), *_fullest(old, new)])),
        Group("Run", tuple(_run(old, new))),
        Group("Findings", tuple(_findings(old, new))),
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


# --- numbers ----------------------------------------------------------------------------------


def _values(entries: Iterable[Mapping[str, Any]], key: str) -> list[float]:
    return [entry[key] for entry in entries if entry.get(key) is not None]


def _spread(values: list[float], kind: str) -> str:
    return numbers.spread(values, KINDS[kind])


def _same(before: list[float], after: list[float]) -> bool:
    if not before or not after:
        return before == after
    ends = zip((min(before), max(before)), (min(after), max(after)), strict=True)
    return all(abs(a - b) <= _ALIKE * max(abs(a), abs(b), 1e-9) for a, b in ends)


def _arrow(before: list[float], after: list[float], kind: str) -> str:
    """`1.50 → 2.00 equiv`: the unit once."""
    first, last = _spread(before, kind), _spread(after, kind)
    unit = last.rpartition(" ")[2]
    if " to " not in first and first.endswith(f" {unit}") and not unit[:1].isdigit():
        first = first.removesuffix(f" {unit}")
    return f"{first or 'none'} → {last or 'none'}"


def _more(before: list[float], after: list[float], kind: str, word: str = "more") -> str:
    """`10.6 mg more`, from the means over the reactions."""
    difference = sum(after) / len(after) - sum(before) / len(before)
    direction = word if difference > 0 else {"more": "less", "longer": "shorter"}[word]
    return f"{KINDS[kind](abs(difference))} {direction}"


# --- what goes in -----------------------------------------------------------------------------


def _chemistry(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    scales = [_values(plan["reactions"], "scale_mmol") for plan in (old, new)]
    if not _same(*scales):
        yield f"scale {_arrow(*scales, 'mmol')}"
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
        if values := _values(charges, key):
            return f"{material} {_spread(values, key)}"
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
        key: (_values(before, key), _values(after, key)) for key in ("equiv", "mmol", "mg", "uL")
    }
    changed = [key for key, (a, b) in by_key.items() if a and b and not _same(a, b)]
    if changed:
        first = "equiv" if "equiv" in changed else changed[0]
        followed = "uL" if "uL" in changed and first != "uL" else "mg"
        text = f"{material} {_arrow(*by_key[first], first)}"
        if followed in changed and followed != first:
            text += f": {_more(*by_key[followed], followed)} a reaction"
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
    written = [
        sorted({_how(charge) for charge in charges}) for charges in (before, after)
    ]
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
    if not _same([held[0]], [held[1]]):
        yield f"held for {numbers.duration(held[0])} → {numbers.duration(held[1])}"
    warm = [
        sorted({c["temperature_degC"] for c in plan.get("contents", ()) if c["step"] == step})
        for plan, step in ((old, before), (new, after))
    ]
    if warm[0] and warm[1] and not _same(*warm):
        yield f"at {_arrow(*warm, 'degC')}"
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
                values = (_values(before, key), _values(after, key))
                if not _same(*values):
                    yield f"{where}: {words} {_arrow(*values, kind)}"


# --- gas, volumes, the run ----------------------------------------------------------------------


def _gas(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    back = {before: after for after, before in pairs.items()}
    worst: list[dict[tuple[str, str], float]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for entry in plan["gas"]:
            step = back.get(entry["step"], entry["step"]) if n == 0 else entry["step"]
            key = (step, entry["gas"])
            worst[n][key] = max(worst[n].get(key, 0.0), entry["mL"])
    for key in dict.fromkeys([*worst[1], *worst[0]]):
        before, after = worst[0].get(key, 0.0), worst[1].get(key, 0.0)
        if not _same([before], [after]):
            yield f"{key[1]}, worst case {_arrow([before], [after], 'mL')} a reaction at {key[0]}"


def _fullest(old: Plan, new: Plan) -> Iterable[str]:
    most: list[dict[str, float]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for entry in plan.get("contents", ()):
            most[n][entry["vessel"]] = max(most[n].get(entry["vessel"], 0.0), entry["uL"])
    for vessel in most[1]:
        if vessel in most[0] and not _same([most[0][vessel]], [most[1][vessel]]):
            yield f"{vessel} at most {_arrow([most[0][vessel]], [most[1][vessel]], 'uL')}"


def _run(old: Plan, new: Plan) -> Iterable[str]:
    robots = [plan["robot"]["type"] for plan in (old, new)]
    if robots[0] != robots[1]:
        yield f"robot {robots[0]} → {robots[1]}"
    counts: tuple[tuple[str, Callable[[Plan], int]], ...] = (
        ("tips", lambda plan: int(plan["tips"]["used"])),
        ("operator stops", lambda plan: int(plan["timing"]["operator_pauses"])),
        ("scripts", lambda plan: len(plan["scripts"])),
    )
    for name, of in counts:
        before, after = of(old), of(new)
        if before != after:
            yield f"{name} {after - before:+d} ({before} → {after})".replace("-", "−")
    for key, where in (("duration_s", "on the robot"), ("hold_s", "of holds between scripts")):
        seconds = (old["timing"][key], new["timing"][key])
        if span_of_time(abs(seconds[1] - seconds[0])) != "0 s":
            more = _more([seconds[0]], [seconds[1]], "s", "longer")
            yield f"{more} {where} ({span_of_time(seconds[0])} → {span_of_time(seconds[1])})"
    yield from _stocks(old, new)
    decks = [{d["label"]: d for d in plan["deck"]} for plan in (old, new)]
    for label in dict.fromkeys([*decks[1], *decks[0]]):
        before, after = (_place(deck.get(label)) for deck in decks)
        if before != after:
            yield f"{label}: {before} → {after}"


def _stocks(old: Plan, new: Plan) -> Iterable[str]:
    filled: list[dict[str, float]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for stock in plan["stocks"]:
            filled[n][stock["material"]] = filled[n].get(stock["material"], 0.0) + stock["uL"]
    for material in dict.fromkeys([*filled[1], *filled[0]]):
        before, after = filled[0].get(material, 0.0), filled[1].get(material, 0.0)
        if not _same([before], [after]):
            yield f"stock of {material} {_arrow([before], [after], 'uL')}"


def _place(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "not on the deck"
    return f"{entry['load_name']} in {entry['slot']}"


def _findings(old: Plan, new: Plan) -> Iterable[str]:
    before, after = _told(old), _told(new)
    for key, message in after.items():
        if key not in before:
            yield f"new {key[0]} {key[1]}: {message}"
    for key, message in before.items():
        if key not in after:
            yield f"gone: {key[0]} {key[1]}: {message}"
    accepted = [
        {(a["code"], a["step"] or ""): a["reason"] for a in plan["acknowledged"]}
        for plan in (old, new)
    ]
    for place, reason in accepted[1].items():
        if place not in accepted[0]:
            yield f"acknowledged: {place[0]}, because {reason}"
    for place in accepted[0]:
        if place not in accepted[1]:
            yield f"no longer acknowledged: {place[0]}"


def _told(plan: Plan) -> dict[tuple[str, str, int], str]:
    """Findings by severity, code and count; steps may have other names in the two plans."""
    found: dict[tuple[str, str, int], str] = {}
    for finding in plan["findings"]:
        n = sum(key[:2] == (finding["severity"], finding["code"]) for key in found)
        found[finding["severity"], finding["code"], n] = finding["message"]
    return found
