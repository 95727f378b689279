"""A library through the passes: materials by row, amounts, controls, wells, findings of rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.library import judge_library
from compiler.passes.resolve_library import resolve_library
from compiler.pipeline import Compiled, check_files, compile_procedure
from compiler.reading import read_bench
from compiler.reading.library import read_library
from compiler.stages.contents import Ledger

PROCEDURE = shipped_procedures()["reductive-amination"]
SHIPPED = PROCEDURE.parent / "library.csv"


def ledger_of(folder: Path, table: str, name: str = "library.csv") -> Ledger:
    path = folder / name
    path.write_text(table, encoding="utf-8")
    read = read_library(path, PROCEDURE)
    assert read.document is not None, read.findings
    bench = read_bench(shipped_benches()["flex"]).document
    return judge_library(read.document, bench)[0]


def compiled(folder: Path, table: str, name: str = "library.csv", bench: str = "flex") -> Compiled:
    path = folder / name
    path.write_text(table, encoding="utf-8")
    return compile_procedure(PROCEDURE, shipped_benches()[bench], library=path)


def test_a_material_of_its_own_for_each_aldehyde() -> None:
    library = read_library(SHIPPED).document
    assert library is not None
    recipe, findings = resolve_library(library)
    assert findings == ()
    keys = [recipe.key(f"r{n}", "aldehyde") for n in range(1, 25)]
    assert keys == ["aldehyde", *(f"aldehyde/{n}" for n in range(2, 25))]
    assert recipe.supplied["aldehyde/2"].label == "4-fluorobenzaldehyde"
    assert recipe.key("r7", "diazepane") == "diazepane"


def test_rows_that_say_the_same_share_a_stock(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        "aldehyde.is\nbenzaldehyde\nfurfural\nbenzaldehyde\n".replace(
            "aldehyde.is", "aldehyde.name,aldehyde.smiles,desired.smiles"
        )
        .replace("benzaldehyde\n", "benzaldehyde,O=Cc1ccccc1,CC(C)(C)OC(=O)N1CCCN(Cc2ccccc2)CC1\n")
        .replace("furfural\n", "furfural,O=Cc1ccco1,CC(C)(C)OC(=O)N1CCCN(Cc2ccco2)CC1\n"),
    )
    recipe = ledger.charges.recipe
    assert [recipe.key(f"r{n}", "aldehyde") for n in (1, 2, 3)] == [
        "aldehyde",
        "aldehyde/2",
        "aldehyde",
    ]


def test_amounts_of_a_row(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, "hydride.amount,scale\n1.5 equiv,0.10 mmol\n2.0 equiv,0.05 mmol\n")
    hydride = {c.reaction: c for c in ledger.charges.of_step("hydride")}
    assert hydride["r1"].mmol == pytest.approx(0.150)
    assert hydride["r2"].mmol == pytest.approx(0.100)
    assert hydride["r1"].mass_mg == pytest.approx(31.79, rel=1e-3)  # 0.150 mmol × 211.94 g/mol
    # theory: 0.10 mmol and 0.05 mmol of C17H25FN2O2, 308.39 g/mol
    theory = [reaction.theory_mg["desired"] for reaction in ledger.charges.reactions]
    assert theory == pytest.approx([30.84, 15.42], rel=1e-3)


def test_a_control_lacks_what_it_leaves_out(tmp_path: Path) -> None:
    text = "kind: library\nversion: 1\ncontrols:\n  - {without: hydride}\n  - {without: aldehyde}\n"
    ledger = ledger_of(tmp_path, text, "library.yaml")
    charges = ledger.charges
    assert [c.reaction for c in charges.of_step("hydride")] == ["r1", "r3"]
    assert [r.theory_mg["desired"] for r in charges.reactions] == pytest.approx(
        [30.84, 30.84, 0.0], rel=1e-3
    )
    last = [s for s in ledger.snapshots if s.vessel == "reactor" and s.reaction == "r2"]
    assert last[-1].volume_ul > 0  # the vessel without it is known still
    assert "hydride" not in last[-1].mmol


def test_a_finding_of_a_row_stands_on_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "library.csv"
    path.write_text("aldehyde.supplied.solution\n0.55 M\n0.02 M\n", encoding="utf-8")
    found = check_files([PROCEDURE], shipped_benches()["flex"], library=path).findings
    full = [f for f in found if f.code == "P-CAP-1"]
    assert full and {f.row for f in full} == {2}
    assert {(f.span.file, f.span.line) for f in full if f.span} == {(str(path), 3)}


def test_a_volume_below_the_minimum_names_rows_and_a_concentration(tmp_path: Path) -> None:
    table = "aldehyde.supplied.solution\n0.55 M\n200 M\n0.55 M\n200 M\n"
    found = compiled(tmp_path, table, bench="ot2").findings
    small = [f for f in found if f.code == "P-PIP-1"]
    assert [f.row for f in small] == [2]
    assert "(and row 4)" in small[0].message
    # 0.11 mmol in 1 µL, the least that a P20 delivers, is 110 M
    assert "110 M would do" in small[0].help


def test_times_that_differ_are_refused(tmp_path: Path) -> None:
    found = compiled(tmp_path, "stir-3.for\n1 h\n2 h\n1 h\n").findings
    assert [(f.row, f.step) for f in found if f.code == "P-ROWS"] == [(2, "stir-3")]
    same = compiled(tmp_path, "stir-3.for\n1 h\n60 min\n").findings
    assert [f for f in same if f.code == "P-ROWS"] == []


def test_wells_of_rows_and_of_the_layout(tmp_path: Path) -> None:
    plan = compiled(tmp_path, "well,name\nB2,two\n,one\n").plan
    assert plan is not None
    wells = {r["name"]: r["wells"]["reactor"]["well"] for r in plan["reactions"]}
    assert wells == {"two": "B2", "one": "A1"}


def test_a_second_rack_for_twenty_four_extracts() -> None:
    plan = compile_procedure(SHIPPED, shipped_benches()["ot2"]).plan
    assert plan is not None
    racks = [r["wells"]["extract"]["labware"] for r in plan["reactions"]]
    assert len(set(racks)) == 2 and all(racks.count(rack) == 12 for rack in racks)
    assert [r["row"] for r in plan["reactions"]] == list(range(1, 25))
    assert plan["reactions"][20]["name"] == "nicotinaldehyde"


def test_check_takes_a_table_and_a_library_document() -> None:
    for name in ("library.csv", "library.yaml"):
        result = check_files([PROCEDURE.parent / name])
        assert [f for f in result.findings if f.severity == "error"] == []
        assert len(result.ledgers) == 1


_ROW = st.tuples(
    st.floats(0.02, 0.1), st.floats(1.0, 1.2), st.floats(1.5, 2.0), st.sampled_from([0.4, 0.55])
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(_ROW, min_size=1, max_size=4))
def test_mass_is_conserved(tmp_path: Path, rows: list[tuple[float, float, float, float]]) -> None:
    """What is charged of a material in a reaction is in its vessels at the end, and once."""
    lines = ["scale [mmol],aldehyde.supplied.solution,hydride.amount,add-2.amount"]
    lines += [f"{s:.4f},{m} M,{h:.3f} equiv,{a:.3f} equiv" for s, a, h, m in rows]
    ledger = ledger_of(tmp_path, "\n".join(lines) + "\n")
    recipe = ledger.charges.recipe
    for reaction in ledger.charges.reactions:
        last = {}
        for snapshot in ledger.snapshots:
            if snapshot.reaction == reaction.id:
                last[snapshot.vessel] = snapshot
        for name in ("diazepane", "aldehyde", "hydride"):
            key = recipe.key(reaction.id, name)
            held = sum(s.mmol.get(key, 0.0) for s in last.values())
            charged = sum(
                c.mmol or 0.0
                for c in ledger.charges.charges
                if c.reaction == reaction.id and c.material == key
            )
            assert held == pytest.approx(charged, rel=1e-6)
