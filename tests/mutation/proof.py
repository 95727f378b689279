"""Runs mutants through verification, and counts which it catches.

`python -m tests.mutation.proof` prints the whole table for the shipped reductive amination on both
robots; `make prove` does so too. `--share 0.05` tries that part of each kind. Scripts are plain
text again after an edit (`ast.unparse`), so the unedited script is run the same way first, and has
to be verified.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import compiler
from compiler.cli.compile_ import result_files
from simulate.result import SimulationResult
from simulate.worker import Job, Limits, simulate_all
from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
PROCEDURE = ROOT / "protocols" / "reductive-amination" / "procedure.yaml"
BENCHES = ("flex", "ot2")
LIMITS = Limits(seconds=60.0, memory_mb=2000)

# Why a mutant that passes does no harm: a word of what was edited, and the reason.
HARMLESS = (
    ("doubled step", "protocol.comment", "the run log has a line twice; nothing moves"),
    ("doubled step", "wait_for_tasks", "a timer that has run out is not waited for again"),
    ("doubled step", "set_flow", "the same flow rates are set twice"),
    ("missing step", "The run is done", "the last line of the run log"),
    ("missing step", "Next: part", "the last line of the run log"),
    ("swapped steps", "create_timer", "two timers start at the same moment"),
    ("swapped steps", "protocol.comment", "a line of the run log comes a command earlier"),
)

# Kinds of which every single one has to be caught.
ALL_OF = ("volume", "well", "source", "missing step", "swapped steps")


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant of one script, and whether verification caught it; `codes` say how."""

    script: str
    mutant: Mutant
    caught: bool
    codes: tuple[str, ...]

    @property
    def harmless(self) -> str | None:
        """Why it may pass, where that is known."""
        for kind, words, reason in HARMLESS:
            if self.mutant.kind == kind and words in self.mutant.what:
                return reason
        return None


def prove(bench: str, room: Path, share: float = 1.0, procedure: Path = PROCEDURE) -> list[Tried]:
    """Compile a procedure, plant the faults, run them all. `share` of each kind is tried."""
    compiled = compiler.compile(procedure, bench=_bench(bench))
    texts = result_files(compiled)
    chosen: list[tuple[str, Mutant]] = []
    for name in sorted(texts):
        if name.endswith(".py"):
            chosen += [(name, mutant) for mutant in _some(mutants(texts[name]), share)]
    unedited = {
        name: _round_trip(text) if name.endswith(".py") else text for name, text in texts.items()
    }
    jobs = [Job(None, _written(room / f"{bench}-whole", unedited))]
    for number, (name, mutant) in enumerate(chosen):
        folder = room / f"{bench}-{number}"
        jobs.append(Job(None, _written(folder, {**unedited, name: mutant.text})))
    whole, *results = simulate_all(jobs, LIMITS)
    if not whole.verified:
        raise AssertionError(f"the unedited script is not verified: {whole.findings}")
    return [
        Tried(name, mutant, not result.verified, _codes(result))
        for (name, mutant), result in zip(chosen, results, strict=True)
    ]


def _codes(result: SimulationResult) -> tuple[str, ...]:
    return tuple(sorted({finding.code for finding in result.findings}))


def _bench(name: str) -> Path:
    return ROOT / "protocols" / "benches" / f"{name}.yaml"


def _round_trip(text: str) -> str:
    return ast.unparse(ast.parse(text))


def _written(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "plan.json"


def _some(found: Sequence[Mutant], share: float) -> list[Mutant]:
    """The same part of each kind every time, at least one."""
    if share >= 1.0:
        return list(found)
    kinds: dict[str, list[Mutant]] = {}
    for mutant in found:
        kinds.setdefault(mutant.kind, []).append(mutant)
    dice = random.Random(20260101)
    return [
        mutant
        for kind in sorted(kinds)
        for mutant in dice.sample(
            kinds[kind], min(len(kinds[kind]), max(1, round(share * len(kinds[kind]))))
        )
    ]


def table(tried: Sequence[Tried]) -> str:
    """The share that was caught, of each kind and in total, and the survivors with reasons."""
    kinds: dict[str, list[Tried]] = {}
    for item in tried:
        kinds.setdefault(item.mutant.kind, []).append(item)
    lines = [f"{'planted fault':30} {'caught':>12} {'share':>8}  harmless"]
    for kind in [*sorted(kinds), "total"]:
        items = list(tried) if kind == "total" else kinds[kind]
        caught = sum(item.caught for item in items)
        harmless = sum(not item.caught and item.harmless is not None for item in items)
        share = caught / (len(items) - harmless) if len(items) > harmless else 1.0
        count = f"{caught}/{len(items)}"
        lines.append(f"{kind:30} {count:>12} {share:8.1%}  {harmless or ''}".rstrip())
    lines += ["", *_targets(tried)]
    survivors = [item for item in tried if not item.caught]
    lines += ["", "survivors:"] if survivors else ["", "no survivors"]
    for item in survivors:
        reason = item.harmless or "NOT EXPLAINED"
        mutant = item.mutant
        lines.append(f"- {item.script}:{mutant.line} {mutant.kind}: {mutant.what}: {reason}")
    return "\n".join(lines)


def _targets(tried: Sequence[Tried]) -> list[str]:
    """What has to be caught of all that can do harm, and whether it is."""
    harmful = [item for item in tried if item.caught or item.harmless is None]
    strict = [item for item in harmful if item.mutant.kind.startswith(ALL_OF)]
    lines = []
    for words, items, target in (
        ("in total", harmful, 0.99),
        ("volumes, wells, sources, missing and swapped steps", strict, 1.0),
    ):
        share = sum(item.caught for item in items) / len(items) if items else 1.0
        met = "met" if share >= target else "NOT MET"
        lines.append(f"{words}: {share:.2%}; target >= {target:.0%}: {met}")
    return lines


def missed(tried: Sequence[Tried]) -> list[Tried]:
    """The survivors that nobody has explained."""
    return [item for item in tried if not item.caught and item.harmless is None]


def main() -> int:
    """Print the table; 1 where a survivor is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of each kind (default: all)")
    share = parser.parse_args().share
    with tempfile.TemporaryDirectory(prefix="workup-") as name:
        tried = [item for bench in BENCHES for item in prove(bench, Path(name), share)]
    sys.stdout.write(table(tried) + "\n")
    return 1 if missed(tried) else 0


if __name__ == "__main__":
    sys.exit(main())
