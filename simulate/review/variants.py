"""What the reactions of a library differ in: materials, structures, amounts, wells.

A material that is another one from row to row has keys of its own (`aldehyde`, `aldehyde/2`); on
the page it is one material with many compounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from compiler.chemistry.substances import SmilesError, structure_of
from compiler.stages.charges import Recipe
from compiler.stages.layout import Layout
from compiler.stages.library import Variant
from simulate.review.values import Plan, pointer
from simulate.review.wells import home_of, well_names


@dataclass(frozen=True, slots=True)
class Variants:
    """The materials that vary: their keys by name, in the order of the rows; and the reactions."""

    reactions: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]

    def name(self, key: str) -> str:
        """The name that the procedure uses for a key."""
        return next((name for name, keys in self.keys.items() if key in keys), key)

    def count(self, name: str) -> int:
        """How many different compounds stand behind a name."""
        return len(self.keys.get(name, (name,)))

    def label(self, recipe: Recipe, name: str) -> str:
        """What people call a material: its label, or its name where there are several of it."""
        return name if name in self.keys else recipe.supplied[name].label


def variants_of(layout: Layout) -> Variants:
    """Of a procedure by itself nothing varies."""
    charges = layout.operations.ledger.charges
    recipe = charges.recipe
    ids = tuple(reaction.id for reaction in charges.reactions)
    keys = {
        name: tuple(dict.fromkeys(recipe.key(reaction, name) for reaction in ids))
        for name in recipe.procedure.materials
    }
    return Variants(ids, {name: found for name, found in keys.items() if len(found) > 1})


@dataclass(frozen=True, slots=True)
class Entry:
    """Reactions of a card that are replicates of each other, and what tells them from the rest."""

    ids: tuple[str, ...]
    wells: str
    differs: str


@dataclass(frozen=True, slots=True)
class Ion:
    """An ion to look for: its name, and where the plan has its m/z."""

    name: str
    ion: str
    place: str


@dataclass(frozen=True, slots=True)
class Card:
    """The reactions that make the same product from the same materials.

    `products` are keys of drawings with what to call them; `formula` and `mw` are the first's.
    """

    title: str
    products: tuple[tuple[str, str], ...]
    formula: str
    mw: str
    ions: tuple[Ion, ...]
    theory: tuple[tuple[str, tuple[str, ...]], ...]  # (product, where the plan has its mg)
    entries: tuple[Entry, ...]

    @property
    def keys(self) -> list[str]:
        """The keys of its drawings."""
        return [key for key, _ in self.products]


def product_smiles(layout: Layout, variants: Variants) -> dict[str, str]:
    """The products of every reaction: `product desired` of the first, then `product desired r2`."""
    recipe = layout.operations.ledger.charges.recipe
    found: dict[str, str] = {}
    for number, reaction in enumerate(variants.reactions):
        for name, product in recipe.procedure_of(reaction).products.items():
            if product.smiles:
                found[product_key(name, reaction if number else "")] = product.smiles
    return found


def product_key(name: str, reaction: str) -> str:
    """Under which key the drawing of a product stands."""
    return f"product {name} {reaction}".strip()


def cards(layout: Layout, plan: Plan, variants: Variants) -> tuple[Card, ...]:
    """One for each combination of the materials that vary; none for a single reaction."""
    recipe = layout.operations.ledger.charges.recipe
    if len(variants.reactions) < 2:
        return ()
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, reaction in enumerate(plan["reactions"]):
        keys = tuple(recipe.key(reaction["id"], name) for name in variants.keys)
        groups.setdefault(keys, []).append(index)
    return tuple(_card(layout, plan, keys, indices, variants) for keys, indices in groups.items())


def _card(
    layout: Layout, plan: Plan, keys: tuple[str, ...], indices: list[int], variants: Variants
) -> Card:
    recipe = layout.operations.ledger.charges.recipe
    first = plan["reactions"][indices[0]]["id"]
    own = recipe.procedure_of(first).products
    drawn = [name for name, product in own.items() if product.smiles]
    formula, mw = _formula_and_mw(own[drawn[0]].smiles or "") if drawn else ("", "")
    number = "" if first == variants.reactions[0] else first
    return Card(
        title=", ".join(recipe.supplied[key].label for key in keys),
        products=tuple((product_key(name, number), own[name].label or name) for name in drawn),
        formula=formula,
        mw=mw,
        ions=tuple(_ions(plan, first)),
        theory=tuple(
            (name, tuple(pointer("reactions", index, "theory_mg", name) for index in indices))
            for name in plan["reactions"][indices[0]]["theory_mg"]
        ),
        entries=_entries(layout, plan, indices),
    )


def _entries(layout: Layout, plan: Plan, indices: list[int]) -> tuple[Entry, ...]:
    library = layout.operations.ledger.charges.recipe.library
    rows = {} if library is None else {variant.id: variant for variant in library.rows}
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for index in indices:
        reaction = plan["reactions"][index]
        variant = rows.get(reaction["id"])
        differs = "" if variant is None else _differs(variant)
        groups.setdefault(differs, []).append(reaction)
    return tuple(
        Entry(
            tuple(reaction["id"] for reaction in some),
            well_names(layout, [home for r in some if (home := home_of(plan, r)) is not None]),
            differs,
        )
        for differs, some in groups.items()
    )


def _differs(variant: Variant) -> str:
    """`hydride 2.0 equiv`, `without hydride`: parameters and control, not the replicate."""
    words = [
        f"{name.removesuffix('.amount')} {value}" for name, value in variant.parameters.items()
    ]
    return ", ".join([*words, *([variant.control.label] if variant.control else [])])


def _formula_and_mw(smiles: str) -> tuple[str, str]:
    try:
        structure = structure_of(smiles)
    except SmilesError:
        return "", ""
    return structure.formula, f"{structure.mw_g_mol:.2f}"


def _ions(plan: Plan, reaction: str) -> Iterable[Ion]:
    """The ions that only some reactions have, of this one; each once."""
    seen = set()
    for n, step in enumerate(plan["steps"]):
        for m, ion in enumerate(step.get("expected_mz") or ()):
            key = (ion["name"], ion["ion"], ion["mz"])
            if reaction in ion.get("reactions", ()) and key not in seen:
                seen.add(key)
                yield Ion(ion["name"], ion["ion"], pointer("steps", n, "expected_mz", m, "mz"))


@dataclass(frozen=True, slots=True)
class Column:
    """An amount that is not the same in all reactions: where the plan has it, by reaction."""

    title: str
    kind: str
    places: Mapping[str, str]


_MOST_COLUMNS = 4


def columns(plan: Plan, variants: Variants) -> tuple[Column, ...]:
    """What is added in different amounts, or not to all."""
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for index, charge in enumerate(plan["charges"]):
        if charge["round"] == 1:
            key = (charge["step"], variants.name(charge["material"]))
            groups.setdefault(key, {})[charge["reaction"]] = index
    found = []
    for (step, name), at in groups.items():
        charges = [plan["charges"][index] for index in at.values()]
        field = next(
            (f for f in ("equiv", "uL", "mg") if all(c[f] is not None for c in charges)), None
        )
        if field is None:
            continue
        values = [charge[field] for charge in charges]
        if len(at) < len(variants.reactions) or max(values) - min(values) > 0.001 * max(values):
            places = {r: pointer("charges", index, field) for r, index in at.items()}
            found.append(Column(name if name == step else f"{name} at {step}", field, places))
    return tuple(found[:_MOST_COLUMNS])


def plainly(text: str, variants: Variants) -> str:
    """Words with `aldehyde/7` as `aldehyde`."""
    for name in variants.keys:
        text = re.sub(rf"(?<!\w){re.escape(name)}/\d+(?!\w)", name, text)
    return text
