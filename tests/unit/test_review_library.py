"""What the page says of a library: the general scheme, names of wells and of reactions."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from compiler.pipeline import Compiled, compile_procedure
from simulate.review.equation import general_smiles
from simulate.review.general import common_part, common_product, numbered
from simulate.review.prep import empty_vessels, prep_rows
from simulate.review.reagents import reagents
from simulate.review.scheme import structures
from simulate.review.timetable import timetable
from simulate.review.values import brief
from simulate.review.variants import cards, columns, plainly, variants_of
from simulate.review.wells import well_names

PROCEDURE = Path("protocols/reductive-amination/procedure.yaml")
TABLE = Path("protocols/reductive-amination/library.csv")
FLEX = Path("protocols/benches/flex.yaml")


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_procedure(PROCEDURE, FLEX, library=TABLE)


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_common_part_of_24_aldehydes_is_the_aldehyde() -> None:
    found = common_part([row["aldehyde.smiles"] for row in rows()])
    assert found is not None
    assert found.core == "*C=O"
    assert found.rests[0] == "*c1ccccc1" and found.rests[-1] == "*CCc1ccccc1"


def test_the_common_product_has_the_rest_of_the_aldehyde_at_its_place() -> None:
    varied = common_part([row["aldehyde.smiles"] for row in rows()])
    assert varied is not None
    found = common_product([row["desired.smiles"] for row in rows()], [varied])
    assert found == "[1*]CN1CCCN(C(=O)OC(C)(C)C)CC1"


def test_two_materials_that_vary_have_two_rests() -> None:
    amines = ["CCN", "CC(C)N", "NCc1ccccc1"]
    aldehydes = ["O=Cc1ccccc1", "O=CC", "O=Cc1ccco1"]
    products = ["CCNCc1ccccc1", "CC(C)NCC", "c1ccc(cc1)CNCc1ccco1"]
    varied = [common_part(amines), common_part(aldehydes)]
    assert varied[0] is not None and varied[1] is not None
    found = common_product(products, [v for v in varied if v is not None])
    assert found in ("[1*]NC[2*]", "[2*]CN[1*]")


@pytest.mark.parametrize("smiles", [["C1CCNCC1", "C1COCCN1"], [], ["not a smiles", "CCO"]])
def test_without_a_common_part_there_is_none(smiles: list[str]) -> None:
    assert common_part(smiles) is None


def test_a_product_that_does_not_have_the_rest_gives_no_scheme() -> None:
    varied = common_part(["O=Cc1ccccc1", "O=Cc1ccco1"])
    assert varied is not None
    assert common_product(["CCNCc1ccccc1", "CCNCC"], [varied]) is None


def test_a_numbered_end_is_not_numbered_again() -> None:
    assert numbered("[1*]CN*", 2) == "[1*]CN[2*]"


def test_general_structures_are_drawn_with_r() -> None:
    drawn = structures({"one": "[1*]C=O", "two": "[1*]CN[2*]"})
    assert ">R<" in drawn["one"].body and ">1<" not in drawn["one"].body
    assert ">1<" in drawn["two"].body and ">2<" in drawn["two"].body


def test_the_scheme_cards_and_reagents_of_the_library(compiled: Compiled) -> None:
    assert compiled.program is not None and compiled.plan is not None
    layout, plan = compiled.program.layout, compiled.plan
    variants = variants_of(layout)
    assert list(variants.keys) == ["aldehyde"] and variants.count("aldehyde") == 24
    recipe = layout.operations.ledger.charges.recipe
    assert general_smiles(recipe, variants) == {
        "general aldehyde": "[1*]C=O",
        "general desired": "[1*]CN1CCCN(C(=O)OC(C)(C)C)CC1",
    }
    found = cards(layout, plan, variants)
    assert [card.title for card in found] == [row["aldehyde.name"] for row in rows()]
    # C17H25FN2O2: 17 C, 25 H, 1 F, 2 N, 2 O
    mw = 17 * 12.011 + 25 * 1.008 + 18.998 + 2 * 14.007 + 2 * 15.999
    assert float(found[1].mw) == pytest.approx(mw, abs=0.02)
    assert [(e.ids, e.wells, e.differs) for e in found[1].entries] == [(("r2",), "reactors B1", "")]
    assert columns(plan, variants) == ()
    table = {reagent.itself.key: reagent for reagent in reagents(layout, plan, variants)}
    assert len(table["aldehyde"].members) == 24
    assert [c.label for c in table["aldehyde"].members if c.statements] == [
        "benzaldehyde",
        "4-fluorobenzaldehyde",
    ]
    assert len(table["aldehyde"].unknown) == 22
    assert len(table["aldehyde"].uses) == 1 and len(table["aldehyde"].uses[0].mg) == 24


def test_equal_portions_are_one_row_of_the_prep_sheet(compiled: Compiled) -> None:
    assert compiled.program is not None and compiled.plan is not None
    layout = compiled.program.layout
    found = prep_rows(layout, compiled.plan)
    hydride = [row for row in found if row.material == "NaBH(OAc)3"]
    assert [(row.where, row.count, len(row.mass)) for row in hydride] == [
        ("reactors A1–D6", 24, 24)
    ]
    assert empty_vessels(layout)[0] == ("reactor", "reactors A1–D6")


def test_names_of_wells_and_reactions(compiled: Compiled) -> None:
    assert compiled.program is not None
    layout = compiled.program.layout
    wells = [("reactors", name) for name in ("A1", "B1", "C1", "A2", "D6")]
    assert well_names(layout, wells) == "reactors A1–C1, A2, D6"
    assert well_names(layout, [("reactors", "D1"), ("reactors", "A2")]) == "reactors D1, A2"
    assert brief(["r1", "r2", "r3", "r7", "r9", "r10"]) == "r1–r3, r7, r9, r10"
    variants = variants_of(layout)
    assert plainly("amount of aldehyde/7", variants) == "amount of aldehyde"
    assert plainly("aldehyde/7x and paraldehyde/7", variants) == "aldehyde/7x and paraldehyde/7"


def test_a_plate_of_96_by_eight_channels() -> None:
    folder = Path("protocols/reductive-amination-96")
    found = compile_procedure(folder / "library.yaml", Path("protocols/benches/flex-96.yaml"))
    assert found.program is not None and found.plan is not None
    table = timetable(found.program)
    planned: dict[tuple[str, str], list[float]] = {}
    for entry in found.plan["contents"]:
        planned.setdefault((entry["reaction"], entry["vessel"]), []).append(entry["uL"])
    assert len(planned) == 192
    for key, volumes in planned.items():
        curve = table.volumes[key]
        assert max(ul for _, ul in curve) == pytest.approx(max(volumes), abs=0.01), key
        assert curve[-1][1] == pytest.approx(volumes[-1], abs=0.01), key
    assert {len(drops) for drops in table.drops.values()} == {10} and len(table.drops) == 96
    assert {bar.lane for bar in table.bars} >= {f"r{n}" for n in range(1, 97)}
    plate = cards(found.program.layout, found.plan, variants_of(found.program.layout))
    assert len(plate) == 24
    assert [(e.ids, e.wells, e.differs) for e in plate[0].entries] == [
        (("r1", "r2"), "reactors A1, B1", "hydride 1.5 equiv"),
        (("r3", "r4"), "reactors C1, D1", "hydride 2.0 equiv"),
    ]
