"""The general scheme of a library: what its molecules have in common, with R for the rest.

A molecule is cut at one bond that is single and in no ring, in every way there is; what all rows
have left after such a cut is the common part (Hussain, Rea, J. Chem. Inf. Model. 2010, 50, 339,
https://doi.org/10.1021/ci900450m). There is no time limit in it, so that the same library gives
the same scheme on any machine. RDKit is imported when a core is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_FREE_END = re.compile(r"\*(?!\])")  # and not one that has its number, as `[1*]`
Cuts = Mapping[str, str]  # common part -> the rest; each as SMILES with `*` at the cut


@dataclass(frozen=True, slots=True)
class Varied:
    """A material that differs from row to row: the common part, and each row's rest.

    Both are SMILES with `*` at the cut; `rests` stand in the order of the rows.
    """

    core: str
    rests: tuple[str, ...]


def common_part(smiles: Sequence[str]) -> Varied | None:
    """The largest part that all structures have left after one cut; None where there is none."""
    found = [_cuts(text) for text in smiles]
    if not found:
        return None
    shared = set(found[0]).intersection(*found[1:])
    if not shared:
        return None
    core = min(shared, key=_largest_first)
    return Varied(core, tuple(cuts[core] for cuts in found))


def common_product(smiles: Sequence[str], varied: Sequence[Varied]) -> str | None:
    """What the rows' products have in common after the rest of each varied material is cut off.

    The SMILES has `[1*]` where the first material's rest was, `[2*]` for the second. None where a
    row's product does not have the rests of its materials.
    """
    shared: set[str] | None = None
    for row, text in enumerate(smiles):
        left = {text}
        for number, material in enumerate(varied, start=1):
            left = set(_without(left, material.rests[row], number))
        shared = left if shared is None else shared & left
        if not shared:
            return None
    return min(shared, key=_largest_first) if shared else None


def numbered(core: str, number: int) -> str:
    """A common part with its `*` as the R of a number."""
    return _FREE_END.sub(f"[{number}*]", core, count=1)


def _without(molecules: Iterable[str], rest: str, number: int) -> Iterable[str]:
    for molecule in sorted(molecules):
        for core, other in _cuts(molecule).items():
            if other == rest:
                yield numbered(core, number)


@lru_cache(maxsize=4096)
def _cuts(smiles: str) -> Cuts:
    """Every way to cut the molecule in two: each part with the other one."""
    from rdkit import Chem

    molecule = Chem.MolFromSmiles(smiles)
    found: dict[str, str] = {}
    if molecule is None:
        return found
    for bond in molecule.GetBonds():
        ends = (bond.GetBeginAtom(), bond.GetEndAtom())
        if (
            bond.GetBondType() != Chem.BondType.SINGLE
            or bond.IsInRing()
            or any(end.GetAtomicNum() < 2 for end in ends)  # an R, or a hydrogen
        ):
            continue
        parts = Chem.FragmentOnBonds(molecule, [bond.GetIdx()], dummyLabels=[(0, 0)])
        one, other = (Chem.MolToSmiles(part) for part in Chem.GetMolFrags(parts, asMols=True))
        found.setdefault(one, other)
        found.setdefault(other, one)
    return found


def _largest_first(smiles: str) -> tuple[int, str]:
    from rdkit import Chem

    molecule = Chem.MolFromSmiles(smiles)
    return (-molecule.GetNumHeavyAtoms() if molecule is not None else 0, smiles)
