"""The plans of a sequence's stages as one plan.json (outputs.md).

Every stage starts on a fresh deck, so that a well or a label means something else in each: every
entry that the stages share a list for names its `stage`. Times go on from stage to stage, and so
do the numbers of the parts. `waste` has its wells under `<stage>.<kind>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Plan = Mapping[str, Any]

# Lists whose entries say by themselves where they belong, or belong to no stage.
_PLAIN = frozenset({"inputs", "stages", "findings"})
_TIMES = ("starts_s", "ends_s")


def joined_plan(plans: Sequence[Plan]) -> dict[str, Any]:
    """One plan out of those of the stages, in their order; `stages` of each names the stage.

    Raises ValueError for a key whose values nobody knows how to put together.
    """
    first = plans[0]
    joined = {key: _joined(key, plans) for key in first if key not in ("version", "compiler")}
    return {"version": first["version"], "compiler": first["compiler"], **joined}


def _joined(key: str, plans: Sequence[Plan]) -> Any:
    if key in _MADE:
        return _MADE[key](plans)
    if not isinstance(plans[0][key], list):
        raise ValueError(f"{key!r} of several stages cannot be put together")
    if key in _PLAIN:
        return _once(entry for plan in plans for entry in plan[key])
    return _listed(key, plans)


def _listed(key: str, plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """The entries of a list, each with its stage; parts and times go on."""
    entries: list[dict[str, Any]] = []
    parts, passed_s = 0, 0.0
    for plan in plans:
        for entry in plan[key]:
            own = {**entry, "stage": _id(plan)}
            if isinstance(own.get("part"), int):
                own["part"] += parts
            own.update({time: own[time] + passed_s for time in _TIMES if time in own})
            entries.append(own)
        parts += len(plan["scripts"])
        passed_s += plan["timing"]["duration_s"]
    return entries


def _once(entries: Any) -> list[Any]:
    found: list[Any] = []
    for entry in entries:
        if entry not in found:
            found.append(entry)
    return found


def _stages(plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """Each with its own timing; with its own robot where there are several."""
    robots = {plan["robot"]["type"] for plan in plans}
    return [
        {
            **plan["stages"][0],
            "timing": plan["timing"],
            **({"robot": plan["robot"]} if len(robots) > 1 else {}),
        }
        for plan in plans
    ]


def _robot(plans: Sequence[Plan]) -> dict[str, Any]:
    """The first, which is that of all unless stages have robots of their own; of the API levels the
    highest."""
    levels = [str(plan["robot"]["api_level"]) for plan in plans]
    return {**plans[0]["robot"], "api_level": max(levels, key=lambda x: int(x.split(".")[1]))}


def _sums(key: str, plans: Sequence[Plan]) -> dict[str, Any]:
    values = [plan[key] for plan in plans]
    return {
        name: sum(each[name] for each in values) if isinstance(value, int | float) else value
        for name, value in values[0].items()
    }


def _timing(plans: Sequence[Plan]) -> dict[str, Any]:
    """Times add up; what sets the bound is told stage by stage."""
    bound = "; ".join(f"{_id(plan)}: {plan['timing']['bound']}" for plan in plans)
    lists = {key: _listed(key, _with_timing(plans)) for key in ("terms", "elapsed")}
    return {**_sums("timing", plans), "bound": bound, **lists}


def _with_timing(plans: Sequence[Plan]) -> list[Plan]:
    """Plans with the lists of their timing as lists of their own."""
    return [
        {**plan, **{key: plan["timing"][key] for key in ("terms", "elapsed")}} for plan in plans
    ]


def _waste(plans: Sequence[Plan]) -> dict[str, Any]:
    return {f"{_id(plan)}.{kind}": well for plan in plans for kind, well in plan["waste"].items()}


_MADE = {
    "stages": _stages,
    "robot": _robot,
    "timing": _timing,
    "tips": lambda plans: _sums("tips", plans),
    "waste": _waste,
}


def _id(plan: Plan) -> str:
    return str(plan["stages"][0]["id"])
