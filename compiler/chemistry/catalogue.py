"""The catalogue of substances and common solutions: `data/substances.json`, looked up by name.

Names are our own, keyed to CAS numbers. No library's name search is asked: they answer "EDC" with
1,2-dichloroethane and "petroleum ether" with benzene.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from compiler.chemistry.names import normal_name
from compiler.chemistry.own_catalogue import VARIABLE, OwnCatalogue, read_own, state_of
from compiler.stages.charges import Miscibility, Substance


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """A row of the catalogue. None means not known; `library` holds values to compare with.

    `mixture` marks a commercial mixture (hexanes) whose formula and molar mass are nominal.
    Mutual solubilities are in wt%, `sources` names a field's source where it is not the usual one.
    """

    name: str
    label: str  # what a chemist writes on the bottle
    cas: str  # "" where a compound of the user's own has none
    aliases: tuple[str, ...] = ()
    smiles: str | None = None
    formula: str | None = None
    mw_g_mol: float
    exact_mass_da: float | None = None
    classes: frozenset[str] = frozenset()
    state_20c: str  # "solid" | "liquid" | "gas"
    solvent: bool = False  # used neat when a step names it without an entry
    mixture: bool = False
    density_g_ml: float | None = None
    melting_c: float | None = None
    boiling_c: float | None = None
    vapour_pressure_20c_kpa: float | None = None
    flash_c: float | None = None
    miscibility: Miscibility | None = None
    reacts_with_water: bool = False
    wt_percent_in_water: float | None = None
    water_wt_percent_in: float | None = None
    permittivity_20c: float | None = None
    ratings: Mapping[str, str] = field(default_factory=dict)
    hazards: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    library: Mapping[str, float] = field(default_factory=dict)

    def substance(self) -> Substance:
        """The same compound as later passes know it."""
        return Substance(
            name=self.name,
            cas=self.cas or None,
            smiles=self.smiles,
            formula=self.formula,
            mw_g_mol=self.mw_g_mol,
            exact_mass_da=self.exact_mass_da,
            density_g_ml=self.density_g_ml,
            melting_c=self.melting_c,
            boiling_c=self.boiling_c,
            vapour_pressure_20c_kpa=self.vapour_pressure_20c_kpa,
            flash_c=self.flash_c,
            miscibility=self.miscibility,
            classes=self.classes,
            ratings=self.ratings,
            hazards=self.hazards,
            is_solid_20c=self.state_20c == "solid",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A common solution: solute and medium by CAS number, molarity (mol/L) and density (g/mL)."""

    label: str
    solute: str
    medium: str
    molarity_mol_l: float
    density_g_ml: float
    source: str
    saturated: bool = False
    mass_fraction: float | None = None
    aliases: tuple[str, ...] = ()


Entry = Compound | Solution

OWN_SOURCE = "your own catalogue"
FROM_SMILES = frozenset({"formula", "mw_g_mol", "exact_mass_da", "classes"})  # rdkit's work


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, with the indices for looking them up.

    `sources` explains the names that entries give as their source, `field_sources` says which is
    the usual one of a field, `why_ambiguous` why a name stands for several compounds. `own` is the
    user's file, where there is one; its rows are among the compounds, and its names come first.
    """

    compounds: Mapping[str, Compound]  # by CAS number
    solutions: tuple[Solution, ...]
    sources: Mapping[str, Mapping[str, str]]
    field_sources: Mapping[str, str]
    why_ambiguous: Mapping[str, str]
    _exact: Mapping[str, tuple[Entry, ...]]
    _folded: Mapping[str, tuple[Entry, ...]]
    own: OwnCatalogue | None = None
    own_keys: frozenset[str] = frozenset()

    def find(self, name: str) -> tuple[Entry, ...]:
        """The entries that a name, alias or CAS number stands for: none, one, or several.

        Upper and lower case are the same unless the exact spelling is itself a name. Subscripts,
        primes, dashes and Greek letters are read in all their Unicode forms.
        """
        plain = normal_name(name)
        return self._exact.get(plain) or self._folded.get(plain.casefold(), ())

    def nearest(self, name: str, others: Iterable[str] = ()) -> tuple[str, ...]:
        """Up to three known names that look like `name`, those of `others` included."""
        from difflib import get_close_matches

        spelled = {normal_name(known).casefold(): known for known in (*self._spellings(), *others)}
        hits = get_close_matches(normal_name(name).casefold(), list(spelled), n=3, cutoff=0.7)
        return tuple(spelled[hit] for hit in hits)

    def same_formula(self, formula: str) -> tuple[Compound, ...]:
        """The compounds of a (Hill) formula."""
        return tuple(
            compound
            for compound in self.compounds.values()
            if compound.formula == formula and compound.smiles and not compound.mixture
        )

    def solutions_of(self, solute: str | None, medium: str) -> tuple[Solution, ...]:
        """The known solutions of a compound in a solvent, both by CAS number."""
        return tuple(s for s in self.solutions if s.solute == solute and s.medium == medium)

    def source_of(self, entry: Entry, key: str) -> str:
        """Which source a value of an entry has (a key of `sources`)."""
        if isinstance(entry, Solution):
            return entry.source
        return entry.sources.get(key, self.field_sources.get(key, ""))

    def is_own(self, entry: Entry) -> bool:
        """Whether an entry, or a part of it, comes from the user's file."""
        return isinstance(entry, Compound) and (entry.cas or entry.name) in self.own_keys

    def _spellings(self) -> Iterable[str]:
        for compound in self.compounds.values():
            yield from (compound.name, compound.label, *compound.aliases)
        for solution in self.solutions:
            yield from (solution.label, *solution.aliases)


def load_catalogue() -> Catalogue:
    """The catalogue that ships, with the user's own before it, read once for a process."""
    return _current(os.environ.get(VARIABLE))


@lru_cache(maxsize=8)
def _current(written: str | None) -> Catalogue:
    """`written` is the variable by which `read_own` finds the file."""
    own = read_own()
    return _loaded(own if own is not None and (own.rows or own.problems) else None)


def shipped_catalogue() -> Catalogue:
    """The catalogue that ships, without anybody's own."""
    return _loaded(None)


@cache
def _shipped_data() -> Mapping[str, Any]:
    text = files("compiler.data").joinpath("substances.json").read_text(encoding="utf-8")
    data: Mapping[str, Any] = json.loads(text)
    return data


@lru_cache(maxsize=4)
def _loaded(own: OwnCatalogue | None) -> Catalogue:
    data = _shipped_data()
    compounds = {row["cas"]: _compound(row) for row in data["substances"]}
    solutions = tuple(
        Solution(**{**row, "aliases": tuple(row.get("aliases", ()))}) for row in data["solutions"]
    )
    mine = _own_compounds(data, own)
    compounds |= {key: compound for key, compound, _ in mine}
    names: dict[str, list[Entry]] = {}
    for compound in compounds.values():
        for name in _names_of(compound):
            _register(names, normal_name(name), compound)
    for solution in solutions:
        for name in (solution.label, *solution.aliases):
            _register(names, normal_name(name), solution)
    for declared in data["ambiguous"]:
        names[normal_name(declared["name"])] = [compounds[cas] for cas in declared["cas"]]
    for _, compound, spellings in mine:
        for name in spellings:
            names[normal_name(name)] = [compound]
    folded: dict[str, list[Entry]] = {}
    for name, entries in names.items():
        for entry in entries:
            _register(folded, name.casefold(), entry)
    return Catalogue(
        compounds,
        solutions,
        data["sources"],
        data["field_sources"],
        {declared["name"].casefold(): declared["why"] for declared in data["ambiguous"]},
        {name: tuple(entries) for name, entries in names.items()},
        {name: tuple(entries) for name, entries in folded.items()},
        own,
        frozenset(key for key, _, _ in mine),
    )


def _names_of(compound: Compound) -> tuple[str, ...]:
    names = (compound.name, compound.label, compound.cas, *compound.aliases)
    return tuple(name for name in names if name)


def _own_compounds(
    data: Mapping[str, Any], own: OwnCatalogue | None
) -> list[tuple[str, Compound, tuple[str, ...]]]:
    """The user's rows as (key, compound, spellings), each over the row that ships, key by key.

    That row has the same CAS number, or the name where no number is given; it keeps its name, by
    which tables know it, and the user's becomes one of the spellings.
    """
    shipped = {row["cas"]: row for row in data["substances"]}
    called = {
        normal_name(name).casefold(): cas
        for cas, row in shipped.items()
        for name in (row["name"], row["label"])
    }
    found: list[tuple[str, Compound, tuple[str, ...]]] = []
    for row in own.rows if own is not None else ():
        cas = row.get("cas") or called.get(normal_name(row["name"]).casefold(), "")
        under = shipped.get(cas, {})
        spellings = tuple(
            dict.fromkeys((row["name"], row.get("label", row["name"]), *row.get("aliases", ())))
        )
        merged = {"label": row["name"], **under, **row, "cas": cas}
        merged["name"] = under.get("name", row["name"])
        called_too = (*under.get("aliases", ()), *spellings)
        merged["aliases"] = [a for a in dict.fromkeys(called_too) if a != merged["name"]]
        merged.setdefault("state_20c", state_of(merged) or "solid")
        said = {key: OWN_SOURCE for key in row if "smiles" not in row or key not in FROM_SMILES}
        merged["sources"] = {**under.get("sources", {}), **said, **row.get("sources", {})}
        found.append((cas or row["name"], _compound(merged), spellings))
    return found


def _register(names: dict[str, list[Entry]], name: str, entry: Entry) -> None:
    entries = names.setdefault(name, [])
    if not any(known is entry for known in entries):
        entries.append(entry)


_TUPLES = ("aliases", "hazards", "notes")


def _compound(row: Mapping[str, object]) -> Compound:
    """A row of the file, which leaves out what is not known."""
    values = dict(row)
    for key in _TUPLES:
        values[key] = tuple(row.get(key, ()))  # type: ignore[arg-type]  # lists of str, by the test
    values["classes"] = frozenset(row.get("classes", ()))  # type: ignore[call-overload]  # same
    if "miscibility" in row:
        values["miscibility"] = Miscibility(str(row["miscibility"]))
    return Compound(**values)  # type: ignore[arg-type]  # a test reads every field of the file
