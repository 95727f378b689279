"""Acid and base in a vessel, counted: mmol of strong acid, of weak acid, and of what takes it up.

A count, not a pH: acids that form in situ (HCl from an acid chloride), hydrochlorides and basic
nitrogens are in it, and `net_acid_mmol` says which side has more.
"""

from __future__ import annotations

from collections.abc import Iterable

from compiler.chemistry.sites import base_sites, strong_acid_sites
from compiler.passes.lint.presence import Present
from compiler.stages.documents import Material, Procedure

_FORMS_ACID = frozenset({"silyl_halide", "acid_halide_like"})
_STRONG = frozenset({"HCl", "HBr", "HI", "TFA", "CF3CO2H", "H2SO4", "TsOH", "MsOH"})
_ACIDIC = frozenset({"strong_acid"}) | _FORMS_ACID
_BASIC = frozenset(
    {
        "amine_primary_aliphatic",
        "amine_secondary_aliphatic",
        "amine_tertiary_aliphatic",
        "pyridine_like",
        "strong_base",
        "carbonate_or_bicarbonate",
    }
)


def strong_acid_mmol(procedure: Procedure, present: Iterable[Present]) -> float:
    """Strong acid: as such, bound in a hydrochloride, or formed by a halide (all of it)."""
    return sum(part.mmol * _acid_per_mol(procedure, part) for part in present)


def base_mmol(present: Iterable[Present]) -> float:
    """What takes up strong acid."""
    return sum(part.mmol * bases_per_mol(part) for part in present)


def net_acid_mmol(procedure: Procedure, present: Iterable[Present], *, weak: bool = False) -> float:
    """Strong acid (with `weak`, carboxylic acids too) beyond all base; negative: more base.

    Without any acid it is 0, and nobody looks at structures for the base.
    """
    held = tuple(present)
    acid = strong_acid_mmol(procedure, held) + (weak_acid_mmol(held) if weak else 0.0)
    return acid - base_mmol(held) if acid > 0 else 0.0


def weak_acid_mmol(present: Iterable[Present]) -> float:
    """Carboxylic acids that are not strong."""
    return sum(
        part.mmol
        for part in present
        if "carboxylic_acid" in part.classes and "strong_acid" not in part.classes
    )


def _acid_per_mol(procedure: Procedure, part: Present) -> float:
    count = 0.0
    if "strong_acid" in part.classes and part.substance.smiles:
        count += strong_acid_sites(part.substance.smiles)
    material: Material | None = procedure.materials.get(part.key)
    if material is not None:
        count += sum(n for acid, n in material.salt.items() if acid in _STRONG)
    formed = part.supplied.generates if part.supplied is not None else {}
    if formed:
        count += sum(n for acid, n in formed.items() if acid in _STRONG)
    elif part.any_of(_FORMS_ACID):
        count += 1
    return count


def bases_per_mol(part: Present) -> int:
    """Mol of strong acid that a mol of it takes up.

    A neutral compound whose SMILES has no nitrogen and no charge is not looked at any further.
    """
    smiles = part.substance.smiles
    if not smiles or ("N" not in smiles and "n" not in smiles and "-]" not in smiles):
        return 0
    if part.substance.cas is not None and not part.any_of(_BASIC) and part.is_solvent:
        return 0
    return base_sites(smiles)
