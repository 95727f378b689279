"""What changed in gas, volumes, the run on the robot and the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulate.review.compare_reactions import material_name
from simulate.review.spreads import arrow, more, same
from simulate.review.values import Plan, span_of_time


def gas(old: Plan, new: Plan, pairs: Mapping[str, str]) -> Iterable[str]:
    """The gases whose worst case changed."""
    back = {before: after for after, before in pairs.items()}
    worst: list[dict[tuple[str, str], float]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for entry in plan["gas"]:
            step = back.get(entry["step"], entry["step"]) if n == 0 else entry["step"]
            key = (step, entry["gas"])
            worst[n][key] = max(worst[n].get(key, 0.0), entry["mL"])
    for key in dict.fromkeys([*worst[1], *worst[0]]):
        before, after = worst[0].get(key, 0.0), worst[1].get(key, 0.0)
        if not same([before], [after]):
            yield f"{key[1]}, worst case {arrow([before], [after], 'mL')} a reaction at {key[0]}"
    yield from _together(old, new)


def _together(old: Plan, new: Plan) -> Iterable[str]:
    """The gas of all reactions, where there is more than one."""
    sums: list[dict[str, float]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for entry in plan["gas"]:
            sums[n][entry["gas"]] = sums[n].get(entry["gas"], 0.0) + entry["mL"]
    if max(len(plan["reactions"]) for plan in (old, new)) < 2:
        return
    for name in dict.fromkeys([*sums[1], *sums[0]]):
        before, after = sums[0].get(name, 0.0), sums[1].get(name, 0.0)
        if not same([before], [after]):
            yield f"{name} of all reactions {arrow([before], [after], 'mL')}"


def fullest(old: Plan, new: Plan) -> Iterable[str]:
    """The vessels that get fuller, or less full."""
    most: list[dict[str, float]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for entry in plan.get("contents", ()):
            most[n][entry["vessel"]] = max(most[n].get(entry["vessel"], 0.0), entry["uL"])
    for vessel in most[1]:
        if vessel in most[0] and not same([most[0][vessel]], [most[1][vessel]]):
            yield f"{vessel} at most {arrow([most[0][vessel]], [most[1][vessel]], 'uL')}"


def run(old: Plan, new: Plan) -> Iterable[str]:
    """Robot, tips, stops, time, stocks and deck."""
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
            longer = more([seconds[0]], [seconds[1]], "s", "longer")
            yield f"{longer} {where} ({span_of_time(seconds[0])} → {span_of_time(seconds[1])})"
    yield from _stocks(old, new)
    decks = [{d["label"]: d for d in plan["deck"]} for plan in (old, new)]
    for label in dict.fromkeys([*decks[1], *decks[0]]):
        was, is_now = (_place(deck.get(label)) for deck in decks)
        if was != is_now:
            yield f"{label}: {was} → {is_now}"


def _stocks(old: Plan, new: Plan) -> Iterable[str]:
    """What has to be filled in; the compounds of a library's material together."""
    filled: list[dict[str, list[float]]] = [{}, {}]
    for n, plan in enumerate((old, new)):
        for stock in plan["stocks"]:
            filled[n].setdefault(material_name(stock["material"]), []).append(stock["uL"])
    for material in dict.fromkeys([*filled[1], *filled[0]]):
        before, after = filled[0].get(material, []), filled[1].get(material, [])
        if len(before) != len(after) and before and after:
            yield f"stocks of {material} {len(before)} → {len(after)}"
        if not same([sum(before)], [sum(after)]):
            yield f"stock of {material} {arrow([sum(before)], [sum(after)], 'uL')}"


def _place(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "not on the deck"
    return f"{entry['load_name']} in {entry['slot']}"


def findings(old: Plan, new: Plan) -> Iterable[str]:
    """Findings and acknowledgements that came or went."""
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
