"""The prep sheet of 24 reductive aminations, and volumes that no pipette delivers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import compile_procedure
from tests.unit import lowering

PROCEDURE = shipped_procedures()["reductive-amination"]
Row = dict[str, str]


@pytest.fixture(scope="module")
def sheet() -> list[Row]:
    library = PROCEDURE.parent / "library.csv"
    made = compile_procedure(PROCEDURE, shipped_benches()["flex"], library=library)
    return list(csv.DictReader(io.StringIO(made.prep_csv or "")))


def test_a_solid_is_weighed_for_each_well(sheet: list[Row]) -> None:
    """1.5 × 0.10 mmol × 211.94 g/mol."""
    weighed = [row for row in sheet if row["what"] == "weigh"]
    assert [row["reaction"] for row in weighed] == [f"r{n}" for n in range(1, 25)]
    assert {row["material"] for row in weighed} == {"NaBH(OAc)3"}
    assert all(float(row["mg"]) == pytest.approx(31.79, rel=1e-3) for row in weighed)
    assert len({(row["labware"], row["well"]) for row in weighed}) == 24


def test_a_substance_has_one_line_with_what_is_needed_and_what_stays(sheet: list[Row]) -> None:
    """24 × 200 µL of the amine; DCM fills two vials, and is one line before them."""
    amine = [row for row in sheet if row["material"] == "1-Boc-1,4-diazepane"]
    assert len(amine) == 1
    assert float(amine[0]["uL"]) - float(amine[0]["dead_uL"]) == pytest.approx(4800.0)
    made, *filled = [row for row in sheet if row["material"] == "DCM"]
    assert made["what"] == "make"
    assert len(filled) > 1
    assert {row["what"] for row in filled} == {"stock"}
    for column in ("uL", "dead_uL"):
        total = sum(float(row[column]) for row in filled)
        assert float(made[column]) == pytest.approx(total)
    # two extractions of 500 µL in 24 wells
    assert float(made["uL"]) - float(made["dead_uL"]) == pytest.approx(24_000.0)
    assert all(f"{row['labware']}/{row['well']}" in made["how"] for row in filled)


def helps(step: str, bench: str = "ot2") -> str:
    found = [f for f in lowering.compiled(step, bench).findings if f.code == "P-PIP-1"]
    assert len(found) == 1
    return found[0].help


def test_the_help_names_the_concentration_that_would_do() -> None:
    """0.5 µmol in 1 µL, a P20's least, is 0.5 M; benzyl bromide is 8.41 M when it is neat."""
    assert "a solution of 0.500 M would do" in helps(
        "- add: {material: halide, to: reactor, amount: 0.0005 mmol}"
    )
    assert "a solution of 0.500 M would do" in helps(
        "- add: {material: halide, to: reactor, amount: 0.005 equiv, dropwise: {over: 10 min}}"
    )


def test_a_neat_liquid_is_better_a_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.002 mmol are 0.28 µL when it is neat, and 1 µL, the least, at 2.00 M."""
    solid, neat = "is: K2CO3, supplied: solid", "is: triethylamine, supplied: neat"
    monkeypatch.setattr(lowering, "HEAD", lowering.HEAD.replace(solid, neat))
    told = helps("- add: {material: base, to: reactor, amount: 0.002 mmol}")
    assert told.startswith("supply it as a solution")
    assert "a solution of 2.00 M would do" in told


def test_a_volume_is_not_made_larger_by_dilution() -> None:
    assert "would do" not in helps("- add: {material: halide, to: reactor, amount: 0.5 µL}")


def test_all_rows_below_the_minimum_are_named(tmp_path: Path) -> None:
    table = tmp_path / "library.csv"
    table.write_text("aldehyde.supplied.solution\n0.55 M\n200 M\n0.55 M\n200 M\n", encoding="utf-8")
    found = compile_procedure(PROCEDURE, shipped_benches()["ot2"], library=table).findings
    (small,) = [f for f in found if f.code == "P-PIP-1"]
    assert small.row == 2
    assert "row 4" in small.message
