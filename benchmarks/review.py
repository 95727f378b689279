"""How long the report takes: after the simulation, for 96 wells, and from a save to the page.

Each number is told beside its target. Run with `python -m benchmarks.review`, on a machine that
does nothing else: times are wall time unless they say CPU, the best of a few runs. `workup review`
draws while the simulator is at work, so that after it next to nothing is left to do; what drawing
takes by itself is told too.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.plate import write_plate
from simulate.review.inputs import Inputs
from simulate.review.serve import Server, serving

ROOT = Path(__file__).resolve().parent.parent
PROTOCOLS = ROOT / "protocols"
PROCEDURE = PROTOCOLS / "reductive-amination" / "procedure.yaml"
FLEX = PROTOCOLS / "benches" / "flex.yaml"
ONE = Inputs(PROCEDURE, FLEX)


@dataclass(frozen=True, slots=True)
class Report:
    """A report made in a process of its own; `after_s` is None where nothing was simulated."""

    page_s: float  # drawing and putting together, from the first import
    page_cpu_s: float
    after_s: float | None  # from the simulator's answer to the page
    megabytes: float


def cold(made_of: Inputs, *, simulate: bool) -> Report:
    """Makes a report in a fresh process."""
    files = [str(path) for path in (made_of.procedure, made_of.bench, made_of.library or "")]
    command = [sys.executable, "-m", "benchmarks.review", "--once", *files]
    done = subprocess.run(
        [*command, *(["--simulate"] if simulate else [])],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Report(**json.loads(done.stdout))


def once(made_of: Inputs, *, simulate: bool) -> Report:
    """What `cold` runs: as `workup review` does it, with a clock."""
    compiled = made_of.compiled()
    from simulate.review.page import Verification, draw, put_together
    from simulate.review.simulator import Simulator
    from simulate.review.verification import run_files

    verification = Verification(True, (), "9", 1)
    answered: list[float] = []
    with contextlib.ExitStack() as stack:
        if simulate:
            simulator = stack.enter_context(contextlib.closing(Simulator()))
            simulator.ask(run_files(compiled))
            watch = threading.Thread(
                target=lambda: simulator.wait(600) and answered.append(time.perf_counter())
            )
            watch.start()
        begun, begun_cpu = time.perf_counter(), time.process_time()
        drawing = draw(compiled)
        drawn_s, drawn_cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
        if simulate:
            watch.join()
            verification = simulator.answer()
        begun, begun_cpu = time.perf_counter(), time.process_time()
        page = put_together(drawing, verification)
        ended = time.perf_counter()
        page_s, page_cpu_s = ended - begun, time.process_time() - begun_cpu
    after_s = ended - answered[0] if answered else None
    return Report(drawn_s + page_s, drawn_cpu_s + page_cpu_s, after_s, len(page.encode()) / 1e6)


# --- while editing ----------------------------------------------------------------------------


@contextlib.contextmanager
def _edited() -> Iterator[tuple[Server, Callable[[int], str]]]:
    """A server, and what saves the procedure with the title of a run."""
    text = PROCEDURE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "procedure.yaml"
        file.write_text(text, encoding="utf-8")

        def save(number: int) -> str:
            title = f"Run {number}"
            file.write_text(text.replace("Reductive amination of", title), encoding="utf-8")
            return title

        with serving(Inputs(file, FLEX)) as server:
            yield server, save


def served_s(repeats: int) -> list[float]:
    """From a save to the whole new page at a client."""
    found = []
    with _edited() as (server, save):
        for number in range(repeats):
            while b'class="verdict good"' not in _page(server.server_port):
                time.sleep(0.2)
            begun = time.perf_counter()
            title = save(number).encode()
            while title not in _page(server.server_port):
                time.sleep(0.01)
            found.append(time.perf_counter() - begun)
    return found


def seen_s(repeats: int) -> list[float] | None:
    """From a save to the new heading in Chromium; None where there is none to drive."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return None
    found = []
    with _edited() as (server, save), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(server.url)
        for number in range(repeats):
            page.locator("#verdict.good").wait_for(timeout=60_000)
            begun = time.perf_counter()
            page.locator("h1", has_text=save(number)).wait_for(timeout=60_000)
            found.append(time.perf_counter() - begun)
        browser.close()
    return found


def _page(port: int) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/")
    text = line.getresponse().read()
    line.close()
    return text


# --- what is told -----------------------------------------------------------------------------


def _told(name: str, value: float, target: float, unit: str) -> bool:
    met = value <= target
    judged = "met" if met else "NOT MET"
    print(f"{name:<50} {value:6.2f} {unit:<2}  target <= {target:g} {unit}: {judged}")
    return met


def _best(reports: Sequence[Report], of: Callable[[Report], float | None]) -> float:
    return min(value for value in map(of, reports) if value is not None)


def main() -> int:
    """Measures and prints; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--once", nargs=3, metavar=("PROCEDURE", "BENCH", "LIBRARY"))
    parser.add_argument("--simulate", action="store_true")
    given = parser.parse_args()
    if given.once:
        procedure, bench, library = given.once
        made_of = Inputs(Path(procedure), Path(bench), {}, Path(library) if library else None)
        print(json.dumps(asdict(once(made_of, simulate=given.simulate))))
        return 0
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at start; the best of {given.n}\n"
    )
    simulated = [cold(ONE, simulate=True) for _ in range(given.n)]
    alone = [cold(ONE, simulate=False) for _ in range(given.n)]
    with tempfile.TemporaryDirectory(prefix="workup-bench-") as name:
        procedure, bench, library = write_plate(Path(name))
        plate = [cold(Inputs(procedure, bench, {}, library), simulate=False) for _ in range(3)]
    met = [
        _told("one reaction: page after the simulation", _best(simulated, _after_s), 1, "s"),
        _told("one reaction: page by itself, cold, CPU time", _best(alone, _cpu_s), 1, "s"),
        _told("96 wells: page by itself, cold", _best(plate, _page_s), 5, "s"),
        _told("96 wells: page", plate[0].megabytes, 3, "MB"),
        _told("one reaction: from a save to the page served", min(served_s(given.n)), 1, "s"),
    ]
    seen = seen_s(given.n)
    if seen is None:
        print("from a save to the page in a browser: there is no Chromium to drive with Playwright")
    else:
        met.append(_told("one reaction: from a save to the page in Chromium", min(seen), 1, "s"))
    print("\nall targets met" if all(met) else f"\n{met.count(False)} of {len(met)} targets missed")
    return 0 if all(met) else 1


def _after_s(report: Report) -> float | None:
    return report.after_s


def _cpu_s(report: Report) -> float:
    return report.page_cpu_s


def _page_s(report: Report) -> float:
    return report.page_s


if __name__ == "__main__":
    sys.exit(main())
