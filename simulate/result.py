"""`workup simulate`, as a function and as an object: run, trace, replay, verify."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding, Span, has_errors
from compiler.diagnostics.json_output import finding_object
from compiler.target.commands import WellRef
from simulate.judge import Case, judge
from simulate.ledger import Ledger
from simulate.plan import Plan, PlanFault, part_of
from simulate.plan_reader import read_plan
from simulate.run import Options, Ran, replay_chain, run_script
from simulate.stages import stage_documents
from simulate.timeline import TimelineEntry, timeline
from simulate.verify import operator_of, stocks_of, verify
from simulate.vessels import VesselResult, in_order, tidy, vessel_object, vessels_of

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptResult:
    """One script: `verified` is None where there is no plan."""

    file: str
    version: str | None
    robot: str | None
    api_level: str | None
    commands: int
    verified: bool | None
    duration_s: float
    lower_bound_s: float | None
    tips_used: int
    aspirated_ul: Mapping[WellRef, float]
    vessels: tuple[VesselResult, ...]
    timeline: tuple[TimelineEntry, ...]
    ignored: Mapping[str, int]
    findings: tuple[Finding, ...]
    ledger: Ledger | None = None

    def as_object(self) -> dict[str, Any]:
        """The object of `simulate --format json`."""
        return {
            "version": VERSION,
            "simulator": {"name": "opentrons", "version": self.version},
            "script": self.file,
            "robot": self.robot,
            "api_level": self.api_level,
            "commands": self.commands,
            "verified": self.verified,
            "duration_s": round(self.duration_s, 3),
            "lower_bound_s": self.lower_bound_s,
            "tips_used": self.tips_used,
            "aspirated_uL": {str(well): tidy(u) for well, u in self.aspirated_ul.items()},
            "vessels": [vessel_object(vessel) for vessel in self.vessels],
            "timeline": [
                {
                    "step": entry.step,
                    "command": entry.command,
                    "starts_s": round(entry.starts_s, 3),
                    "ends_s": round(entry.ends_s, 3),
                }
                for entry in self.timeline
            ],
            "ignored": dict(self.ignored),
            "findings": [finding_object(finding) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """One script, or the parts of a run one after the other."""

    scripts: tuple[ScriptResult, ...]
    verified: bool | None
    findings: tuple[Finding, ...]

    def as_object(self) -> dict[str, Any]:
        """The object of `simulate --format json`: flat for one script, else with `scripts`."""
        if len(self.scripts) == 1:
            whole = self.scripts[0].as_object()
            return whole | {"findings": [finding_object(f) for f in self.findings]}
        return {
            "version": VERSION,
            "verified": self.verified,
            "scripts": [script.as_object() for script in self.scripts],
            "findings": [finding_object(finding) for finding in self.findings],
        }


def simulate_script(
    path: Path, plan: Mapping[str, Any] | Path | None = None, options: Options | None = None
) -> SimulationResult:
    """Run one script; with its plan, verify it. A script that is one of several parts of its plan
    (of its stage, in a sequence) is run with the parts beside it, since it starts from what they
    leave."""
    if plan is None:
        return _without_plan(path, options)
    where = plan if isinstance(plan, Path) else path.parent / "plan.json"
    document, faults = _document(plan)
    if document is None:
        return _refused(where, faults)
    try:
        stages = [read_plan(each) for each in stage_documents(document)]
    except PlanFault as fault:
        return _refused(where, (_plan_finding(where, str(fault)),))
    typed = next((each for each in stages if _lists(each, path)), stages[0])
    if _lists(typed, path) and len(typed.scripts) > 1:
        return _chain(typed, where, path.parent, options)
    return _run_parts(typed, [(part_of(typed, path.name), path)], options)


def _lists(plan: Plan, script: Path) -> bool:
    return any(PurePath(each.file).name == script.name for each in plan.scripts)


def simulate_plan(plan: Path, options: Options | None = None) -> SimulationResult:
    """Run the scripts that a plan lists, which stand beside it, and verify the whole run.

    The stages of a sequence are verified one by one: each starts on a fresh deck.
    """
    document, faults = _document(plan)
    if document is None:
        return _refused(plan, faults)
    try:
        stages = [read_plan(each) for each in stage_documents(document)]
    except PlanFault as fault:
        return _refused(plan, (_plan_finding(plan, str(fault)),))
    results = [_chain(stage, plan, plan.parent, options) for stage in stages]
    if len(results) == 1:
        return results[0]
    return SimulationResult(
        tuple(script for result in results for script in result.scripts),
        all(result.verified for result in results),
        tuple(finding for result in results for finding in result.findings),
    )


def _chain(plan: Plan, where: Path, folder: Path, options: Options | None) -> SimulationResult:
    """The plan's scripts in order; none is read from outside the plan's own folder."""
    if not plan.scripts:
        return _refused(where, (_plan_finding(where, "it lists no scripts"),))
    for script in plan.scripts:
        bare = PurePath(script.file).name == script.file and "\\" not in script.file
        if not bare or not _is_beside(folder / script.file, folder):
            message = f"the script {script.file!r} is not a file beside it"
            return _refused(where, (_plan_finding(where, message),))
    parts = sorted((script.part, folder / script.file) for script in plan.scripts)
    return _run_parts(plan, parts, options)


def _is_beside(path: Path, folder: Path) -> bool:
    """Whether a file is in the folder, and not behind a link that leads out of it."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links
        return False


def _run_parts(
    plan: Plan, parts: Sequence[tuple[int, Path]], options: Options | None
) -> SimulationResult:
    ran: list[tuple[int, Ran]] = []
    for part, path in parts:
        ran.append((part, run_script(path, options)))
        if ran[-1][1].findings:
            break  # the next part would start from contents that nobody knows
    broken = tuple(finding for _, script in ran for finding in script.findings)
    files = {part: script.file for part, script in ran}
    ledgers = replay_chain(
        [(part, script.trace) for part, script in ran if script.trace is not None],
        operator=operator_of(plan),
        fill=stocks_of(plan),
        clock=plan.clock,
    )
    found = broken or (*verify(plan, ledgers, files), *_judged(ledgers, files))
    verified = not has_errors(found)
    by_part = {ledger.part: ledger for ledger in ledgers}
    last = ran[-1][1].file
    scripts = tuple(
        _script_result(
            script,
            by_part.get(part),
            verified=verified,
            plan=plan,
            findings=tuple(f for f in found if _file_of(f, files.values(), last) == script.file),
        )
        for part, script in ran
    )
    return SimulationResult(scripts, verified, found)


def _file_of(finding: Finding, files: Any, last: str) -> str:
    """The script that a finding points at; one that points elsewhere goes with the last."""
    file = finding.span.file if finding.span else ""
    return file if file in set(files) else last


def _without_plan(path: Path, options: Options | None) -> SimulationResult:
    """Any Opentrons script: run, replayed from what it declares, and judged."""
    ran = run_script(path, options)
    ledger = None
    found = ran.findings
    if ran.trace is not None:
        ledger = replay_chain([(1, ran.trace)])[0]
        found += judge(Case(ledger=ledger, file=ran.file, complete=not ran.findings))
    script = _script_result(ran, ledger, verified=None, plan=None, findings=found)
    return SimulationResult((script,), None, found)


def _judged(ledgers: Sequence[Ledger], files: Mapping[int, str]) -> Iterator[Finding]:
    """What the judge says of parts that their plan accounts for."""
    for number, ledger in enumerate(ledgers, start=1):
        last = number == len(ledgers)
        yield from judge(Case(ledger=ledger, file=files[ledger.part], planned=True, last=last))


def _script_result(
    ran: Ran,
    ledger: Ledger | None,
    *,
    verified: bool | None,
    plan: Plan | None,
    findings: tuple[Finding, ...],
) -> ScriptResult:
    trace = ran.trace
    wells = ledger.state.wells if ledger else {}
    return ScriptResult(
        file=ran.file,
        version=trace.version if trace else None,
        robot=trace.robot if trace else None,
        api_level=trace.api_level if trace else None,
        commands=trace.count if trace else 0,
        verified=verified,
        duration_s=ledger.duration_s if ledger else 0.0,
        lower_bound_s=plan.lower_bound_s if plan else None,
        tips_used=ledger.tips_used if ledger else 0,
        aspirated_ul={
            well: state.aspirated_ul for well, state in in_order(wells) if state.aspirated_ul > 0
        },
        vessels=vessels_of(ledger, plan) if ledger else (),
        timeline=timeline(ledger) if ledger else (),
        ignored=trace.ignored if trace else {},
        findings=findings,
        ledger=ledger,
    )


def _document(
    plan: Mapping[str, Any] | Path,
) -> tuple[Mapping[str, Any] | None, tuple[Finding, ...]]:
    if not isinstance(plan, Path):
        return plan, ()
    try:
        document = json.loads(plan.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        return None, (_plan_finding(plan, f"it cannot be read: {reason}"),)
    except (ValueError, RecursionError) as error:
        return None, (_plan_finding(plan, f"it is no JSON: {error}"),)
    if not isinstance(document, dict):
        return None, (_plan_finding(plan, "it is not a JSON object"),)
    return document, ()


def _plan_finding(plan: Path, message: str) -> Finding:
    return v.PLAN.at(
        Span(str(plan)),
        f"the plan can't be used: {message}",
        help="compile the procedure again; scripts and plan belong together",
    )


def refused_script(script: Path, findings: tuple[Finding, ...]) -> SimulationResult:
    """A script that gave no result of its own: there are only the findings."""
    ran = Ran(str(script), None, findings)
    result = _script_result(ran, None, verified=None, plan=None, findings=findings)
    return SimulationResult((result,), None, findings)


def _refused(plan: Path, findings: tuple[Finding, ...]) -> SimulationResult:
    """Nothing was run: there is only the plan to speak of."""
    empty = _script_result(
        Ran(str(plan), None, ()), None, verified=False, plan=None, findings=findings
    )
    return SimulationResult((empty,), False, findings)
