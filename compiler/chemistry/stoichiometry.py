"""The arithmetic of charges: amounts, masses, volumes and densities. Plain floats, units in names.

mg = mmol x g/mol, uL = mg / (g/mL), mmol = mol/L x uL / 1000.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

WATER_MW_G_MOL = 18.015


def weigh_factor(mw_g_mol: float, bound_g_mol: float, purity: float) -> float:
    """What 1 mg of the parent weighs as it is supplied.

    `bound_g_mol` is the mass of salt and water that comes with a mole of the parent, `purity`
    the mass fraction (0-1) of the salt or hydrate in the bottle.

    >>> round(weigh_factor(100.0, 36.461, 0.97), 5)
    1.40681
    """
    return (mw_g_mol + bound_g_mol) / mw_g_mol / purity


def mass_mg(mmol: float, mw_g_mol: float, factor: float = 1.0) -> float:
    """The mass of an amount; `factor` is the weigh factor, 1 for the parent itself.

    >>> round(mass_mg(0.15, 211.942), 3)
    31.791
    """
    return mmol * mw_g_mol * factor


def amount_mmol(mass: float, mw_g_mol: float) -> float:
    """The amount in a mass (mg) of the parent."""
    return mass / mw_g_mol


def volume_ul(mmol: float, molarity_mol_l: float) -> float:
    """The volume that holds an amount.

    >>> round(volume_ul(0.11, 0.55), 9)
    200.0
    """
    return 1000.0 * mmol / molarity_mol_l


def dissolved_mmol(volume: float, molarity_mol_l: float) -> float:
    """The amount in a volume (uL) of a solution."""
    return volume * molarity_mol_l / 1000.0


def neat_molarity(density_g_ml: float, mw_g_mol: float, factor: float = 1.0) -> float:
    """mol of the parent in a litre of a neat liquid.

    >>> round(volume_ul(0.15, neat_molarity(0.742, 129.247)), 3)
    26.128
    """
    return 1000.0 * density_g_ml / (mw_g_mol * factor)


def mass_fraction_molarity(density_g_ml: float, mass_fraction: float, mw_g_mol: float) -> float:
    """mol/L of a solution given by mass fraction (0-1).

    >>> round(mass_fraction_molarity(1.18, 0.37, 36.461), 2)
    11.97
    """
    return 1000.0 * density_g_ml * mass_fraction / mw_g_mol


def mixed_density(parts: Iterable[tuple[float, float]]) -> float:
    """g/mL of a mixture of (volume, g/mL) parts whose volumes add up.

    >>> round(mixed_density([(400, 1.253), (500, 1.3266)]), 4)
    1.2939
    """
    volume = mass = 0.0
    for part_volume, density_g_ml in parts:
        volume += part_volume
        mass += part_volume * density_g_ml
    return mass / volume


def interpolated_density(molarity_mol_l: float, known: Iterable[tuple[float, float]]) -> float:
    """g/mL at a molarity, straight between known (mol/L, g/mL) points, level outside them.

    >>> round(interpolated_density(3.0, [(0.0, 0.9982), (1.0, 1.04), (5.0, 1.18)]), 4)
    1.11
    """
    points = sorted(known)
    if molarity_mol_l <= points[0][0]:
        return points[0][1]
    for (low, at_low), (high, at_high) in pairwise(points):
        if molarity_mol_l <= high:
            return at_low + (at_high - at_low) * (molarity_mol_l - low) / (high - low)
    return points[-1][1]


def limiting(mmol: Mapping[str, float], coefficients: Mapping[str, float]) -> tuple[str, float]:
    """The limiting material and the extent (mmol) that it allows: least mmol / coefficient.

    Materials that `mmol` does not hold are left out; of equals the first in `coefficients`.
    Raises ValueError when none is left.

    >>> limiting({"diamine": 0.1, "boc2o": 0.08}, {"diamine": 1, "boc2o": 1})
    ('boc2o', 0.08)
    """
    extents = [
        (mmol[name] / coefficient, name)
        for name, coefficient in coefficients.items()
        if name in mmol and coefficient > 0
    ]
    if not extents:
        raise ValueError("no material with a known amount takes part")
    least = min(extent for extent, _ in extents)
    # amounts that differ only by rounding count as equal
    return next((name, least) for extent, name in extents if extent <= least * (1 + 1e-9))
