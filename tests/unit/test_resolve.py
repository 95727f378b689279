"""What materials, solvents and mixtures become, and every way in which they can fail to."""

from __future__ import annotations

from typing import Any

import pytest
from procedures import add, amount, material, procedure, product, span, spans, supply

from compiler.diagnostics import Finding
from compiler.passes.resolve import resolve
from compiler.stages.charges import Miscibility, Recipe, Supplied
from compiler.stages.documents import Dry, Extract, Form, Mixture


def one(**fields: Any) -> tuple[Supplied | None, tuple[Finding, ...], Recipe]:
    recipe, findings = resolve(procedure(material("x", **fields)))
    return recipe.supplied.get("x"), findings, recipe


def fine(**fields: Any) -> Supplied:
    supplied, findings, _ = one(**fields)
    assert findings == ()
    assert supplied is not None
    return supplied


def fault(**fields: Any) -> Finding:
    _, findings, _ = one(**fields)
    (finding,) = findings
    assert finding.help
    return finding


def extract(medium: dict[str, float]) -> Extract:
    return Extract(
        id="extract",
        verb="extract",
        spans=spans(200, "with"),
        vessel="reactor",
        with_=Mixture(medium, span(201)),
        volume=amount(1.0),
        times=1,
        keep="organic",
    )


SOLID = supply("solid")


def test_solution_in_an_organic_solvent() -> None:
    x = fine(smiles="CC(C)(C)OC(=O)N1CCCNCC1", supplied=supply("solution", 0.5, "DCE"))
    assert (x.form, x.molarity_mol_l, x.medium, x.is_liquid) == (Form.SOLUTION, 0.5, "DCE", True)
    (liquid,) = x.liquids
    assert (liquid.name, liquid.fraction, liquid.density_g_ml) == ("DCE", 1.0, 1.2531)
    assert liquid.miscibility is Miscibility.IMMISCIBLE
    # the structure is that of a catalogue entry, which fills in what it knows
    assert x.substance.cas == "112275-50-0"
    assert "boc_carbamate" in x.substance.classes


def test_filled_in_densities_are_assumptions() -> None:
    *_, recipe = one(is_="BnBr", supplied=supply("neat"))
    assert [(a.what, a.value) for a in recipe.assumptions] == [("density of BnBr", "1.438 g/mL")]
    *_, recipe = one(is_="BnBr", supplied=supply("solution", 1.0, "MeCN"))
    assert ("density of x as supplied", "0.782 g/mL") in [
        (a.what, a.value) for a in recipe.assumptions
    ]


def test_saturated_solution_is_one_liquid_of_its_own_density() -> None:
    x = fine(is_="NaHCO3", supplied=supply("saturated", medium="water"))
    (liquid,) = x.liquids
    assert (x.molarity_mol_l, liquid.name, liquid.density_g_ml) == (1.1, "sat. aq. NaHCO3", 1.06)
    assert (liquid.miscibility, liquid.substance.name) == (Miscibility.WATER, "water")
    assert x.medium == "water"


@pytest.mark.parametrize(
    ("form", "name", "density"),
    [
        (supply("aqueous", 5.0), "5 M aq. NaOH", 1.18),
        (supply("aqueous", 1.0), "1 M aq. NaOH", 1.04),
        (supply("aqueous", 3.0), "3 M aq. NaOH", 1.11),
        (supply("aqueous", 3.0, density=1.12), "3 M aq. NaOH", 1.12),
        (supply("solution", 5.0, "water"), "5 M aq. NaOH", 1.18),
    ],
)
def test_aqueous_solutions(form: Any, name: str, density: float) -> None:
    x = fine(is_="NaOH", supplied=form)
    (liquid,) = x.liquids
    assert (liquid.name, liquid.miscibility) == (name, Miscibility.WATER)
    assert liquid.density_g_ml == x.density_g_ml == pytest.approx(density)


def test_weight_percent() -> None:
    x = fine(is_="HCl", supplied=supply("wt", medium="water", density=1.18, mass_fraction=0.37))
    assert x.molarity_mol_l == pytest.approx(11.975, rel=1e-3)
    assert x.liquids[0].name == "37 wt% aq. HCl"
    assert (
        fine(is_="HCl", supplied=supply("wt", medium="water", mass_fraction=0.37)).density_g_ml
        == 1.18
    )


def test_catalogue_knows_the_density_of_hydrogen_chloride_in_dioxane() -> None:
    x = fine(is_="HCl", supplied=supply("solution", 4.0, "dioxane"))
    assert (x.density_g_ml, x.liquids[0].name) == (pytest.approx(1.05), "1,4-dioxane")


def test_solvents_need_no_supply_and_common_solutions_neither() -> None:
    assert fine(is_="MeOH", anhydrous=True).anhydrous
    brine = fine(is_="brine")
    assert (brine.form, brine.molarity_mol_l, brine.density_g_ml) == (Form.SATURATED, 5.4, 1.20)


def test_salt_hydrate_and_purity_change_what_is_weighed() -> None:
    x = fine(smiles="C1CNCCNC1", salt={"HCl": 2.0}, hydrate=1.0, purity=0.97, supplied=SOLID)
    assert x.substance.mw_g_mol == pytest.approx(100.165, abs=1e-3)
    assert x.weigh_factor == pytest.approx(
        (100.165 + 2 * 36.461 + 18.015) / 100.165 / 0.97, rel=1e-5
    )
    assert fine(smiles="NCCN", salt={"HBr": 1.0}, supplied=SOLID).weigh_factor == pytest.approx(
        (60.1 + 80.912) / 60.1, rel=1e-4
    )


def test_purity_dilutes_a_neat_liquid() -> None:
    pure = fine(is_="BnBr", supplied=supply("neat")).molarity_mol_l
    impure = fine(is_="BnBr", purity=0.98, supplied=supply("neat")).molarity_mol_l
    assert pure is not None and impure == pytest.approx(0.98 * pure)


def test_mixture_of_solvents() -> None:
    recipe, findings = resolve(
        procedure(
            material("dry", is_="MeOH", anhydrous=True),
            material("x", is_="BnBr", supplied=supply("solution", 0.5, {"DCM": 0.5, "dry": 0.5})),
            extract({"DCM": 0.9, "dry": 0.1}),
        )
    )
    assert findings == ()
    assert list(recipe.supplied) == ["dry", "x", "DCM", "DCM/dry 1:1", "DCM/dry 9:1"]
    mixed = recipe.supplied["DCM/dry 9:1"]
    assert mixed.density_g_ml == pytest.approx(0.9 * 1.3266 + 0.1 * 0.7914)
    assert [(q.name, q.fraction) for q in mixed.liquids] == [
        ("DCM", pytest.approx(0.9)),
        ("MeOH", pytest.approx(0.1)),
    ]
    assert [q.fraction for q in recipe.supplied["x"].liquids] == [0.5, 0.5]


def test_a_mixture_inside_a_mixture_keeps_its_shares() -> None:
    recipe, findings = resolve(
        procedure(
            material("x", is_="BnBr", supplied=supply("solution", 0.5, {"DCM": 0.5, "MeOH": 0.5})),
            extract({"x": 0.5, "DCM": 0.5}),
        )
    )
    assert findings == ()
    assert [q.fraction for q in recipe.supplied["x/DCM 1:1"].liquids] == [0.25, 0.25, 0.5]


def test_density_of_a_mixed_solution_scales_its_parts() -> None:
    x = fine(is_="BnBr", supplied=supply("solution", 0.5, {"DCM": 0.5, "MeOH": 0.5}, density=1.1))
    dcm, methanol = x.liquids
    assert (dcm.density_g_ml + methanol.density_g_ml) / 2 == pytest.approx(1.1)
    assert dcm.density_g_ml / methanol.density_g_ml == pytest.approx(1.3266 / 0.7914)
    assert x.density_g_ml == pytest.approx(1.1)


def test_steps_name_catalogue_solvents_solutions_and_drying_agents() -> None:
    recipe, findings = resolve(
        procedure(
            add("DCM", amount(1.0)),
            add("brine", amount(1.0)),
            Dry(id="dry", verb="dry", spans=spans(), vessel="reactor", over="Na2SO4"),
            Dry(id="dry2", verb="dry", spans=spans(), vessel="reactor", over="my sieves"),
        )
    )
    assert findings == ()
    assert list(recipe.supplied) == ["DCM", "brine", "Na2SO4"]
    assert recipe.supplied["DCM"].declared is None
    assert recipe.supplied["Na2SO4"].form is Form.SOLID


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code", "line"),
    [
        ({"is_": "EDC", "supplied": SOLID}, "C-NAME-AMBIGUOUS", 11),
        ({"is_": "dichlormethane"}, "C-NAME-UNKNOWN", 11),
        ({"supplied": SOLID}, "C-IDENTITY", 10),
        ({"cas": "75-09-3", "smiles": "ClCCl", "supplied": SOLID}, "C-IDENTITY", 11),
        ({"cas": "67-66-3", "smiles": "ClCCl", "supplied": SOLID}, "C-IDENTITY", 11),
        ({"is_": "DCM", "smiles": "ClC(Cl)Cl"}, "C-IDENTITY", 11),
        ({"is_": "DCM", "cas": "67-66-3"}, "C-IDENTITY", 12),
        ({"cas": "50-00-0", "supplied": SOLID}, "C-NAME-UNKNOWN", 11),
        ({"smiles": "C1CC", "supplied": SOLID}, "C-SMILES", 11),
        ({"smiles": "CCO", "mw": 47.0, "supplied": SOLID}, "C-MW", 12),
        ({"is_": "K2CO3", "mw": 174.2, "supplied": SOLID}, "C-MW", 12),
        ({"smiles": "CCO", "formula": "C2H6O2", "supplied": SOLID}, "C-FORMULA", 12),
        ({"formula": "C2H6Xx", "supplied": SOLID}, "C-FORMULA", 11),
        ({"is_": "BnBr"}, "C-SUPPLY", 10),
        ({"smiles": "O=Cc1ccc(C)cc1", "supplied": supply("neat")}, "C-DENSITY", 12),
        ({"is_": "K2CO3", "supplied": supply("neat")}, "C-DENSITY", 12),
        ({"is_": "K2CO3", "supplied": supply("saturated", medium="water")}, "C-SUPPLY", 50),
        ({"is_": "NaOH", "supplied": supply("saturated", medium="water")}, "C-SUPPLY", 50),
        ({"is_": "HCl", "supplied": supply("wt", mass_fraction=0.2)}, "C-DENSITY", 50),
        ({"is_": "BnBr", "supplied": supply("solution", 1.0, "K2CO3")}, "C-SUPPLY", 51),
        ({"is_": "BnBr", "supplied": supply("solution", 1.0, "MeCNN")}, "C-NAME-UNKNOWN", 51),
        ({"is_": "BnBr", "supplied": supply("solution", 0.0, "MeCN")}, "U-VALUE", 1),
        ({"is_": "K2CO3", "supplied": SOLID, "purity": 0.0}, "U-VALUE", 10),
        ({"formula": "H0", "supplied": SOLID}, "C-FORMULA", 11),
        ({"is_": "K2CO3", "supplied": SOLID, "salt": {"nonsense": 1.0}}, "C-NAME-UNKNOWN", 13),
        ({"is_": "BnBr", "supplied": supply("solution", 1.0, "x")}, "C-SUPPLY", 12),
    ],
)  # fmt: skip
def test_faults(fields: dict[str, Any], code: str, line: int) -> None:
    finding = fault(**fields)
    assert (finding.code, finding.span) == (code, span(line)), finding.message


def test_ambiguous_name_lists_both_with_cas_numbers() -> None:
    message = fault(is_="EDC", supplied=SOLID).message
    assert all(cas in message for cas in ("25952-53-8", "107-06-2", "1892-57-5"))


def test_ambiguous_name_is_settled_by_a_cas_number() -> None:
    assert fine(is_="EDC", cas="25952-53-8", supplied=SOLID).substance.name == "EDC hydrochloride"


def test_suggestions() -> None:
    assert "Did you mean dichloromethane" in fault(is_="dichlormethane").help
    assert "`is: MeOH`" in fault(name="MeOH", supplied=SOLID).help


def test_molar_mass_within_half_a_percent_is_fine() -> None:
    fine(smiles="[O-]C(=O)C([O-])=O", formula="C2O4", supplied=SOLID)
    fine(smiles="CCO", mw=46.07, formula="C2H5OH", supplied=SOLID)
    assert fine(mw=123.4, supplied=SOLID).substance.mw_g_mol == 123.4
    assert fine(formula="C2H6O", supplied=SOLID).substance.mw_g_mol == pytest.approx(46.069)


def test_names_in_steps() -> None:
    _, findings = resolve(
        procedure(add("DCMM", amount(1.0), step="s1"), add("NaHCO3", amount(1.0), step="s2"))
    )
    assert [(f.code, f.step) for f in findings] == [("C-NAME-UNKNOWN", "s1"), ("C-SUPPLY", "s2")]
    assert "supplied: solid" in findings[1].help


def test_two_solutions_in_each_other() -> None:
    recipe, findings = resolve(
        procedure(
            material("a", is_="BnBr", supplied=supply("solution", 1.0, "b")),
            material("b", is_="BnBr", supplied=supply("solution", 1.0, "a")),
        )
    )
    assert [f.code for f in findings] == ["C-SUPPLY"]
    assert recipe.supplied == {}


def test_product_structures_are_read_too() -> None:
    _, (finding,) = resolve(procedure(product("C1CC")))
    assert (finding.code, finding.span) == ("C-SMILES", span(61))


def test_every_fault_of_a_document_is_found_in_one_run() -> None:
    recipe, findings = resolve(
        procedure(
            material("a", is_="EDC", supplied=SOLID),
            material("b", smiles="C1CC", supplied=SOLID),
            material("c", smiles="CCO", mw=60.0, supplied=supply("neat", density=0.789)),
            material("d", basis=True, is_="BnBr", supplied=supply("neat")),
        )
    )
    assert [f.code for f in findings] == ["C-NAME-AMBIGUOUS", "C-SMILES", "C-MW"]
    assert (list(recipe.supplied), recipe.basis) == (["c", "d"], "d")
