"""`workup clock fit`: real analyses, stamped by a clock that the fit has to find again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from compiler.cli.compile_ import result_files
from compiler.cli.group import workup
from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import compile_procedure
from compiler.reading.schema import load_schema
from compiler.target.clock import Timekeeper, load_clock
from simulate.clock_fit import fit_clock
from simulate.deck_height import highest_mm, tops_mm
from simulate.result import simulate_plan
from simulate.run_log import run_log
from tests.simulator.agreement import disagreements

PROCEDURE = shipped_procedures()["reductive-amination"]
BENCHES = {"OT-2": "ot2", "Flex": "flex"}
TRUTH = {
    "OT-2": {
        "travel_mm_s": 340.0,
        "xy_mm_s2": 1600.0,
        "z_mm_s": 105.0,
        "z_mm_s2": 1100.0,
        "command_s": 0.09,
        "pick_up_s": 5.1,
        "drop_s": 6.3,
        "blow_out_s": 0.8,
        "shake_up_s": 3.7,
        "shake_down_s": 4.9,
        "latch_s": 1.4,
    },
    "Flex": {
        "travel_mm_s": 290.0,
        "xy_mm_s2": 700.0,
        "z_mm_s2": 190.0,
        "command_s": 0.05,
        "pick_up_s": 6.0,
        "drop_s": 3.5,
        "blow_out_s": 0.3,
        "shake_up_s": 2.2,
        "shake_down_s": 6.0,
        "latch_s": 3.0,
    },
}


@pytest.fixture(scope="module", params=["OT-2", "Flex"])
def analysis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The JSON of Opentrons' own analysis of the amination's first part, 24 wells."""
    folder = tmp_path_factory.mktemp("analysis")
    bench = shipped_benches()[BENCHES[request.param]]
    made = compile_procedure(PROCEDURE, bench, library=PROCEDURE.parent / "library.csv")
    script, out = folder / "part1.py", folder / "analysis.json"
    script.write_text(made.scripts[0][1], encoding="utf-8")
    analyze = [sys.executable, "-m", "opentrons.cli", "analyze", "--json-output"]
    subprocess.run([*analyze, str(out), str(script)], check=True, capture_output=True)
    return json.loads(out.read_text(encoding="utf-8"))


def stamped(analysis: Any, *, noise_s: float = 0.0) -> Any:
    """The analysis with the times of a robot whose clock is `TRUTH`."""
    read = run_log(analysis)
    clock = replace(load_clock(read.robot), **TRUTH[read.robot])
    tops = tops_mm(read.trace)
    keeper = Timekeeper(clock, travel_mm=highest_mm(read.trace), tops_mm=tops)
    taken: dict[int, float] = {}
    for traced in read.trace.commands:
        start, end = keeper.advance(traced.command)
        taken[traced.index] = taken.get(traced.index, 0.0) + end - start
    random, now = Random(1), datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
    commands = []
    for number, command in enumerate(analysis["commands"]):
        seconds = max(0.0, taken.get(number, 0.0) + random.gauss(0.0, noise_s))
        after = now + timedelta(seconds=seconds)
        times = {"startedAt": now.isoformat(), "completedAt": after.isoformat()}
        commands.append({**command, **times, "createdAt": now.isoformat()})
        now = after + timedelta(seconds=0.2)
    return {**analysis, "commands": commands}


@pytest.mark.parametrize("noise_s", [0.0, 0.02])
def test_the_fit_finds_the_clock_again(analysis: Any, noise_s: float) -> None:
    log = run_log(stamped(analysis, noise_s=noise_s))
    found = fit_clock(log)
    assert found.robot == log.robot
    wanted = TRUTH[log.robot]
    apart = {n: found.parameters[n] / value - 1.0 for n, value in wanted.items()}
    close = 0.001 if noise_s == 0.0 else 0.08
    assert {n: share for n, share in apart.items() if abs(share) > close} == {}
    assert found.fitted_s == pytest.approx(found.measured_s, rel=0.001)
    assert abs(found.published_s / found.measured_s - 1.0) > 0.005
    assert "gripper_s" in found.unseen


def test_the_same_as_the_app_downloads_it(analysis: Any) -> None:
    """A run has its commands under `data`, and does not name the robot."""
    whole = stamped(analysis)
    run = {"data": {"id": "1", "status": "succeeded", "commands": {"data": whole["commands"]}}}
    assert fit_clock(run_log(run)) == fit_clock(run_log(whole))


def test_a_fitted_clock_is_kept_by_plan_and_simulation(analysis: Any, tmp_path: Path) -> None:
    log, clock = tmp_path / "log.json", tmp_path / "clock.json"
    log.write_text(json.dumps(stamped(analysis)), encoding="utf-8")
    done = CliRunner().invoke(workup, ["clock", "fit", str(log), "-o", str(clock)])
    assert done.exit_code == 0, done.output
    assert "pick_up_s" in done.output
    document = json.loads(clock.read_text(encoding="utf-8"))
    Draft202012Validator(load_schema("clock.schema.json")).validate(document)
    bench = shipped_benches()[BENCHES[document["robot"]]]
    own = compile_procedure(PROCEDURE, bench, clock=clock)
    assert own.plan is not None, own.findings
    published = compile_procedure(PROCEDURE, bench).plan
    assert published is not None
    assert abs(own.plan["timing"]["duration_s"] - published["timing"]["duration_s"]) > 5.0
    assert own.plan["robot"]["clock"] == document["parameters"]
    assert str(clock) in [entry["path"] for entry in own.plan["inputs"]]
    folder = tmp_path / "out"
    folder.mkdir()
    for name, text in result_files(own).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(folder / "plan.json")
    assert result.verified
    assert disagreements(own.plan, result) == []


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("{", "it is no JSON"),
        ("[]", "it loads no pipette"),
        ('{"data": 1}', "it has no list of `commands`"),
        ('{"commands": [1]}', "command 1 has no commandType"),
        ('{"commands": [{"commandType": "home", "startedAt": "x", "completedAt": "y"}]}', "times"),
        (
            '{"robotType": "OT-2 Standard", "commands":'
            ' [{"commandType": "aspirate", "params": {}, "result": {}}]}',
            "lacks",
        ),
        ('{"robotType": "OT-2 Standard", "commands": []}', "0 commands of the arm"),
    ],
)
def test_a_log_that_is_none(log: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(log, encoding="utf-8")
    done = CliRunner().invoke(workup, ["clock", "fit", str(path), "-o", str(tmp_path / "c.json")])
    assert done.exit_code == 2
    assert why in done.output
    assert not (tmp_path / "c.json").exists()
