"""Acids and bases in water: the charge balance against hand-computed pH values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.chemistry.acid_base import (
    Protolyte,
    Solution,
    consumed_mmol,
    free_charge_mol_l,
    imbalance_mol_l,
    ph_of,
    shifted,
    titrant_mmol,
)
from compiler.chemistry.ionisation import (
    Brings,
    base_sites,
    brings,
    carbonic_acid,
    rules,
    substance_brings,
)
from compiler.stages.charges import Supplied
from compiler.stages.documents import Form
from tests.unit.handbuilt import DCE, METHANOL, substance, supplied

ACETIC = Protolyte("acetic acid", (4.756,), 0)
AMMONIUM = Protolyte("ammonium", (9.25,), 1)
CARBONIC = carbonic_acid()
NAOH_5M = Solution(1.0, (), 200.0)  # 1 mmol


def water(strong: float, *protolytes: tuple[Protolyte, float], ul: float = 1000.0) -> Solution:
    return Solution(strong, protolytes, ul)


def ph(value: float) -> object:
    return pytest.approx(value, abs=0.01)


# --- pH by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        (water(0.0), 7.0),
        (water(-0.1), 1.0),  # 0.1 M HCl
        (water(0.1), 13.0),  # 0.1 M NaOH
        (water(-1e-7), 6.79),  # 1e-7 M HCl: 0.5e-7 + sqrt(0.25e-14 + 1e-14) = 1.618e-7
        (water(0.0, (ACETIC, 0.1)), 2.88),  # sqrt(10^-4.756 x 0.1) = 1.324e-3, minus what is gone
        (water(0.1, (ACETIC, 0.1)), 8.88),  # 7 + (4.756 + log 0.1) / 2
        (water(0.05, (ACETIC, 0.1)), 4.756),  # half neutralised: pH = pKa
        (water(0.0, (AMMONIUM, 0.1)), 11.12),  # 0.1 M NH3: 14 - (4.75 + 1) / 2
        (water(-0.1, (AMMONIUM, 0.1)), 5.13),  # NH4Cl: (9.25 + 1) / 2
        (water(0.1, (CARBONIC, 0.1)), 8.34),  # NaHCO3: (6.35 + 10.33) / 2
        (water(0.2, (CARBONIC, 0.1)), 11.65),  # Na2CO3: sqrt(10^-3.67 x 0.1) of OH-
    ],
)
def test_ph_of_textbook_solutions(solution: Solution, expected: float) -> None:
    assert ph_of(solution) == ph(expected)


def test_the_basification_of_the_mono_boc_work_up() -> None:
    """design 2.3: 0.100 mmol HCl, up to 0.100 mmol CO2; 50 and 100 µL of 5 M NaOH."""
    gone, kept = water(-0.1, ul=732.69), water(-0.1, (CARBONIC, 0.1), ul=732.69)
    assert consumed_mmol(gone, 12.0, base=True) == pytest.approx(0.100, rel=1e-3)
    assert consumed_mmol(kept, 12.0, base=True) == pytest.approx(0.300, rel=1e-3)
    little, enough = NAOH_5M.scaled(0.250), NAOH_5M.scaled(0.500)
    assert ph_of(gone.plus(little)) == ph(13.28)
    assert ph_of(kept.plus(little)) < 12.0
    assert ph_of(gone.plus(enough)) == ph(13.68)
    assert ph_of(kept.plus(enough)) == ph(13.38)
    assert kept.plus(enough).volume_ul == pytest.approx(832.7, rel=1e-3)


def test_without_water_there_is_no_ph() -> None:
    with pytest.raises(ValueError, match="no water"):
        ph_of(Solution(0.1, (), 0.0))


def test_beyond_what_dissolves_the_ph_is_an_end() -> None:
    assert ph_of(water(1e6, (ACETIC, 0.1))) == 16.0
    assert ph_of(water(-1e6, (ACETIC, 0.1))) == -2.0


# --- titration --------------------------------------------------------------------------------


def test_titrant_brings_a_solution_to_the_ph() -> None:
    kept = water(-0.1, (CARBONIC, 0.1), ul=732.69)
    mmol = titrant_mmol(kept, NAOH_5M, 12.0, base=True)
    assert mmol is not None
    assert ph_of(kept.plus(NAOH_5M.scaled(mmol))) == pytest.approx(12.0, abs=1e-4)
    acid = Solution(-1.0, (), 1000.0)
    mmol = titrant_mmol(water(0.2, (CARBONIC, 0.1)), acid, 2.0, base=False)
    assert mmol is not None
    assert ph_of(water(0.2, (CARBONIC, 0.1)).plus(acid.scaled(mmol))) == pytest.approx(
        2.0, abs=1e-4
    )


def test_bicarbonate_never_makes_ph_12() -> None:
    bicarbonate = Solution(1.0, ((CARBONIC, 1.0),), 1000.0 / 1.1)
    assert titrant_mmol(water(-0.1), bicarbonate, 12.0, base=True) is None
    # 1.1 M bicarbonate takes the acid up, though: pH 8 with all CO2 kept
    assert titrant_mmol(water(-0.1), bicarbonate, 8.0, base=True) is not None


def test_nothing_is_needed_beyond_the_ph() -> None:
    assert titrant_mmol(water(0.1), NAOH_5M, 12.0, base=True) == 0.0
    assert titrant_mmol(water(-0.1), Solution(-1.0, (), 1000.0), 2.0, base=False) == 0.0


def test_dilution_by_the_titrant_counts() -> None:
    """0.005 M NaOH never brings water to pH 12, 0.1 M does: n - 0.01 (V + n / 0.1) = 0."""
    assert titrant_mmol(water(0.0), Solution(1.0, (), 200_000.0), 12.0, base=True) is None
    mmol = titrant_mmol(water(0.0), Solution(1.0, (), 10_000.0), 12.0, base=True)
    assert mmol == pytest.approx(0.010 / 0.9, rel=1e-3)


def test_an_organic_layer_makes_an_ammonium_more_acidic() -> None:
    """P V(org)/V(aq) = 999: log10(1000) = 3 units, for a base and for an acid."""
    assert shifted(AMMONIUM, 999.0).pka == pytest.approx((6.25,))
    assert shifted(ACETIC, 999.0).pka == pytest.approx((7.756,))
    assert shifted(AMMONIUM, 0.0) == AMMONIUM
    anion = Protolyte("hydrogensulfate", (1.99,), -1)
    assert shifted(anion, 999.0) == anion  # no neutral form


# --- properties -------------------------------------------------------------------------------

_AMOUNT = st.floats(0.0, 2.0)
_PROTOLYTES = st.lists(
    st.tuples(
        st.builds(
            lambda pka, charge: Protolyte("x", tuple(sorted(pka)), min(charge, len(pka))),
            st.lists(st.floats(-1.0, 15.0), min_size=1, max_size=3),
            st.integers(-1, 2),
        ),
        _AMOUNT,
    ),
    max_size=3,
)
_SOLUTIONS = st.builds(
    lambda strong, held, ul: Solution(strong, tuple(held), ul),
    st.floats(-2.0, 2.0),
    _PROTOLYTES,
    st.floats(100.0, 5000.0),
)


@given(_SOLUTIONS)
def test_charges_balance_at_the_ph(solution: Solution) -> None:
    found = ph_of(solution)
    if -2.0 < found < 16.0:
        slack = 1e-5 * (abs(free_charge_mol_l(found)) + 1.0) * 10.0
        assert abs(imbalance_mol_l(solution, found)) < slack
        assert imbalance_mol_l(solution, found - 0.01) > 0 > imbalance_mol_l(solution, found + 0.01)


@given(_SOLUTIONS, st.floats(0.001, 1.0))
def test_base_raises_the_ph(solution: Solution, mmol: float) -> None:
    base = Solution(1.0, (), 0.0)
    assert ph_of(solution.plus(base.scaled(mmol))) >= ph_of(solution) - 2e-6


@given(st.floats(-1.0, 1.0), st.floats(100.0, 5000.0))
def test_the_closed_form_agrees_with_the_root(strong: float, ul: float) -> None:
    inert = Protolyte("never dissociates", (40.0,), 0)
    closed, root = ph_of(Solution(strong, (), ul)), ph_of(Solution(strong, ((inert, 1.0),), ul))
    assert closed == pytest.approx(root, abs=1e-4)


@given(_SOLUTIONS, st.floats(7.0, 12.5))
def test_titrants_reach_their_ph(solution: Solution, goal: float) -> None:
    mmol = titrant_mmol(solution, NAOH_5M, goal, base=True)
    assert mmol is not None
    if mmol > 0:
        assert ph_of(solution.plus(NAOH_5M.scaled(mmol))) == pytest.approx(goal, abs=1e-3)
    else:
        assert ph_of(solution) >= goal - 1e-3


# --- what materials bring ---------------------------------------------------------------------


def of(smiles: str, *classes: str, **more: object) -> Supplied:
    what = substance("x", 100.0, smiles=smiles, classes=classes)
    return supplied("x", what, Form.SOLID, **more)  # type: ignore[arg-type]  # keywords of the helper


def dissolved(found: Brings, mmol: float = 0.1, ul: float = 1000.0) -> Solution:
    assert found.unknown is None
    return (
        Solution(found.acidic.strong, found.acidic.protolytes, 0.0)
        .scaled(mmol)
        .plus(Solution(0.0, (), ul))
    )


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("[Na+].[OH-]", 13.0),
        ("Cl", 1.0),
        ("[Na+].[Cl-]", 7.0),
        ("[Na+].OC([O-])=O", 8.34),
        ("[K+].[K+].[O-]C([O-])=O", 11.65),
        ("O=C([O-])[O-].[K+].[K+]", 11.65),  # however it is written
        ("CC(=O)O", 2.88),
        ("[NH4+].[Cl-]", 5.13),
        ("[Mg+2].[O-]S([O-])(=O)=O", 7.52),  # HSO4- = 9.77 H+: H+^2 = 1e-14 / 10.77
        ("Cl.CCN(CC)CC", 5.88),  # (10.75 + 1) / 2
    ],
)
def test_salts_acids_and_bases_by_structure(smiles: str, expected: float) -> None:
    assert ph_of(dissolved(brings(of(smiles)))) == ph(expected)


def test_the_triacetoxyborohydride_gives_two_acids_and_an_acetate() -> None:
    """Hydrolysed: Na+, 3 acetates and boric acid; 2 HCO3- are needed, as in design 2.1."""
    found = brings(of("[Na+].CC(=O)O[BH-](OC(C)=O)OC(C)=O"))
    assert consumed_mmol(dissolved(found, 0.15), 8.0, base=True) == pytest.approx(0.300)


def test_a_declared_pka_overrides_the_table() -> None:
    own = supplied("x", substance("x", 60.0, smiles="CC(=O)O"), Form.SOLID)
    own = Supplied(**{f: getattr(own, f) for f in own.__slots__} | {"acid_pka": (3.0,)})
    ((protolyte, _),) = brings(own).acidic.protolytes
    assert protolyte.pka == (3.0,) and protolyte.charge == 0


def test_a_salt_brings_its_acid_and_trimethylsilyl_chloride_forms_it() -> None:
    amine = of("C1CCNCCNC1", "amine_secondary_aliphatic", "amine_nucleophilic_NH")
    assert brings(amine, {"HCl": 2}).acidic.strong == -2.0
    silyl = of("C[Si](C)(C)Cl", "silyl_halide", generates={"HCl": 1.0})
    assert (brings(silyl).acidic.strong, brings(silyl).basic.strong) == (-1.0, -1.0)
    # without `generates` it may or may not have reacted
    loose = brings(of("C[Si](C)(C)Cl", "silyl_halide"))
    assert (loose.acidic.strong, loose.basic.strong) == (-1.0, 0.0)


def test_an_amine_without_a_pka_has_the_range_of_its_class() -> None:
    found = brings(of("C1CCNCCNC1", "amine_secondary_aliphatic"))
    ((low, _),), ((high, _),) = found.acidic.protolytes, found.basic.protolytes
    assert (low.charge, low.pka) == (2, (1.0, 7.0))
    assert (high.charge, high.pka) == (2, (10.5, 11.5))
    boc = brings(of("CC(C)(C)OC(=O)N1CCCNCC1", "amine_secondary_aliphatic"))
    assert boc.acidic.protolytes[0][0].pka == (7.0,)  # the carbamate N is no base


def test_a_neutral_liquid_brings_nothing_and_a_strange_ion_is_not_known() -> None:
    assert substance_brings(DCE).nothing and substance_brings(METHANOL).nothing
    assert "[Cu+2]" in (brings(of("[Cu+2].[Cl-].[Cl-]")).unknown or "")


def test_how_much_acid_a_material_takes_up() -> None:
    assert base_sites(of("[Na+].[OH-]")) == 1.0
    assert base_sites(of("[K+].[K+].[O-]C([O-])=O")) == 2.0
    assert base_sites(of("C1CNCCNC1", "amine_secondary_aliphatic")) == 2.0
    assert base_sites(of("Cl")) == 0.0


def test_the_tables_hold_together() -> None:
    known = rules()
    for found in known.fragments.values():
        for ions in (found.acidic, found.basic):
            for protolyte, n in ions.protolytes:
                assert n > 0 and list(protolyte.pka) == sorted(protolyte.pka)
    assert set(known.acids.values()) <= set(known.fragments)
    assert math.isclose(known.water_share, 0.5)


def test_the_diazepane_lies_between_the_diamines_that_bridge_it() -> None:
    found = brings(of("C1CNCCNC1"))
    assert found.acidic.protolytes[0][0].pka == (5.3, 9.7)
    assert found.basic.protolytes[0][0].pka == (8.9, 11.0)


def test_every_substance_of_the_catalogue_is_judged() -> None:
    from compiler.chemistry.catalogue import load_catalogue

    unknown = {
        compound.label
        for compound in load_catalogue().compounds.values()
        if substance_brings(compound.substance()).unknown
    }
    assert unknown == {"NaH", "n-BuLi"}
