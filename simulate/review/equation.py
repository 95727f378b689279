"""The reaction: what goes in, what stands over and under the arrow, what comes out.

Of a library it is the general one, with R, where the rows' structures have one part in common;
else the first row's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compiler.stages.charges import Recipe
from compiler.stages.documents import Procedure
from compiler.stages.layout import Layout
from simulate.review.general import Varied, common_part, common_product, numbered
from simulate.review.scheme import Structure
from simulate.review.variants import Variants


@dataclass(frozen=True, slots=True)
class Side:
    """One compound of the equation; `drawing` None where it can't be drawn.

    `count` is how many different ones there are in a library; `is_general` where R stands for
    what differs, else the first of them is drawn.
    """

    label: str
    drawing: Structure | None
    coefficient: float = 1.0
    count: int = 1
    is_general: bool = False


@dataclass(frozen=True, slots=True)
class Equation:
    """The reaction, left to right. `right` has (product, compound)."""

    left: tuple[Side, ...]
    over: tuple[str, ...]
    under: tuple[str, ...]
    right: tuple[tuple[str, Side], ...]


def general_smiles(recipe: Recipe, variants: Variants) -> dict[str, str]:
    """SMILES with R of what the rows have in common, as `general <name>`, of all or of none.

    `<name>` is a material of the equation that varies, or a product.
    """
    names = [name for name in _coefficients(recipe) if name in variants.keys]
    smiles = {name: _of_rows(recipe, variants, name) for name in names}
    varied: list[Varied] = []
    for rows in smiles.values():
        part = common_part(rows) if rows else None
        if part is None:
            return {}
        varied.append(part)
    found = {f"general {n}": numbered(v.core, k) for k, (n, v) in _enumerated(names, varied)}
    for product in recipe.procedure.products:
        rows = [
            recipe.procedure_of(reaction).products[product].smiles or ""
            for reaction in variants.reactions
        ]
        if not any(rows):
            continue
        core = common_product(rows, varied)
        if core is None:
            return {}
        found[f"general {product}"] = core
    return found if len(found) > len(names) else {}


def _enumerated(
    names: Sequence[str], varied: Sequence[Varied]
) -> list[tuple[int, tuple[str, Varied]]]:
    return list(enumerate(zip(names, varied, strict=True), start=1))


def _of_rows(recipe: Recipe, variants: Variants, name: str) -> list[str]:
    """The structure of a material in every reaction; [] where one is not known."""
    found = [recipe.supplied[recipe.key(r, name)].substance.smiles for r in variants.reactions]
    return [text for text in found if text] if all(found) else []


def equation(
    layout: Layout, drawings: Mapping[str, Structure], variants: Variants, general: Sequence[str]
) -> Equation:
    """From `products`: those in `from` stand on the left, what else is charged over the arrow.

    `general` are the keys of `drawings` that have an R.
    """
    recipe = layout.operations.ledger.charges.recipe
    procedure = recipe.procedure
    left = _coefficients(recipe)
    first_draw = _first_workup(procedure)
    charged = [step.material for step in procedure.steps[:first_draw] if hasattr(step, "material")]
    others = [key for key in dict.fromkeys(charged) if key not in left and key in recipe.supplied]
    media = {recipe.supplied[k].medium for k in charged if k in recipe.supplied}
    solvents = [medium for medium in dict.fromkeys(media - {None}) if medium]

    def side(name: str, key: str, label: str, count: int, coefficient: float = 1.0) -> Side:
        with_r = f"general {name}"
        drawing = drawings.get(with_r if with_r in general else key)
        return Side(label, drawing, coefficient, count, with_r in general)

    return Equation(
        left=tuple(
            side(key, key, variants.label(recipe, key), variants.count(key), coefficient)
            for key, coefficient in left.items()
            if key in recipe.supplied
        ),
        over=tuple(variants.label(recipe, key) for key in others),
        under=tuple(sorted(solvents)),
        right=tuple(
            (
                name,
                side(
                    name,
                    f"product {name}",
                    product.label or name,
                    _different(recipe, name, variants),
                ),
            )
            for name, product in procedure.products.items()
            if product.smiles
        ),
    )


def _coefficients(recipe: Recipe) -> dict[str, float]:
    """What stands on the left, and how many of it; the basis where no product says."""
    left: dict[str, float] = {}
    for product in recipe.procedure.products.values():
        for material, coefficient in product.from_.items():
            left.setdefault(material, coefficient)
    if not left and recipe.basis is not None:
        left[recipe.basis] = 1.0
    return left


def _different(recipe: Recipe, product: str, variants: Variants) -> int:
    """How many structures a product has over the reactions."""
    own = [recipe.procedure_of(r).products.get(product) for r in variants.reactions]
    return len({each.smiles for each in own if each is not None}) or 1


def _first_workup(procedure: Procedure) -> int:
    """The index of the first step that no longer belongs to the reaction itself."""
    verbs = ("monitor", "extract", "wash", "separate", "filter", "concentrate", "purify")
    for index, step in enumerate(procedure.steps):
        if step.verb in verbs:
            return index
    return len(procedure.steps)
