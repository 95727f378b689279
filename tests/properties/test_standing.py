"""Random libraries with holds between charges whose stocks are shared by some rows and not by
others: whatever rounds, beats and batches they go in, no reaction stands too short.

The verifier counts it in the simulated commands. Here the times that are asked are reckoned from
the procedure by hand, and what the plan has the verifier look for is held against them.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Severity
from compiler.pipeline import compile_procedure
from simulate.result import simulate_plan
from tests.simulator.agreement import disagreements

CHARGED = ("amine", "ester", "third")
SMILES = {"amine": "C{}N", "ester": "CC(=O)OC{}", "third": "CCC(=O)OC{}"}
HEAD = """\
kind: procedure
version: 1
title: Charges with holds between them
scale: 0.05 mmol
materials:
  amine: {name: ethylamine, smiles: CCN, supplied: {solution: 0.50 M, in: DMF}, basis: true}
  ester: {name: methyl acetate, smiles: CC(=O)OC, supplied: {solution: 0.50 M, in: DMF}}
  third: {name: methyl propionate, smiles: CCC(=O)OC, supplied: {solution: 0.50 M, in: DMF}}
vessels:
  reactor: {size: 1 mL}
steps:
"""
BENCHES = ("flex-single", "ot2-single", "flex-96", "ot2-96")
REFUSED = {"T-INTERVAL", "P-DROP-1", "P-DECK", "P-ROWS", "P-TIP-1"}
EXAMPLES = {"deadline": None, "derandomize": True, "database": None}


@dataclass(frozen=True)
class Case:
    """`own[material]`: whether the rows of the first and of the second half have stocks of their
    own; `holds[n]`: the verbs and minutes after the nth charge."""

    rows: int
    own: tuple[tuple[bool, bool], ...]
    holds: tuple[tuple[tuple[str, float], ...], ...]
    dropwise: tuple[bool, bool, bool]
    control: str | None

    @property
    def procedure(self) -> str:
        """Its text."""
        lines = []
        for number, material in enumerate(CHARGED):
            drops = "dropwise: {over: 10 min, drop: 10 µL}, stir during: shaker"
            how = f", {drops}" if self.dropwise[number] else ""
            charge = f"{{material: {material}, to: reactor, amount: 1 equiv{how}}}"
            lines.append(f"  - {{id: {material}, add: {charge}}}")
            for place, (verb, minutes) in enumerate(self.holds[number]):
                held = f"{{for: {minutes} min, vessel: reactor}}"
                lines.append(f"  - {{id: {self.hold(number, place)}, {verb}: {held}}}")
        lines.append("  - {id: water, add: {material: water, to: reactor, amount: 4 mL/mmol}}")
        return HEAD + "\n".join(lines) + "\n"

    @property
    def library(self) -> str:
        """Its text."""
        rows = []
        for row in range(self.rows):
            half = row >= self.rows // 2
            cells = ["scale: 0.05 mmol"]
            for material, own in zip(CHARGED, self.own, strict=True):
                if own[half]:
                    smiles = SMILES[material].format("C" * (row + 2))
                    cells += [f"{material}.name: {material} {row}", f"{material}.smiles: {smiles}"]
            rows.append("{" + ", ".join(cells) + "}")
        tail = f"controls: [{{without: {self.control}}}]\n" if self.control else ""
        return f"kind: library\nversion: 1\nrows: [{', '.join(rows)}]\n{tail}"

    @staticmethod
    def hold(number: int, place: int) -> str:
        """The id of a hold."""
        return f"hold-{number}-{place}"

    @property
    def asked_s(self) -> dict[str, float]:
        """What every hold is asked for, by step."""
        return {
            self.hold(number, place): 60.0 * minutes
            for number, holds in enumerate(self.holds)
            for place, (_, minutes) in enumerate(holds)
        }


def cases(most: int) -> st.SearchStrategy[Case]:
    hold = st.tuples(st.sampled_from(["wait", "stir"]), st.sampled_from([0.5, 2.0, 10.0, 30.0]))
    between = st.one_of(st.just(()), st.tuples(hold), st.tuples(hold), st.tuples(hold, hold))
    halves = st.tuples(st.booleans(), st.booleans())
    drops = st.sampled_from([False, False, True])
    return st.builds(
        Case,
        rows=st.sampled_from([n for n in (2, 3, 5, 8, 12, 17) if n <= most]),
        own=st.tuples(halves, halves, halves),
        holds=st.tuples(between, between, between),
        dropwise=st.tuples(drops, drops, drops),
        control=st.sampled_from([None, None, "ester", "third"]),
    )


def stands(case: Case, bench: str) -> None:
    """No reaction of it stands too short."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "procedure.yaml").write_text(case.procedure, encoding="utf-8")
        (folder / "library.yaml").write_text(case.library, encoding="utf-8")
        made = compile_procedure(
            folder / "procedure.yaml", shipped_benches()[bench], library=folder / "library.yaml"
        )
        refused = {f.code for f in made.findings if f.severity is Severity.ERROR}
        if made.plan is None:
            assert refused and refused <= REFUSED, refused
            return
        reactions = {reaction["id"] for reaction in made.plan["reactions"]}
        looked_for = {stand["step"]: stand["s"] for stand in made.plan["stands"]}
        assert looked_for == case.asked_s
        for step in looked_for:  # of each run, where a library is divided into several
            mine = [s["reactions"] for s in made.plan["stands"] if s["step"] == step]
            assert set().union(*mine) == reactions
        for file, text in result_files(made).items():
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
        result = simulate_plan(folder / "plan.json")
        assert [(f.code, f.message) for f in result.findings] == []
        assert result.verified is True
        if len(made.programs) == 1:
            assert disagreements(made.plan, result) == []


NO_STEP_KEPT = Case(
    rows=6,
    own=((True, True), (False, False), (False, False)),
    holds=((("wait", 10.0),), (), ()),
    dropwise=(False, True, False),
    control=None,
)
"""Drops can't follow as slowly as charges with a tip each: the last well would stand too short."""


@settings(max_examples=30, suppress_health_check=list(HealthCheck), **EXAMPLES)
@given(cases(8), st.sampled_from(BENCHES))
@example(NO_STEP_KEPT, "flex-single")
@example(NO_STEP_KEPT, "ot2-single")
def test_no_reaction_stands_too_short(case: Case, bench: str) -> None:
    stands(case, bench)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(17), st.sampled_from(BENCHES))
def test_no_reaction_of_many_stands_too_short(case: Case, bench: str) -> None:
    stands(case, bench)
