"""An entry of the catalogue for people and for programs: every value with its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compiler.chemistry.catalogue import Catalogue, Compound, Entry, Solution
from compiler.cli.answer import summary
from compiler.diagnostics.text import Line

_VALUES = (
    ("formula", "formula", ""),
    ("molar mass", "mw_g_mol", " g/mol"),
    ("exact mass", "exact_mass_da", " Da"),
    ("density", "density_g_ml", " g/mL (20 °C)"),
    ("melting point", "melting_c", " °C"),
    ("boiling point", "boiling_c", " °C"),
    ("vapour pressure", "vapour_pressure_20c_kpa", " kPa (20 °C)"),
    ("flash point", "flash_c", " °C"),
    ("with water", "miscibility", ""),
    ("in water", "wt_percent_in_water", " wt%"),
    ("water in it", "water_wt_percent_in", " wt%"),
    ("permittivity", "permittivity_20c", ""),
)


def entry_lines(catalogue: Catalogue, entry: Entry) -> list[Line]:
    """Labels, values and the names of their sources; then what each source is."""
    rows = list(_solution(entry) if isinstance(entry, Solution) else _compound(catalogue, entry))
    named = dict.fromkeys(source for _, _, source in rows if source)
    shown = [(label, f"{text}  [{source}]" if source else text) for label, text, source in rows]
    explained = [
        (f"[{source}]", f"{about['what']}; {about['status']}")
        for source in named
        if (about := catalogue.sources.get(source)) is not None
    ]
    if catalogue.is_own(entry) and catalogue.own is not None:
        explained.append(("[your own]", str(catalogue.own.path)))
    return [*summary(shown), *summary([("", ""), *explained] if explained else [])]


def _compound(catalogue: Catalogue, entry: Compound) -> Iterator[tuple[str, str, str]]:
    yield "name", entry.name, ""
    yield "label", entry.label, ""
    yield "CAS", entry.cas or "none", ""
    if entry.aliases:
        yield "aliases", "; ".join(dict.fromkeys(entry.aliases)), ""
    if entry.smiles:
        yield "SMILES", entry.smiles, ""
    yield "at 20 °C", entry.state_20c + (", used as a solvent" if entry.solvent else ""), ""
    for label, key, unit in _VALUES:
        value = getattr(entry, key)
        if value is not None:
            text = f"{value:g}" if isinstance(value, float) and "mass" not in label else str(value)
            yield label, f"{text}{unit}".replace("-", "−", 1), catalogue.source_of(entry, key)
    if entry.ratings:
        rated = ", ".join(f"{material} {mark}" for material, mark in entry.ratings.items())
        yield "resistance", rated, catalogue.source_of(entry, "ratings")
    if entry.hazards:
        yield "hazards", " ".join(entry.hazards), catalogue.source_of(entry, "hazards")
    if entry.classes:
        yield "classes", ", ".join(sorted(entry.classes)), catalogue.source_of(entry, "classes")
    for note in entry.notes:
        yield "note", note, ""


def _solution(entry: Solution) -> Iterator[tuple[str, str, str]]:
    yield "name", entry.label, ""
    yield "solution of", f"{entry.solute} in {entry.medium} (CAS)", ""
    if entry.aliases:
        yield "aliases", "; ".join(entry.aliases), ""
    yield "concentration", f"{entry.molarity_mol_l:g} M", entry.source
    yield "density", f"{entry.density_g_ml:g} g/mL (20 °C)", entry.source


def entry_object(catalogue: Catalogue, entry: Entry) -> dict[str, Any]:
    """The entry for programs. Keys are those of the catalogue's file."""
    if isinstance(entry, Solution):
        return {
            "kind": "solution",
            "name": entry.label,
            "solute_cas": entry.solute,
            "medium_cas": entry.medium,
            "molarity_mol_l": entry.molarity_mol_l,
            "density_g_ml": entry.density_g_ml,
            "aliases": list(entry.aliases),
            "sources": {"density_g_ml": entry.source, "molarity_mol_l": entry.source},
            "own": False,
        }
    values = {key: getattr(entry, key) for _, key, _ in _VALUES}
    known = {key: value for key, value in values.items() if value is not None}
    return {
        "kind": "substance",
        "name": entry.name,
        "label": entry.label,
        "cas": entry.cas or None,
        "aliases": list(dict.fromkeys(entry.aliases)),
        "smiles": entry.smiles,
        "state_20c": entry.state_20c,
        "solvent": entry.solvent,
        **known,
        "ratings": dict(entry.ratings),
        "hazards": list(entry.hazards),
        "classes": sorted(entry.classes),
        "notes": list(entry.notes),
        "sources": {key: catalogue.source_of(entry, key) for key in known},
        "own": catalogue.is_own(entry),
    }
