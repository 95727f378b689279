"""Charges against the numbers of the worked references, and what is said when they can't be had."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from procedures import add, amount, material, procedure, product, span, spans, supply

from compiler.chemistry.catalogue import load_catalogue
from compiler.passes.charge import charge
from compiler.passes.resolve import resolve
from compiler.reading.procedure import read_procedure
from compiler.stages.charges import Charge, Charges
from compiler.stages.documents import AmountKind, Extract, Filter, Mixture, Procedure, Rinse
from compiler.stages.quantity import Origin

BOC_DIAZEPANE = "CC(C)(C)OC(=O)N1CCCNCC1"
DESIRED = "CC(C)(C)OC(=O)N1CCCN(Cc2ccc(F)cc2)CC1"
CONC_HCL = supply("wt", medium="water", density=1.18, mass_fraction=0.37)
SHIPPED = Path(__file__).parents[2] / "protocols" / "reductive-amination" / "procedure.yaml"
V_PER_N = AmountKind.VOLUME_PER_AMOUNT


def extract(medium: Mapping[str, float], how_much: float, times: int) -> Extract:
    return Extract(
        id="extract",
        verb="extract",
        spans=spans(200, "with"),
        vessel="reactor",
        with_=Mixture(medium, span(201)),
        volume=amount(how_much, V_PER_N),
        times=times,
        keep="organic",
        into="extract",
    )


def amination(scale: float = 0.1) -> Procedure:
    return procedure(
        material(
            "diazepane", smiles=BOC_DIAZEPANE, basis=True, supplied=supply("solution", 0.5, "DCE")
        ),
        material("aldehyde", smiles="O=Cc1ccc(F)cc1", supplied=supply("solution", 0.55, "DCE")),
        material("hydride", is_="NaBH(OAc)3", supplied=supply("solid")),
        material("bicarb", is_="NaHCO3", supplied=supply("saturated", medium="water")),
        product(DESIRED, diazepane=1.0, aldehyde=1.0),
        add("diazepane", amount(1.0)),
        add("aldehyde", amount(1.1, low=1.0, high=1.2, origin=Origin.PLANNED)),
        add("hydride", amount(1.5, high=2.0, origin=Origin.LOW_END)),
        add("bicarb", amount(5000.0, V_PER_N)),
        extract({"DCM": 1.0}, 5000.0, 2),
        scale=scale,
    )


def charged(document: Procedure, scales: Mapping[str, float] | None = None) -> Charges:
    recipe, said = resolve(document)
    assert not said
    charges, said = charge(recipe, scales)
    assert not said
    return charges


def only(charges: Charges, step: str) -> Charge:
    (one,) = charges.of_step(step)
    return one


def codes(document: Procedure, scales: Mapping[str, float] | None = None) -> list[str]:
    recipe, first = resolve(document)
    _, second = charge(recipe, scales)
    return [finding.code for finding in (*first, *second)]


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-3)


def test_reductive_amination() -> None:
    charges = charged(amination())
    amine = only(charges, "add-diazepane")
    assert (amine.mass_mg, amine.volume_ul, amine.mmol) == (near(20.028), near(200.0), near(0.1))
    aldehyde = only(charges, "add-aldehyde")
    assert (aldehyde.mass_mg, aldehyde.volume_ul, aldehyde.equiv) == (
        near(13.653),
        near(200.0),
        near(1.1),
    )
    hydride = only(charges, "add-hydride")
    assert (hydride.mass_mg, hydride.volume_ul, hydride.by_operator) == (near(31.791), None, True)
    quench = only(charges, "add-bicarb")
    assert (quench.volume_ul, quench.mmol) == (near(500.0), near(0.55))
    rounds = charges.of_step("extract")
    assert [(r.material, r.vessel, r.volume_ul) for r in rounds] == [
        ("DCM", "reactor", near(500.0))
    ] * 2
    (reaction,) = charges.reactions
    assert (reaction.id, reaction.limiting, reaction.scale_mmol) == ("r1", "diazepane", 0.1)
    assert reaction.theory_mg["desired"] == near(30.840)


def test_choices_inside_ranges_are_listed() -> None:
    listed = {(a.step, a.value): a.why for a in charged(amination()).assumptions}
    assert listed["add-hydride", "1.5 equiv"] == "the low end of 1.5 to 2 equiv"
    assert listed["add-aldehyde", "1.1 equiv"] == "planned in the document, in 1 to 1.2 equiv"


@pytest.mark.parametrize(
    ("fields", "equiv", "mg", "microlitres"),
    [
        ({"is_": "DIPEA", "supplied": supply("neat")}, 1.5, 19.387, 26.128),
        ({"is_": "BnBr", "supplied": supply("neat")}, 1.0, 17.104, 11.894),
        ({"is_": "BnBr", "supplied": supply("solution", 1.0, "MeCN")}, 1.0, 17.104, 100.0),
        ({"is_": "TMSCl", "supplied": supply("neat")}, 1.0, 10.864, 12.692),
        ({"is_": "Boc2O", "supplied": supply("neat")}, 1.0, 21.825, 22.974),
        ({"is_": "Boc2O", "supplied": supply("solution", 0.4, "MeOH")}, 0.8, 17.460, 200.0),
        ({"is_": "4-fluorobenzaldehyde", "supplied": supply("neat")}, 1.1, 13.653, 11.800),
        ({"is_": "benzaldehyde", "supplied": supply("neat")}, 1.1, 11.674, 11.182),
        ({"is_": "K2CO3", "supplied": supply("solid")}, 2.0, 27.641, None),
        ({"is_": "NaOH", "supplied": supply("aqueous", 5.0)}, 5.0, 19.9985, 100.0),
        ({"is_": "NaBH(OAc)3", "supplied": supply("slurry", 0.5, "DCE")}, 1.5, 31.791, 300.0),
        ({"is_": "HCl", "supplied": CONC_HCL}, 1.0, 3.6461, 8.3512),
    ],
)  # fmt: skip
def test_worked_references(
    fields: dict[str, object], equiv: float, mg: float, microlitres: float | None
) -> None:
    charges = charged(
        procedure(
            material(
                "amine", is_="1,4-diazepane", basis=True, supplied=supply("solution", 0.25, "MeCN")
            ),
            material("x", **fields),
            add("amine", amount(1.0)),
            add("x", amount(equiv)),
        )
    )
    assert only(charges, "add-amine").volume_ul == near(400.0)
    one = only(charges, "add-x")
    assert one.mass_mg == near(mg)
    assert one.volume_ul == (None if microlitres is None else near(microlitres))


def test_lactam_from_salts_and_hydrates() -> None:
    """Section 2.5: a hydrochloride and a hydrate, by name and as `salt` and `hydrate`."""
    document = procedure(
        material(
            "acid",
            smiles="OC(=O)CCN(CCN)Cc1ccccc1",
            basis=True,
            supplied=supply("solution", 0.1, "DMF"),
        ),
        material("edc", is_="EDC hydrochloride", supplied=supply("solution", 0.15, "DCM")),
        material("hobt", is_="HOBt hydrate", supplied=supply("solid")),
        material("hobt2", smiles="On1nnc2ccccc12", hydrate=1.0, supplied=supply("solid")),
        material("edc2", smiles="CCN=C=NCCCN(C)C", salt={"HCl": 1.0}, supplied=supply("solid")),
        material("dilute", is_="DCM", supplied=supply("neat")),
        product("O=C1CCN(Cc2ccccc2)CCN1", acid=1.0),
        add("acid", amount(1.0)),
        add("edc", amount(1.5)),
        add("hobt", amount(1.5)),
        add("hobt2", amount(1.5)),
        add("edc2", amount(1.5)),
        add("dilute", amount(1000.0, AmountKind.VOLUME)),
        scale=0.015,
    )
    charges = charged(document)
    assert only(charges, "add-acid").mass_mg == near(3.334)
    assert (only(charges, "add-edc").mass_mg, only(charges, "add-edc").volume_ul) == (
        near(4.313),
        near(150.0),
    )
    assert only(charges, "add-hobt").mass_mg == near(3.446)
    assert only(charges, "add-hobt2").mass_mg == near(3.446)
    assert only(charges, "add-edc2").mass_mg == near(4.313)
    assert only(charges, "add-dilute").volume_ul == near(1000.0)
    assert charges.reactions[0].theory_mg["desired"] == near(3.064)


def test_basis_need_not_be_limiting() -> None:
    """Section 2.6: 0.8 equiv Boc2O; a catalyst outside `from` is never limiting."""
    charges = charged(
        procedure(
            material(
                "diamine", is_="1,4-diazepane", basis=True, supplied=supply("solution", 0.5, "MeOH")
            ),
            material("boc2o", is_="Boc2O", supplied=supply("solution", 0.4, "MeOH")),
            material("dmap", is_="DMAP", supplied=supply("solid")),
            product(BOC_DIAZEPANE, diamine=1.0, boc2o=1.0),
            add("diamine", amount(1.0)),
            add("boc2o", amount(0.8)),
            add("dmap", amount(0.05)),
        )
    )
    (reaction,) = charges.reactions
    assert reaction.limiting == "boc2o"
    assert reaction.theory_mg["desired"] == near(0.08 * 200.282)
    assert only(charges, "add-diamine").mmol == near(1.25 * 0.08)


def test_coefficients_decide_what_is_limiting() -> None:
    charges = charged(
        procedure(
            material("diamine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
            material("bromide", is_="BnBr", supplied=supply("neat")),
            product("c1ccc(cc1)CN1CCCN(Cc2ccccc2)CC1", diamine=1.0, bromide=2.0),
            add("diamine", amount(1.0)),
            add("bromide", amount(1.5)),
        )
    )
    (reaction,) = charges.reactions
    assert (reaction.limiting, reaction.theory_mg["desired"]) == ("bromide", near(0.075 * 280.415))


def test_every_kind_of_amount() -> None:
    charges = charged(
        procedure(
            material(
                "amine", is_="1,4-diazepane", basis=True, supplied=supply("solution", 0.5, "MeOH")
            ),
            material("base", is_="K2CO3", purity=0.5, supplied=supply("solid")),
            add("amine", amount(0.1, AmountKind.AMOUNT), step="mmol"),
            add("base", amount(10.0, AmountKind.MASS), step="mg"),
            add("amine", amount(100.0, AmountKind.VOLUME), step="uL"),
            add("MeOH", amount(2.0, AmountKind.VOLUME_PER_MASS), step="uL/mg"),
            add("water", amount(1000.0, AmountKind.VOLUME, at_scale=5.0), step="at scale"),
            add("MeOH", amount(0.01, AmountKind.MAKE_UP_TO), step="make up"),
        )
    )
    assert only(charges, "mmol").volume_ul == near(200.0)
    assert only(charges, "mg").mass_mg == near(20.0)  # half of what is weighed is K2CO3
    assert only(charges, "mg").mmol == near(10.0 / 138.204)
    assert only(charges, "uL").equiv == near(0.5)
    assert only(charges, "uL/mg").volume_ul == near(2.0 * 10.0165)
    assert only(charges, "at scale").volume_ul == near(20.0)  # section 2.3: 1 mL at 5 mmol
    assert (only(charges, "make up").volume_ul, charges.make_up) == (None, ("make up",))


def test_mixtures_and_filter_rinses() -> None:
    rinse = Rinse(
        Mixture({"DCM": 0.9, "MeOH": 0.1}, span(300)),
        amount(200.0, AmountKind.VOLUME),
        2,
        span(300),
    )
    charges = charged(
        procedure(
            material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
            add("amine", amount(1.0)),
            extract({"DCM": 0.9, "MeOH": 0.1}, 5000.0, 1),
            Filter(
                id="filter",
                verb="filter",
                spans=spans(),
                vessel="reactor",
                keep="filtrate",
                into="out",
                rinse=rinse,
            ),
        )
    )
    mixed = only(charges, "extract")
    assert (mixed.material, mixed.mmol, mixed.equiv, mixed.volume_ul) == (
        "DCM/MeOH 9:1",
        None,
        None,
        near(500),
    )
    assert [(r.vessel, r.by_operator, r.volume_ul) for r in charges.of_step("filter")] == [
        ("out", True, 200.0)
    ] * 2


def test_no_product_means_the_basis_and_an_assumption() -> None:
    document = procedure(
        material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
        add("amine", amount(1.0)),
    )
    charges = charged(document)
    assert charges.reactions[0].limiting == "amine"
    assert ("goal", "mono") in [(a.what, a.value) for a in charges.assumptions]


def test_holes_are_skipped_in_silence() -> None:
    hole = amount(0.0, hole=True, plan=None, text="?")
    document = procedure(
        material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
        add("amine", hole),
    )
    assert codes(document) == []
    assert charged(document).charges == ()


def test_no_basis() -> None:
    document = procedure(
        material("amine", is_="1,4-diazepane", supplied=supply("solid")), add("amine", amount(1.0))
    )
    assert codes(document) == ["C-BASIS-1", "C-LIM-1"]


def test_two_bases() -> None:
    document = procedure(
        material("a", 10, is_="1,4-diazepane", supplied=supply("solid"), basis=True),
        material("b", 20, is_="BnBr", supplied=supply("neat"), basis=True),
        add("a", amount(1.0)),
    )
    _, (finding,) = charge(resolve(document)[0])
    assert (finding.code, finding.span) == ("C-BASIS-2", span(23))
    assert finding.related[0].span == span(13)


def test_no_scale() -> None:
    assert codes(amination_without_scale()) == ["C-SCALE"]


def amination_without_scale() -> Procedure:
    return procedure(
        material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
        add("amine", amount(1.0)),
        scale=None,
    )


def test_scales_of_zero() -> None:
    document = procedure(
        material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
        add("amine", amount(1.0)),
        add("water", amount(20.0, AmountKind.VOLUME, at_scale=0.0)),
        scale=0.0,
    )
    assert codes(document) == ["U-VALUE", "U-VALUE"]


def test_absolute_volume_at_another_scale() -> None:
    document = procedure(
        material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
        add("amine", amount(1.0)),
        add("water", amount(20.0, AmountKind.VOLUME)),
        add("water", amount(20.0, AmountKind.VOLUME, at_scale=0.1), step="scaled"),
    )
    assert codes(document, {"r1": 0.1}) == []
    assert codes(document, {"r1": 0.2}) == ["C-SCALE-1"]
    charges, _ = charge(resolve(document)[0], {"r1": 0.2})
    assert only(charges, "scaled").volume_ul == near(40.0)


def test_volume_of_a_solid_and_equivalents_of_a_mixture() -> None:
    document = procedure(
        material("amine", is_="1,4-diazepane", basis=True, supplied=supply("solid")),
        add("amine", amount(100.0, AmountKind.VOLUME)),
    )
    assert codes(document) == ["C-SUPPLY"]


def test_several_reactions_stand_in_step_then_reaction_order() -> None:
    charges = charged(amination(), {"r1": 0.1, "r2": 0.05})
    assert [(c.step, c.reaction) for c in charges.charges][:4] == [
        ("add-diazepane", "r1"),
        ("add-diazepane", "r2"),
        ("add-aldehyde", "r1"),
        ("add-aldehyde", "r2"),
    ]
    assert [r.id for r in charges.reactions] == ["r1", "r2"]


SOLIDS = sorted(c.name for c in load_catalogue().compounds.values() if c.state_20c == "solid")


@given(
    name=st.sampled_from(SOLIDS),
    equiv=st.floats(0.01, 10.0),
    scale=st.floats(1e-3, 10.0),
    purity=st.floats(0.05, 1.0),
)
def test_mass_balance(name: str, equiv: float, scale: float, purity: float) -> None:
    document = procedure(
        material("x", is_=name, basis=True, purity=purity, supplied=supply("solid")),
        add("x", amount(equiv)),
        scale=scale,
    )
    recipe, _ = resolve(document)
    charges, _ = charge(recipe)
    one, supplied = only(charges, "add-x"), recipe.supplied["x"]
    assert one.mmol == pytest.approx(equiv * scale)
    assert one.mass_mg == pytest.approx(
        equiv * scale * supplied.substance.mw_g_mol * supplied.weigh_factor
    )


@given(factor=st.floats(0.01, 100.0))
def test_everything_is_linear_in_the_scale(factor: float) -> None:
    recipe, _ = resolve(amination())
    one, _ = charge(recipe, {"r1": 0.1})
    other, _ = charge(recipe, {"r1": 0.1 * factor})
    for a, b in zip(one.charges, other.charges, strict=True):
        for x, y in ((a.mmol, b.mmol), (a.mass_mg, b.mass_mg), (a.volume_ul, b.volume_ul)):
            assert y == (None if x is None else pytest.approx(x * factor))
        assert b.equiv == (None if a.equiv is None else pytest.approx(a.equiv))


def test_the_procedure_that_ships() -> None:
    read = read_procedure(SHIPPED)
    assert read.document is not None
    charges = charged(read.document)
    assert [(c.material, c.volume_ul) for c in charges.charges] == [
        ("diazepane", near(200.0)),
        ("aldehyde", near(200.0)),
        ("hydride", None),
        ("bicarb", near(500.0)),
        ("DCM", near(500.0)),
        ("DCM", near(500.0)),
    ]
    assert charges.reactions[0].theory_mg["desired"] == near(30.840)
    assert "density of water" not in [a.what for a in charges.recipe.assumptions]
