"""Samples of many reactions, and of the operator, in the simulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches
from compiler.cli.writing import write_folder
from compiler.diagnostics.finding import Severity
from compiler.passes.resolve import resolve
from compiler.pipeline import compile_procedure, judge, plan_program, write
from compiler.reading import read_bench, read_procedure
from simulate.result import SimulationResult, simulate_plan

PROTOCOLS = Path(__file__).parents[2] / "protocols"
SAMPLED = "[12 h, 24 h], at: rt, aliquot: 5 µL, dilute: {with: MeOH, to: 2.5 mM}}"


def sampled(folder: Path, more: str = "") -> Path:
    """The reductive amination with a sample of its batch."""
    text = (PROTOCOLS / "reductive-amination/procedure.yaml").read_text(encoding="utf-8")
    assert "[12 h, 24 h], at: rt}" in text
    path = folder / "sampled.yaml"
    path.write_text(text.replace("[12 h, 24 h], at: rt}", SAMPLED + more), encoding="utf-8")
    return path


def loud(result: SimulationResult) -> list[str]:
    return [f.message for f in result.findings if f.severity is not Severity.NOTE]


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_twelve_reactions_are_sampled(tmp_path: Path, bench: str) -> None:
    procedure = read_procedure(sampled(tmp_path)).document
    held = read_bench(shipped_benches()[bench]).document
    assert procedure is not None and held is not None
    scales: dict[str, float | None] = {f"r{n}": 0.1 for n in range(1, 13)}
    ledger, _ = judge(resolve(procedure)[0], held, scales, reckon_ph=True)
    program, found = plan_program(ledger, stop=False)
    assert program is not None, found
    made = write("samples", program, (), (), (), ((procedure.file, procedure.sha256),))
    assert made.plan is not None
    wells = {r["wells"]["analysis"]["well"] for r in made.plan["reactions"]}
    assert len(wells) == 12
    write_folder(tmp_path / "out", result_files(made))
    result = simulate_plan(tmp_path / "out" / "plan.json")
    assert loud(result) == []
    assert result.verified is True


def test_a_sample_by_hand_is_asked_for_and_booked(tmp_path: Path) -> None:
    made = compile_procedure(sampled(tmp_path, "\n    by: operator"), shipped_benches()["flex"])
    assert made.plan is not None, made.findings
    (draw,) = (d for d in made.plan["draws"] if d["into"] == "analysis")
    assert draw["by"] == "operator"
    assert "Take 5.00 µL for LC-MS from reactors A1 and dilute each with 495 µL MeOH" in " ".join(
        line.strip().strip('"') for _, text in made.scripts for line in text.splitlines()
    ).replace('" "', "").replace("  ", " ")
    write_folder(tmp_path / "out", result_files(made))
    result = simulate_plan(tmp_path / "out" / "plan.json")
    assert loud(result) == []
    assert result.verified is True


def test_a_script_that_draws_too_little_for_a_sample_is_caught(tmp_path: Path) -> None:
    made = compile_procedure(sampled(tmp_path), shipped_benches()["flex"])
    texts = result_files(made)
    name = next(n for n in texts if n.endswith("part2.py"))
    assert 'draw_up(protocol, left, 5.0, reactors["A1"]' in texts[name]
    texts[name] = texts[name].replace(
        'draw_up(protocol, left, 5.0, reactors["A1"]', 'draw_up(protocol, left, 6.0, reactors["A1"]'
    )
    write_folder(tmp_path / "out", texts)
    result = simulate_plan(tmp_path / "out" / "plan.json")
    assert result.verified is False
