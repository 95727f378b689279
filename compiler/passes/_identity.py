"""Which compound a material is: its name, SMILES, CAS number, formula and molar mass, compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compiler.chemistry.catalogue import Catalogue, Compound, Entry, Solution
from compiler.chemistry.classes import classes_of
from compiler.chemistry.stoichiometry import WATER_MW_G_MOL, weigh_factor
from compiler.chemistry.substances import (
    FormulaError,
    SmilesError,
    Structure,
    cas_is_valid,
    formula_counts,
    formula_mw_g_mol,
    structure_of,
)
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.passes._notebook import Notebook, positive
from compiler.stages.charges import Substance
from compiler.stages.documents import Form, Material

TOLERANCE = 0.005  # of a molar mass that is given beside a structure (language.md, materials)


@dataclass(frozen=True, slots=True)
class Identity:
    """A material's compound; `compound` and `solution` are its catalogue entries, if any."""

    substance: Substance
    label: str
    compound: Compound | None
    solution: Solution | None = None


def identify(material: Material, catalogue: Catalogue, notes: Notebook) -> Identity | None:
    """What a material is, or None where that can't be told; every disagreement is a finding."""
    if _says_nothing(material):
        notes.findings.append(_no_identity(material, catalogue))
        return None
    named = _named(material, catalogue, notes)
    structure = _structure(material, notes)
    compound = _compound(named, catalogue)
    if compound is None:
        compound = _by_cas(material, structure, catalogue, notes)
    elif material.cas is not None and material.cas != compound.cas:
        _disagree(material, "cas", f"{material.cas}, but {compound.name} is {compound.cas}", notes)
    if compound is not None and structure is not None:
        compound = _same_compound(material, compound, structure, named is not None, notes)
    if compound is None and structure is not None:
        compound = _by_structure(structure, catalogue)
    mw_g_mol = _molar_mass(material, compound, structure, notes)
    if mw_g_mol is None:
        return None
    solution = named if isinstance(named, Solution) else None
    label = _label(material, compound, solution)
    return Identity(
        _substance(material, label, compound, structure, mw_g_mol), label, compound, solution
    )


def bound_mass_g_mol(material: Material, catalogue: Catalogue, notes: Notebook) -> float:
    """The salt and water (g) that come with a mole of the parent."""
    bound = material.hydrate * WATER_MW_G_MOL
    for name, count in material.salt.items():
        compounds = [e for e in catalogue.find(name) if isinstance(e, Compound)]
        if len(compounds) == 1:
            bound += count * compounds[0].mw_g_mol
            continue
        try:
            bound += count * formula_mw_g_mol(name)
        except FormulaError:
            notes.findings.append(
                c.NAME_UNKNOWN.at(
                    material.spans.at("salt"),
                    f"The salt {name!r} of {material.key} is no formula, nor in the catalogue.",
                    help="Write the acid that is bound: `salt: {HCl: 2}`, `salt: {TFA: 1}`.",
                )
            )
    return bound


def weigh_factor_of(
    material: Material, substance: Substance, catalogue: Catalogue, notes: Notebook
) -> float:
    """mg to weigh for 1 mg of the parent: salt, hydrate and purity."""
    bound = bound_mass_g_mol(material, catalogue, notes)
    purity = positive(material.purity, f"the purity of {material.key}", notes)
    return weigh_factor(substance.mw_g_mol, bound, purity or 1.0)


def unknown_name(
    name: str, span: Span, catalogue: Catalogue, materials: tuple[str, ...]
) -> Finding:
    """C-NAME-UNKNOWN with the nearest names."""
    near = catalogue.nearest(name, materials)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return c.NAME_UNKNOWN.at(
        span,
        f"{name!r} is neither a material of this procedure nor in the catalogue.",
        help=hint + "Otherwise declare it under `materials` with a `smiles` (or `mw`).",
    )


def ambiguous_name(
    name: str, entries: tuple[Entry, ...], span: Span, catalogue: Catalogue
) -> Finding:
    """C-NAME-AMBIGUOUS with every candidate and its CAS number."""
    listed = " or ".join(
        f"{e.name} (CAS {e.cas})" if isinstance(e, Compound) else e.label for e in entries
    )
    why = catalogue.why_ambiguous.get(name.strip().casefold())
    first = next((e for e in entries if isinstance(e, Compound)), None)
    example = f"`is: {first.name}` or `is: {first.cas}`" if first else "its full name"
    return c.NAME_AMBIGUOUS.at(
        span,
        f"{name!r} may be {listed}." + (f" It is short for {why}." if why else ""),
        help=f"Write the one that is meant, such as {example}.",
    )


# --- the parts of `identify` ------------------------------------------------------------------


def _says_nothing(material: Material) -> bool:
    given = (material.is_, material.smiles, material.cas, material.formula, material.mw)
    return all(value is None for value in given)


def _no_identity(material: Material, catalogue: Catalogue) -> Finding:
    known = next((n for n in (material.name, material.key) if n and catalogue.find(n)), None)
    hint = f"{known!r} is in the catalogue: write `is: {known}`. " if known else ""
    return c.IDENTITY.at(
        material.spans.whole,
        f"Nothing says which compound {material.key} is.",
        help=hint + "Give `is` (a catalogue name), `smiles`, `cas`, `formula` or `mw`.",
    )


def _named(material: Material, catalogue: Catalogue, notes: Notebook) -> Entry | None:
    """The entry that `is` names."""
    if material.is_ is None:
        return None
    span, name = material.spans.at("is"), material.is_
    entries = catalogue.find(name)
    if len(entries) > 1 and material.cas is not None:
        entries = (
            tuple(e for e in entries if isinstance(e, Compound) and e.cas == material.cas)
            or entries
        )
    if not entries:
        notes.findings.append(unknown_name(name, span, catalogue, ()))
        return None
    if len(entries) > 1:
        notes.findings.append(ambiguous_name(name, entries, span, catalogue))
        return None
    return entries[0]


def _compound(entry: Entry | None, catalogue: Catalogue) -> Compound | None:
    return catalogue.compounds[entry.solute] if isinstance(entry, Solution) else entry


def _structure(material: Material, notes: Notebook) -> Structure | None:
    if material.smiles is None:
        return None
    try:
        return structure_of(material.smiles)
    except SmilesError as error:
        notes.findings.append(
            bad_smiles(material.key, material.smiles, error, material.spans.at("smiles"))
        )
        return None


def bad_smiles(owner: str, smiles: str, error: SmilesError, span: Span) -> Finding:
    """C-SMILES with RDKit's reason."""
    shown = smiles if len(smiles) <= 60 else smiles[:57] + "..."
    return c.SMILES.at(
        span,
        f"The SMILES of {owner} does not parse: {error} ({shown!r}).",
        help="Copy the SMILES again from the drawing program, in quotes if it holds `#` or `: `.",
    )


def _by_cas(
    material: Material, structure: Structure | None, catalogue: Catalogue, notes: Notebook
) -> Compound | None:
    """The compound of a CAS number that stands without a (known) name."""
    if material.cas is None:
        return None
    if not cas_is_valid(material.cas):
        notes.findings.append(
            c.IDENTITY.at(
                material.spans.at("cas"),
                f"{material.cas!r} is not a CAS number: its form or its check digit is wrong.",
                help="Copy it again from the bottle; the last digit checks the others.",
            )
        )
        return None
    compound = catalogue.compounds.get(material.cas.strip())
    others = (material.is_, material.formula, material.mw)
    if compound is None and structure is None and all(value is None for value in others):
        notes.findings.append(
            c.NAME_UNKNOWN.at(
                material.spans.at("cas"),
                f"CAS {material.cas} ({material.key}) is not in the catalogue.",
                help="Give its `smiles` (or `mw`) as well.",
            )
        )
    return compound


def _same_compound(
    material: Material, compound: Compound, structure: Structure, by_name: bool, notes: Notebook
) -> Compound | None:
    """The catalogue's compound if the SMILES is the same one; else a finding, and None."""
    if compound.smiles is None or structure_of(compound.smiles).canonical == structure.canonical:
        return compound
    key = "is" if by_name else "cas"
    notes.findings.append(
        c.IDENTITY.at(
            material.spans.at(key),
            f"{material.is_ if by_name else material.cas} is {compound.smiles} in the catalogue "
            f"({compound.mw_g_mol:.3f} g/mol), but the SMILES of {material.key} is "
            f"{material.smiles} ({structure.mw_g_mol:.3f} g/mol).",
            help="Leave out the one that is wrong. A salt or hydrate goes under `salt` or "
            "`hydrate`, with the parent's SMILES.",
            related=(Related(material.spans.at("smiles"), "the SMILES stands here"),),
        )
    )
    return None


def _by_structure(structure: Structure, catalogue: Catalogue) -> Compound | None:
    for compound in catalogue.same_formula(structure.formula):
        assert compound.smiles is not None
        if structure_of(compound.smiles).canonical == structure.canonical:
            return compound
    return None


def _disagree(material: Material, key: str, message: str, notes: Notebook) -> None:
    notes.findings.append(
        c.IDENTITY.at(
            material.spans.at(key),
            f"{key} of {material.key} is {message}.",
            help="Leave out the one that is wrong.",
            related=(Related(material.spans.at("is"), "the name stands here"),),
        )
    )


def _molar_mass(
    material: Material, compound: Compound | None, structure: Structure | None, notes: Notebook
) -> float | None:
    """The parent's molar mass, with what else is given held against it."""
    given = positive(material.mw, f"the molar mass of {material.key}", notes)
    counts_mw = _formula_mass(material, notes)
    if structure is not None:
        known, formula, key = structure.mw_g_mol, structure.formula, "smiles"
    elif compound is not None:
        known, formula, key = compound.mw_g_mol, compound.formula or "", "is"
    else:
        if given is not None and counts_mw is not None:
            _compare_mw(material, given, counts_mw, "formula", notes)
        return counts_mw if counts_mw is not None else given
    if given is not None:
        _compare_mw(material, given, known, key, notes)
    if counts_mw is not None and formula and not _same_formula(material.formula or "", formula):
        notes.findings.append(
            c.FORMULA.at(
                material.spans.at("formula"),
                f"{material.formula} is {counts_mw:.3f} g/mol; {material.key} is {formula}, "
                f"{known:.3f} g/mol.",
                help="The formula is the parent's: salt and water go under `salt` and `hydrate`.",
                related=(Related(material.spans.at(key), f"{formula} stands here"),),
            )
        )
    return known


def _formula_mass(material: Material, notes: Notebook) -> float | None:
    if material.formula is None:
        return None
    try:
        return formula_mw_g_mol(material.formula)
    except FormulaError as error:
        notes.findings.append(
            c.FORMULA.at(
                material.spans.at("formula"),
                f"The formula {material.formula!r} of {material.key} cannot be read: {error}.",
                help="Write element symbols and numbers: `C10H20N2O2`.",
            )
        )
        return None


def _same_formula(written: str, hill: str) -> bool:
    """RDKit puts an ion's charge at the end ("C4H12N+"), where a written formula has none."""
    return formula_counts(written) == formula_counts(re.sub(r"[+-]\d*$", "", hill))


def _compare_mw(material: Material, given: float, known: float, key: str, notes: Notebook) -> None:
    off = given / known - 1.0
    if abs(off) <= TOLERANCE:
        return
    notes.findings.append(
        c.MW.at(
            material.spans.at("mw"),
            f"mw of {material.key} is {given:g} g/mol; its {key} gives {known:.3f} g/mol "
            f"({100 * off:+.1f} %).",
            help="Leave `mw` out: it follows from the structure. The molar mass on a salt's or "
            "hydrate's bottle belongs under `salt` or `hydrate`.",
            related=(Related(material.spans.at(key), f"{known:.3f} g/mol follows from this"),),
        )
    )


def _label(material: Material, compound: Compound | None, solution: Solution | None) -> str:
    if material.name:
        return material.name
    if solution is not None:
        return solution.label
    if material.is_ and material.is_ != material.cas and compound and material.is_ != compound.cas:
        return material.is_
    return compound.label if compound else material.key


def _substance(
    material: Material,
    label: str,
    compound: Compound | None,
    structure: Structure | None,
    mw_g_mol: float,
) -> Substance:
    if compound is not None:
        return compound.substance()
    solid = material.supplied is not None and material.supplied.form is Form.SOLID
    return Substance(
        name=label,
        cas=material.cas,
        smiles=material.smiles if structure else None,
        formula=structure.formula if structure else material.formula,
        mw_g_mol=mw_g_mol,
        exact_mass_da=structure.exact_mass_da if structure else None,
        density_g_ml=None,
        melting_c=None,
        boiling_c=None,
        vapour_pressure_20c_kpa=None,
        flash_c=None,
        miscibility=None,
        classes=classes_of(material.smiles or "") if structure else frozenset(),
        is_solid_20c=solid,
    )
