"""Density, boiling point and vapour pressure against the `chemicals` package, by CAS number.

Never by name: its name search answers "EDC" with 1,2-dichloroethane. Only tabulated fits are
asked, and only inside the range of temperatures that they were made for.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

from compiler.chemistry.catalogue import Compound, shipped_catalogue

chemicals = pytest.importorskip(
    "chemicals", reason="a development dependency: pip install workup[dev]"
)

T_K = 293.15
TOLERANCE = {"density_g_ml": 0.006, "boiling_c": 3.0, "vapour_pressure_20c_kpa": 0.10}
"""Relative for density and vapour pressure, in K for the boiling point."""

# What does not agree, and why ours is kept. A row that has come to agree leaves the list.
OUTLIERS: dict[str, dict[str, str]] = {
    "density_g_ml": {},
    "boiling_c": {
        "DIPEA": "127 °C on every supplier's sheet; the compilation has 114",
        "NMM": "115 to 116 °C at 750 mmHg on suppliers' sheets; the compilation has 121",
        "BnBr": "198 to 199 °C in the CRC Handbook; the compilation has 191",
        "4-fluorobenzyl bromide": "208 °C on a supplier's sheet; the compilation's is estimated",
        "triethanolamine": "335 °C, where it decomposes; sources scatter",
    },
    "vapour_pressure_20c_kpa": {},
}


def density(compound: Compound) -> float | None:
    """Perry's DIPPR 105 fit (mol/m3), else the VDI Heat Atlas' PPDS fit (kg/m3)."""
    from chemicals import volume
    from chemicals.dippr import EQ105

    perry, vdi = volume.rho_data_Perry_8E_105_l, volume.rho_data_VDI_PPDS_2
    if compound.cas in perry.index:
        row = perry.loc[compound.cas]
        if row.Tmin <= T_K <= row.Tmax:
            return float(EQ105(T_K, row.C1, row.C2, row.C3, row.C4)) * compound.mw_g_mol * 1e-6
    if compound.cas in vdi.index:
        row = vdi.loc[compound.cas]
        tau = 1.0 - T_K / row.Tc
        terms = zip((row.A, row.B, row.C, row.D), (0.35, 2 / 3, 1.0, 4 / 3), strict=True)
        return float(row.rhoc + sum(factor * tau**power for factor, power in terms)) * 1e-3
    return None


def boiling(compound: Compound) -> float | None:
    """The normal boiling point, in degrees Celsius."""
    found = chemicals.Tb(compound.cas)
    return None if found is None else float(found) - 273.15


def pressure(compound: Compound) -> float | None:
    """Perry's DIPPR 101 fit, else Antoine's by Poling; kPa."""
    from chemicals import vapor_pressure
    from chemicals.dippr import EQ101

    perry, poling = vapor_pressure.Psat_data_Perrys2_8, vapor_pressure.Psat_data_AntoinePoling
    if compound.cas in perry.index:
        row = perry.loc[compound.cas]
        if row.Tmin <= T_K <= row.Tmax:
            return float(EQ101(T_K, row.C1, row.C2, row.C3, row.C4, row.C5)) / 1000.0
    if compound.cas in poling.index:
        row = poling.loc[compound.cas]
        if row.Tmin <= T_K <= row.Tmax:
            return float(10.0 ** (row.A - row.B / (T_K + row.C))) / 1000.0
    return None


SOURCES: dict[str, Callable[[Compound], float | None]] = {
    "density_g_ml": density,
    "boiling_c": boiling,
    "vapour_pressure_20c_kpa": pressure,
}


@pytest.mark.parametrize(
    ("key", "least"), [("density_g_ml", 25), ("boiling_c", 35), ("vapour_pressure_20c_kpa", 25)]
)
def test_the_catalogue_agrees_with_chemicals(key: str, least: int) -> None:
    compared, wrong = 0, {}
    for compound in shipped_catalogue().compounds.values():
        ours = getattr(compound, key)
        if ours is None or compound.mixture or compound.state_20c != "liquid":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas warns about its own coming changes
            theirs = SOURCES[key](compound)
        if theirs is None:
            continue
        compared += 1
        off = ours - theirs if key == "boiling_c" else ours / theirs - 1.0
        if abs(off) > TOLERANCE[key]:
            wrong[compound.label] = f"{ours:g} against {theirs:.4g} ({off:+.3f})"
    assert compared >= least
    assert set(wrong) == set(OUTLIERS[key]), wrong
