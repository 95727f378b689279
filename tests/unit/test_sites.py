"""Sites that rules count, against hand counts and the statistics of two equal sites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.chemistry.sites import (
    amines_of,
    azide_ratio,
    base_sites,
    beta_halo_arms,
    distribution,
    half_life_in_dichloromethane_h,
    is_hydrogenolysed,
    log_p,
    strong_acid_sites,
)

DIAZEPANE = "C1CNCCNC1"
BOC_DIAZEPANE = "CC(C)(C)OC(=O)N1CCCNCC1"


@pytest.mark.parametrize(
    ("smiles", "nitrogens", "hydrogens", "equivalent"),
    [
        (DIAZEPANE, 2, 2, 2),
        ("C1CNCCN1", 2, 2, 2),
        ("NCCN", 2, 4, 2),
        ("CC1CNCCCN1", 2, 2, 1),
        ("CNCCN", 2, 3, 1),
        (BOC_DIAZEPANE, 1, 1, 1),
        ("CCN(CC)CC", 0, 0, 0),
        ("not a molecule", 0, 0, 0),
    ],
)
def test_equivalent_amines(smiles: str, nitrogens: int, hydrogens: int, equivalent: int) -> None:
    found = amines_of(smiles)
    assert (found.nitrogens, found.hydrogens, found.equivalent) == (
        nitrogens,
        hydrogens,
        equivalent,
    )


@pytest.mark.parametrize(
    ("equivalents", "shares"),
    [
        (0.1, (0.9025, 0.0950, 0.0025)),
        (0.2, (0.8100, 0.1800, 0.0100)),
        (0.5, (0.5625, 0.3750, 0.0625)),
        (0.8, (0.3600, 0.4800, 0.1600)),
        (1.0, (0.2500, 0.5000, 0.2500)),
        (1.1, (0.2025, 0.4950, 0.3025)),
        (1.5, (0.0625, 0.3750, 0.5625)),
        (2.0, (0.0, 0.0, 1.0)),
        (3.0, (0.0, 0.0, 1.0)),
    ],
)
def test_statistics_of_two_equal_sites(
    equivalents: float, shares: tuple[float, float, float]
) -> None:
    assert distribution(equivalents) == pytest.approx(shares, abs=1e-9)


@given(st.floats(0, 5), st.integers(1, 6))
def test_a_distribution_is_one(equivalents: float, sites: int) -> None:
    shares = distribution(equivalents, sites)
    assert sum(shares) == pytest.approx(1.0)
    assert all(-1e-9 <= share <= 1.0 + 1e-9 for share in shares)


def test_no_site_is_an_error() -> None:
    with pytest.raises(ValueError, match="without a site"):
        distribution(1.0, 0)


@pytest.mark.parametrize(
    ("smiles", "acid", "base"),
    [
        ("Cl", 1, 0),
        ("OS(=O)(=O)O", 2, 0),
        ("OC(=O)C(F)(F)F", 1, 0),
        ("CC(=O)O", 0, 0),
        ("Cl.CCN=C=NCCCN(C)C", 1, 1),
        (DIAZEPANE, 0, 2),
        (BOC_DIAZEPANE, 0, 1),
        ("CN(C)c1ccncc1", 0, 1),
        ("c1c[nH]cn1", 0, 1),
        ("C1CCC2=NCCCN2CC1", 0, 1),
        ("On1nnc2ccccc12", 0, 0),
        ("CN(C)C=O", 0, 0),
        ("CC#N", 0, 0),
        ("[Na+].[OH-]", 0, 1),
        ("[Na+].OC([O-])=O", 0, 1),
        ("[K+].[K+].[O-]C([O-])=O", 0, 2),
        ("[Na+].[N-]=[N+]=[N-]", 0, 0),
        ("[Na+].[BH3-]C#N", 0, 0),
    ],
)
def test_acid_and_base_per_mol(smiles: str, acid: int, base: int) -> None:
    assert (strong_acid_sites(smiles), base_sites(smiles)) == (acid, base)


@pytest.mark.parametrize(
    ("smiles", "hours"),
    [
        ("C1CCNCC1", 15),
        (DIAZEPANE, 15),
        ("C1COCCN1", 330),
        (BOC_DIAZEPANE, 330),
        ("CC(C)(C)OC(=O)N1CCNCC1", 330),
        ("CN1CCCCC1", 160),
        ("CCN(CC)CC", 580),
        ("C1CN2CCC1CC2", 2),
    ],
)
def test_half_lives_in_dichloromethane(smiles: str, hours: float) -> None:
    found = half_life_in_dichloromethane_h(smiles)
    assert found is not None
    assert found[0] == hours


@pytest.mark.parametrize("smiles", ["NCc1ccccc1", "CC(=O)N1CCCCC1", "c1ccccc1"])
def test_no_half_life_without_data(smiles: str) -> None:
    assert half_life_in_dichloromethane_h(smiles) is None


def test_other_sites() -> None:
    assert is_hydrogenolysed("C1CCN(Cc2ccccc2)CC1")
    assert is_hydrogenolysed("O=C(OCc1ccccc1)N1CCCCC1")
    assert not is_hydrogenolysed("O=C(c1ccccc1)N1CCCCC1")
    assert (beta_halo_arms("CN(CCCl)CCCl"), beta_halo_arms("CN(C)CCCl")) == (2, 1)
    assert azide_ratio("CCN=[N+]=[N-]") == pytest.approx(2 / 3)
    assert azide_ratio("CCO") is None
    assert azide_ratio("C[Si](C)(C)N=[N+]=[N-]") is None
    # -0.43, 1.48 and 3.39 by Crippen for the diazepane, its mono- and its dibenzyl derivative
    values = [
        log_p(s) for s in (DIAZEPANE, "C1CNCCN(Cc2ccccc2)C1", "C1CN(Cc2ccccc2)CCN(Cc2ccccc2)C1")
    ]
    assert [round(value or 0.0, 2) for value in values] == [-0.43, 1.48, 3.39]
