"""A library's reaction by itself: with the names of its procedure in place of distinct keys.

What judges one reaction at a time (the rules, the ions of an analysis) need not know of
libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from compiler.stages.charges import Charge, Reaction, Recipe
from compiler.stages.contents import Ledger, Snapshot


def recipe_of(recipe: Recipe, reaction: str) -> Recipe:
    """A reaction's own procedure, and its materials under the names that steps use.

    The others stay under their keys, since a shared vessel or the waste may hold them.
    """
    if recipe.library is None:
        return recipe
    names = recipe.names.get(reaction, {})
    own = {
        name: replace(recipe.supplied[key], key=name)
        for name, key in names.items()
        if key in recipe.supplied
    }
    return replace(
        recipe,
        procedure=recipe.procedure_of(reaction),
        supplied={**recipe.supplied, **own},
        library=None,
        own={},
        names={},
    )


def distinct_recipes(recipe: Recipe, reactions: Iterable[Reaction]) -> Iterator[Recipe]:
    """One recipe for all reactions that have the same materials and products."""
    seen: set[tuple[object, ...]] = set()
    for reaction in reactions:
        own = recipe.procedure_of(reaction.id)
        mark = (
            *recipe.names.get(reaction.id, {}).values(),
            *(id(product) for product in own.products.values()),
        )
        if mark not in seen:
            seen.add(mark)
            yield recipe_of(recipe, reaction.id)


def ledgers(ledger: Ledger) -> Iterator[tuple[Ledger, tuple[Reaction, ...]]]:
    """A ledger for each distinct reaction, and the reactions that it stands for.

    Reactions are alike where they have the same steps, materials, products and amounts. The waste
    stands in the ledger of the last reaction alone, which has seen all of it.
    """
    if ledger.charges.recipe.library is None:
        yield ledger, ledger.charges.reactions
        return
    books = _Books(ledger)
    groups: dict[tuple[object, ...], list[Reaction]] = {}
    last = ledger.charges.reactions[-1]
    for reaction in ledger.charges.reactions:
        mark = (*books.mark(reaction), reaction is last)
        groups.setdefault(mark, []).append(reaction)
    for alike in groups.values():
        yield books.of(alike[0], waste=alike[0] is last), tuple(alike)


class _Books:
    """A ledger's entries by reaction."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.charges: dict[str, list[Charge]] = {}
        for charge in ledger.charges.charges:
            self.charges.setdefault(charge.reaction, []).append(charge)
        self.snapshots: dict[str, list[Snapshot]] = {}
        for snapshot in ledger.snapshots:
            self.snapshots.setdefault(snapshot.reaction, []).append(snapshot)

    def mark(self, reaction: Reaction) -> tuple[object, ...]:
        own = self.ledger.charges.recipe.procedure_of(reaction.id)
        parts = (*own.materials.values(), *own.products.values(), *own.vessels.values(), *own.steps)
        amounts = (
            (c.step, c.material, c.mmol, c.volume_ul, c.round)
            for c in self.charges.get(reaction.id, ())
        )
        return (reaction.scale_mmol, *(id(part) for part in parts), *amounts)

    def of(self, reaction: Reaction, *, waste: bool) -> Ledger:
        ledger = self.ledger
        recipe = ledger.charges.recipe
        name_of = {key: name for name, key in recipe.names.get(reaction.id, {}).items()}
        charges = tuple(
            replace(c, material=name_of.get(c.material, c.material))
            for c in self.charges.get(reaction.id, ())
        )
        snapshots = tuple(
            _named(snapshot, name_of)
            for snapshot in self.snapshots.get(reaction.id, ())
            if waste or not snapshot.vessel.startswith("waste.")
        )
        return replace(
            ledger,
            charges=replace(
                ledger.charges,
                recipe=recipe_of(recipe, reaction.id),
                reactions=(
                    replace(reaction, limiting=name_of.get(reaction.limiting, reaction.limiting)),
                ),
                charges=charges,
            ),
            snapshots=snapshots,
            draws=tuple(draw for draw in ledger.draws if draw.reaction == reaction.id),
            gas=tuple(gas for gas in ledger.gas if gas.reaction == reaction.id),
        )


def _named(snapshot: Snapshot, name_of: Mapping[str, str]) -> Snapshot:
    """The snapshot with the names of the procedure, of what is in it and of its liquids."""
    if not name_of:
        return snapshot

    def named(amounts: Mapping[str, float]) -> dict[str, float]:
        return {name_of.get(key, key): amount for key, amount in amounts.items()}

    phases = tuple(
        replace(phase, mmol=named(phase.mmol), solvents_ul=named(phase.solvents_ul))
        for phase in snapshot.phases
    )
    return replace(snapshot, mmol=named(snapshot.mmol), phases=phases)
