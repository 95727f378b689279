"""What a mass spectrometer shows: [M+H]+ of the substrate, its products and by-products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from compiler.chemistry.sites import amines_of
from compiler.chemistry.substances import SmilesError, formula_counts, structure_of
from compiler.stages.charges import Recipe, Supplied
from compiler.stages.documents import Product

PROTON_DA = 1.007276  # CODATA 2018: 1.007276466621 u
ELECTRON_DA = 0.000549  # CODATA 2018
_SAME_DA = 1e-4


@dataclass(frozen=True, slots=True)
class ExpectedIon:
    """One line of the list. `formula` is that of the compound, `mz` that of `ion`."""

    name: str
    formula: str
    mz: float
    role: str  # "substrate" | "mono" | "di" | "product" | "by-product"
    ion: str = "[M+H]+"


def expected_ions(recipe: Recipe) -> tuple[ExpectedIon, ...]:
    """Substrate, product, the product of a second substitution, and declared by-products.

    Monoisotopic masses are RDKit's. A second substitution is listed where the mono product still
    has a nucleophilic N-H and has gained atoms: its mass is 2 x mono - substrate. Compounds
    without a structure, and salts written with a dot, are left out.
    """
    found: list[ExpectedIon] = []
    substrate = _substrate(recipe)
    if substrate is not None:
        ion = _ion(substrate.label, substrate.substance.smiles, "substrate")
        found.extend(() if ion is None else (ion,))
    products = list(recipe.procedure.products.values())
    for number, product in enumerate(products):
        ion = _ion(product.label or product.name, product.smiles, _role(product, number))
        found.extend(() if ion is None or _is_listed(ion, found) else (ion,))
    second = _second(recipe, substrate, products, found)
    found.extend(() if second is None else (second,))
    return tuple(found)


def _substrate(recipe: Recipe) -> Supplied | None:
    """The amine of the first product's equation (the basis where it is one), else the basis."""
    products = list(recipe.procedure.products.values())
    named = list(products[0].from_) if products else []
    named.sort(key=lambda key: key != recipe.basis)
    for key in named:
        supplied = recipe.supplied.get(key)
        smiles = supplied.substance.smiles if supplied is not None else None
        if smiles and amines_of(smiles).nitrogens:
            return supplied
    return recipe.supplied.get(recipe.basis or "")


def _role(product: Product, number: int) -> str:
    if number > 0:
        return "di" if product.goal == "di" else "by-product"
    return product.goal if product.goal in ("mono", "di") else "product"


def _ion(name: str, smiles: str | None, role: str) -> ExpectedIon | None:
    """The ion of a structure: [M+H]+, or M+ of a cation."""
    if smiles is None or "." in smiles:
        return None
    try:
        structure = structure_of(smiles)
    except SmilesError:
        return None  # reported by `resolve`
    if structure.formula.endswith("+"):
        mz = structure.exact_mass_da - ELECTRON_DA
        return ExpectedIon(name, structure.formula, round(mz, 4), role, "M+")
    if structure.formula.endswith("-"):
        return None
    return ExpectedIon(name, structure.formula, round(structure.exact_mass_da + PROTON_DA, 4), role)


def _is_listed(ion: ExpectedIon, found: Iterable[ExpectedIon]) -> bool:
    return any(abs(other.mz - ion.mz) < _SAME_DA for other in found)


def _second(
    recipe: Recipe,
    substrate: Supplied | None,
    products: list[Product],
    found: list[ExpectedIon],
) -> ExpectedIon | None:
    mono = products[0].smiles if products else None
    first = substrate.substance.smiles if substrate is not None else None
    if mono is None or first is None or "." in mono + first:
        return None
    try:
        one, start = structure_of(mono), structure_of(first)
    except SmilesError:
        return None
    before = Counter(dict(formula_counts(start.formula)))
    gained = Counter(dict(formula_counts(one.formula)))
    gained.subtract(before)
    if not amines_of(mono).hydrogens or min(gained.values()) < 0 or not any(gained.values()):
        return None
    total = Counter(dict(formula_counts(one.formula)))
    total.update(gained)
    mz = round(2 * one.exact_mass_da - start.exact_mass_da + PROTON_DA, 4)
    label = f"second substitution of {substrate.label}" if substrate is not None else ""
    ion = ExpectedIon(label, _hill(total), mz, "di")
    return None if _is_listed(ion, found) else ion


def _hill(counts: Counter[str]) -> str:
    """A formula in Hill's order: C, H, then the alphabet."""
    order = sorted((e for e in counts if counts[e]), key=lambda e: ({"C": 0, "H": 1}.get(e, 2), e))
    return "".join(e + (str(counts[e]) if counts[e] > 1 else "") for e in order)
