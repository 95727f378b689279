"""Layers, guards and draws as arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.chemistry.mixture import (
    Contents,
    boiled_down,
    combine,
    composition_mmol_ml,
    dried,
    poured,
)
from compiler.chemistry.phases import draw, guard, heights, is_salt, layers
from compiler.stages.contents import PhaseKind
from compiler.target.geometry import cylinder
from tests.unit.handbuilt import (
    ALDEHYDE,
    BICARBONATE,
    DCE,
    MATERIALS,
    STAB,
    charge,
    neat,
    substance,
)

VIAL10 = cylinder(10.0, 60.0)


def held(**volumes_ul: float) -> Contents:
    contents = Contents()
    for material, volume_ul in volumes_ul.items():
        contents = combine(contents, poured(MATERIALS[material], charge("s", material, volume_ul)))
    return contents


def test_water_and_what_mixes_with_it_is_the_aqueous_layer() -> None:
    lower, upper = layers(held(water=500, MeOH=100, DCM=300, DCE=100), {})
    assert (lower.kind, lower.name, lower.volume_ul) == (PhaseKind.ORGANIC, "DCM/DCE", 400)
    assert (upper.kind, upper.name, upper.volume_ul) == (PhaseKind.AQUEOUS, "water/MeOH", 600)


@pytest.mark.parametrize("mixture", [{"DCM": 5, "THF": 5}, {"THF": 5, "water": 5}, {"DCM": 5}])
def test_one_phase(mixture) -> None:
    (layer,) = layers(held(**mixture), {})
    assert (layer.kind, layer.position) == (PhaseKind.SINGLE, None)


def test_hexane_and_methanol_separate() -> None:
    hexane = substance(
        "n-hexane", 86.178, density=0.6594, miscibility=DCE.miscibility, cas="110-54-3"
    )
    contents = combine(
        held(MeOH=500),
        poured(
            neat("hexane", hexane),
            charge("s", "hexane", 500.0, materials={"hexane": neat("hexane", hexane)}),
        ),
    )
    lower, upper = layers(contents, {})
    assert (lower.name, upper.name) == ("MeOH", "hexane")
    assert upper.kind is PhaseKind.ORGANIC


@pytest.mark.parametrize(("share", "lower"), [(0.53, "aqueous"), (0.60, "organic")])
def test_dcm_and_ether_turn_over_bicarbonate(share, lower) -> None:
    """DCM/ether equals 1.06 g/mL at 56.5 % DCM by volume."""
    split = layers(held(bicarb=500, DCM=500 * share, Et2O=500 * (1 - share)), {})
    assert split[0].kind.value == lower


@given(
    water=st.floats(1, 5000), dcm=st.floats(1, 5000), ether=st.floats(1, 5000), part=st.floats(0, 1)
)
def test_nothing_is_lost_in_a_draw(water, dcm, ether, part) -> None:
    contents = held(water=water, DCM=dcm, Et2O=ether)
    split = layers(contents, {})
    assert sum(layer.volume_ul for layer in split) == pytest.approx(contents.volume_ul)
    assert split[0].density_g_ml >= split[1].density_g_ml
    drawn, left = draw(contents, split[0], part * split[0].volume_ul)
    assert drawn.volume_ul + left.volume_ul == pytest.approx(contents.volume_ul)
    both = combine(drawn, left).mmol()
    for key, amount in contents.mmol().items():
        assert both[key] == pytest.approx(amount)


@given(organic=st.floats(200, 2000), water=st.floats(200, 2000))
def test_the_guard_is_the_larger_of_share_and_slice(organic, water) -> None:
    split = layers(held(DCM=organic, water=water), {})
    lower = guard(split[0], 0.0, VIAL10)
    assert lower.volume_ul == pytest.approx(max(0.1 * organic, 78.5398))
    upper = guard(split[1], split[0].volume_ul, VIAL10)
    assert upper.volume_ul == pytest.approx(min(max(0.1 * water, 157.0796), water))


def test_heights_of_a_cylinder() -> None:
    split = layers(held(DCM=500, DCE=400, bicarb=500), {})
    at = heights(split, VIAL10)
    assert at.interface_mm == pytest.approx(11.459, rel=1e-4)
    assert at.top_mm == pytest.approx(17.825, rel=1e-4)
    assert heights(split, cylinder(10.0, 10.0)).top_mm is None
    assert heights(split, None).top_mm is None


def test_salts_by_structure() -> None:
    assert is_salt(BICARBONATE)
    assert is_salt(STAB)
    assert is_salt(substance("HCl", 36.5, smiles="Cl"))
    assert not is_salt(ALDEHYDE)
    assert not is_salt(DCE)


def test_composition_of_stocks() -> None:
    amine = composition_mmol_ml(MATERIALS["diazepane"])
    assert amine == {"diazepane": 0.5, "DCE": pytest.approx(1253 / 98.96)}
    bicarb = composition_mmol_ml(MATERIALS["bicarb"])
    assert bicarb["water"] == pytest.approx((1060 - 1.1 * 84.006) / 18.015)
    assert composition_mmol_ml(MATERIALS["DCM"]) == {"DCM": pytest.approx(1326.6 / 84.933)}
    assert composition_mmol_ml(MATERIALS["hydride"]) == {}


def test_concentration_takes_the_lowest_boiler_first() -> None:
    after = boiled_down(held(DCE=400, DCM=500), 300.0)
    assert after.volumes_ul() == {"DCE": pytest.approx(300.0)}
    assert dried(after).volume_ul == 0
