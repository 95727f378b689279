"""How a material stands on the bench: from its `supplied` to molarity, density and liquids."""

from __future__ import annotations

from dataclasses import replace

from compiler.chemistry.catalogue import Catalogue, Compound, Solution
from compiler.chemistry.stoichiometry import (
    interpolated_density,
    mass_fraction_molarity,
    mixed_density,
    neat_molarity,
)
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding
from compiler.passes._identity import Identity
from compiler.passes._notebook import Notebook, positive
from compiler.stages.charges import Liquid, Miscibility, Supplied
from compiler.stages.documents import Form, Material, Supply

WATER_CAS = "7732-18-5"
SAME = 0.02  # relative difference at which two concentrations count as the same stock


def supply(
    material: Material,
    identity: Identity,
    factor: float,
    medium: tuple[Liquid, ...] | None,
    catalogue: Catalogue,
    notes: Notebook,
) -> Supplied | None:
    """A declared material as it stands on the bench; None where that can't be told.

    `factor` is its weigh factor, `medium` the liquids of `in:` where it has one.
    """
    form = material.supplied
    blank = _blank(material, identity, factor)
    if form is None:
        return _by_default(material, identity, blank, catalogue, notes)
    if form.form is Form.SOLID:
        return blank
    if form.form is Form.NEAT:
        return _neat(material, identity, form, blank, notes)
    aqueous = medium is None or _is_water(medium)
    if form.form is Form.SATURATED:
        return _saturated(material, identity, form, aqueous, blank, catalogue, notes)
    if form.form is Form.WEIGHT_PERCENT:
        return _by_weight(material, identity, form, medium, blank, catalogue, notes)
    molarity = positive(form.concentration, f"the concentration of {material.key}", notes)
    if molarity is None:
        return None
    density = positive(form.density, f"the density of {material.key}", notes)
    text = f"{molarity:g} M aq. {identity.label}"
    if medium is None or aqueous:
        if density is None:
            density = _aqueous_density(material.key, text, molarity, identity, catalogue, notes)
        return _dissolved(blank, form.form, molarity, _aqueous(text, density, catalogue), "water")
    return _organic(material, identity, form, medium, molarity, density, blank, catalogue, notes)


def from_solvent(name: str, compound: Compound, notes: Notebook) -> Supplied | None:
    """A catalogue solvent that a step names without an entry: neat."""
    if compound.density_g_ml is None:
        return None
    _assume_catalogue_density(compound, notes)
    bare = _catalogue_blank(name, compound.label, compound)
    return _as_neat(bare, compound.label, compound.density_g_ml, notes)


def from_solution(name: str, solution: Solution, catalogue: Catalogue, notes: Notebook) -> Supplied:
    """A catalogue solution that a step names without an entry."""
    blank = _catalogue_blank(name, solution.label, catalogue.compounds[solution.solute])
    return _from_catalogue(blank, solution, catalogue, notes)


def as_solid(name: str, compound: Compound) -> Supplied:
    """A catalogue compound that the operator uses as a solid (a drying agent, a catalyst)."""
    return _catalogue_blank(name, compound.label, compound)


# --- one form each ----------------------------------------------------------------------------


def _blank(material: Material, identity: Identity, factor: float) -> Supplied:
    """The material as a solid; the other forms fill in the rest."""
    return Supplied(
        key=material.key,
        label=identity.label,
        form=Form.SOLID,
        substance=identity.substance,
        molarity_mol_l=None,
        weigh_factor=factor,
        density_g_ml=None,
        liquids=(),
        medium=None,
        anhydrous=material.anhydrous,
        generates=material.generates,
        acid_pka=material.acid_pka,
        base_pkah=material.base_pkah,
        logd=material.logd,
        declared=material.spans.whole,
    )


def _catalogue_blank(name: str, label: str, compound: Compound) -> Supplied:
    return Supplied(
        key=name,
        label=label,
        form=Form.SOLID,
        substance=compound.substance(),
        molarity_mol_l=None,
        weigh_factor=1.0,
        density_g_ml=None,
        liquids=(),
        medium=None,
        anhydrous=False,
        generates={},
        acid_pka=(),
        base_pkah=(),
        logd=None,
        declared=None,
    )


def _by_default(
    material: Material, identity: Identity, blank: Supplied, catalogue: Catalogue, notes: Notebook
) -> Supplied | None:
    """No `supplied`: catalogue solutions and solvents say it themselves, nothing else does."""
    if identity.solution is not None:
        return _from_catalogue(blank, identity.solution, catalogue, notes)
    if identity.compound is not None and identity.compound.solvent:
        return _neat(material, identity, None, blank, notes)
    notes.findings.append(
        c.SUPPLY.at(
            material.spans.whole,
            f"Nothing says how {material.key} ({identity.label}) is supplied.",
            help="Add `supplied: solid`, `neat`, or a solution: `{solution: 0.5 M, in: DCE}`.",
        )
    )
    return None


def _neat(
    material: Material, identity: Identity, form: Supply | None, blank: Supplied, notes: Notebook
) -> Supplied | None:
    given = (form.density if form else None) or material.density
    density = positive(given, f"the density of {material.key}", notes)
    if given is None and identity.compound is not None:
        density = identity.compound.density_g_ml
        if density is not None:
            _assume_catalogue_density(identity.compound, notes)
    if density is None:
        if given is None:
            notes.findings.append(_no_density(material, identity))
        return None
    name = identity.compound.label if identity.compound else identity.label
    return _as_neat(blank, name, density, notes)


def _as_neat(blank: Supplied, name: str, density: float, notes: Notebook) -> Supplied:
    miscibility = blank.substance.miscibility
    if miscibility is None:
        miscibility = Miscibility.IMMISCIBLE
        notes.assume(
            f"miscibility of {blank.label}",
            "not miscible with water",
            "nothing is known of it; it counts with the organic layer",
        )
    return replace(
        blank,
        form=Form.NEAT,
        molarity_mol_l=neat_molarity(density, blank.substance.mw_g_mol, blank.weigh_factor),
        density_g_ml=density,
        liquids=(Liquid(name, blank.substance, 1.0, density, miscibility),),
    )


def _saturated(
    material: Material,
    identity: Identity,
    form: Supply,
    aqueous: bool,
    blank: Supplied,
    catalogue: Catalogue,
    notes: Notebook,
) -> Supplied | None:
    compound = identity.compound
    known = (
        [s for s in catalogue.solutions_of(compound.cas, WATER_CAS) if s.saturated]
        if (compound and aqueous)
        else []
    )
    if not known:
        medium = form.medium.name if form.medium else "water"
        notes.findings.append(
            c.SUPPLY.at(
                form.span,
                f"The catalogue does not know how much {identity.label} saturated {medium} holds.",
                help="Write its concentration, and its density if that is known: "
                + (
                    "`supplied: {aqueous: 1.0 M, density: 1.05 g/mL}`."
                    if aqueous
                    else f"`supplied: {{solution: 0.5 M, in: {medium}}}`."
                ),
            )
        )
        return None
    density = positive(form.density, f"the density of {material.key}", notes)
    found = known[0] if density is None else replace(known[0], density_g_ml=density)
    return _from_catalogue(blank, found, catalogue, notes, density_given=density is not None)


def _by_weight(
    material: Material,
    identity: Identity,
    form: Supply,
    medium: tuple[Liquid, ...] | None,
    blank: Supplied,
    catalogue: Catalogue,
    notes: Notebook,
) -> Supplied | None:
    share = positive(form.mass_fraction, f"the mass fraction of {material.key}", notes)
    if share is None:
        return None
    density = positive(form.density, f"the density of {material.key}", notes)
    water = medium is None or _is_water(medium)
    if density is None and form.density is None and identity.compound is not None and water:
        for known in catalogue.solutions_of(identity.compound.cas, WATER_CAS):
            if known.mass_fraction and abs(share / known.mass_fraction - 1.0) <= SAME:
                density = known.density_g_ml
                _assume_solution_density(
                    material.key, density, f"{known.label} in the catalogue", notes
                )
    if density is None:
        if form.density is None:
            notes.findings.append(
                c.DENSITY.at(
                    form.span,
                    f"{material.key} is given by weight ({100 * share:g} wt%) without a density.",
                    help="Write the density on the bottle: "
                    f"`{{wt: {100 * share:g} %, in: water, density: 1.18 g/mL}}`.",
                )
            )
        return None
    molarity = mass_fraction_molarity(density, share, identity.substance.mw_g_mol)
    if medium is None or water:
        liquids = _aqueous(f"{100 * share:g} wt% aq. {identity.label}", density, catalogue)
        return _dissolved(blank, form.form, molarity, liquids, "water")
    medium_name = form.medium.name if form.medium else "water"
    return _dissolved(blank, form.form, molarity, _scaled(medium, density), medium_name)


def _organic(
    material: Material,
    identity: Identity,
    form: Supply,
    medium: tuple[Liquid, ...],
    molarity: float,
    density: float | None,
    blank: Supplied,
    catalogue: Catalogue,
    notes: Notebook,
) -> Supplied:
    """A solution or slurry in anything but plain water."""
    name = form.medium.name if form.medium else "water"
    if density is None and identity.compound is not None and len(medium) == 1:
        known = catalogue.solutions_of(identity.compound.cas, medium[0].substance.cas or "")
        for solution in known:
            if abs(molarity / solution.molarity_mol_l - 1.0) <= SAME:
                density = solution.density_g_ml
                _assume_solution_density(
                    material.key, density, f"{solution.label} in the catalogue", notes
                )
    if density is None:
        own = mixed_density((q.fraction, q.density_g_ml) for q in medium)
        _assume_solution_density(material.key, own, f"plain {name}, since none is given", notes)
        return _dissolved(blank, form.form, molarity, medium, name)
    return _dissolved(blank, form.form, molarity, _scaled(medium, density), name)


# --- liquids ----------------------------------------------------------------------------------


def _is_water(medium: tuple[Liquid, ...]) -> bool:
    return len(medium) == 1 and medium[0].substance.cas == WATER_CAS


def _dissolved(
    blank: Supplied, form: Form, molarity: float, liquids: tuple[Liquid, ...], medium: str
) -> Supplied:
    return replace(
        blank,
        form=form,
        molarity_mol_l=molarity,
        density_g_ml=mixed_density((q.fraction, q.density_g_ml) for q in liquids),
        liquids=liquids,
        medium=medium,
    )


def _aqueous(name: str, density: float, catalogue: Catalogue) -> tuple[Liquid, ...]:
    """An aqueous solution counts as one liquid of its own density."""
    water = catalogue.compounds[WATER_CAS].substance()
    return (Liquid(name, water, 1.0, density, Miscibility.WATER),)


def _scaled(medium: tuple[Liquid, ...], density: float) -> tuple[Liquid, ...]:
    own = mixed_density((q.fraction, q.density_g_ml) for q in medium)
    return tuple(replace(q, density_g_ml=q.density_g_ml * density / own) for q in medium)


def _from_catalogue(
    blank: Supplied,
    solution: Solution,
    catalogue: Catalogue,
    notes: Notebook,
    *,
    density_given: bool = False,
) -> Supplied:
    """A solution of the catalogue, with its molarity and density named as assumptions."""
    solute = catalogue.compounds[solution.solute].label
    saturated = solution.saturated
    name = f"sat. aq. {solute}" if saturated else solution.label
    notes.assume(
        f"concentration of {blank.key}",
        f"{solution.molarity_mol_l:g} M",
        f"catalogue value of {name}" + (" at 20 °C" if saturated else ""),
    )
    if not density_given:
        _assume_solution_density(
            blank.key, solution.density_g_ml, f"{name} in the catalogue", notes
        )
    medium = catalogue.compounds[solution.medium]
    if solution.medium == WATER_CAS:
        liquids = _aqueous(name, solution.density_g_ml, catalogue)
    else:
        liquids = (
            Liquid(
                medium.label,
                medium.substance(),
                1.0,
                solution.density_g_ml,
                medium.miscibility or Miscibility.IMMISCIBLE,
            ),
        )
    form = Form.SOLUTION
    if saturated:
        form = Form.SATURATED
    elif solution.medium == WATER_CAS:
        form = Form.WEIGHT_PERCENT if solution.mass_fraction else Form.AQUEOUS
    return _dissolved(blank, form, solution.molarity_mol_l, liquids, medium.label)


def _aqueous_density(
    key: str,
    text: str,
    molarity: float,
    identity: Identity,
    catalogue: Catalogue,
    notes: Notebook,
) -> float:
    """g/mL of an aqueous solution: between the catalogue's points, else that of water."""
    water = catalogue.compounds[WATER_CAS].density_g_ml or 1.0
    cas = identity.compound.cas if identity.compound else None
    known = [(s.molarity_mol_l, s.density_g_ml) for s in catalogue.solutions_of(cas, WATER_CAS)]
    density = interpolated_density(molarity, [(0.0, water), *known])
    if known:
        listed = ", ".join(f"{m:g} M {d:g}" for m, d in sorted(known))
        why = f"{text}, from the catalogue's densities ({listed} g/mL)"
    else:
        why = "water, since none is given"
    _assume_solution_density(key, density, why, notes)
    return density


# --- assumptions and findings -----------------------------------------------------------------


def _assume_catalogue_density(compound: Compound, notes: Notebook) -> None:
    notes.assume(
        f"density of {compound.label}",
        f"{compound.density_g_ml:g} g/mL",
        "catalogue value at 20 °C",
    )


def _assume_solution_density(key: str, density: float, whose: str, notes: Notebook) -> None:
    notes.assume(f"density of {key} as supplied", f"{density:.4g} g/mL", f"that of {whose}")


def _no_density(material: Material, identity: Identity) -> Finding:
    state = identity.compound.state_20c if identity.compound else ""
    if state in ("solid", "gas"):
        message = f"{material.key} ({identity.label}) is a {state} at 20 °C and cannot be neat."
        help_ = "Write `supplied: solid`." if state == "solid" else "Supply it as a solution."
    else:
        message = f"{material.key} ({identity.label}) is a neat liquid without a density."
        help_ = "Write the density on the bottle: `density: 1.16 g/mL`."
    return c.DENSITY.at(material.spans.at("supplied"), message, help=help_)
