"""Vapour: pressure over a liquid, loss from an open vessel, pressure in a closed one.

Loss is Stefan's diffusion through the still air above the liquid, a lower bound where air moves:
J = D P / (R T L) ln(1 / (1 - p/P)), with L from the surface to the rim.
"""

from __future__ import annotations

import math

from compiler.stages.charges import Substance

DIFFUSION_M2_S = 1.0e-5  # of a solvent's vapour in air at 20 degC, within 20 %
PRESSURE_KPA = 101.325
_R_J_MOL_K = 8.314462618  # CODATA 2018
_ZERO_C_K = 273.15
_REFERENCE_C = 20.0
_NEARLY_BOILING = 0.99  # p/P above which diffusion is no longer what limits


def pressure_kpa(substance: Substance, celsius: float) -> float | None:
    """The vapour pressure (kPa), from that at 20 °C and the boiling point; None where unknown.

    ln p is taken as linear in 1/T between the two (Clausius-Clapeyron); with only one of them
    known, 20 °C within 10 K is taken as it stands.
    """
    p20, boiling_c = substance.vapour_pressure_20c_kpa, substance.boiling_c
    if p20 is None or p20 <= 0:
        return None
    if boiling_c is None or boiling_c <= _REFERENCE_C:
        return p20 if abs(celsius - _REFERENCE_C) <= 10.0 else None
    low, high = 1 / (_ZERO_C_K + _REFERENCE_C), 1 / (_ZERO_C_K + boiling_c)
    slope = (math.log(PRESSURE_KPA) - math.log(p20)) / (high - low)
    return math.exp(math.log(p20) + slope * (1 / (_ZERO_C_K + celsius) - low))


def loss_ul_h(
    partial_kpa: float,
    celsius: float,
    area_mm2: float,
    headspace_mm: float,
    mw_g_mol: float,
    density_g_ml: float,
) -> float:
    """What diffuses out of an open vessel in an hour (uL of liquid).

    `partial_kpa` is the liquid's vapour pressure at its surface, `headspace_mm` from there to
    the rim. At the boiling point diffusion is taken at 99 % saturation.
    """
    share = min(partial_kpa / PRESSURE_KPA, _NEARLY_BOILING)
    gas_mol_m3 = PRESSURE_KPA * 1000.0 / (_R_J_MOL_K * (_ZERO_C_K + celsius))
    flux_mol_m2_s = -DIFFUSION_M2_S * gas_mol_m3 / (headspace_mm / 1000.0) * math.log1p(-share)
    mol_h = flux_mol_m2_s * area_mm2 * 1e-6 * 3600.0
    return mol_h * mw_g_mol / density_g_ml * 1000.0


def sealed_pressure_kpa(substance: Substance, celsius: float) -> float | None:
    """The absolute pressure over a liquid that was closed in air at 20 °C and brought to T."""
    p20, there = substance.vapour_pressure_20c_kpa, pressure_kpa(substance, celsius)
    if p20 is None or there is None:
        return None
    return (PRESSURE_KPA - p20) * (_ZERO_C_K + celsius) / (_ZERO_C_K + _REFERENCE_C) + there
