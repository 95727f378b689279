"""The product that a reaction SMARTS makes of given reactants, by RDKit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from typing import Any

from compiler.chemistry.substances import structure_of

MAX_REACTANTS = 4
_MAX_SMARTS = 2000
_MAX_PRODUCTS = 200  # matches that RDKit enumerates for one order of the reactants


class ReactionError(ValueError):
    """A reaction that makes no product, or more than one; the text says why."""


@cache
def product_of(smarts: str, reactants: tuple[str, ...]) -> str:
    """Canonical SMILES of the one compound that the reaction makes of the reactants.

    Every order of the reactants is tried, so theirs does not matter; equivalent sites give the
    same compound, and count once. The first product of the SMARTS counts, the others leave.
    Raises ReactionError where the SMARTS can't be read, where nothing, several compounds or none
    that exists (by RDKit's valence rules) comes out, and SmilesError for a faulty reactant.
    """
    from rdkit import Chem, rdBase

    reaction = _reaction(smarts)
    count = reaction.GetNumReactantTemplates()
    if count != len(reactants):
        raise ReactionError(
            f"it takes {count} reactant{'s' if count != 1 else ''}, and `from` has {len(reactants)}"
        )
    with rdBase.BlockLogs():
        molecules = [Chem.MolFromSmiles(structure_of(smiles).canonical) for smiles in reactants]
        found: set[str] = set()
        impossible = ""
        for order in permutations(molecules):
            for molecule in _outcomes(reaction, order):
                raw = Chem.MolToSmiles(molecule)
                if Chem.SanitizeMol(molecule, catchErrors=True) != Chem.SANITIZE_NONE:
                    impossible = min(raw, impossible or raw)
                    continue
                found.add(structure_of(Chem.MolToSmiles(molecule)).canonical)
    if len(found) == 1:
        return found.pop()
    if found:
        shown = sorted(found, key=lambda smiles: (len(smiles), smiles))
        listed = ", ".join(shown[:3]) + (" …" if len(shown) > 3 else "")
        raise ReactionError(f"it makes {len(found)} products: {listed}")
    if impossible:
        raise ReactionError(f"it makes {impossible}, in which an atom has an impossible valence")
    raise ReactionError(f"it finds nothing to react in {' and '.join(reactants)}")


@cache
def _reaction(smarts: str) -> Any:
    from rdkit import rdBase
    from rdkit.Chem import rdChemReactions

    if len(smarts) > _MAX_SMARTS:
        raise ReactionError(f"it has {len(smarts)} characters; {_MAX_SMARTS} are read")
    with rdBase.BlockLogs():
        try:
            reaction = rdChemReactions.ReactionFromSmarts(smarts)
        except ValueError:
            raise ReactionError("RDKit cannot read it as a reaction SMARTS") from None
        _, faults = reaction.Validate(silent=True)
        reaction.Initialize(silent=True)
    if faults or not reaction.GetNumProductTemplates():
        raise ReactionError("it needs reactants and a product, with atoms mapped between them")
    if not 1 <= reaction.GetNumReactantTemplates() <= MAX_REACTANTS:
        raise ReactionError(f"it takes more than {MAX_REACTANTS} reactants, or none")
    return reaction


def _outcomes(reaction: Any, order: tuple[Any, ...]) -> Iterator[Any]:
    for products in reaction.RunReactants(order, maxProducts=_MAX_PRODUCTS):
        yield products[0]
