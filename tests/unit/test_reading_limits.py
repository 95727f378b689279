"""`within`: what is read, and from which step it counts, in lists, repeats, blocks and tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Finding
from compiler.passes.staging import named_for
from compiler.pipeline import check_files, compile_procedure
from compiler.reading import read_procedure
from compiler.reading.library import read_library
from compiler.stages import documents as d
from compiler.stages.quantity import Origin

HEAD = """\
kind: procedure
version: 1
title: A test
scale: 0.10 mmol
parameters: {soon: 4 min}
materials:
  amine:
    name: 1-Boc-1,4-diazepane
    smiles: CC(C)(C)OC(=O)N1CCCNCC1
    supplied: {solution: 0.50 M, in: DMF}
    basis: true
vessels: {reactor: {size: 2 mL}}
steps:
  - id: charge
    add: {material: amine, to: reactor, amount: 1 equiv}
"""
WAIT = "wait: {for: 1 min}"


def read(folder: Path, *steps: str) -> tuple[d.Procedure, tuple[Finding, ...]]:
    path = folder / "procedure.yaml"
    path.write_text(HEAD + "".join(f"  {line}\n" for line in steps), encoding="utf-8")
    result = read_procedure(path)
    assert result.document is not None, result.findings
    return result.document, result.findings


def limits(procedure: d.Procedure) -> dict[str, list[tuple[float | None, str]]]:
    found = {s.id: [(w.time.plan, w.after) for w in s.within] for s in procedure.steps}
    return {step: mine for step, mine in found.items() if mine}


def test_it_counts_from_the_step_before_or_from_one_that_is_named(tmp_path: Path) -> None:
    procedure, findings = read(
        tmp_path,
        f"- {{id: soak, {WAIT}, within: 5 min}}",
        f"- {{{WAIT}, within: {{time: 0.5 h, after: charge}}}}",
        f"- {{{WAIT}, within: {{time: 90 s, after: wait-3}}}}",
        f"- {{{WAIT}, within: $soon}}",
    )
    assert findings == ()
    assert limits(procedure) == {
        "soak": [(300.0, "charge")],
        "wait-3": [(1800.0, "charge")],
        "wait-4": [(90.0, "wait-3")],
        "wait-5": [(240.0, "wait-4")],
    }
    assert procedure.steps[0].within == ()
    soak = procedure.steps[1]
    assert (soak.spans.at("within").line, soak.spans.at("within").column) == (16, 44)
    assert soak.within[0].time.span == soak.spans.at("within")


def test_a_range_is_planned_at_its_low_end_and_a_reason_is_kept(tmp_path: Path) -> None:
    procedure, findings = read(
        tmp_path,
        f"- {{{WAIT}, within: 5–10 min}}",
        f"- {{{WAIT}, within: {{is: 5 min, assumed: at once}}}}",
        f"- {{{WAIT}, within: {{time: {{between: [1 min, 9 min], plan: 4 min}}, after: charge}}}}",
    )
    assert findings == ()
    first, second, third = (step.within[0].time for step in procedure.steps[1:])
    assert (first.value, first.origin) == (300.0, Origin.LOW_END)
    assert (second.value, second.assumed) == (300.0, "at once")
    assert (third.value, third.origin) == (240.0, Origin.PLANNED)


def test_in_a_repeat_it_is_the_step_of_the_same_round(tmp_path: Path) -> None:
    procedure, findings = read(
        tmp_path,
        "- within: 30 min",
        "  repeat:",
        "    times: 2",
        "    steps:",
        f"      - {{id: soak, {WAIT}, within: 7 min}}",
        f"      - {{id: rest, {WAIT}, within: {{time: 8 min, after: soak}}}}",
        f"- {{id: end, {WAIT}, within: {{time: 9 min, after: soak}}}}",
        f"- {{{WAIT}, within: {{time: 9 min, after: rest-2}}}}",
        f"- {{{WAIT}, within: {{time: 9 min, after: charge}}}}",
    )
    assert findings == ()
    assert limits(procedure) == {
        "soak": [(420.0, "charge"), (1800.0, "charge")],  # its own, and that of the repeat
        "rest": [(480.0, "soak")],
        "soak-2": [(420.0, "rest")],
        "rest-2": [(480.0, "soak-2")],
        "end": [(540.0, "soak-2")],
        "wait-7": [(540.0, "rest-2")],
        "wait-8": [(540.0, "charge")],
    }


def test_a_block_has_its_own_steps_and_an_include_begins_with_the_first(tmp_path: Path) -> None:
    (tmp_path / "block.yaml").write_text(
        "kind: block\nversion: 1\nparameters: {soon: 5 min}\nsteps:\n"
        f"  - {{id: charge, {WAIT}}}\n"
        f"  - {{{WAIT}, within: {{time: $soon, after: charge}}}}\n",
        encoding="utf-8",
    )
    procedure, findings = read(
        tmp_path,
        f"- {{id: soak, {WAIT}}}",
        "- {id: a, within: 1 min, include: {block: block.yaml}}",
        "- id: b",
        "  within: {time: 2 min, after: soak}",
        "  include: {block: block.yaml, with: {soon: 6 min}}",
        f"- {{{WAIT}, within: {{time: 3 min, after: a.charge}}}}",
        f"- {{{WAIT}, within: {{time: 3 min, after: charge}}}}",
    )
    assert findings == ()
    assert limits(procedure) == {
        "a.charge": [(60.0, "soak")],
        "a.wait-4": [(300.0, "a.charge")],
        "b.charge": [(120.0, "soak")],
        "b.wait-6": [(360.0, "b.charge")],
        "wait-7": [(180.0, "a.charge")],
        "wait-8": [(180.0, "charge")],
    }


def test_a_stage_of_a_sequence_keeps_its_own_names(tmp_path: Path) -> None:
    procedure, _ = read(tmp_path, f"- {{id: soak, {WAIT}, within: 5 min}}")
    staged = named_for(procedure, "protect")
    assert limits(staged) == {"protect.soak": [(300.0, "protect.charge")]}


def test_by_hand_or_not_it_is_a_limit(tmp_path: Path) -> None:
    procedure, findings = read(tmp_path, f"- {{by: operator, {WAIT}, within: 5 min}}")
    assert findings == ()
    assert procedure.steps[1].by_operator
    assert limits(procedure) == {"wait-2": [(300.0, "charge")]}


def test_a_limit_that_nobody_has_decided_stops_compile_only(tmp_path: Path) -> None:
    read(tmp_path, f'- {{{WAIT}, within: "?"}}')
    path = tmp_path / "procedure.yaml"
    assert [f.severity.value for f in check_files([path]).findings if f.code == "S-HOLE"] == [
        "note"
    ]
    made = compile_procedure(path, shipped_benches()["flex"])
    assert made.plan is None
    assert [f.code for f in made.findings if f.severity.value == "error"] == ["S-HOLE"]


@pytest.mark.parametrize("within", ["[5 min]", "~", "true", "{}", "{time: [1], after: [2]}", "''"])
def test_what_is_no_limit_is_told_once_at_least_and_nothing_breaks(
    tmp_path: Path, within: str
) -> None:
    procedure, findings = read(tmp_path, f"- {{{WAIT}, within: {within}}}")
    assert [f for f in findings if f.severity.value == "error"]
    assert all(f.span is not None and f.span.line == 16 for f in findings)
    assert limits(procedure) == {}


# --- tables -----------------------------------------------------------------------------------

STEPS = (f"- {{id: soak, {WAIT}, within: 5 min}}",)


def rows(folder: Path, table: str, *steps: str) -> tuple[list[object], tuple[Finding, ...]]:
    read(folder, *(steps or STEPS))
    (folder / "library.csv").write_text(table, encoding="utf-8")
    found = read_library(folder / "library.csv", folder / "procedure.yaml")
    assert found.document is not None, found.findings
    return [limits(variant.procedure) for variant in found.document.rows], found.findings


def test_a_row_may_give_the_time(tmp_path: Path) -> None:
    found, findings = rows(tmp_path, "soak.within [min]\n3\n\n7\n")
    assert findings == ()
    assert found == [{"soak": [(180.0, "charge")]}, {"soak": [(420.0, "charge")]}]


@pytest.mark.parametrize("column", ["rest.within", "rest.within.time"])
def test_the_step_that_it_counts_from_stays(tmp_path: Path, column: str) -> None:
    steps = (*STEPS, f"- {{id: rest, {WAIT}, within: {{time: 9 min, after: charge}}}}")
    found, findings = rows(tmp_path, f"{column}\n8 min\n", *steps)
    assert findings == ()
    assert found == [{"soak": [(300.0, "charge")], "rest": [(480.0, "charge")]}]


def test_a_row_may_set_a_limit_where_the_procedure_has_none(tmp_path: Path) -> None:
    found, findings = rows(tmp_path, "soak.within\n3 min\n", f"- {{id: soak, {WAIT}}}")
    assert findings == ()
    assert found == [{"soak": [(180.0, "charge")]}]


def test_a_cell_that_is_no_time_is_told_in_the_table(tmp_path: Path) -> None:
    _, findings = rows(tmp_path, "soak.within\n3 mL\n")
    told = [(f.code, f.row, f.span.file.endswith(".csv")) for f in findings if f.span]
    assert told == [("U-DIMENSION", 1, True)]


def test_a_column_that_is_misspelled_is_guessed(tmp_path: Path) -> None:
    _, findings = rows(tmp_path, "soak.witin\n3 min\n")
    assert [(f.code, "Did you mean `soak.within`?" in f.help) for f in findings] == [
        ("S-COLUMN-UNKNOWN", True)
    ]


@pytest.mark.parametrize(("table", "differ"), [("3 min\n7 min\n", True), ("3 min\n180 s\n", False)])
def test_rows_may_not_differ_in_it(tmp_path: Path, table: str, differ: bool) -> None:
    read(tmp_path, *STEPS)
    (tmp_path / "library.csv").write_text(f"soak.within\n{table}", encoding="utf-8")
    made = compile_procedure(
        tmp_path / "procedure.yaml", shipped_benches()["flex"], library=tmp_path / "library.csv"
    )
    told = [(f.step, f.row) for f in made.findings if f.code == "P-ROWS"]
    assert told == ([("soak", 2)] if differ else [])
    assert (made.plan is None) == differ, [f.message for f in made.findings]
