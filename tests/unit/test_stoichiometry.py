"""Arithmetic, structures and formulas."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.chemistry import catalogue, classes, stoichiometry, substances
from compiler.chemistry.stoichiometry import interpolated_density, limiting, mixed_density
from compiler.chemistry.substances import (
    FormulaError,
    SmilesError,
    cas_is_valid,
    formula_counts,
    formula_mw_g_mol,
    structure_of,
)
from compiler.passes import _notebook


@pytest.mark.parametrize("module", [stoichiometry, substances, catalogue, classes, _notebook])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("smiles", "mw"),
    [
        ("C1CNCCNC1", 100.165),
        ("CC(C)(C)OC(=O)N1CCCN(Cc2ccc(F)cc2)CC1", 308.397),
        ("[Na+].CC(=O)O[BH-](OC(C)=O)OC(C)=O", 211.942),
        ("[Na+].[BH3-]C#N", 62.844),
        ("Cl.CCN=C=NCCCN(C)C", 191.706),
        ("O.On1nnc2ccccc12", 153.141),
    ],
)
def test_molar_masses(smiles: str, mw: float) -> None:
    assert structure_of(smiles).mw_g_mol == pytest.approx(mw, abs=5e-4)


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("C(C)(C)(C)(C)C", "valence"),
        ("C1CC", "unclosed ring"),
        ("C(", "syntax error around position 2"),
        ("cc", "aromatic"),
        ("CC O", "blank"),
        ("C*", "unspecified atom"),
        ("", "empty"),
        ("Ж", "character"),
        ("C" * 6000, "6000 characters"),
    ],
)
def test_bad_smiles_say_why(smiles: str, reason: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SmilesError, match=reason):
        structure_of(smiles)
    assert capfd.readouterr() == ("", "")  # RDKit's own log stays quiet


@pytest.mark.parametrize(
    ("formula", "mw"),
    [("C10H20N2O2", 200.282), ("Ca(OH)2", 74.093), ("CuSO4·5H2O", 249.685), ("C₂H₆O", 46.069)],
)
def test_formulas(formula: str, mw: float) -> None:
    assert formula_mw_g_mol(formula) == pytest.approx(mw, rel=2e-5)


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "C10H20N2O2)",
        "(CH3",
        "Xx2",
        "h2o",
        "2",
        "C-13",
        "()",
        "H0",
        "H" + "9" * 5000,
        "9" * 5000,
    ],
)
def test_bad_formulas(formula: str) -> None:
    with pytest.raises(FormulaError):
        formula_mw_g_mol(formula)


@given(st.text(max_size=30))
def test_any_text_is_a_formula_or_an_error(text: str) -> None:
    try:
        counts = formula_counts(text)
    except FormulaError:
        return
    assert counts and all(count >= 0 for _, count in counts)


@given(st.text(max_size=20))
def test_any_text_is_a_smiles_or_an_error(text: str) -> None:
    try:
        assert structure_of(text).mw_g_mol >= 0.0
    except SmilesError as error:
        assert str(error)


def test_cas_check_digits() -> None:
    assert cas_is_valid("56553-60-7")
    assert not cas_is_valid("56553-60-8")
    assert not cas_is_valid("56553-607")


def test_limiting_leaves_out_what_is_not_known_and_takes_the_first_of_equals() -> None:
    assert limiting({"a": 0.1, "b": 0.1 + 1e-17}, {"b": 1.0, "a": 1.0}) == ("b", 0.1)
    assert limiting({"a": 0.1}, {"a": 1.0, "b": 1.0}) == ("a", 0.1)
    with pytest.raises(ValueError, match="no material"):
        limiting({}, {"a": 1.0})


@given(st.lists(st.tuples(st.floats(0.1, 1e4), st.floats(0.5, 3.0)), min_size=1, max_size=6))
def test_a_mixture_is_no_lighter_than_its_lightest_part(parts: list[tuple[float, float]]) -> None:
    densities = [density for _, density in parts]
    low, high = min(densities), max(densities)
    assert low * (1 - 1e-9) <= mixed_density(parts) <= high * (1 + 1e-9)


def test_aqueous_density_between_and_beyond_the_known_points() -> None:
    known = [(5.0, 1.18), (0.0, 0.9982), (1.0, 1.04)]
    assert interpolated_density(0.5, known) == pytest.approx(1.0191)
    assert interpolated_density(2.0, known) == pytest.approx(1.075)
    assert interpolated_density(9.0, known) == 1.18
