"""Acids and bases in water: pH from the charge balance, and what a change of pH takes.

Electroneutrality of an aqueous solution: the charge of the ions that take no part in proton
transfer (Na+, Cl-), plus that of every protolyte at this pH, plus [H+] - [OH-], is zero. The sum
falls strictly with pH, so that there is one solution. Activities are taken as concentrations
(ideal solution, 25 °C): above about 0.1 M the true pH differs by some tenths. Kw = 1e-14.

Amounts are in mmol and volumes in uL. Formulas: Stumm and Morgan, Aquatic Chemistry, chapter 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

PKW = 14.0
_LOWEST_PH, _HIGHEST_PH = -2.0, 16.0  # 100 M acid and base: beyond anything that dissolves


@dataclass(frozen=True, slots=True)
class Protolyte:
    """What gives off protons one after the other.

    `pka` ascend, one for each step from the fully protonated form, whose charge is `charge`.
    """

    name: str
    pka: tuple[float, ...]
    charge: int

    def mean_charge(self, ph: float) -> float:
        """The mean charge of a molecule at a pH.

        >>> round(Protolyte("acetic acid", (4.756,), 0).mean_charge(4.756), 9)
        -0.5
        """
        # The terms of the binding polynomial, as powers of ten relative to the largest one.
        powers = [0.0]
        for step in self.pka:
            powers.append(powers[-1] + ph - step)
        top = max(powers)
        weights: list[float] = [10.0 ** (power - top) for power in powers]
        lost = sum(index * weight for index, weight in enumerate(weights))
        return self.charge - lost / sum(weights)

    def end_charge(self, ph: float) -> float:
        """The charge where each step with a pKa below `ph` is over and no other has begun."""
        return float(self.charge - sum(1 for step in self.pka if step < ph))


@dataclass(frozen=True, slots=True)
class Solution:
    """Everything in a volume of water that decides its pH.

    `strong_mmol` is the charge of the ions that are no protolytes, `protolytes` the others with
    their amounts (mmol). `volume_ul` is that of the aqueous layer.
    """

    strong_mmol: float
    protolytes: tuple[tuple[Protolyte, float], ...]
    volume_ul: float

    def charge_mmol(self, ph: float) -> float:
        """The charge of everything but H+ and OH- at a pH (mmol)."""
        return self.strong_mmol + sum(
            mmol * protolyte.mean_charge(ph) for protolyte, mmol in self.protolytes
        )

    def end_charge_mmol(self, ph: float) -> float:
        """The same where every step with a pKa below `ph` is over (mmol)."""
        return self.strong_mmol + sum(
            mmol * protolyte.end_charge(ph) for protolyte, mmol in self.protolytes
        )

    def plus(self, other: Solution) -> Solution:
        """Both poured together."""
        return Solution(
            self.strong_mmol + other.strong_mmol,
            self.protolytes + other.protolytes,
            self.volume_ul + other.volume_ul,
        )

    def scaled(self, factor: float) -> Solution:
        """`factor` times as much of it."""
        return Solution(
            self.strong_mmol * factor,
            tuple((protolyte, mmol * factor) for protolyte, mmol in self.protolytes),
            self.volume_ul * factor,
        )


def free_charge_mol_l(ph: float) -> float:
    """[H+] - [OH-] at a pH (mol/L)."""
    return float(10.0**-ph - 10.0 ** (ph - PKW))


def imbalance_mol_l(solution: Solution, ph: float) -> float:
    """What is left over of the charge at a pH (mol/L): zero at the pH of the solution."""
    return 1000.0 * solution.charge_mmol(ph) / solution.volume_ul + free_charge_mol_l(ph)


@lru_cache(maxsize=4096)  # the wells of a plate hold the same, one after the other
def ph_of(solution: Solution) -> float:
    """The pH of a solution; raises ValueError without volume.

    With strong acids and bases alone it is a quadratic equation; else the root of the charge
    balance between pH -2 and 16 (which are returned where the root lies beyond), to 1e-6.
    """
    if solution.volume_ul <= 0:
        raise ValueError("no water, no pH")
    if not any(mmol for _, mmol in solution.protolytes):
        return _strong_ph(1000.0 * solution.strong_mmol / solution.volume_ul)
    # SciPy takes 0.4 s to import: only procedures that need a pH pay for it.
    from scipy.optimize import brentq

    if imbalance_mol_l(solution, _LOWEST_PH) <= 0:
        return _LOWEST_PH
    if imbalance_mol_l(solution, _HIGHEST_PH) >= 0:
        return _HIGHEST_PH
    return float(
        brentq(lambda ph: imbalance_mol_l(solution, ph), _LOWEST_PH, _HIGHEST_PH, xtol=1e-6)
    )


def _strong_ph(excess_base_mol_l: float) -> float:
    """pH of strong acid or base alone: [H+]^2 + c [H+] - Kw = 0, c the excess of strong base."""
    half = abs(excess_base_mol_l) / 2.0
    larger = half + math.sqrt(half * half + 10.0**-PKW)
    return PKW + math.log10(larger) if excess_base_mol_l > 0 else -math.log10(larger)


def consumed_mmol(solution: Solution, ph: float, *, base: bool) -> float:
    """What a solution takes up of strong base (or acid) on its way past a pH (mmol).

    By stoichiometry: each step with a pKa below (of acid: above) the pH counts in full, and free
    OH- or H+ that is there counts against it (the result is then negative).
    """
    charge = solution.end_charge_mmol(ph)
    return -charge if base else charge


def titrant_mmol(solution: Solution, titrant: Solution, ph: float, *, base: bool) -> float | None:
    """The amount of a base (or acid) that brings a solution to a pH (mmol).

    `titrant` is 1 mmol of it in its volume. 0.0 where the solution is there or beyond; None
    where no amount is enough: NaHCO3 never makes pH 12. Linear, since at a given pH every
    charge is known.
    """
    free = free_charge_mol_l(ph) / 1000.0  # mmol/uL
    missing = -(solution.charge_mmol(ph) + free * solution.volume_ul)
    brings = titrant.charge_mmol(ph) + free * titrant.volume_ul
    if not base:
        missing, brings = -missing, -brings
    if missing <= 0:
        return 0.0
    return missing / brings if brings > 0 else None


def shifted(protolyte: Protolyte, capacity: float) -> Protolyte:
    """A protolyte whose neutral form is drawn into another layer, as it looks from the water.

    `capacity` is P x V(organic) / V(aqueous). Only the neutral form leaves the water, so the pKa
    of the step that makes it falls, and that of the step that uses it up rises, by
    log10(1 + capacity).
    """
    if capacity <= 0 or protolyte.charge < 0 or protolyte.charge > len(protolyte.pka):
        return protolyte
    move = math.log10(1.0 + capacity)
    pka = list(protolyte.pka)
    neutral = protolyte.charge  # protons that have gone where the molecule is neutral
    if neutral > 0:
        pka[neutral - 1] -= move
    if neutral < len(pka):
        pka[neutral] += move
    return replace(protolyte, pka=tuple(pka))
