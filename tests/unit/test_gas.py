"""Gas: the stoichiometry of section 2, and what has reacted is gone."""

from __future__ import annotations

import pytest

from compiler.chemistry.gas import gas_volume_ml, overpressure_atm
from compiler.passes.account import account
from compiler.stages.contents import GasEvolved
from compiler.stages.documents import Form
from tests.unit.handbuilt import (
    MATERIALS,
    add,
    charge,
    charges,
    house,
    reductive_amination,
    solution,
    substance,
    supplied,
)
from tests.unit.handbuilt import liquid as held_liquid

CARBONATE = substance(
    "K2CO3", 138.204, smiles="[K+].[K+].[O-]C([O-])=O", classes=("carbonate_or_bicarbonate",)
)
ACID = substance("HCl", 36.461, smiles="Cl", classes=("strong_acid",))
BOC = substance("Boc2O", 218.249, classes=("boc2o", "anhydride_or_dicarbonate"))
BOROHYDRIDE = substance(
    "NaBH4", 37.834, smiles="[Na+].[BH4-]", classes=("hydridic_boron", "borohydride_simple")
)
CYANO = substance(
    "NaBH3CN", 62.844, smiles="[Na+].[BH3-]C#N", classes=("hydridic_boron", "cyanoborohydride")
)
WATER = MATERIALS["water"].liquids[0]
MORE = {
    **MATERIALS,
    "carbonate": supplied("carbonate", CARBONATE, Form.SOLID),
    "acid": solution("acid", ACID, 1.0, WATER),
    "boc": solution("boc", BOC, 1.0, held_liquid("DCE", MATERIALS["DCE"].substance)),
    "borohydride": supplied("borohydride", BOROHYDRIDE, Form.SOLID),
    "cyano": supplied("cyano", CYANO, Form.SOLID),
}


def gas_of(*parts: tuple[str, float | None, float | None]) -> dict[tuple[str, str], float]:
    """(step, gas) -> mmol, for additions (material, uL, mmol) one after the other."""
    steps = tuple(add(f"s{i}", what) for i, (what, _, _) in enumerate(parts, 1))
    given = tuple(
        charge(f"s{i}", what, ul, mmol=mmol, materials=MORE)
        for i, (what, ul, mmol) in enumerate(parts, 1)
    )
    ledger, _ = account(charges(steps, given, materials=MORE), house())
    return {(g.step, g.gas): g.mmol for g in ledger.gas}


def test_molar_volume() -> None:
    assert gas_volume_ml(1.0) == pytest.approx(24.4654, rel=1e-5)


def test_pressure_of_the_sealed_quench() -> None:
    assert overpressure_atm(0.45, 1100.0) == pytest.approx(10.01, rel=1e-3)
    assert overpressure_atm(0.45, 0.0) == float("inf")


def test_quench_of_the_reductive_amination() -> None:
    ledger, _ = account(reductive_amination(), house())
    assert [(g.gas, round(g.volume_ml, 2)) for g in ledger.gas] == [("H2", 3.67), ("CO2", 7.34)]
    assert all(isinstance(g, GasEvolved) for g in ledger.gas)


def test_no_gas_without_a_proton_donor() -> None:
    assert gas_of(("DCE", 400.0, None), ("hydride", None, 0.15)) == {}


def test_borohydride_in_methanol_gives_four() -> None:
    found = gas_of(("borohydride", None, 0.1), ("MeOH", 400.0, None))
    assert found == {("s2", "H2"): pytest.approx(0.4)}


def test_cyanoborohydride_needs_acid() -> None:
    assert gas_of(("cyano", None, 0.1), ("MeOH", 400.0, None)) == {}
    found = gas_of(("cyano", None, 0.1), ("acid", 400.0, None))
    assert found == {("s2", "H2"): pytest.approx(0.3)}


def test_bicarbonate_limits_the_dioxide() -> None:
    found = gas_of(("hydride", None, 0.5), ("bicarb", 500.0, None))
    assert found[("s2", "CO2")] == pytest.approx(0.55)  # 1.0 mmol acid, 0.55 mmol bicarbonate


def test_carbonate_takes_two_acids() -> None:
    found = gas_of(("carbonate", None, 1.0), ("acid", 400.0, None))
    assert found == {("s2", "CO2"): pytest.approx(0.2)}


def test_boc_anhydride_and_an_amine() -> None:
    found = gas_of(("diazepane", 200.0, None), ("boc", 80.0, None))
    assert found == {("s2", "CO2"): pytest.approx(0.08)}
    assert gas_volume_ml(0.08) == pytest.approx(1.957, rel=1e-3)


def test_what_has_reacted_is_gone() -> None:
    found = gas_of(("hydride", None, 0.15), ("bicarb", 500.0, None), ("water", 100.0, None))
    assert {step for step, _ in found} == {"s2"}
