"""Random libraries: procedures x rows that `compile` accepts run, verify and lose nothing.

What is checked of each: it verifies (drops, portions and holds at their times, every charge, no
contamination), plan and simulation agree on time, what stocks and operator give is in the wells,
and the order of keys and columns changes no byte of the plan.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Severity
from compiler.pipeline import Compiled, compile_procedure
from simulate.result import SimulationResult, simulate_plan
from tests.simulator.agreement import disagreements

MATERIALS = (
    'amine: {name: "1-Boc-1,4-diazepane", smiles: "CC(C)(C)OC(=O)N1CCCNCC1",'
    " supplied: {solution: 0.5 M, in: DMF}, basis: true}",
    "halide: {is: BnBr, supplied: {solution: 1.0 M, in: MeCN}}",
    "base: {is: K2CO3, supplied: solid}",
)
VESSELS = ("reactor: {size: 2 mL, cap: vented}", "out: {at least: 4 mL}")
STEPS = (
    "- {id: base, add: {material: base, to: reactor, amount: 1.5 equiv}}",
    "- {id: base, add: {material: base, to: reactor, amount: 2 equiv,"
    " portionwise: {portions: 2, every: 12 min}}}",
    "- {id: halide, add: {material: halide, to: reactor, amount: 1 equiv}}",
    "- {id: halide, add: {material: halide, to: reactor, amount: 1 equiv,"
    " dropwise: {over: 20 min, drop: 20 µL}}}",
    "- {id: stirring, stir: {vessel: reactor, for: 20 min}}",
    "- {id: standing, wait: {for: 45 min, vessel: reactor}}",
    "- {id: water, add: {material: water, to: reactor, amount: 3 mL/mmol}}",
    "- {id: moving, transfer: {from: reactor, to: out, volume: 40 µL}}",
    "- {id: soon, add: {material: water, to: reactor, amount: 3 mL/mmol}, within: 20 min}",
    "- {id: layers, add: {material: water, to: reactor, amount: 2 mL/mmol}}\n"
    "  - {extract: {vessel: reactor, with: DCM, volume: 3 mL/mmol, times: 1, keep: organic,"
    " into: out, settle: 1 min}}",
)
CELLS: Mapping[str, tuple[str, ...]] = {
    "halide.amount": ("0.8 equiv", "0.9 equiv", "1.0 equiv", "1.2 equiv"),
    "halide.supplied.solution": ("0.5 M", "1.0 M"),
    "base.amount": ("1.5 equiv", "2.0 equiv"),
    "scale": ("0.08 mmol", "0.10 mmol"),
}
CONTROLS = ("", "controls: [{without: halide}]\n", "controls: [{without: base}]\n")
# A case may be too much for a deck, or for the order of its steps.
REFUSED = {"T-INTERVAL", "T-WITHIN", "P-ROWS", "P-DECK", "P-TIP-1", "C-LAYERS"}
MASS_SHARE = 0.002  # the strokes of a script are rounded
EXAMPLES = {"deadline": None, "derandomize": True, "database": None}


@dataclass(frozen=True)
class Case:
    """A procedure and a library as texts; `reordered` says the same with its keys turned round."""

    steps: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    tail: str

    def texts(self, *, reordered: bool = False) -> tuple[str, str]:
        """The procedure and the library."""
        way = -1 if reordered else 1
        lines = ["kind: procedure", "version: 1", "title: Random", "scale: 0.10 mmol"]
        lines = [*lines[:2], *lines[2:][::way], "materials:"]
        lines += [f"  {each}" for each in MATERIALS[::way]]
        lines += ["vessels:", *(f"  {each}" for each in VESSELS[::way]), "steps:"]
        lines += ["  - {id: amine, add: {material: amine, to: reactor, amount: 1 equiv}}"]
        lines += [f"  {step}" for step in self.steps]
        rows = ", ".join(
            "{"
            + ", ".join(f"{c}: {v}" for c, v in [*zip(self.columns, row, strict=True)][::way])
            + "}"
            for row in self.rows
        )
        tail = "".join(f"{line}\n" for line in self.tail.splitlines()[::way])
        return "\n".join(lines) + "\n", f"kind: library\nversion: 1\nrows: [{rows}]\n{tail}"


@st.composite
def cases(draw: st.DrawFn) -> Case:
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4, unique_by=_id))
    assume(any("halide" in step for step in steps))
    used = {_id(step) for step in steps}
    possible = [c for c in CELLS if c == "scale" or c.split(".")[0] in used]
    columns = draw(st.lists(st.sampled_from(possible), min_size=1, unique=True))
    row = st.tuples(*(st.sampled_from(CELLS[column]) for column in columns))
    rows = draw(st.lists(row, min_size=1, max_size=4))
    control = draw(st.sampled_from([c for c in CONTROLS if "base" not in c or "base" in used]))
    layout = draw(st.sampled_from(["", "layout: {order: random, seed: 3}\n"]))
    replicates = draw(st.sampled_from(["", "replicates: 2\n"]))
    return Case(tuple(steps), tuple(rows), tuple(columns), control + layout + replicates)


def _id(step: str) -> str:
    return step.partition("id: ")[2].partition(",")[0]


def compiled(case: Case, bench: str, folder: Path, *, reordered: bool = False) -> Compiled:
    procedure, library = folder / "procedure.yaml", folder / "library.yaml"
    for path, text in zip((procedure, library), case.texts(reordered=reordered), strict=True):
        path.write_text(text, encoding="utf-8")
    return compile_procedure(procedure, shipped_benches()[bench], library=library)


def ran(made: Compiled, folder: Path) -> SimulationResult:
    for name, text in result_files(made).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return simulate_plan(folder / "plan.json")


def in_wells_mmol(plan: Mapping[str, Any], result: SimulationResult) -> dict[str, float]:
    """What the simulation has of each material at the end, stocks apart."""
    stocks = {(stock["labware"], stock["well"]) for stock in plan["stocks"]}
    found: dict[str, float] = {}
    for vessel in result.scripts[-1].vessels:
        if (vessel.well.labware, vessel.well.well) not in stocks:
            for phase in vessel.phases:
                for each in phase.substances:
                    found[each.material] = found.get(each.material, 0.0) + each.mmol
    return found


def conserved(plan: Mapping[str, Any], result: SimulationResult) -> None:
    """What is charged is in the wells; what is drawn from stocks is what is charged."""
    charged: dict[str, float] = {}
    drawn: dict[str, float] = {}
    for charge in plan["charges"]:
        key = charge["material"]
        if charge["mmol"] is not None:
            charged[key] = charged.get(key, 0.0) + charge["mmol"]
        if charge["by"] == "robot" and charge["uL"] is not None:
            drawn[key] = drawn.get(key, 0.0) + charge["uL"]
    there = in_wells_mmol(plan, result)
    for key, mmol in charged.items():
        if key.partition("/")[0] in ("amine", "halide", "base"):
            assert there[key] == pytest.approx(mmol, rel=MASS_SHARE), key
    for key, volume_ul in drawn.items():
        mine = [stock for stock in plan["stocks"] if stock["material"] == key]
        given = sum(stock["uL"] - stock["dead_uL"] for stock in mine)
        assert given == pytest.approx(volume_ul, rel=1e-9), key


def holds(case: Case, bench: str) -> None:
    """Everything that a library promises."""
    with tempfile.TemporaryDirectory() as name:
        made = compiled(case, bench, Path(name))
        refused = {f.code for f in made.findings if f.severity is Severity.ERROR}
        if made.plan is None:
            assert refused and refused <= REFUSED, refused
            return
        assert not refused
        result = ran(made, Path(name))
        assert [(f.code, f.message) for f in result.findings if f.severity == "error"] == []
        assert result.verified is True
        assert disagreements(made.plan, result) == []
        conserved(made.plan, result)
        again = compiled(case, bench, Path(name), reordered=True)
        assert _without_places(again.plan) == _without_places(made.plan)


def _without_places(plan: dict[str, Any] | None) -> str:
    """The plan's bytes, without what only says where in the files something stands."""
    assert plan is not None
    kept = {key: value for key, value in plan.items() if key not in ("inputs", "findings")}
    return json.dumps(kept)


@settings(max_examples=12, suppress_health_check=list(HealthCheck), **EXAMPLES)
@given(cases())
def test_random_libraries_on_the_flex(case: Case) -> None:
    holds(case, "flex")


@settings(max_examples=13, suppress_health_check=list(HealthCheck), **EXAMPLES)
@given(cases())
def test_random_libraries_on_the_ot2(case: Case) -> None:
    holds(case, "ot2")


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.sampled_from(["flex", "ot2"]))
def test_many_random_libraries(case: Case, bench: str) -> None:
    holds(case, bench)
