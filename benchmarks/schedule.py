"""How close schedules come to their bounds, and what they save against one well after another.

Each case (schedule_cases.py) is a procedure, a library and a bench, compiled here and timed by the
clock; nothing is measured with a watch but what compiling costs, and that in cold processes of its
own. Run with `make bench` or `python -m benchmarks.schedule`; `--quick` leaves out what compiling
costs, `--short` too, and its exit status is 0 whatever is missed.

Times are without the operator's pauses, which are told beside: the bound has the same ones. Two
ratios are told: to the bound (docs/schedule.md), and to the largest of its plain terms, which is
what the arm, or the chemistry, or the batches alone would take. What was missed is said again at
the end, a line for each target.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.schedule_cases import CASES, Case
from benchmarks.speed import ROOT, WORKUP, Run, measure
from compiler.diagnostics.finding import Severity
from compiler.passes.tips import fresh_tips
from compiler.pipeline import Compiled, compile_procedure
from compiler.plan.bound import PartBound, lower_bound
from compiler.plan.elapsed import INTERVAL, Elapsed, elapsed
from compiler.plan.timeline import travel_mm
from compiler.stages.program import Program
from compiler.target import commands as c
from compiler.target.clock import Timekeeper, load_clock
from compiler.target.expand import expand_part, rims_mm

SPREAD_S, SPREAD_SHARE = 30.0, 0.02


# --- one run --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartTimes:
    """A script by the clock, in s; `waits_s` is what the arm waits, by step."""

    seconds: float
    operator_s: float
    waits_s: dict[str, float]


def part_times(program: Program) -> list[PartTimes]:
    """Follows each part's commands."""
    layout = program.layout
    keeper = Timekeeper(
        load_clock(layout.robot),
        modules={m.label: m.module.model for m in layout.modules},
        travel_mm=travel_mm(layout),
    )
    found = []
    for part in program.parts:
        keeper.next_script(rims_mm(layout, part))
        begun, operator_s, step = keeper.now_s, 0.0, ""
        waits: dict[str, float] = {}
        for command in expand_part(program, part):
            start, end = keeper.advance(command)
            if isinstance(command, c.Comment) and command.message.startswith("["):
                step = command.message[1:].split("]", 1)[0]
            if isinstance(command, c.Pause):
                operator_s += end - start
            if isinstance(command, c.AwaitTimers | c.AwaitTemperature):
                waits[step] = waits.get(step, 0.0) + end - start
        found.append(PartTimes(keeper.now_s - begun, operator_s, waits))
    return found


def tips_used(program: Program) -> int:
    """Tips, and not pick-ups: an eight-channel takes eight at once."""
    mounted = program.layout.mounted
    return sum(
        mounted[mount].pipette.channels for part in program.parts for mount, _ in fresh_tips(part)
    )


def spread_of(seen: Sequence[Elapsed]) -> Elapsed | None:
    """The hold or addition whose times differ most from well to well, for what they may."""
    judged = [each for each in seen if each.what != INTERVAL]
    return max(judged, key=lambda each: each.spread_s - _may_s(each), default=None)


def _may_s(seen: Elapsed) -> float:
    return max(SPREAD_S, SPREAD_SHARE * seen.wanted_s)


# --- the table ------------------------------------------------------------------------------


@dataclass
class Tally:
    """Targets, met and missed; `about` is the case that is being judged."""

    met: int = 0
    missed: list[str] = field(default_factory=list)
    about: str = ""

    def judge(self, met: bool, what: str) -> str:
        """Counts, and says it; `what` tells a target that is missed, in words and numbers."""
        if met:
            self.met += 1
            return "met"
        self.missed.append(f"{self.about}: {what}" if self.about else what)
        return "NOT MET"

    def report(self) -> None:
        """Prints how many targets were met, and a line for each of the others."""
        print(f"\n{self.met} of {self.met + len(self.missed)} targets met")
        for line in self.missed:
            print(f"  missed: {line}")


def run_case(case: Case, room: Path, tally: Tally) -> None:
    """Compiles and prints a case."""
    print(f"{case.name}  ({case.bench})")
    tally.about = f"{case.name} ({case.bench})"
    made = compile_case(case, room, library=True)
    if made.program is None or made.plan is None:
        errors = [f for f in made.findings if f.severity is Severity.ERROR]
        told = f"does not compile, {errors[0].code}: {errors[0].message}"
        print(f"  {told}: {tally.judge(False, told)}\n")
        return
    program = made.program
    bounds, times = lower_bound(program.layout).parts, part_times(program)
    several = len(bounds) > 1
    targets = case.ratios if len(case.ratios) == len(bounds) else case.ratios * len(bounds)
    for bound, timed, target in zip(bounds, times, targets, strict=True):
        part = f"part {bound.number}: " if several else ""
        print(f"  {part}{_part(part, bound, timed, target, tally)}")
        if target is None or _ratio(bound, timed) > target:
            print(f"    why: {_why(bound, timed)}")
    _one_after_another(case, room, times, tally)
    _spreads(case, program, tally)
    used, per_transfer = tips_used(program), made.plan["tips"]["per_transfer"]
    share = used / per_transfer
    line = f"  tips: {used}, {share:.2f} x a tip per transfer ({per_transfer})"
    if case.tips is not None:
        missed = f"{share:.2f} x a tip per transfer > {case.tips:g}"
        line += f"; target <= {case.tips:g}: {tally.judge(share <= case.tips, missed)}"
    print(line + "\n")


def compile_case(case: Case, room: Path, *, library: bool) -> Compiled:
    """A case on its bench, with its table or as a single reaction."""
    bench = next(b for b in (room / "cases" / f"{case.bench}.yaml", _bench(case)) if b.exists())
    table = _file(case.library, room) if library else None
    return compile_procedure(_file(case.procedure, room), bench, library=table)


def _file(name: str, room: Path) -> Path:
    shipped = ROOT / "protocols" / f"{name}.yaml"
    return shipped if shipped.exists() else room / "cases" / f"{name}.yaml"


def _bench(case: Case) -> Path:
    return ROOT / "protocols" / "benches" / f"{case.bench}.yaml"


def _ratio(bound: PartBound, timed: PartTimes) -> float:
    return (timed.seconds - timed.operator_s) / (bound.seconds - bound.operator_s)


def _part(part: str, bound: PartBound, timed: PartTimes, target: float | None, tally: Tally) -> str:
    seconds, least = timed.seconds - timed.operator_s, bound.seconds - bound.operator_s
    terms = {"chemistry": bound.chemistry_s, "the arm": bound.arm_s, "batches": bound.batches_s}
    sets = max(terms, key=lambda term: terms[term])
    ratio = _ratio(bound, timed)
    line = f"{seconds:.0f} s, bound {least:.0f} s, ratio {ratio:.3f}"
    if target is not None:
        missed = f"{part}ratio {ratio:.3f} > {target:g}"
        line += f"; target <= {target:g}: {tally.judge(ratio <= target, missed)}"
    operator = f", the operator's {timed.operator_s:.0f} s apart" if timed.operator_s else ""
    return f"{line} (to {sets} alone, {terms[sets]:.0f} s: {seconds / terms[sets]:.3f}{operator})"


def _why(bound: PartBound, timed: PartTimes) -> str:
    """What the time above the bound is spent on."""
    waits = sorted(timed.waits_s.items(), key=lambda item: -item[1])[:3]
    waited = ", ".join(f"{seconds:.0f} s at {step}" for step, seconds in waits if seconds >= 1)
    busy_s = timed.seconds - timed.operator_s - sum(timed.waits_s.values())
    return (
        f"the arm works {busy_s:.0f} s, {busy_s - bound.arm_s:.0f} s more than it must, and waits"
        f" {sum(timed.waits_s.values()):.0f} s ({waited or 'for nothing'})"
    )


def _one_after_another(case: Case, room: Path, times: Sequence[PartTimes], tally: Tally) -> None:
    """The same wells by single runs, one after another, holds and operator included."""
    single = compile_case(case, room, library=False)
    if single.plan is None:
        if case.apart is not None:
            print("  one after another: a single well does not compile")
        return  # a library may bring what its bench needs (smaller vessels)
    timing = single.plan["timing"]
    whole_s = case.wells * float(timing["duration_s"] + timing["hold_s"])
    run_s = sum(timed.seconds for timed in times) + float(timing["hold_s"])
    times_faster = whole_s / run_s
    line = f"  one after another: {whole_s:.0f} s, 1/{times_faster:.1f} of it"
    if case.apart is not None:
        missed = f"1/{times_faster:.1f} of one after another > 1/{case.apart:g}"
        line += f"; target <= 1/{case.apart:g}: {tally.judge(times_faster >= case.apart, missed)}"
    print(line)


def _spreads(case: Case, program: Program, tally: Tally) -> None:
    seen = elapsed(program)
    worst = spread_of(seen)
    if worst is not None:
        missed = (
            f"{worst.what} of {worst.step}, {worst.spread_s:.0f} s apart > {_may_s(worst):.0f} s"
        )
        met = tally.judge(worst.spread_s <= _may_s(worst), missed)
        print(
            f"  elapsed times: at most {worst.spread_s:.0f} s apart ({worst.what} of"
            f" {worst.wanted_s:.0f} s, {worst.step}: {worst.least_s:.0f} to {worst.most_s:.0f} s);"
            f" target <= {_may_s(worst):.0f} s: {met}"
        )
    intervals = [each for each in seen if each.what == INTERVAL]
    if intervals and case.interval is not None:
        off = max(
            max(e.most_s - e.wanted_s, e.wanted_s - e.least_s) / e.wanted_s for e in intervals
        )
        met = tally.judge(off <= case.interval, f"intervals {off:.1%} off > {case.interval:.0%}")
        print(f"  intervals: within {off:.1%}; target <= {case.interval:.0%}: {met}")


# --- what compiling costs -------------------------------------------------------------------


def _costs(room: Path, tally: Tally) -> None:
    tally.about = ""
    folder = room / "cases"
    common = (str(folder / "small.yaml"), "--bench", str(folder / "plate-384.yaml"))
    few, many = (_compiled(room, common, f"replicates-{wells}") for wells in (96, 384))
    for what, ratio, target in (
        ("time", many.seconds / few.seconds, 4.5),
        ("peak memory", many.peak_mb / few.peak_mb, 3.0),
    ):
        named = f"compile 384 / compile 96, {what}: {ratio:.2f}"
        met = tally.judge(ratio <= target, f"{named} > {target:g}")
        print(f"{named}; target <= {target:g}: {met}")
    print(
        f"  {many.seconds:.2f} s, {many.peak_mb:.0f} MB; {few.seconds:.2f} s, {few.peak_mb:.0f} MB"
    )
    simulator = shutil.which("opentrons_simulate", path=str(Path(sys.executable).parent))
    if simulator is None:
        print(
            "compile 96 / opentrons_simulate: not measured, it is not installed beside this Python"
        )
        return
    folder = ROOT / "protocols" / "reductive-amination-96"
    out = room / "plate"
    plate = (str(folder / "procedure.yaml"), "--library", str(folder / "library.yaml"))
    compiled = min(
        (
            measure((*WORKUP, "compile", *plate, "--bench", "flex-96", "-o", str(out)))
            for _ in "123"
        ),
        key=lambda run: run.seconds,
    )
    custom = ("-L", str(ROOT / "protocols" / "labware"))
    for script in sorted(out.glob("*.py")):
        simulated = measure((simulator, *custom, str(script)))
        ratio = compiled.seconds / simulated.seconds
        named = f"compile 96, cold / opentrons_simulate {script.name}: {ratio:.2f}"
        met = tally.judge(ratio <= 1.0, f"{named} > 1")
        print(
            f"{named}; target <= 1: {met} ({compiled.seconds:.2f} s and {simulated.seconds:.2f} s)"
        )


def _compiled(room: Path, common: tuple[str, ...], library: str) -> Run:
    """The best of three cold compilations."""
    table = ("--library", str(room / "cases" / f"{library}.yaml"), "-o", str(room / library))
    runs = [measure((*WORKUP, "compile", *common, *table)) for _ in range(3)]
    return min(runs, key=lambda run: run.seconds)


def _room(folder: Path) -> Path:
    """The cases beside the labware that they use."""
    shutil.copytree(ROOT / "benchmarks" / "cases", folder / "cases")
    shutil.copytree(ROOT / "protocols" / "labware", folder / "labware")
    return folder


def _chosen(words: Sequence[str]) -> Iterator[Case]:
    for case in CASES:
        if all(word in f"{case.name} {case.bench} {case.procedure}" for word in words):
            yield case


def main() -> int:
    """Prints the table; 1 where a target is missed, but not in short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only cases with these words")
    parser.add_argument("--quick", action="store_true", help="without what compiling costs")
    parser.add_argument("--short", action="store_true", help="the same; tell, do not judge")
    given = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="workup-bench-") as name:
        room = _room(Path(name))
        for case in _chosen(given.words):
            run_case(case, room, tally)
        if not (given.quick or given.short or given.words):
            _costs(room, tally)
    tally.report()
    return 0 if given.short or not tally.missed else 1


if __name__ == "__main__":
    sys.exit(main())
