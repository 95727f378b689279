"""Limits in the simulator: what the compiler promises holds, and what breaks it is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import Compiled, compile_procedure
from simulate.result import SimulationResult, simulate_plan
from tests.simulator import handwritten

NABH4 = shipped_procedures()["reductive-amination-nabh4"]
AMINATION = shipped_procedures()["reductive-amination"]
both = pytest.mark.parametrize("bench", ["flex", "ot2"])


def written(folder: Path, made: Compiled) -> Path:
    """The files of a run in a folder; the path of its plan."""
    assert made.plan is not None, [f.message for f in made.findings]
    folder.mkdir(exist_ok=True)
    for name, text in result_files(made).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / "plan.json"


def with_plan(plan: Path, change: Callable[[dict[str, Any]], None]) -> SimulationResult:
    """What the simulation says of a plan that is changed before."""
    document = json.loads(plan.read_text(encoding="utf-8"))
    change(document)
    plan.write_text(json.dumps(document), encoding="utf-8")
    return simulate_plan(plan)


def told(result: SimulationResult) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.step) for finding in result.findings]


def planted(plan: Path, before: str, line: str) -> Path:
    """The plan, with a line put into its script before the first one that has a text in it."""
    (script,) = plan.parent.glob("*.py")
    lines = script.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, text in enumerate(lines) if before in text)
    lines.insert(at, f"    {line}\n")
    script.write_text("".join(lines), encoding="utf-8")
    return plan


@both
def test_the_shipped_limit_is_kept_and_a_delay_breaks_it(tmp_path: Path, bench: str) -> None:
    plan = written(tmp_path, compile_procedure(NABH4, shipped_benches()[bench]))
    sound = simulate_plan(plan)
    assert sound.verified is True
    assert told(sound) == []
    planted(plan, 'protocol.pause("[quench] Open', "protocol.delay(minutes=35)")
    result = simulate_plan(plan)
    assert result.verified is False
    (late,) = (finding for finding in result.findings if finding.code == "V-WITHIN")
    assert late.step == "quench"
    assert "after the end of reduction in r1; the plan allows 1800.0 s" in late.message
    waited_s = float(late.message.split("begins ")[1].split(" s ")[0])
    assert waited_s == pytest.approx(35 * 60 + 20, abs=30)  # the delay, and the operator's 20 s
    (script,) = tmp_path.glob("*.py")
    assert late.span is not None
    assert late.span.file == str(script)
    line = script.read_text(encoding="utf-8").splitlines()[late.span.line - 1]
    assert "deliver(" in line or "expel_gap(" in line or "draw_up(" in line, line
    assert late.related[0].span.file.endswith("reductive-amination-nabh4/procedure.yaml")


@both
def test_the_simulated_times_are_those_of_the_plan(tmp_path: Path, bench: str) -> None:
    """What the plan says that a reaction sees is what the simulation measures, to 2 %."""
    table = tmp_path / "library.yaml"
    table.write_text("kind: library\nversion: 1\nreplicates: 5\n", encoding="utf-8")
    made = compile_procedure(NABH4, shipped_benches()[bench], library=table)
    plan = written(tmp_path / "run", made)
    assert made.plan is not None
    most_s = made.plan["limits"][0]["most_s"]

    def allowed(seconds: float) -> Callable[[dict[str, Any]], None]:
        return lambda document: document["limits"][0].update(within_s=seconds)

    assert with_plan(plan, allowed(most_s)).verified is True
    short = with_plan(plan, allowed(0.97 * most_s))
    assert told(short) == [("V-WITHIN", "quench")]
    assert short.verified is False
    shorter = with_plan(plan, allowed(0.5 * made.plan["limits"][0]["least_s"]))
    assert "and 4 more reactions begin too late" in shorter.findings[0].message


def _limited(tmp_path: Path, within: str) -> Path:
    """The amination, whose script is split before the quench, with a limit on that."""
    text = AMINATION.read_text(encoding="utf-8")
    marker = "  - id: quench\n"
    assert marker in text
    path = tmp_path / "amination.yaml"
    path.write_text(text.replace(marker, f"{marker}    within: {within}\n"), encoding="utf-8")
    return path


@both
def test_holds_between_scripts_are_in_it(tmp_path: Path, bench: str) -> None:
    path = _limited(tmp_path, "{time: 13 h, after: hydride}")
    plan = written(tmp_path / "run", compile_procedure(path, shipped_benches()[bench]))
    document = json.loads(plan.read_text(encoding="utf-8"))
    monitor = next(step["id"] for step in document["steps"] if step["verb"] == "monitor")
    assert document["scripts"][1]["hold"] == {"step": monitor, "s": 43200.0}
    assert "hold" not in document["scripts"][0]
    assert 43200.0 < document["limits"][0]["most_s"] < 13 * 3600.0
    assert simulate_plan(plan).verified is True
    short = with_plan(plan, lambda d: d["limits"][0].update(within_s=42900.0))
    assert told(short) == [("V-WITHIN", "quench")]
    # the hold belongs to the monitor: from its end on there is the operator's pause alone
    at_once = with_plan(plan, lambda d: d["limits"][0].update(after=monitor, within_s=60.0))
    assert told(at_once) == []


def test_scripts_without_timers_are_held_to_it_too(tmp_path: Path) -> None:
    bench = shipped_benches()["ot2"]
    folder = tmp_path / "bench"
    (folder / "labware").mkdir(parents=True)
    for file in (bench.parent.parent / "labware").iterdir():
        (folder / "labware" / file.name).write_bytes(file.read_bytes())
    text = bench.read_text(encoding="utf-8").replace("../labware/", "labware/")
    older = folder / "older.yaml"
    older.write_text(f'{text}\napi level: "2.22"\n', encoding="utf-8")
    plan = written(tmp_path / "run", compile_procedure(NABH4, older))
    assert simulate_plan(plan).verified is True
    planted(plan, 'protocol.pause("[quench] Open', "protocol.delay(minutes=35)")
    assert ("V-WITHIN", "quench") in told(simulate_plan(plan))


def test_each_stage_of_a_sequence_keeps_its_own(tmp_path: Path) -> None:
    protocols = tmp_path / "protocols"
    shipped = AMINATION.parents[1]
    for folder in ("boc-route", "blocks"):
        (protocols / folder).mkdir(parents=True)
        for file in (shipped / folder).iterdir():
            (protocols / folder / file.name).write_bytes(file.read_bytes())
    changed = protocols / "boc-route" / "mono-boc.yaml"
    text = changed.read_text(encoding="utf-8")
    assert "  - id: water\n" in text
    limited = text.replace("  - id: water\n", "  - id: water\n    within: 10 min\n")
    changed.write_text(limited, encoding="utf-8")
    sequence = protocols / "boc-route" / "sequence.yaml"
    made = compile_procedure(sequence, shipped_benches()["flex"])
    plan = written(tmp_path / "run", made)
    document = json.loads(plan.read_text(encoding="utf-8"))
    (limit,) = document["limits"]
    assert limit["stage"] == "protect"
    assert limit["step"] == "protect.water"
    assert limit["after"].startswith("protect.stir-")
    assert simulate_plan(plan).verified is True
    short = with_plan(plan, lambda d: d["limits"][0].update(within_s=1.0))
    assert told(short) == [("V-WITHIN", "protect.water")]


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_a_hand_written_run(tmp_path: Path, robot: str, parts: int) -> None:
    """Any plan with limits is proven, whoever wrote the script."""
    plan = handwritten.write(tmp_path, robot, parts)

    def limited(within_s: float) -> Callable[[dict[str, Any]], None]:
        limit = {"step": "aldehyde", "after": "amine", "within_s": within_s}
        return lambda document: document.update(limits=[limit])

    assert with_plan(plan, limited(600.0)).verified is True
    assert told(with_plan(plan, limited(2.0))) == [("V-WITHIN", "aldehyde")]


def test_a_limit_that_the_plan_garbles_is_a_finding(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex", 1)
    garbled = with_plan(plan, lambda d: d.update(limits=[{"step": "aldehyde", "after": "amine"}]))
    assert told(garbled)[0][0] == "V-PLAN"
    assert "limits[0] has no within_s" in garbled.findings[0].message
    unknown = {"step": "aldehyde", "after": "nowhere", "within_s": 1e9}
    assert with_plan(plan, lambda d: d.update(limits=[unknown])).verified is True
