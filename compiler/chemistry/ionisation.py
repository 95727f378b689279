"""What a material brings into water: ions, acids and bases, as a bracket.

A material is known from its own `pKa`/`pKaH`, from the table (data/acid_base.json) by structure,
or by class, with the range of its class. Salts, hydrates and what forms in situ count with it.
Each bracket has an acidic end (what makes the lowest pH) and a basic end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from compiler.chemistry.acid_base import Protolyte
from compiler.stages.charges import Miscibility, Substance, Supplied

CARBONIC = "carbonic acid"


@dataclass(frozen=True, slots=True)
class Ions:
    """What 1 mol brings: the charge of ions that are no protolytes, and mol of each protolyte."""

    strong: float = 0.0
    protolytes: tuple[tuple[Protolyte, float], ...] = ()

    def plus(self, other: Ions, times: float = 1.0) -> Ions:
        """Both together, `times` as much of the other."""
        more = tuple((protolyte, n * times) for protolyte, n in other.protolytes)
        return Ions(self.strong + times * other.strong, self.protolytes + more)


@dataclass(frozen=True, slots=True)
class Brings:
    """The ends of the bracket of one material. `unknown` says why there is none."""

    acidic: Ions = Ions()
    basic: Ions = Ions()
    unknown: str | None = None

    @property
    def nothing(self) -> bool:
        """Whether the material has no part in the pH."""
        return self.unknown is None and self.acidic == self.basic == Ions()


@dataclass(frozen=True, slots=True)
class _Range:
    """A class of acid or base: pKa of the first site, and of each one after it."""

    classes: frozenset[str]
    charge: int
    first: tuple[float, float]
    next: tuple[float, float]
    smarts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AcidBaseRules:
    """The tables and limits of data/acid_base.json."""

    fragments: Mapping[str, Brings]  # by SMILES as written
    acids: Mapping[str, str]  # name in `salt:` and `generates:` -> SMILES
    ranges: tuple[_Range, ...]
    strong_acid_class: str
    latent_acids: frozenset[str]
    unknown_classes: frozenset[str]
    dicarbonate_class: str
    blocked_amine_class: str
    acylated_lowering: float
    water_share: float
    partition_most: float
    default_margin: float


@cache
def rules() -> AcidBaseRules:
    """The tables, read once."""
    data = json.loads(files("compiler.data").joinpath("acid_base.json").read_text("utf-8"))
    ends = {name: _protolytes(name, row) for name, row in data["protolytes"].items()}
    fragments = {}
    for row in data["fragments"]:
        acidic = _ions(row, ends, 0)
        basic = _ions(row.get("basic_end", row), ends, 1)
        fragments.update(dict.fromkeys(row["smiles"], Brings(acidic, basic)))
    return AcidBaseRules(
        fragments=fragments,
        acids=data["acids"],
        ranges=tuple(
            _Range(
                frozenset(row["classes"]),
                row["charge"],
                (row["first"][0], row["first"][1]),
                (row["next"][0], row["next"][1]),
                tuple(row["smarts"]),
            )
            for row in data["class_ranges"]
        ),
        strong_acid_class=data["strong_acid_class"],
        latent_acids=frozenset(data["latent_acids"]),
        unknown_classes=frozenset(data["unknown_classes"]),
        dicarbonate_class=data["dicarbonate_class"],
        blocked_amine_class=data["blocked_amine_class"],
        acylated_lowering=data["acylated_lowering"],
        water_share=data["water_share"],
        partition_most=data["partition_most"],
        default_margin=data["default_margin"],
    )


def carbonic_acid() -> Protolyte:
    """Dissolved CO2 and its ions."""
    return rules().fragments[rules().acids["CO2"]].acidic.protolytes[0][0]


def _protolytes(name: str, row: Mapping[str, Any]) -> tuple[Protolyte, Protolyte]:
    """With the lowest pKa (the acidic end) and with the highest."""
    pairs = [step if isinstance(step, list) else [step, step] for step in row["pka"]]
    low, high = ([pair[end] for pair in pairs] for end in (0, 1))
    return Protolyte(name, tuple(low), row["charge"]), Protolyte(name, tuple(high), row["charge"])


def _ions(
    row: Mapping[str, Any], ends: Mapping[str, tuple[Protolyte, Protolyte]], end: int
) -> Ions:
    members = row.get("protolytes", {}).items()
    return Ions(
        float(row.get("strong", 0)), tuple((ends[name][end], float(n)) for name, n in members)
    )


# --- one material -----------------------------------------------------------------------------


def brings(supplied: Supplied, salt: Mapping[str, float] | None = None) -> Brings:
    """What a mol of a material brings; `salt` is its declared salt (`{HCl: 2}`)."""
    return _brings(
        supplied.substance,
        supplied.label,
        tuple(sorted((salt or {}).items())),
        tuple(sorted(supplied.generates.items())),
        supplied.acid_pka,
        supplied.base_pkah,
    )


def substance_brings(substance: Substance) -> Brings:
    """What a mol of a pure compound brings (a solvent, say)."""
    return _brings(substance, substance.name, (), (), (), ())


def _brings(
    substance: Substance,
    label: str,
    salt: tuple[tuple[str, float], ...],
    generates: tuple[tuple[str, float], ...],
    acid_pka: tuple[float, ...],
    base_pkah: tuple[float, ...],
) -> Brings:
    known = rules()
    if known.unknown_classes & substance.classes and not (acid_pka or base_pkah):
        return Brings(unknown=f"{label} reacts with water, or its acid is not known")
    total = _own(substance, label, (*acid_pka, *base_pkah), len(base_pkah))
    for name, times in (*salt, *generates):
        smiles = known.acids.get(name)
        if smiles is None:
            if (name, times) in salt:
                return Brings(unknown=f"nothing is known of {name}, the salt of {label}")
            continue  # `generates` may name what is no acid (N2)
        total = _both(total, known.fragments[smiles], times)
    if known.latent_acids & substance.classes and not generates:
        # An alkyl or acyl halide gives HX where it reacts, which may or may not have happened.
        acid = known.fragments[known.acids["HCl"]].acidic
        total = Brings(total.acidic.plus(acid), total.basic, total.unknown)
    return total


def _own(substance: Substance, label: str, pka: tuple[float, ...], charge: int) -> Brings:
    """The compound itself: ions by fragment, the parent by its own pKa where it has any."""
    if substance.smiles is None:
        liquid = substance.miscibility is Miscibility.IMMISCIBLE
        return Brings() if liquid else Brings(unknown=f"{label} has no structure")
    total = Brings()
    for fragment in substance.smiles.split("."):
        found = _fragment(fragment)
        if pka and (found is None or found.acidic.protolytes):
            own = Ions(0.0, ((Protolyte(label, tuple(sorted(pka)), charge), 1.0),))
            found, pka = Brings(own, own), ()
        if found is None:
            found = _by_class(fragment, substance, label)
        total = _both(total, found)
    return total


def _both(first: Brings, second: Brings, times: float = 1.0) -> Brings:
    return Brings(
        first.acidic.plus(second.acidic, times),
        first.basic.plus(second.basic, times),
        first.unknown or second.unknown,
    )


def _fragment(smiles: str) -> Brings | None:
    """The table's entry of a fragment, however it is written."""
    table = rules().fragments
    return table.get(smiles) or table.get(_canonical(smiles))


@cache
def _canonical(smiles: str) -> str:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    return smiles if molecule is None else Chem.MolToSmiles(molecule)


_NEUTRAL_ORGANIC = frozenset("[]+-")


def _by_class(fragment: str, substance: Substance, label: str) -> Brings:
    """A compound that the table does not name: the ranges of its classes, else nothing."""
    low: list[tuple[Protolyte, float]] = []
    high: list[tuple[Protolyte, float]] = []
    known = rules()
    if known.strong_acid_class in substance.classes and _sites(fragment, _STRONG) > 0:
        strong = Ions(-1.0)
        return Brings(strong, strong)
    for row in known.ranges:
        if not row.classes & substance.classes:
            continue
        count = sum(_sites(fragment, smarts) for smarts in row.smarts)
        if count:
            low.append((_of_class(label, row, count, 0), 1.0))
            high.append((_of_class(label, row, count, 1), 1.0))
    if not low and _charged(fragment):
        return Brings(unknown=f"nothing is known of {fragment} ({label}) as an acid or a base")
    return Brings(Ions(0.0, tuple(low)), Ions(0.0, tuple(high)))


_STRONG = "[$([SX4](=O)(=O)[OX2H1]),$([NX3+](=O)([O-])[OX2H1]),$([ClX4][OX2H1]),$([F,Cl,Br,I;H1])]"


def _of_class(label: str, row: _Range, count: int, end: int) -> Protolyte:
    """One protolyte with all sites of a class: a base takes its first proton most readily."""
    others = [row.next[end]] * (count - 1)
    return Protolyte(label, tuple(sorted((*others, row.first[end]))), row.charge * count)


@cache
def _sites(smiles: str, smarts: str) -> int:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return 0
    return len(molecule.GetSubstructMatches(Chem.MolFromSmarts(smarts)))


@cache
def _charged(smiles: str) -> bool:
    """Whether a fragment has a net charge (a nitro group has none)."""
    if not ("+" in smiles or "-]" in smiles):
        return False
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
    return molecule is None or Chem.GetFormalCharge(molecule) != 0


def base_sites(supplied: Supplied, salt: Mapping[str, float] | None = None) -> float:
    """How much strong acid a mol of a material takes up at the most (mol per mol), above pH 2."""
    found = brings(supplied, salt)
    if found.unknown is not None:
        return 0.0
    ends = found.basic
    charge = ends.strong + sum(n * one.end_charge(2.0) for one, n in ends.protolytes)
    return max(charge, 0.0)
