"""The pass `resolve` for a library: the first reaction's procedure, then what other rows change.

What a row changes is looked up once for each object that the reader made, and stands under a key
of its own (`aldehyde/2`) unless it is the same as one before it, whatever row that came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from compiler.chemistry.catalogue import load_catalogue
from compiler.diagnostics.finding import Finding
from compiler.passes.resolve import Resolver, check_products, resolve
from compiler.stages.charges import Assumption, Recipe, Supplied
from compiler.stages.documents import AnyStep, Material, Mixture, Procedure
from compiler.stages.library import Library, Variant


def resolve_library(library: Library) -> tuple[Recipe, tuple[Finding, ...]]:
    """What every name is in every reaction. A finding of a row carries the row's number."""
    base = library.procedure
    recipe, identified = resolve(base)
    table = _Table(recipe)
    findings = list(identified)
    assumptions: dict[Assumption, None] = dict.fromkeys(recipe.assumptions)
    for variant in library.rows:
        resolver, known = table.resolver(variant)
        if resolver is not None:
            resolver.everything()
            fresh = [
                product
                for name, product in variant.procedure.products.items()
                if product is not base.products.get(name)
            ]
            check_products(fresh, resolver.notes)
            findings.extend(replace(f, row=variant.row) for f in resolver.notes.findings)
            assumptions.update(dict.fromkeys(resolver.notes.assumptions))
        table.enter(variant, resolver, known)
    return (
        replace(
            recipe,
            supplied=table.supplied,
            assumptions=tuple(assumptions),
            library=library,
            own={variant.id: variant.procedure for variant in library.rows},
            names=table.names,
            materials=table.materials,
        ),
        tuple(dict.fromkeys(findings)),
    )


_Changed = tuple[tuple[str, int], ...]


class _Table:
    """What has been resolved so far, under distinct keys."""

    def __init__(self, recipe: Recipe) -> None:
        self.base = recipe.procedure
        self.first = dict(recipe.supplied)
        self.supplied = dict(recipe.supplied)
        self.materials: dict[str, Material] = {}
        self.names: dict[str, Mapping[str, str]] = {}
        self._alike: dict[str, list[tuple[Supplied, str]]] = {
            name: [(_plain(supplied), name)] for name, supplied in recipe.supplied.items()
        }
        self._of_change: dict[_Changed, Mapping[str, str]] = {(): {}}

    def resolver(self, variant: Variant) -> tuple[Resolver | None, _Changed]:
        """What looks up the names of a variant; None where the same change has been seen."""
        changed = _changed(self.base, variant.procedure)
        if changed in self._of_change:
            return None, changed
        keys = {name for name, _ in changed if name in variant.procedure.materials}
        stale = _depending(self.base, keys) | _depending(variant.procedure, keys)
        done = {name: found for name, found in self.first.items() if name not in stale}
        return Resolver(variant.procedure, load_catalogue(), done), changed

    def enter(self, variant: Variant, resolver: Resolver | None, changed: _Changed) -> None:
        """Notes under which keys a variant's names stand."""
        if resolver is not None:
            found: dict[str, str] = {}
            for name, supplied in resolver.done.items():
                if supplied is None or supplied is self.first.get(name):
                    continue
                key = self._key(name, supplied, variant.procedure.materials.get(name))
                if key != name:
                    found[name] = key
            self._of_change[changed] = found
        names = self._of_change[changed]
        if names:
            self.names[variant.id] = names

    def _key(self, name: str, supplied: Supplied, material: Material | None) -> str:
        alike = self._alike.setdefault(name, [])
        plain = _plain(supplied)
        for other, key in alike:
            if other == plain:
                return key
        key = f"{name}/{len(alike) + 1}" if alike else name
        alike.append((plain, key))
        self.supplied[key] = replace(supplied, key=key)
        if material is not None:
            self.materials[key] = replace(material, key=key)
        return key


def _plain(supplied: Supplied) -> Supplied:
    """Without the place where it is declared: rows that say the same mean the same."""
    return replace(supplied, declared=None)


def _changed(base: Procedure, own: Procedure) -> _Changed:
    """What a variant has in place of the first reaction's: names and steps, and which objects."""
    steps: dict[str, AnyStep] = {step.id: step for step in base.steps}
    return (
        *((k, id(m)) for k, m in own.materials.items() if m is not base.materials.get(k)),
        *((k, id(p)) for k, p in own.products.items() if p is not base.products.get(k)),
        *((step.id, id(step)) for step in own.steps if step is not steps.get(step.id)),
    )


def _depending(procedure: Procedure, keys: set[str]) -> set[str]:
    """The keys, what is dissolved in one of them, and the mixtures that one is part of."""
    found = set(keys)
    while True:
        more = {
            key
            for key, material in procedure.materials.items()
            if material.supplied is not None
            and material.supplied.medium is not None
            and not found.isdisjoint(material.supplied.medium.fractions)
        } | {m.name for m in _mixtures(procedure) if not found.isdisjoint(m.fractions)}
        if more <= found:
            return found
        found |= more


def _mixtures(procedure: Procedure) -> Iterator[Mixture]:
    for step in procedure.steps:
        for name in ("with_", "dilute_with"):
            value = getattr(step, name, None)
            if isinstance(value, Mixture):
                yield value
        rinse = getattr(step, "rinse", None)
        if rinse is not None:
            yield rinse.with_
