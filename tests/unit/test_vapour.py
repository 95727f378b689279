"""Vapour against the worked numbers: an 8.2 x 8.2 mm well, 20 mm of head-space, 20 °C."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.chemistry.vapour import loss_ul_h, pressure_kpa, sealed_pressure_kpa
from tests.unit.handbuilt import DCE, DCM, ETHER, H2O, METHANOL, THF, substance

WELL_MM2 = 8.2 * 8.2


@pytest.mark.parametrize(
    ("what", "expected_ul_h"),
    [(ETHER, 454), (DCM, 200), (THF, 76), (DCE, 34), (METHANOL, 28), (H2O, 2.1)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_loss_from_an_open_well(what, expected_ul_h) -> None:
    loss = loss_ul_h(
        what.vapour_pressure_20c_kpa, 20.0, WELL_MM2, 20.0, what.mw_g_mol, what.density_g_ml
    )
    # the reference is printed to two or three figures
    assert loss == pytest.approx(expected_ul_h, abs=0.5 if expected_ul_h > 3 else 0.05)


def test_vial_of_10_mm_loses_more_by_its_area() -> None:
    well = loss_ul_h(8.24, 20.0, WELL_MM2, 20.0, 98.96, 1.253)
    vial = loss_ul_h(8.24, 20.0, math.pi * 25.0, 20.0, 98.96, 1.253)
    assert vial / well == pytest.approx(1.168, rel=1e-3)


@given(headspace=st.floats(1.0, 100.0), pressure=st.floats(0.01, 90.0))
def test_loss_falls_with_headspace_and_rises_with_pressure(headspace, pressure) -> None:
    here = loss_ul_h(pressure, 20.0, 50.0, headspace, 80.0, 1.0)
    assert here > loss_ul_h(pressure, 20.0, 50.0, headspace * 1.1, 80.0, 1.0)
    assert here < loss_ul_h(pressure * 1.1, 20.0, 50.0, headspace, 80.0, 1.0)


def test_pressure_runs_through_both_points() -> None:
    assert pressure_kpa(DCM, 20.0) == pytest.approx(46.8478)
    assert pressure_kpa(DCM, 39.8) == pytest.approx(101.325)


def test_pressure_of_an_unknown_is_unknown() -> None:
    assert pressure_kpa(substance("oil", 200.0), 25.0) is None
    half = substance("half", 200.0, p20=1.0)
    assert pressure_kpa(half, 25.0) == 1.0
    assert pressure_kpa(half, 60.0) is None


@pytest.mark.parametrize(
    ("what", "celsius", "kpa"),
    [(DCM, 40, 158.7), (DCE, 60, 151.4), (THF, 60, 178.7), (METHANOL, 60, 185.1)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_sealed_pressure(what, celsius, kpa) -> None:
    # two-point vapour pressures; the reference has fitted ones
    assert sealed_pressure_kpa(what, celsius) == pytest.approx(kpa, rel=0.02)
