"""The pass `resolve`: every name in a procedure becomes a material as it stands on the bench.

Decisions where the language is silent:

* An amount in g is of the parent compound; salt, hydrate and purity change what is weighed.
* `density` of a material is the neat compound's; a solution's stands inside `supplied`.
* A solution in one liquid with a density of its own is one liquid of that density; in a mixture
  the components' densities are scaled so that the whole has it.
* A common solution (brine, sat. NaHCO3) may be named in a step without an entry, like a solvent:
  the catalogue says how it is supplied.
* Of two materials marked `basis`, the first one counts until the document is mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from compiler.chemistry.catalogue import Catalogue, Compound, Solution, load_catalogue
from compiler.chemistry.stoichiometry import mixed_density
from compiler.chemistry.substances import SmilesError, structure_of
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.passes._identity import (
    ambiguous_name,
    bad_smiles,
    identify,
    unknown_name,
    weigh_factor_of,
)
from compiler.passes._notebook import Notebook
from compiler.passes._supply import (
    WATER_CAS,
    as_solid,
    from_solution,
    from_solvent,
    supply,
)
from compiler.stages.charges import Liquid, Recipe, Supplied
from compiler.stages.documents import (
    Add,
    AdjustPh,
    Dry,
    Extract,
    Filter,
    Form,
    Hydrogenate,
    Material,
    Mixture,
    Monitor,
    Procedure,
    Product,
    Supply,
    Transfer,
)


def resolve(procedure: Procedure) -> tuple[Recipe, tuple[Finding, ...]]:
    """What every material, solvent and mixture of a procedure is, and what could not be told.

    A material that can't be resolved is left out of `Recipe.supplied`; later passes skip it.
    """
    catalogue = load_catalogue()
    resolver = Resolver(procedure, catalogue)
    resolver.notes.findings.extend(_own_problems(catalogue))
    resolver.everything()
    check_products(procedure.products.values(), resolver.notes)
    basis = next((m.key for m in procedure.materials.values() if m.basis), None)
    order = [*procedure.materials, *resolver.done]
    supplied = {key: found for key in order if (found := resolver.done.get(key)) is not None}
    recipe = Recipe(procedure, supplied, basis, tuple(resolver.notes.assumptions))
    return recipe, tuple(resolver.notes.findings)


class Resolver:
    """Resolves names on demand, each once: a solution needs its medium first.

    `done` is what is known before; the rest is looked up.
    """

    def __init__(
        self,
        procedure: Procedure,
        catalogue: Catalogue,
        done: Mapping[str, Supplied | None] | None = None,
    ) -> None:
        self.procedure = procedure
        self.materials = procedure.materials
        self.catalogue = catalogue
        self.notes = Notebook()
        self.done: dict[str, Supplied | None] = dict(done or {})
        self._open: list[str] = []

    def everything(self) -> None:
        """Every name of the procedure: its materials, then what its steps use."""
        for key in self.procedure.materials:
            self.material(key)
        for name, span, step in _names(self.procedure):
            self.name(name, span, step)
        for mixture, step in _mixtures(self.procedure):
            self.mixture(mixture, step)
        for name in _solids(self.procedure):
            self.solid(name)

    def material(self, key: str) -> Supplied | None:
        """A material of the procedure."""
        if key in self.done:
            return self.done[key]
        material = self.materials[key]
        if key in self._open:
            self.notes.findings.append(
                c.SUPPLY.at(
                    material.spans.at("supplied"),
                    f"{' is dissolved in '.join([*self._open, key])}: that goes in a circle.",
                    help="Name a solvent in `in:`.",
                )
            )
            return None
        self._open.append(key)
        found = self._supplied(material)
        self._open.pop()
        self.done[key] = found
        return found

    def _supplied(self, material: Material) -> Supplied | None:
        identity = identify(material, self.catalogue, self.notes)
        if identity is None:
            return None
        factor = weigh_factor_of(material, identity.substance, self.catalogue, self.notes)
        medium: tuple[Liquid, ...] | None = None
        form = material.supplied
        if form is not None and form.medium is not None and not self._is_aqueous(form):
            medium = self.mixture(form.medium, None)
            if medium is None:
                return None
        return supply(material, identity, factor, medium, self.catalogue, self.notes)

    def _is_aqueous(self, form: Supply) -> bool:
        """Whether the medium is plain water of which nothing (such as a density) is needed."""
        names = list(form.medium.fractions) if form.medium is not None else []
        found = self.catalogue.find(names[0]) if len(names) == 1 else ()
        return (
            form.form in (Form.SATURATED, Form.AQUEOUS, Form.WEIGHT_PERCENT)
            and len(found) == 1
            and names[0] not in self.materials
            and isinstance(found[0], Compound)
            and found[0].cas == WATER_CAS
        )

    def name(self, name: str, span: Span, step: str | None) -> Supplied | None:
        """A name as a step or a medium uses it: a material, else a catalogue entry."""
        if name in self.materials:
            return self.material(name)
        if name in self.done:
            return self.done[name]
        self.done[name] = None
        entries = self.catalogue.find(name)
        finding: Finding | None = None
        if not entries:
            finding = unknown_name(name, span, self.catalogue, tuple(self.materials))
        elif len(entries) > 1:
            finding = ambiguous_name(name, entries, span, self.catalogue)
        elif isinstance(entries[0], Solution):
            self.done[name] = from_solution(name, entries[0], self.catalogue, self.notes)
        elif entries[0].solvent:
            self.done[name] = from_solvent(name, entries[0], self.notes)
        else:
            finding = _not_supplied(name, entries[0], span)
        if finding is not None:
            self.notes.findings.append(replace(finding, step=step))
        return self.done[name]

    def mixture(self, mixture: Mixture, step: str | None) -> tuple[Liquid, ...] | None:
        """The liquids of a mixture by volume; None when a part of it can't be resolved."""
        liquids: list[Liquid] = []
        parts: list[Supplied] = []
        missing = False
        for name, fraction in mixture.fractions.items():
            part = self.name(name, mixture.span, step)
            if part is None:
                missing = True
            elif not part.is_liquid:
                missing = True
                self.notes.findings.append(
                    c.SUPPLY.at(
                        mixture.span,
                        f"{part.label} is supplied as a solid; it can't be part of a liquid.",
                        help="Name a solvent, or supply it as a solution.",
                        step=step,
                    )
                )
            else:
                parts.append(part)
                liquids += [replace(q, fraction=q.fraction * fraction) for q in part.liquids]
        if missing:
            return None
        if len(parts) > 1 and mixture.name not in self.done:
            self.done[mixture.name] = _as_mixture(mixture, parts, tuple(liquids))
        return tuple(liquids)

    def solid(self, name: str) -> None:
        """A drying agent or catalyst by its catalogue name; other names stay free text."""
        if name in self.materials or name in self.done:
            return
        entries = self.catalogue.find(name)
        if len(entries) == 1 and isinstance(entries[0], Compound):
            self.done[name] = as_solid(name, entries[0])


def _as_mixture(mixture: Mixture, parts: list[Supplied], liquids: tuple[Liquid, ...]) -> Supplied:
    """A mixture of solvents as one stock. Its `substance` is that of the largest part."""
    fractions = list(mixture.fractions.values())
    main = parts[fractions.index(max(fractions))]
    return Supplied(
        key=mixture.name,
        label=mixture.name,
        form=Form.NEAT,
        substance=main.substance,
        molarity_mol_l=None,
        weigh_factor=1.0,
        density_g_ml=mixed_density((q.fraction, q.density_g_ml) for q in liquids),
        liquids=liquids,
        medium=None,
        anhydrous=all(part.anhydrous for part in parts),
        generates={},
        acid_pka=(),
        base_pkah=(),
        logd=None,
        declared=None,
    )


def _own_problems(catalogue: Catalogue) -> Iterator[Finding]:
    """S-CATALOGUE: what is wrong with the user's own catalogue, which is used without it."""
    own = catalogue.own
    for problem in own.problems if own is not None else ():
        yield s.CATALOGUE.at(
            Span(str(own.path) if own is not None else ""),
            f"your own catalogue: {problem}",
            help="correct the file, or write WORKUP_CATALOGUE= to leave it out",
        )


def _not_supplied(name: str, compound: Compound, span: Span) -> Finding:
    example = "solid" if compound.state_20c == "solid" else "neat"
    if compound.state_20c == "gas":
        example = "{aqueous: 1 M}"
    return c.SUPPLY.at(
        span,
        f"{name} is in the catalogue, but nothing says how it is supplied.",
        help="Declare it under `materials`, for example "
        f"`{compound.label.lower()}: {{is: {name}, supplied: {example}}}`.",
    )


def check_products(products: Iterable[Product], notes: Notebook) -> None:
    """Notes every structure of a product that cannot be read."""
    for product in products:
        if product.smiles is None:
            continue
        try:
            structure_of(product.smiles)
        except SmilesError as error:
            span = product.spans.at("smiles")
            notes.findings.append(bad_smiles(product.name, product.smiles, error, span))


def _names(procedure: Procedure) -> Iterator[tuple[str, Span, str]]:
    """The single names that steps use: what, where, in which step."""
    for step in procedure.steps:
        if isinstance(step, Add):
            yield step.material, step.spans.at("material"), step.id
        elif isinstance(step, AdjustPh):
            yield step.with_, step.spans.at("with"), step.id


def _mixtures(procedure: Procedure) -> Iterator[tuple[Mixture, str]]:
    """The liquids that steps name."""
    for step in procedure.steps:
        found: Iterable[Mixture | None] = ()
        if isinstance(step, Extract):
            found = (step.with_,)
        elif isinstance(step, Monitor):
            found = (step.dilute_with,)
        elif isinstance(step, (Transfer, Filter)):
            found = (step.rinse.with_ if step.rinse else None,)
        yield from ((mixture, step.id) for mixture in found if mixture is not None)


def _solids(procedure: Procedure) -> Iterator[str]:
    for step in procedure.steps:
        if isinstance(step, Dry):
            yield step.over
        elif isinstance(step, Hydrogenate):
            yield step.catalyst
