"""The speed of the three commands against what they stand on, side by side in one run.

Each pair is a command and its yardstick, run alternately as cold processes; the ratio is that of
the medians, and its spread that of the single pairs. Peak memory is the process's own largest
resident set (getrusage). Run with `make bench`, on a machine that does nothing else; `--short` runs
everything once and only prints.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scripts import write_long, write_small

ROOT = Path(__file__).parents[1]
PROCEDURE = ROOT / "protocols" / "reductive-amination" / "procedure.yaml"
WORKUP = (sys.executable, "-m", "compiler")
IMPORTS = (sys.executable, "-c", "import yaml, jsonschema, pint, rdkit.Chem")


@dataclass(frozen=True, slots=True)
class Pair:
    """A command, what it is compared with (so many calls of it), and what share it may take."""

    name: str
    command: Sequence[str]
    yardstick_name: str
    yardstick: Sequence[str]
    target: float | None  # None: told, not judged
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall time in s, peak memory in MB (10^6 bytes)."""

    seconds: float
    peak_mb: float


LAUNCHER = """\
import json, os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
begun = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - begun
print(json.dumps([seconds, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""
"""Starts a command from a small process: the peak of a process is never less than that of the one
which started it."""


def measure(command: Sequence[str]) -> Run:
    """Runs a command once, cold. Raises RuntimeError when it fails."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *command],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    seconds, peak, status = json.loads(done.stdout)
    if status != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, peak * unit / 1e6)


def compare(pair: Pair, repeats: int, *, warm: bool = True) -> tuple[list[Run], list[Run]]:
    """Both of a pair, alternately; `warm`: one round before them warms the file cache."""
    if warm:
        measure(pair.yardstick)
        measure(pair.command)
    ours, theirs = [], []
    for _ in range(repeats):
        theirs.append(measure(pair.yardstick))
        ours.append(measure(pair.command))
    return ours, theirs


def pairs(room: Path) -> list[Pair]:
    """The three pairs of each robot; the scripts they need are compiled into `room`."""
    simulator = shutil.which("opentrons_simulate", path=str(Path(sys.executable).parent))
    if simulator is None:
        raise RuntimeError("opentrons_simulate is not installed beside this Python")
    check = (*WORKUP, "check", str(PROCEDURE))
    found = [Pair("check", check, "import yaml, jsonschema, pint, rdkit.Chem", IMPORTS, 1.6)]
    for bench in ("ot2", "flex"):
        folder = room / bench
        compile_ = (*WORKUP, "compile", str(PROCEDURE), "--bench", bench, "-o", str(folder))
        measure(compile_)
        scripts = sorted(folder.glob("*.py"), key=lambda path: path.stat().st_size)
        script = str(scripts[-1])
        yardstick = (simulator, script)
        named = f"opentrons_simulate {scripts[-1].name}"
        found.append(Pair(f"compile, {bench}", compile_, named, yardstick, 0.5))
        # Beside its plan a script is run with the other parts and verified; by itself it is the
        # same work as the yardstick's. Both are told, the second is what the target is about.
        alone = room / f"{bench}-alone" / scripts[-1].name
        alone.parent.mkdir()
        shutil.copy(script, alone)
        simulate = (*WORKUP, "simulate", str(alone))
        found.append(Pair(f"simulate, {bench}", simulate, named, yardstick, 1.2))
        whole = (*WORKUP, "simulate", str(folder / "plan.json"))
        found.append(Pair(f"simulate, {bench}, all parts, verified", whole, named, yardstick, None))
    long, small = write_long(room), [str(path) for path in write_small(room)]
    one = (*WORKUP, "simulate", str(long))
    named = "opentrons_simulate, the same"
    found.append(Pair("simulate, 1,000 pairs", one, named, (simulator, str(long)), 1.2))
    # Twenty calls take twenty times as long as one, which is what is run.
    many = (*WORKUP, "simulate", *small)
    named = "20 calls of opentrons_simulate"
    yardstick = (simulator, small[0])
    found.append(Pair("simulate, 20 scripts in a call", many, named, yardstick, 0.15, len(small)))
    return found


def report(pair: Pair, ours: Sequence[Run], theirs: Sequence[Run]) -> bool:
    """Prints a pair's medians and ratio; whether the target is met."""
    mine = statistics.median(run.seconds for run in ours)
    other = pair.calls * statistics.median(run.seconds for run in theirs)
    single = [a.seconds / (pair.calls * b.seconds) for a, b in zip(ours, theirs, strict=True)]
    met = pair.target is None or mine / other <= pair.target
    judged = "" if pair.target is None else f"; target <= {pair.target:g}: {_judgement(met)}"
    print(f"{pair.name}  against  {pair.yardstick_name}")
    print(f"  {mine:6.3f} s against {other:6.3f} s   (medians of {len(ours)})")
    print(
        f"  ratio {mine / other:.2f}, single pairs {min(single):.2f} to {max(single):.2f}{judged}"
    )
    print(
        f"  peak memory {max(run.peak_mb for run in ours):.0f} MB "
        f"against {max(run.peak_mb for run in theirs):.0f} MB"
    )
    return met


def _judgement(met: bool) -> str:
    return "met" if met else "NOT MET"


def main() -> int:
    """Measures and prints all pairs; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=7, help="pairs of runs (default 7)")
    parser.add_argument("--short", action="store_true", help="once each; tell, do not judge")
    asked = parser.parse_args()
    repeats = 1 if asked.short else max(1, asked.n)
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} at start")
    print("A load above 1 from other work makes the times, and less so the ratios, unsure.\n")
    met = []
    with tempfile.TemporaryDirectory(prefix="workup-bench-") as room:
        for pair in pairs(Path(room)):
            ours, theirs = compare(pair, repeats, warm=not asked.short)
            kept = report(pair, ours, theirs)
            if pair.target is not None:
                met.append(kept)
            if pair.name == "check":
                peak = max(run.peak_mb for run in ours)
                met.append(peak < 150)
                print(f"  target < 150 MB: {_judgement(peak < 150)}")
            print()
    print("all targets met" if all(met) else f"{met.count(False)} of {len(met)} targets missed")
    return 0 if all(met) or asked.short else 1


if __name__ == "__main__":
    sys.exit(main())
