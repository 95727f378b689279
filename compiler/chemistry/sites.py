"""Sites of a molecule that rules count: equivalent N-H, basic and acidic groups, and their kind.

RDKit is imported only when one of these is asked; each answer is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import comb
from typing import TYPE_CHECKING, Any

from compiler.chemistry.classes import patterns_of

if TYPE_CHECKING:
    from rdkit.Chem import Mol


@dataclass(frozen=True, slots=True)
class Amines:
    """The nucleophilic N-H of a molecule: nitrogens, their hydrogens, the most that are alike."""

    nitrogens: int
    hydrogens: int
    equivalent: int


@cache
def amines_of(smiles: str) -> Amines:
    """Counts nucleophilic N-H; equal sites share a canonical rank when ties are not broken.

    >>> amines_of("C1CNCCNC1"), amines_of("CC1CNCCCN1").equivalent
    (Amines(nitrogens=2, hydrogens=2, equivalent=2), 1)
    """
    from rdkit import Chem

    molecule = _molecule(smiles)
    if molecule is None:
        return Amines(0, 0, 0)
    atoms = {
        match[0]
        for pattern in patterns_of("amine_nucleophilic_NH")
        for match in molecule.GetSubstructMatches(pattern)
    }
    ranks = list(Chem.CanonicalRankAtoms(molecule, breakTies=False))
    alike = [sum(ranks[other] == ranks[atom] for other in atoms) for atom in atoms]
    hydrogens = sum(molecule.GetAtomWithIdx(atom).GetTotalNumHs() for atom in atoms)
    return Amines(len(atoms), hydrogens, max(alike, default=0))


def distribution(equivalents: float, sites: int = 2) -> tuple[float, float, float]:
    """Shares of un-, mono- and further substituted product with equal, independent sites.

    `equivalents` of electrophile per molecule react completely; p = x/n of the sites.

    >>> tuple(round(share, 4) for share in distribution(1.1))
    (0.2025, 0.495, 0.3025)
    """
    if sites < 1:
        raise ValueError("a molecule without a site")
    p = min(max(equivalents / sites, 0.0), 1.0)
    none = (1.0 - p) ** sites
    mono = comb(sites, 1) * p * (1.0 - p) ** (sites - 1)
    return none, mono, 1.0 - none - mono


@cache
def base_sites(smiles: str) -> int:
    """How many mol of strong acid a mol takes up: basic N, hydroxide, carboxylate, carbonate.

    >>> base_sites("C1CNCCNC1"), base_sites("CC(C)(C)OC(=O)N1CCCNCC1"), base_sites("CC#N")
    (2, 1, 0)
    """
    molecule = _molecule(smiles)
    if molecule is None:
        return 0
    return sum(len({m[0] for m in molecule.GetSubstructMatches(p)}) for p in _patterns("base"))


@cache
def strong_acid_sites(smiles: str) -> int:
    """How many mol of strong acid there are in a mol: 1 for HCl and EDC.HCl, 2 for H2SO4."""
    molecule = _molecule(smiles)
    if molecule is None:
        return 0
    acidic = {
        m[0] for p in _patterns("acidic_hydrogen_on") for m in molecule.GetSubstructMatches(p)
    }
    strong = {
        atom
        for pattern in patterns_of("strong_acid")
        for match in molecule.GetSubstructMatches(pattern)
        for atom in match
    }
    return len(acidic & strong)


@cache
def is_hydrogenolysed(smiles: str) -> bool:
    """Whether hydrogen over palladium cuts it: N-benzyl or N-Cbz."""
    molecule = _molecule(smiles)
    return molecule is not None and any(
        molecule.HasSubstructMatch(pattern) for pattern in _patterns("hydrogenolysed")
    )


@cache
def beta_halo_arms(smiles: str) -> int:
    """How many 2-haloethyl arms its nitrogens carry; two are a nitrogen mustard."""
    molecule = _molecule(smiles)
    if molecule is None:
        return 0
    return len(molecule.GetSubstructMatches(_patterns("beta_halo_arm")[0]))


@cache
def azide_ratio(smiles: str) -> float | None:
    """(C + O) / N of an organic azide, by atom count; None for anything else.

    >>> azide_ratio("CCN=[N+]=[N-]"), azide_ratio("CCO")
    (0.6666666666666666, None)
    """
    molecule = _molecule(smiles)
    if molecule is None or not molecule.HasSubstructMatch(_pattern("[#6][NX2]=[NX2+]=[NX1-]")):
        return None
    counts = [atom.GetAtomicNum() for atom in molecule.GetAtoms()]
    return (counts.count(6) + counts.count(8)) / max(counts.count(7), 1)


@cache
def half_life_in_dichloromethane_h(smiles: str) -> tuple[float, str] | None:
    """(hours at 25 °C, the amine that it is like), the shortest of its nitrogens; None: no data."""
    molecule = _molecule(smiles)
    if molecule is None:
        return None
    taken: set[int] = set()
    found: list[tuple[float, str]] = []
    for row, pattern in zip(
        _data()["dichloromethane_half_life"], _patterns("dichloromethane_half_life"), strict=True
    ):
        atoms = {match[0] for match in molecule.GetSubstructMatches(pattern)} - taken
        atoms = {a for a in atoms if not _acylated(molecule, a)}
        taken |= atoms
        if atoms:
            found.append((float(row["hours"]), str(row["like"])))
    return min(found, default=None)


@cache
def log_p(smiles: str) -> float | None:
    """Crippen's logP, as RDKit computes it; None for a SMILES that does not parse."""
    from rdkit.Chem import rdMolDescriptors

    molecule = _molecule(smiles)
    return None if molecule is None else float(rdMolDescriptors.CalcCrippenDescriptors(molecule)[0])


def _acylated(molecule: Mol, atom: int) -> bool:
    acyl = _pattern("[NX3][C,S,P]=[O,S,N]")
    return any(match[0] == atom for match in molecule.GetSubstructMatches(acyl))


@cache
def _molecule(smiles: str) -> Mol | None:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(smiles)


@cache
def _pattern(smarts: str) -> Mol:
    from rdkit import Chem

    return Chem.MolFromSmarts(smarts)


@cache
def _data() -> dict[str, Any]:
    text = files("compiler.data").joinpath("sites.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _patterns(name: str) -> tuple[Mol, ...]:
    value = _data()[name]
    rows = [value] if isinstance(value, str) else value
    return tuple(_pattern(row if isinstance(row, str) else row["smarts"]) for row in rows)
