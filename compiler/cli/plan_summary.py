"""The few lines about a plan and a run that end `compile` and `simulate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compiler.diagnostics.finding import Severity

if TYPE_CHECKING:
    from simulate.result import SimulationResult
    from simulate.worker import Job

Plan = Mapping[str, Any]  # plan.json, as schemas/plan.schema.json describes it


def plan_rows(plan: Plan) -> list[tuple[str, str]]:
    """What it is, how long it takes, tips, pauses, the worst gas."""
    rows = _stages(plan)
    robots = {s["robot"]["type"]: None for s in plan["stages"] if "robot" in s}
    types = ", ".join(robots) or plan["robot"]["type"]
    rows.append(("robot", f"{types}, apiLevel {plan['robot']['api_level']}"))
    if len(plan["stages"]) == 1:
        rows.append(("reactions", _reactions(plan)))
    rows.append(("time", _time(plan)))
    rows.append(
        ("at least", f"{duration(plan['timing']['lower_bound_s'])}: {plan['timing']['bound']}")
    )
    rows.append(("pauses", f"{plan['timing']['operator_pauses']} for the operator"))
    rows.append(("tips", str(plan["tips"]["used"])))
    rows += [("" if n else "worst gas", text) for n, text in enumerate(_gas(plan))]
    return rows


def _stages(plan: Plan) -> list[tuple[str, str]]:
    """The procedure, or a line for each stage with its scale."""
    stages = plan["stages"]
    if len(stages) == 1:
        return [("procedure", stages[0]["title"])]
    lines = []
    for stage in stages:
        mine = [r["scale_mmol"] for r in plan["reactions"] if r["stage"] == stage["id"]]
        scale = f"{max(mine, default=0.0):.3g} mmol"
        how_much = f"{len(mine)} × {scale}" if len(mine) > 1 else scale
        lines.append(f"{stage['id']}: {stage['title']}, {how_much}")
    return [("" if number else "stages", line) for number, line in enumerate(lines)]


def run_rows(result: SimulationResult) -> list[tuple[str, str]]:
    """What the simulator ran, one row a script, and whether the plan was kept."""
    rows: list[tuple[str, str]] = []
    for number, script in enumerate(result.scripts, start=1):
        if script.version is not None and not rows:
            rows.append(("simulator", f"opentrons {script.version}"))
        label = f"part {number}" if len(result.scripts) > 1 else "run"
        time = duration(script.duration_s)
        rows.append((label, f"{script.commands} commands, {time}, {script.tips_used} tips"))
    words = {True: "yes", False: "no", None: "there is no plan to hold it to"}
    rows.append(("verified", words[result.verified]))
    return rows


def many_rows(jobs: Sequence[Job], results: Sequence[SimulationResult]) -> list[tuple[str, str]]:
    """A row a script, where several were run that do not belong together."""
    rows: list[tuple[str, str]] = []
    for job, result in zip(jobs, results, strict=True):
        commands = sum(script.commands for script in result.scripts)
        time = duration(sum(script.duration_s for script in result.scripts))
        errors = sum(finding.severity is Severity.ERROR for finding in result.findings)
        told = f"{errors} errors" if errors > 1 else "1 error" if errors else "no errors"
        rows.append((str(job.file), f"{commands} commands, {time}, {told}"))
    return rows


def duration(seconds: float) -> str:
    """`1 h 05 min`, `12 min`, `40 s`: rounded to what a person plans by."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _reactions(plan: Plan) -> str:
    scales = sorted({reaction["scale_mmol"] for reaction in plan["reactions"]})
    at = f"{scales[0]:g} mmol" if len(scales) == 1 else f"{scales[0]:g} to {scales[-1]:g} mmol"
    return f"{len(plan['reactions'])} at {at}"


def _time(plan: Plan) -> str:
    timing, scripts = plan["timing"], len(plan["scripts"])
    text = duration(timing["duration_s"])
    if timing["operator_s"]:
        text += f", {duration(timing['operator_s'])} of it the operator's"
    if timing["hold_s"]:
        text += f"; holds of {duration(timing['hold_s'])}"
    return f"{text}; {scripts} scripts" if scripts > 1 else text


def _gas(plan: Plan) -> list[str]:
    """The step that can evolve most of each gas, for one reaction."""
    worst: dict[str, Mapping[str, Any]] = {}
    for entry in plan["gas"]:
        if entry["gas"] not in worst or entry["mL"] > worst[entry["gas"]]["mL"]:
            worst[entry["gas"]] = entry
    return [
        f"{entry['mL']:.2f} mL {gas} at step {entry['step']}"
        for gas, entry in sorted(worst.items())
    ]
