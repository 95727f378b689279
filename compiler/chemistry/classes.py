"""Substructure classes of a compound, from the SMARTS patterns of `data/smarts.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rdkit.Chem import Mol


def short_name(title: str) -> str:
    """The class name out of a pattern's title: what stands before a space or a parenthesis.

    >>> short_name("hydridic_boron (B-H, borohydride anion)")
    'hydridic_boron'
    """
    return title.split("(")[0].split()[0]


@cache
def class_names() -> tuple[str, ...]:
    """All class names, in the order of the file."""
    return tuple(_smarts())


@cache
def classes_of(smiles: str) -> frozenset[str]:
    """The classes that a compound matches; none for a SMILES that does not parse.

    The first call imports RDKit and compiles all patterns (about 10 ms); later ones take 1 ms.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return frozenset()
    return frozenset(
        name
        for name, patterns in _patterns().items()
        if any(molecule.HasSubstructMatch(pattern) for pattern in patterns)
    )


def patterns_of(name: str) -> tuple[Mol, ...]:
    """The compiled SMARTS of one class. Raises KeyError for a name that is not a class."""
    return _patterns()[name]


@cache
def _smarts() -> dict[str, tuple[str, ...]]:
    """Class -> its SMARTS; a compound belongs to the class when any of them matches."""
    text = files("compiler.data").joinpath("smarts.json").read_text(encoding="utf-8")
    return {short_name(title): tuple(entry["smarts"]) for title, entry in json.loads(text).items()}


@cache
def _patterns() -> dict[str, tuple[Mol, ...]]:
    from rdkit import Chem

    return {
        name: tuple(Chem.MolFromSmarts(smarts) for smarts in patterns)
        for name, patterns in _smarts().items()
    }
