"""Batches, layers in turn and limits, as written scripts in the real simulator."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.diagnostics.finding import Severity
from compiler.pipeline import Compiled
from simulate.result import simulate_plan
from tests.simulator.agreement import disagreements
from tests.unit import plates, standing


def verify(made: Compiled, folder: Path, *, timers: bool = True) -> None:
    """Runs the script and holds it against its plan, with timers the times of all steps, too: a
    delay in a loop is as long as its longest one."""
    assert [f.message for f in made.findings if f.severity is Severity.ERROR] == []
    assert made.plan is not None
    for name, text in result_files(made).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    result = simulate_plan(folder / "plan.json")
    assert [f.message for f in result.findings] == []
    assert result.verified
    assert not timers or disagreements(made.plan, result) == []


SHORT = standing.PROCEDURE.replace("for: 30 min", "for: 5 min")
"""So short that the arm is back in time only if wells go in batches."""


@pytest.mark.parametrize("bench", ["flex-single", "ot2-single"])
def test_amines_that_stand_and_are_extracted(tmp_path: Path, bench: str) -> None:
    """In two batches, one served while the other stands; on the OT-2 layers settle in turn."""
    made = plates.compiled(tmp_path, SHORT, standing.library(16), bench)
    (script,) = (text for name, text in made.scripts if name.endswith(".py"))
    assert "T-BATCH" in {f.code for f in made.findings}
    assert ("for turn in range(" in script) == (bench == "ot2-single")
    verify(made, tmp_path)


def without_beats(script: str) -> str:
    """The water goes as fast as it can: it keeps no step with the amines, which took longer."""
    return re.sub(r"next_well = (.*)\(seconds=.*\)", r"next_well = \1(seconds=1)", script)


def test_a_hold_that_is_too_short_for_some_wells_is_found(
    tmp_path: Path,
) -> None:
    """Though all of the plan's waits are there."""
    made = plates.compiled(tmp_path, SHORT, standing.library(16), "ot2-single")
    assert made.plan is not None
    (stand,) = [s for s in made.plan["stands"] if s["step"] == "standing"]
    reactions = [f"r{n}" for n in range(1, 17)]
    assert stand == {"step": "standing", "s": 300.0, "round": None, "reactions": reactions}
    for name, text in result_files(made).items():
        changed = without_beats(text) if name.endswith(".py") else text
        assert changed != text or not name.endswith(".py")
        (tmp_path / name).write_text(changed, encoding="utf-8", newline="\n")
    result = simulate_plan(tmp_path / "plan.json")
    assert not result.verified
    (told,) = [f for f in result.findings if f.code == "V-HOLD" and "stands for" in f.message]
    assert told.step == "standing"
    assert "and 11 more reactions stand too short" in told.message  # the first two of a batch do


def test_layers_that_are_drawn_too_early_are_found(tmp_path: Path) -> None:
    """A well's timer that is started before it is mixed runs out too early."""
    made = plates.compiled(tmp_path, SHORT, standing.library(16), "ot2-single")
    for name, text in result_files(made).items():
        early = re.sub(
            r"( +)(mix\(.*\)\n) +(.*\n) +(settled\[turn\] = .*\n)", r"\1\4\1\2\1\3", text
        )
        assert early != text or not name.endswith(".py")
        (tmp_path / name).write_text(early, encoding="utf-8", newline="\n")
    result = simulate_plan(tmp_path / "plan.json")
    told = [f for f in result.findings if f.code == "V-HOLD" and "stands for" in f.message]
    assert [f.step for f in told] == ["out"]


def test_the_solver_gives_the_same_plan_again(tmp_path: Path) -> None:
    """In processes of their own, whatever the order of sets and the number of cores."""
    (tmp_path / "procedure.yaml").write_text(SHORT, encoding="utf-8")
    (tmp_path / "library.yaml").write_text(standing.library(16), encoding="utf-8")
    plans = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "compiler", "compile", "library.yaml"]
        subprocess.run(
            [*command, "--bench", "ot2-single", "-o", f"run{seed}"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
            check=True,
            capture_output=True,
        )
        files = sorted((tmp_path / f"run{seed}").iterdir())
        plans.append([(file.name, file.read_bytes()) for file in files])
    assert plans[0] == plans[1]
    script = next(text for name, text in plans[0] if name.endswith(".py"))
    assert script.count(b"protocol.wait_for_tasks([timer_") > 1


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_a_quench_within_a_minute(tmp_path: Path, bench: str) -> None:
    procedure = standing.QUENCHED.format(limit="1 min")
    made = plates.compiled(tmp_path, procedure, plates.replicates(12), bench)
    verify(made, tmp_path)


def test_layers_of_a_robot_that_has_not_been_updated(tmp_path: Path) -> None:
    """Below API level 2.27 a script has no timers, and waits by delays."""
    from compiler.cli.options import shipped_benches
    from compiler.pipeline import compile_procedure

    bench = shipped_benches()["flex-single"]
    text = bench.read_text(encoding="utf-8").replace(
        "robot: Flex\n", 'robot: Flex\napi level: "2.22"\n'
    )
    (tmp_path / "labware").mkdir()
    for rack in (bench.parents[1] / "labware").glob("*.json"):
        (tmp_path / "labware" / rack.name).write_bytes(rack.read_bytes())
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "old.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "procedure.yaml").write_text(standing.PROCEDURE, encoding="utf-8")
    (tmp_path / "library.yaml").write_text(standing.library(12), encoding="utf-8")
    made = compile_procedure(
        tmp_path / "procedure.yaml",
        tmp_path / "benches" / "old.yaml",
        library=tmp_path / "library.yaml",
    )
    assert made.plan is not None, [f.message for f in made.findings]
    assert made.plan["robot"]["api_level"] == "2.22"
    assert any("is_simulating" in text for _, text in made.scripts)
    verify(made, tmp_path, timers=False)


def test_a_layer_that_settles_too_short_is_found(tmp_path: Path) -> None:
    made = plates.compiled(tmp_path, standing.PROCEDURE, standing.library(16), "flex-single")
    assert any("settled[turn] = " in text for _, text in made.scripts)
    for name, text in result_files(made).items():
        settled = re.sub(r"(settled\[turn\] = .*seconds=)\d+", r"\g<1>20", text)
        (tmp_path / name).write_text(settled, encoding="utf-8", newline="\n")
        assert settled != text or not name.endswith(".py")
    result = simulate_plan(tmp_path / "plan.json")
    assert not result.verified
    assert {f.code for f in result.findings} == {"V-HOLD"}
    assert "no wait of 120.0 s is left" in result.findings[0].message
