"""What changed between two libraries, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.pipeline import Compiled, compile_procedure
from simulate.review.compare import Changes, compare
from simulate.review.inputs import Inputs
from simulate.review.older import older_plan

PROCEDURE = Path("protocols/reductive-amination/procedure.yaml")
BENCH = Path("protocols/benches/ot2.yaml")
TABLE = """\
aldehyde.name,aldehyde.smiles,desired.smiles
benzaldehyde,O=Cc1ccccc1,CC(C)(C)OC(=O)N1CCCN(Cc2ccccc2)CC1
4-fluorobenzaldehyde,O=Cc1ccc(F)cc1,CC(C)(C)OC(=O)N1CCCN(Cc2ccc(F)cc2)CC1
furfural,O=Cc1ccco1,CC(C)(C)OC(=O)N1CCCN(Cc2ccco2)CC1
"""
CHLORO = "4-chlorobenzaldehyde,O=Cc1ccc(Cl)cc1,CC(C)(C)OC(=O)N1CCCN(Cc2ccc(Cl)cc2)CC1\n"


def compiled(folder: Path, table: str, procedure: Path = PROCEDURE) -> Compiled:
    folder.mkdir(exist_ok=True)
    (folder / "table.csv").write_text(table, encoding="utf-8")
    found = compile_procedure(procedure, BENCH, library=folder / "table.csv")
    assert found.plan is not None, found.findings
    return found


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(tmp_path_factory.mktemp("old"), TABLE)


def changes(old: Compiled, new: Compiled) -> Changes:
    assert old.plan is not None and new.plan is not None
    return compare(old.plan, new.plan, "the last run")


def lines(found: Changes, title: str) -> list[str]:
    return [line for group in found.groups if group.title == title for line in group.lines]


def test_nothing_changed(old: Compiled) -> None:
    assert not changes(old, old).groups


def test_a_row_more(tmp_path: Path, old: Compiled) -> None:
    found = changes(old, compiled(tmp_path, TABLE + CHLORO))
    assert lines(found, "Reactions") == ["reactions 3 → 4", "added: 4-chlorobenzaldehyde"]
    assert lines(found, "Chemistry") == []
    # 0.300 mmol of CO2 and 24.465 mL/mmol at 25 °C in each of three reactions, then of four
    assert "CO2 of all reactions 22.0 → 29.4 mL" in lines(found, "Gas and volumes")
    assert "stocks of aldehyde 3 → 4" in lines(found, "Run")


def test_the_first_row_left_out(tmp_path: Path, old: Compiled) -> None:
    rows = TABLE.splitlines(keepends=True)
    found = changes(old, compiled(tmp_path, "".join([rows[0], *rows[2:]])))
    # What follows has other numbers, other keys and other wells, and is the same chemistry.
    assert lines(found, "Reactions") == [
        "reactions 3 → 2",
        "gone: benzaldehyde",
        "4-fluorobenzaldehyde: reactors B1 → reactors A1",
        "furfural: reactors C1 → reactors B1",
    ]
    assert lines(found, "Chemistry") == []


def test_another_compound_in_a_row(tmp_path: Path, old: Compiled) -> None:
    rows = TABLE.splitlines(keepends=True)
    found = changes(old, compiled(tmp_path, "".join([rows[0], rows[1], CHLORO, rows[3]])))
    assert lines(found, "Reactions") == ["reactors B1: 4-fluorobenzaldehyde → 4-chlorobenzaldehyde"]
    # 0.110 mmol of 140.57 instead of 124.11 g/mol; 0.100 mmol of 324.85 instead of 308.40 g/mol
    assert lines(found, "Chemistry") == [
        "desired at full conversion 30.8 → 32.5 mg in 1 of 3 reactions",
        "aldehyde 13.7 → 15.5 mg in 1 of 3 reactions (step 2 (add-2))",
    ]


def test_an_amount_in_some_rows(tmp_path: Path, old: Compiled) -> None:
    rows = [line.rstrip("\n") for line in TABLE.splitlines()]
    table = f"{rows[0]},hydride.amount\n{rows[1]},\n{rows[2]},2 equiv\n{rows[3]},\n"
    found = changes(old, compiled(tmp_path, table))
    assert lines(found, "Reactions") == []
    assert lines(found, "Chemistry") == [
        "hydride 1.50 → 2.00 equiv: 10.6 mg more a reaction in 1 of 3 reactions (step 4 (hydride))"
    ]


def test_an_amount_in_all_rows(tmp_path: Path, old: Compiled) -> None:
    text = PROCEDURE.read_text(encoding="utf-8").replace("plan: 1.5 equiv", "plan: 2 equiv")
    (tmp_path / "procedure.yaml").write_text(text, encoding="utf-8")
    found = changes(old, compiled(tmp_path, TABLE, tmp_path / "procedure.yaml"))
    assert lines(found, "Chemistry") == [
        "hydride 1.50 → 2.00 equiv: 10.6 mg more a reaction (step 4 (hydride))"
    ]


def test_an_older_table_is_compiled_with_the_same_procedure(tmp_path: Path, old: Compiled) -> None:
    compiled(tmp_path, TABLE)
    run = Inputs(PROCEDURE, BENCH, library=tmp_path / "new.csv")
    plan, none = older_plan(tmp_path / "table.csv", run)
    assert none == () and plan is not None
    assert old.plan is not None
    assert plan["reactions"] == old.plan["reactions"]


def test_a_library_against_a_procedure_by_itself(old: Compiled) -> None:
    single = compile_procedure(PROCEDURE, BENCH)
    found = changes(single, old)
    assert lines(found, "Reactions") == ["reactions 1 → 3"]
    # 0.110 mmol of 124.11 g/mol by itself, of 96.08 to 124.11 g/mol in the library
    told = "aldehyde 13.7 → 10.6 mg to 11.7 mg in 2 of 3 reactions (step 2 (add-2))"
    assert told in lines(found, "Chemistry")
