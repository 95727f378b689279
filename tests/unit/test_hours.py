"""When a run has to start, on times worked out by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.diagnostics.finding import Finding
from compiler.passes.hours import Stop, Stretch, clock_time, starts
from compiler.pipeline import compile_procedure

H = 3600.0
PROCEDURE = shipped_procedures()["reductive-amination"]


def test_the_last_pause_has_to_end_in_time() -> None:
    """2 h after the start for half an hour: from 08:00 until 15:30, if somebody leaves at 18:00."""
    found = starts([Stop(1, 2 * H, 2.5 * H)], [Stretch(0.0, 5 * H)], 8 * H, 18 * H)
    assert found == (8 * H, 15.5 * H)


def test_after_a_night_the_first_pause_must_not_be_too_early() -> None:
    """Part 1 takes 2 h, the hold 12 h, and part 2 stops at once for 1 h: 14 h after the start.

    08:00 the next day is a start at 18:00, 17:00 (with the pause at 07:00) is too early; the pause
    of part 1 after 1 h has to be over by 18:00, which no start is that leaves the other in time.
    """
    stretches = [Stretch(0.0, 2 * H), Stretch(12 * H, 3 * H)]
    late = Stop(2, 0.0, H)
    assert starts([late], stretches, 8 * H, 18 * H) == (18 * H, 18 * H)
    both = [Stop(1, H, 1.5 * H), late]
    assert starts(both, stretches, 8 * H, 18 * H) is None
    # two hours longer: 16 h after the start, so a start from 16:00; and the first one until 16:30
    assert starts(both, stretches, 8 * H, 18 * H, 2 * H) == (16 * H, 16.5 * H)


def test_times_of_day() -> None:
    assert [clock_time(s) for s in (8 * H, 16.75 * H, 0.0)] == ["08:00", "16:45", "00:00"]


def told(hours: str, folder: Path) -> list[Finding]:
    """What the shipped amination says on the Flex with these hours."""
    shipped = shipped_benches()["flex"]
    shutil.copytree(shipped.parent.parent / "labware", folder / "labware")
    text = shipped.read_text(encoding="utf-8").replace("../labware", "labware")
    bench = folder / "bench.yaml"
    changed = text.replace("{ice bath: true}", f"{{ice bath: true, available: {hours}}}")
    bench.write_text(changed, encoding="utf-8")
    made = compile_procedure(PROCEDURE, bench)
    assert made.plan is not None
    return [f for f in made.findings if f.code == "T-HOURS"]


@pytest.mark.parametrize(
    ("hours", "severity", "words"),
    [("00:00–24:00", "note", "between"), ("12:00–12:30", "warning", "no start")],
)
def test_a_bench_with_hours(hours: str, severity: str, words: str, tmp_path: Path) -> None:
    (finding,) = told(hours, tmp_path)
    assert finding.severity == severity
    assert words in finding.message
    assert finding.span is not None
    assert finding.span.file.endswith("bench.yaml")
