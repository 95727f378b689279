"""The judge's table: every fault with its code, found or not on each robot; sound protocols.

`python -m tests.simulator.proof` prints it; `make prove` does so too.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics.finding import Finding
from simulate.run import Options
from simulate.worker import Job, simulate_all
from tests.simulator.faults import EIGHT, FAULTS, FaultScript, eight_text

ROBOTS = ("OT-2", "Flex")
SOUND = tuple(sorted((Path(__file__).parent / "sound").glob("*.py")))


@dataclass(frozen=True, slots=True)
class Case:
    """A fault on one robot: its script's text."""

    script: FaultScript
    robot: str
    text: str

    def is_found(self, findings: Sequence[Finding]) -> bool:
        """Whether the fault is told, by its code, with its severity, on its line."""
        line = self.script.line(self.robot)
        return any(
            (f.code, f.severity) == (self.script.code, self.script.severity)
            and f.span is not None
            and f.span.line == line
            for f in findings
        )

    def others(self, findings: Sequence[Finding]) -> set[str]:
        """Codes of errors and warnings that are told besides."""
        return {f.code for f in findings if f.severity != "note"} - {self.script.code}


CASES = tuple(
    Case(script, robot, text(script, robot))
    for text, scripts in ((FaultScript.text, FAULTS), (eight_text, EIGHT))
    for script in scripts
    for robot in ROBOTS
    if robot in script.robots
)


def sound_options(script: Path) -> Options | None:
    """What a sound protocol is run with: the table beside it is its parameter."""
    table = script.with_suffix(".csv")
    return Options(files={"volumes": table}) if table.exists() else None


def against(findings: Sequence[Finding]) -> list[Finding]:
    """What is held against a protocol: errors and warnings."""
    return [finding for finding in findings if finding.severity != "note"]


def main() -> int:
    """Run and print everything; 1 where a fault is missed or a sound protocol is blamed."""
    with tempfile.TemporaryDirectory(prefix="workup-") as room:
        paths = [Path(room) / f"fault-{number:03}.py" for number in range(len(CASES))]
        for path, case in zip(paths, CASES, strict=True):
            path.write_text(case.text, encoding="utf-8")
        jobs = [Job(path) for path in paths]
        jobs += [Job(path, options=sound_options(path)) for path in SOUND]
        results = simulate_all(jobs)
    told = {
        (case.script, case.robot): case.is_found(result.findings)
        and not case.others(result.findings)
        for case, result in zip(CASES, results, strict=False)
    }
    blamed = {
        path.name: found
        for path, result in zip(SOUND, results[len(CASES) :], strict=True)
        if (found := against(result.findings))
    }
    sys.stdout.write(table(told) + "\n\n" + sound_lines(blamed) + "\n")
    return 0 if all(told.values()) and not blamed else 1


def table(told: dict[tuple[FaultScript, str], bool]) -> str:
    """A line for each fault by its code, then the sums."""
    scripts = sorted({script for script, _ in told}, key=lambda each: (each.code, each.name))
    lines = [f"{'code':12} {'fault':44} " + " ".join(f"{robot:>7}" for robot in ROBOTS)]
    words = {True: "found", False: "MISSED", None: "-"}
    for script in scripts:
        cells = " ".join(f"{words[told.get((script, robot))]:>7}" for robot in ROBOTS)
        lines.append(f"{script.code:12} {script.name:44} {cells}")
    sums = []
    for robot in ROBOTS:
        here = [is_found for (_, its), is_found in told.items() if its == robot]
        sums.append(f"{sum(here)} of {len(here)} on {robot}")
    codes = len({script.code for script in scripts})
    lines += ["", f"{codes} codes, {len(scripts)} faults; found {', '.join(sums)}"]
    lines.append("(-: that robot has no gripper, or other slots and neighbours for the shaker)")
    return "\n".join(lines)


def sound_lines(blamed: dict[str, list[Finding]]) -> str:
    """How many sound protocols have no finding of severity error or warning; and the others."""
    clean = len(SOUND) - len(blamed)
    lines = [f"sound protocols without an error or a warning: {clean} of {len(SOUND)}"]
    for name, found in blamed.items():
        lines += [f"- {name}: {finding.code}: {finding.message}" for finding in found]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
