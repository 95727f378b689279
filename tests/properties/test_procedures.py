"""Random procedures: whatever `compile` accepts runs in the simulator and verifies.

The generator writes YAML as a chemist would, not stage objects, so that the whole way is walked.
"""

from __future__ import annotations

import ast
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Severity
from compiler.pipeline import Compiled, compile_procedure
from simulate.result import simulate_plan

HEAD = """kind: procedure
version: 1
title: A random procedure
source: {{title: none, section: none}}
scale: {scale} mmol
materials:
  amine:
    name: 1-Boc-1,4-diazepane
    smiles: CC(C)(C)OC(=O)N1CCCNCC1
    supplied: {{solution: {molarity} M, in: {solvent}}}
    basis: true
  halide: {{is: BnBr, supplied: {{solution: 1.00 M, in: MeCN}}}}
  base: {{is: K2CO3, supplied: solid}}
vessels:
  reactor: {{size: 2 mL{cap}}}
  out: {{at least: 4 mL}}
steps:
  - add: {{material: amine, to: reactor, amount: 1 equiv}}
"""

SOLVENTS = ["DMF", "DCE", "MeCN", "EtOAc", "toluene"]
DRAWN = ["water", "brine", "DMF", "MeCN", "DCE", "EtOAc"]


@st.composite
def steps(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["add", "drops", "stir", "cold", "wait", "mix", "solid", "move"]))
    volume = draw(st.integers(min_value=5, max_value=300))
    liquid = draw(st.sampled_from(DRAWN))
    minutes = draw(st.integers(min_value=1, max_value=20))
    equiv = draw(st.sampled_from(["0.5", "1.0", "1.5"]))
    portions = draw(st.integers(min_value=2, max_value=4))
    return {
        "add": f"add: {{material: {liquid}, to: reactor, amount: {volume} µL}}",
        "drops": f"add: {{material: {liquid}, to: reactor, amount: {volume + 100} µL,"
        f" dropwise: {{over: {minutes + 10} min}}}}",
        "stir": f"stir: {{vessel: reactor, for: {minutes} min}}",
        "cold": f"stir: {{vessel: reactor, for: {minutes} min, at: 0 ± 5 °C}}",
        "wait": f"wait: {{for: {minutes} min, vessel: reactor}}",
        "mix": "mix: {vessel: reactor, cycles: 2}",
        "solid": f"add: {{material: base, to: reactor, amount: {equiv} equiv,"
        f" portionwise: {{portions: {portions}, every: {minutes} min}}}}",
        "move": f"transfer: {{from: reactor, to: out, volume: {volume // 2 + 5} µL}}",
    }[kind]


@st.composite
def procedures(draw: st.DrawFn) -> str:
    head = HEAD.format(
        scale=draw(st.sampled_from(["0.05", "0.10", "0.13"])),
        molarity=draw(st.sampled_from(["0.25", "0.5", "1.0"])),
        solvent=draw(st.sampled_from(SOLVENTS)),
        cap=draw(st.sampled_from(["", ", cap: vented"])),
    )
    return head + "".join(f"  - {step}\n" for step in draw(st.lists(steps(), max_size=6)))


def compiled(text: str, bench: str, folder: Path) -> Compiled:
    path = folder / "random.yaml"
    path.write_text(text, encoding="utf-8")
    return compile_procedure(path, shipped_benches()[bench])


def write(made: Compiled, folder: Path) -> Path:
    for name, text in made.scripts:
        (folder / name).write_text(text, encoding="utf-8")
    plan = folder / "plan.json"
    plan.write_text(json.dumps(made.plan), encoding="utf-8")
    return plan


RELAXED = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@settings(RELAXED, max_examples=60)
@given(text=procedures(), bench=st.sampled_from(["flex", "ot2"]))
def test_what_is_written_is_python_and_the_same_every_time(text: str, bench: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        made = compiled(text, bench, Path(name))
        again = compiled(text, bench, Path(name))
    assert made.findings == again.findings
    assert made.scripts == again.scripts
    has_errors = any(f.severity is Severity.ERROR for f in made.findings)
    assert has_errors == (made.plan is None)
    for _, script in made.scripts:
        ast.parse(script)


@settings(RELAXED, max_examples=60)
@given(text=procedures(), bench=st.sampled_from(["flex", "ot2"]))
def test_what_goes_in_comes_out_or_stays(text: str, bench: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        made = compiled(text, bench, Path(name))
    if made.plan is None:
        return
    charged = sum(c["uL"] for c in made.plan["charges"] if c["uL"] is not None)
    last: dict[str, float] = {}
    for contents in made.plan["contents"]:
        last[contents["vessel"]] = contents["uL"]
    assert sum(last.values()) == pytest.approx(charged, abs=1e-6)
    stocks = sum(stock["uL"] - stock["dead_uL"] for stock in made.plan["stocks"])
    assert stocks >= charged - 1e-6


def verify(text: str, bench: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        made = compiled(text, bench, Path(name))
        if made.plan is None:
            return
        result = simulate_plan(write(made, Path(name))).as_object()
    assert result["verified"] is True, (text, result["findings"])


# 50 µL of which 10.7 µL stand above the tip: for the smaller pipette to mix.
SHALLOW = """kind: procedure
version: 1
title: Little to mix
scale: 0.05 mmol
materials:
  amine: {smiles: NCc1ccccc1, supplied: {solution: 1.0 M, in: DMF}, basis: true}
vessels:
  reactor: {size: 2 mL}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - stir: {vessel: reactor, for: 1 min, at: 0 ± 5 °C}
"""


@settings(RELAXED, max_examples=12)
@example(text=SHALLOW, bench="ot2")
@given(text=procedures(), bench=st.sampled_from(["flex", "ot2"]))
def test_what_compiles_verifies(text: str, bench: str) -> None:
    verify(text, bench)


@pytest.mark.slow
@settings(RELAXED, max_examples=300)
@given(text=procedures(), bench=st.sampled_from(["flex", "ot2"]))
def test_what_compiles_verifies_at_length(text: str, bench: str) -> None:
    verify(text, bench)
